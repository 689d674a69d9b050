import Database
import Kernel

/// The SQL of organisations, their members and invitations.
struct OrganisationStore: Sendable {
    static let migration = ModuleMigrations.Step(
        "organisations",
        [
            """
            CREATE TABLE dev_organisations (
                id TEXT PRIMARY KEY,
                code TEXT NOT NULL UNIQUE,
                name_km TEXT NOT NULL,
                name_en TEXT NOT NULL,
                created_by TEXT NOT NULL,
                created_at BIGINT NOT NULL
            )
            """,
            "CREATE INDEX dev_organisations_by_maker ON dev_organisations (created_by)",
            """
            CREATE TABLE dev_members (
                organisation_id TEXT NOT NULL,
                person_id TEXT NOT NULL,
                role TEXT NOT NULL,
                display_name TEXT NOT NULL,
                joined_at BIGINT NOT NULL,
                PRIMARY KEY (organisation_id, person_id)
            )
            """,
            "CREATE INDEX dev_members_by_person ON dev_members (person_id)",
            """
            CREATE TABLE dev_invitations (
                code_hash BLOB PRIMARY KEY,
                organisation_id TEXT NOT NULL,
                role TEXT NOT NULL,
                created_by TEXT NOT NULL,
                expires_at BIGINT NOT NULL,
                used_at BIGINT
            )
            """,
            "CREATE INDEX dev_invitations_by_end ON dev_invitations (expires_at)",
        ])

    /// Throws `database.unique` when the code is taken.
    func insert(
        _ organisation: DeveloperOrganisation, by person: PersonID, in connection: any SQLConnection
    ) async throws {
        try await connection.execute(
            """
            INSERT INTO dev_organisations (id, code, name_km, name_en, created_by, created_at)
            VALUES ($1, $2, $3, $4, $5, $6)
            """,
            [
                organisation.id, organisation.code, organisation.name.km, organisation.name.en, person.text,
                organisation.createdAt,
            ])
    }

    func isTaken(_ code: String, in connection: any SQLConnection) async throws -> Bool {
        try await connection.first("SELECT 1 FROM dev_organisations WHERE code = $1", [code]) != nil
    }

    func count(madeBy person: PersonID, in connection: any SQLConnection) async throws -> Int {
        try await connection.first("SELECT COUNT(*) FROM dev_organisations WHERE created_by = $1", [person.text])?
            .int(0) ?? 0
    }

    /// Adds a member, or raises one who is there already to owner.
    func add(_ member: Membership, in connection: any SQLConnection) async throws {
        try await connection.execute(
            """
            INSERT INTO dev_members (organisation_id, person_id, role, display_name, joined_at)
            VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (organisation_id, person_id) DO UPDATE SET display_name = $4,
                role = CASE WHEN dev_members.role = 'owner' THEN 'owner' ELSE $3 END
            """,
            [
                member.organisation.id, member.personID.text, member.role.rawValue, member.displayName,
                member.joinedAt,
            ])
    }

    func remove(_ person: PersonID, from organisation: String, in connection: any SQLConnection) async throws -> Bool {
        try await connection.execute(
            "DELETE FROM dev_members WHERE organisation_id = $1 AND person_id = $2", [organisation, person.text]) == 1
    }

    func owners(of organisation: String, in connection: any SQLConnection) async throws -> Int {
        try await connection.first(
            "SELECT COUNT(*) FROM dev_members WHERE organisation_id = $1 AND role = 'owner'", [organisation])?.int(0)
            ?? 0
    }

    func membership(
        of person: PersonID, in organisation: String, _ connection: any SQLConnection
    ) async throws -> Membership? {
        try await connection.first(
            Self.select + "WHERE m.organisation_id = $1 AND m.person_id = $2", [organisation, person.text]
        ).map(Self.membership)
    }

    /// The organisations of a person, oldest first, at most 100.
    func memberships(of person: PersonID, in connection: any SQLConnection) async throws -> [Membership] {
        try await connection.query(
            Self.select + "WHERE m.person_id = $1 ORDER BY o.code LIMIT 100", [person.text]
        ).map(Self.membership)
    }

    /// The members of an organisation, at most 500.
    func members(of organisation: String, in connection: any SQLConnection) async throws -> [Membership] {
        try await connection.query(
            Self.select + "WHERE m.organisation_id = $1 ORDER BY m.joined_at, m.person_id LIMIT 500", [organisation]
        ).map(Self.membership)
    }

    /// Whether a person belongs to the organisation with this code.
    func isMember(_ person: PersonID, ofCode code: String, in connection: any SQLConnection) async throws -> Bool {
        try await connection.first(
            """
            SELECT 1 FROM dev_members m JOIN dev_organisations o ON o.id = m.organisation_id
            WHERE o.code = $1 AND m.person_id = $2
            """, [code, person.text]) != nil
    }

    func invite(
        _ codeHash: [UInt8], to organisation: String, role: MemberRole, by person: PersonID, until end: Instant,
        in connection: any SQLConnection
    ) async throws {
        try await connection.execute(
            """
            INSERT INTO dev_invitations (code_hash, organisation_id, role, created_by, expires_at)
            VALUES ($1, $2, $3, $4, $5)
            """, [codeHash, organisation, role.rawValue, person.text, end])
    }

    /// Uses an invitation up; `nil` when there is none that is good.
    func useInvitation(
        _ codeHash: [UInt8], at now: Instant, in connection: any SQLConnection
    ) async throws -> (organisation: DeveloperOrganisation, role: MemberRole)? {
        guard
            let row = try await connection.first(
                """
                UPDATE dev_invitations SET used_at = $2 WHERE code_hash = $1 AND used_at IS NULL AND expires_at > $2
                RETURNING organisation_id, role
                """, [codeHash, now]),
            let role = MemberRole(rawValue: try row.string(1)),
            let found = try await connection.first(
                "SELECT id, code, name_km, name_en, created_at FROM dev_organisations WHERE id = $1",
                [try row.string(0)])
        else { return nil }
        return (try Self.organisation(found, at: 0), role)
    }

    func purgeInvitations(before end: Instant, in connection: any SQLConnection) async throws -> Int {
        try await connection.execute("DELETE FROM dev_invitations WHERE expires_at < $1", [end])
    }

    // MARK: Rows

    private static let select = """
        SELECT o.id, o.code, o.name_km, o.name_en, o.created_at, m.person_id, m.role, m.display_name, m.joined_at
        FROM dev_members m JOIN dev_organisations o ON o.id = m.organisation_id\u{20}
        """

    private static func organisation(_ row: Row, at first: Int) throws -> DeveloperOrganisation {
        DeveloperOrganisation(
            id: try row.string(first), code: try row.string(first + 1),
            name: LocalizedText(km: try row.string(first + 2), en: try row.string(first + 3)),
            createdAt: try row.instant(first + 4))
    }

    private static func membership(_ row: Row) throws -> Membership {
        guard let role = MemberRole(rawValue: try row.string(6)) else { throw RumdulError.internal("member role") }
        return Membership(
            organisation: try organisation(row, at: 0), personID: PersonID(try row.string(5)), role: role,
            displayName: try row.string(7), joinedAt: try row.instant(8))
    }
}
