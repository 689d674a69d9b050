import Database
import Kernel

/// The only place that touches the tables of officers and grants.
struct OfficerStore: Sendable {
    static let migrations = ModuleMigrations(
        "accountability",
        [
            .init(
                "officers",
                [
                    """
                    CREATE TABLE accountability_officers (
                        id TEXT PRIMARY KEY,
                        username TEXT NOT NULL UNIQUE,
                        name_km TEXT NOT NULL,
                        name_en TEXT NOT NULL,
                        organisation TEXT NOT NULL,
                        organisation_km TEXT NOT NULL,
                        organisation_en TEXT NOT NULL,
                        password TEXT NOT NULL,
                        state TEXT NOT NULL,
                        failures BIGINT NOT NULL,
                        locked_until BIGINT,
                        created_at BIGINT NOT NULL
                    )
                    """,
                    """
                    CREATE TABLE accountability_grants (
                        officer_id TEXT NOT NULL,
                        role TEXT NOT NULL,
                        area TEXT NOT NULL,
                        granted_at BIGINT NOT NULL,
                        PRIMARY KEY (officer_id, role, area)
                    )
                    """,
                ]),
            .init(
                "officers as people",
                [
                    """
                    CREATE TABLE accountability_officer_people (
                        officer_id TEXT PRIMARY KEY,
                        person_id TEXT NOT NULL,
                        linked_at BIGINT NOT NULL
                    )
                    """
                ]),
        ])

    /// What logging in needs besides the officer.
    struct Login: Sendable {
        let id: String
        let password: String
        let failures: Int
        let lockedUntil: Instant?
        let state: OfficerState
    }

    private static let columns =
        "id, username, name_km, name_en, organisation, organisation_km, organisation_en, state"

    func insert(_ officer: Officer, password: String, at now: Instant, in connection: any SQLConnection) async throws {
        let inserted = try await connection.query(
            """
            INSERT INTO accountability_officers (\(Self.columns), password, failures, locked_until, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, NULL, $10) ON CONFLICT DO NOTHING RETURNING id
            """,
            [
                officer.id, officer.username, officer.displayName.km, officer.displayName.en, officer.organisation.code,
                officer.organisation.name.km, officer.organisation.name.en, officer.state.rawValue, password, now,
            ])
        guard !inserted.isEmpty else { throw RumdulError.officerExists }
        for grant in officer.grants { try await add(grant, to: officer.id, at: now, in: connection) }
    }

    func add(_ grant: Grant, to id: String, at now: Instant, in connection: any SQLConnection) async throws {
        try await connection.execute(
            """
            INSERT INTO accountability_grants (officer_id, role, area, granted_at) VALUES ($1, $2, $3, $4)
            ON CONFLICT DO NOTHING
            """, [id, grant.role.rawValue, area(grant.jurisdiction), now])
    }

    func remove(_ grant: Grant, from id: String, in connection: any SQLConnection) async throws -> Bool {
        try await connection.execute(
            "DELETE FROM accountability_grants WHERE officer_id = $1 AND role = $2 AND area = $3",
            [id, grant.role.rawValue, area(grant.jurisdiction)]) > 0
    }

    func officer(id: String, in connection: any SQLConnection) async throws -> Officer? {
        guard
            let row = try await connection.first(
                "SELECT \(Self.columns) FROM accountability_officers WHERE id = $1", [id])
        else { return nil }
        return try officer(row, try await grants(of: id, in: connection))
    }

    func officers(after username: String, limit: Int, in connection: any SQLConnection) async throws -> [Officer] {
        let rows = try await connection.query(
            "SELECT \(Self.columns) FROM accountability_officers WHERE username > $1 ORDER BY username LIMIT $2",
            [username, limit])
        var officers: [Officer] = []
        for row in rows { officers.append(try officer(row, try await grants(of: try row.string(0), in: connection))) }
        return officers
    }

    func login(username: String, in connection: any SQLConnection) async throws -> Login? {
        try await connection.first(
            "SELECT id, password, failures, locked_until, state FROM accountability_officers WHERE username = $1",
            [username]
        ).map { row in
            Login(
                id: try row.string(0), password: try row.string(1), failures: try row.int(2),
                lockedUntil: try row.optionalInstant(3), state: OfficerState(rawValue: try row.string(4)) ?? .disabled)
        }
    }

    func setFailures(_ id: String, _ failures: Int, lockedUntil: Instant?, in connection: any SQLConnection)
        async throws
    {
        try await connection.execute(
            "UPDATE accountability_officers SET failures = $2, locked_until = $3 WHERE id = $1",
            [id, failures, lockedUntil])
    }

    func setPassword(_ id: String, _ password: String, in connection: any SQLConnection) async throws -> Bool {
        try await connection.execute(
            "UPDATE accountability_officers SET password = $2, failures = 0, locked_until = NULL WHERE id = $1",
            [id, password]) > 0
    }

    func setState(_ id: String, _ state: OfficerState, in connection: any SQLConnection) async throws -> Bool {
        try await connection.execute(
            "UPDATE accountability_officers SET state = $2 WHERE id = $1", [id, state.rawValue]) > 0
    }

    /// Says who an officer is as a person.
    func link(_ id: String, to person: PersonID, at now: Instant, in connection: any SQLConnection) async throws {
        try await connection.execute(
            """
            INSERT INTO accountability_officer_people (officer_id, person_id, linked_at) VALUES ($1, $2, $3)
            ON CONFLICT (officer_id) DO UPDATE SET person_id = $2, linked_at = $3
            """, [id, person.text, now])
    }

    func person(of id: String, in connection: any SQLConnection) async throws -> PersonID? {
        try await connection.first(
            "SELECT person_id FROM accountability_officer_people WHERE officer_id = $1", [id]
        ).map { PersonID(try $0.string(0)) }
    }

    private func grants(of id: String, in connection: any SQLConnection) async throws -> [Grant] {
        try await connection.query(
            "SELECT role, area FROM accountability_grants WHERE officer_id = $1 ORDER BY granted_at, role, area", [id]
        ).compactMap { row in
            // A role that this version does not know gives no rights.
            guard let role = Role(rawValue: try row.string(0)) else { return nil }
            let area = try row.string(1)
            return Grant(role, in: area.isEmpty ? .national : .area(area))
        }
    }

    private func area(_ jurisdiction: Jurisdiction) -> String {
        switch jurisdiction {
        case .national: ""
        case .area(let code): code
        }
    }

    private func officer(_ row: Row, _ grants: [Grant]) throws -> Officer {
        Officer(
            id: try row.string(0), username: try row.string(1),
            displayName: LocalizedText(km: try row.string(2), en: try row.string(3)),
            organisation: Organisation(
                code: try row.string(4), name: LocalizedText(km: try row.string(5), en: try row.string(6))),
            grants: grants, state: OfficerState(rawValue: try row.string(7)) ?? .disabled)
    }
}
