import Database
import Kernel

/// The row of a household as it lies in the table: where it is and its book are sealed.
struct HouseholdRow: Sendable {
    var id: String
    var number: String
    /// The commune whose officers keep it.
    var commune: String
    var villageTag: [UInt8]
    var bookTag: [UInt8]?
    var dataKey: [UInt8]
    /// The book's number.
    var sealed: [UInt8]
    var isOpen: Bool
    var version: Int64
    var openedAt: Instant
}

/// The tags of the name of a request and of what it asked for.
struct HouseholdRequest: Sendable {
    let name: [UInt8]
    let content: [UInt8]
}

/// A place of a household, one row for each version.
struct HouseholdPlaceRow: Sendable {
    var sequence: Int64
    var recordedAt: Instant
    var recordedTo: Instant?
    var sealed: [UInt8]
}

/// A line of a household's history.
struct HouseholdChangeRow: Sendable {
    var id: String
    var action: String
    var person: PersonID?
    var day: CalendarDate
    var recordedAt: Instant
    /// The ground.
    var sealed: [UInt8]
}

/// The SQL of households; the only place that touches `population_household*` and `population_memberships`.
struct HouseholdStore: Sendable {
    static let migration = ModuleMigrations.Step(
        "households",
        [
            """
            CREATE TABLE population_households (
                id TEXT PRIMARY KEY,
                number TEXT NOT NULL UNIQUE,
                commune TEXT NOT NULL,
                village_tag BLOB NOT NULL,
                book_tag BLOB,
                data_key BLOB NOT NULL,
                sealed BLOB NOT NULL,
                is_open BIGINT NOT NULL,
                version BIGINT NOT NULL,
                request BLOB UNIQUE,
                request_content BLOB,
                opened_at BIGINT NOT NULL,
                changed_at BIGINT NOT NULL
            )
            """,
            "CREATE INDEX population_households_commune ON population_households (commune, number)",
            "CREATE INDEX population_households_village ON population_households (village_tag, number)",
            "CREATE INDEX population_households_book ON population_households (book_tag) WHERE book_tag IS NOT NULL",
            "CREATE TABLE population_household_numbers (commune TEXT PRIMARY KEY, last BIGINT NOT NULL)",
            """
            CREATE TABLE population_household_places (
                household_id TEXT NOT NULL,
                seq BIGINT NOT NULL,
                recorded_at BIGINT NOT NULL,
                recorded_to BIGINT,
                sealed BLOB NOT NULL,
                PRIMARY KEY (household_id, seq)
            )
            """,
            """
            CREATE TABLE population_household_changes (
                id TEXT PRIMARY KEY,
                household_id TEXT NOT NULL,
                action TEXT NOT NULL,
                person_id TEXT,
                day TEXT NOT NULL,
                recorded_at BIGINT NOT NULL,
                sealed BLOB NOT NULL
            )
            """,
            "CREATE INDEX population_household_changes_of ON population_household_changes (household_id, recorded_at)",
            // Rows are never changed but for the end of their recorded time.
            """
            CREATE TABLE population_memberships (
                id TEXT PRIMARY KEY,
                household_id TEXT NOT NULL,
                person_id TEXT NOT NULL,
                relation TEXT NOT NULL,
                valid_from TEXT NOT NULL,
                valid_to TEXT,
                end_kind TEXT,
                source_kind TEXT NOT NULL,
                source TEXT NOT NULL,
                end_source TEXT,
                recorded_at BIGINT NOT NULL,
                recorded_to BIGINT,
                superseded_by TEXT,
                CHECK (valid_to IS NULL OR valid_from < valid_to)
            )
            """,
            "CREATE INDEX population_memberships_household ON population_memberships (household_id)",
            "CREATE INDEX population_memberships_of ON population_memberships (person_id)",
            """
            CREATE UNIQUE INDEX population_memberships_one ON population_memberships (person_id)
                WHERE valid_to IS NULL AND recorded_to IS NULL
            """,
            """
            CREATE UNIQUE INDEX population_memberships_head ON population_memberships (household_id)
                WHERE relation = 'head' AND valid_to IS NULL AND recorded_to IS NULL
            """,
        ], sqlite: [overlapSQLite], postgresql: overlapPostgreSQL)

    // Nobody is in two households at a time, in the past either.
    private static let overlap = """
        SELECT 1 FROM population_memberships m WHERE m.person_id = NEW.person_id AND m.recorded_to IS NULL
            AND m.valid_from < COALESCE(NEW.valid_to, '9999-99-99') AND NEW.valid_from < COALESCE(m.valid_to, '9999-99-99')
        """

    private static let overlapSQLite = """
        CREATE TRIGGER population_memberships_apart BEFORE INSERT ON population_memberships
        WHEN NEW.recorded_to IS NULL AND EXISTS (\(overlap))
        BEGIN SELECT RAISE(ABORT, 'population_memberships_apart'); END
        """

    private static let overlapPostgreSQL = [
        """
        CREATE FUNCTION population_memberships_check() RETURNS trigger LANGUAGE plpgsql AS $body$
        BEGIN
            IF NEW.recorded_to IS NULL AND EXISTS (\(overlap)) THEN
                RAISE EXCEPTION 'population_memberships_apart' USING ERRCODE = 'unique_violation';
            END IF;
            RETURN NEW;
        END
        $body$
        """,
        """
        CREATE TRIGGER population_memberships_apart BEFORE INSERT ON population_memberships
        FOR EACH ROW EXECUTE FUNCTION population_memberships_check()
        """,
    ]

    private static let columns =
        "id, number, commune, village_tag, book_tag, data_key, sealed, is_open, version, opened_at"

    // MARK: Households

    /// The next serial number of a commune.
    func nextSerial(_ commune: String, in connection: any SQLConnection) async throws -> Int {
        try await connection.lock("household-numbers:" + commune)
        let row = try await connection.first(
            """
            INSERT INTO population_household_numbers (commune, last) VALUES ($1, 1)
            ON CONFLICT (commune) DO UPDATE SET last = population_household_numbers.last + 1 RETURNING last
            """, [commune])
        guard let serial = try row?.int(0) else { throw RumdulError.internal("population.household_number") }
        return serial
    }

    func insert(_ row: HouseholdRow, request: HouseholdRequest?, in connection: any SQLConnection) async throws {
        try await connection.execute(
            """
            INSERT INTO population_households (\(Self.columns), request, request_content, changed_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $10)
            """,
            [
                row.id, row.number, row.commune, row.villageTag, row.bookTag, row.dataKey, row.sealed,
                row.isOpen ? 1 : 0, row.version, row.openedAt, request?.name,
                request?.content,
            ])
    }

    /// Writes a changed row, one version higher. Throws `household.changed`.
    func update(_ row: HouseholdRow, at now: Instant, in connection: any SQLConnection) async throws {
        let changed = try await connection.execute(
            """
            UPDATE population_households SET commune = $3, village_tag = $4, book_tag = $5, sealed = $6, is_open = $7,
                version = version + 1, changed_at = $8
            WHERE id = $1 AND version = $2
            """,
            [
                row.id, row.version, row.commune, row.villageTag, row.bookTag, row.sealed, row.isOpen ? 1 : 0, now,
            ])
        guard changed == 1 else { throw RumdulError.householdChanged }
    }

    func household(_ id: String, in connection: any SQLConnection) async throws -> HouseholdRow? {
        try await list("id = $1", [id], limit: 1, in: connection).first
    }

    func household(number: String, in connection: any SQLConnection) async throws -> HouseholdRow? {
        try await list("number = $1", [number], limit: 1, in: connection).first
    }

    /// What a request of this name opened. Throws `household.request` when it asked for something else.
    func household(_ request: HouseholdRequest, in connection: any SQLConnection) async throws -> HouseholdRow? {
        let known = try await connection.first(
            "SELECT id, request_content FROM population_households WHERE request = $1", [request.name])
        guard let known else { return nil }
        guard try known.optionalBlob(1) == request.content else { throw RumdulError.householdRequest }
        return try await household(try known.string(0), in: connection)
    }

    func households(book tag: [UInt8], in connection: any SQLConnection) async throws -> [HouseholdRow] {
        try await list("book_tag = $1", [tag], limit: 20, in: connection)
    }

    func households(
        village tag: [UInt8], after: String, limit: Int, in connection: any SQLConnection
    ) async throws -> [HouseholdRow] {
        try await list("village_tag = $1 AND number > $2 AND is_open = 1", [tag, after], limit: limit, in: connection)
    }

    /// Open households of an area without a head.
    func headless(area: String, limit: Int, in connection: any SQLConnection) async throws -> [HouseholdRow] {
        try await list(
            """
            is_open = 1 AND commune LIKE $1 AND NOT EXISTS (
                SELECT 1 FROM population_memberships m WHERE m.household_id = population_households.id
                    AND m.relation = 'head' AND m.valid_to IS NULL AND m.recorded_to IS NULL)
            """, [area + "%"], limit: limit, in: connection)
    }

    private func list(
        _ condition: String, _ arguments: [any SQLValueConvertible], limit: Int, in connection: any SQLConnection
    ) async throws -> [HouseholdRow] {
        try await connection.query(
            "SELECT \(Self.columns) FROM population_households WHERE \(condition) ORDER BY number LIMIT \(limit)",
            arguments
        ).map { row in
            HouseholdRow(
                id: try row.string(0), number: try row.string(1), commune: try row.string(2),
                villageTag: try row.blob(3), bookTag: try row.optionalBlob(4), dataKey: try row.blob(5),
                sealed: try row.blob(6), isOpen: try row.int64(7) == 1, version: try row.int64(8),
                openedAt: try row.instant(9))
        }
    }

    // MARK: Places

    func places(of household: String, in connection: any SQLConnection) async throws -> [HouseholdPlaceRow] {
        try await connection.query(
            """
            SELECT seq, recorded_at, recorded_to, sealed FROM population_household_places WHERE household_id = $1
            ORDER BY seq
            """, [household]
        ).map {
            HouseholdPlaceRow(
                sequence: try $0.int64(0), recordedAt: try $0.instant(1), recordedTo: try $0.optionalInstant(2),
                sealed: try $0.blob(3))
        }
    }

    func insert(_ place: HouseholdPlaceRow, of household: String, in connection: any SQLConnection) async throws {
        try await connection.execute(
            """
            INSERT INTO population_household_places (household_id, seq, recorded_at, recorded_to, sealed)
            VALUES ($1, $2, $3, $4, $5)
            """, [household, place.sequence, place.recordedAt, place.recordedTo, place.sealed])
    }

    func endPlace(
        _ sequence: Int64, of household: String, at now: Instant, in connection: any SQLConnection
    ) async throws {
        try await connection.execute(
            "UPDATE population_household_places SET recorded_to = $3 WHERE household_id = $1 AND seq = $2",
            [household, sequence, now])
    }

    // MARK: History

    func insert(_ line: HouseholdChangeRow, of household: String, in connection: any SQLConnection) async throws {
        try await connection.execute(
            """
            INSERT INTO population_household_changes (id, household_id, action, person_id, day, recorded_at, sealed)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """,
            [line.id, household, line.action, line.person?.text, line.day, line.recordedAt, line.sealed])
    }

    /// The latest lines of a household, newest first.
    func changes(
        of household: String, limit: Int, in connection: any SQLConnection
    ) async throws -> [HouseholdChangeRow] {
        try await connection.query(
            """
            SELECT id, action, person_id, day, recorded_at, sealed FROM population_household_changes
            WHERE household_id = $1 ORDER BY recorded_at DESC, id DESC LIMIT $2
            """, [household, limit]
        ).map { row in
            guard let day = CalendarDate(iso: try row.string(3)) else {
                throw RumdulError.internal("population.household_change")
            }
            return HouseholdChangeRow(
                id: try row.string(0), action: try row.string(1),
                person: try row.optionalString(2).map { PersonID($0) }, day: day, recordedAt: try row.instant(4),
                sealed: try row.blob(5))
        }
    }
}
