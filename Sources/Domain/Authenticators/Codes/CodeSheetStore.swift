import Database
import Kernel

/// The SQL of printed codes; the only place that touches `auth_code_sheets` and `auth_codes`.
struct CodeSheetStore: Sendable {
    static let migration = ModuleMigrations.Step(
        "printed codes",
        [
            """
            CREATE TABLE auth_code_sheets (
                id TEXT PRIMARY KEY,
                request_key TEXT NOT NULL UNIQUE,
                person_id TEXT NOT NULL,
                state TEXT NOT NULL,
                failures BIGINT NOT NULL,
                key_id TEXT NOT NULL,
                ial BIGINT NOT NULL,
                printed_at BIGINT NOT NULL
            )
            """,
            "CREATE UNIQUE INDEX auth_code_sheets_active ON auth_code_sheets (person_id) WHERE state = 'active'",
            """
            CREATE TABLE auth_codes (
                sheet_id TEXT NOT NULL,
                number BIGINT NOT NULL,
                hash BLOB NOT NULL,
                used_at BIGINT,
                PRIMARY KEY (sheet_id, number)
            )
            """,
        ])

    /// A sheet to be stored, with the hashes of its codes.
    struct NewSheet: Sendable {
        var id: String
        var requestKey: String
        var personID: PersonID
        var keyID: String
        var ial: IdentityAssuranceLevel
        var printedAt: Instant
        var hashes: [[UInt8]]
    }

    /// Ends the person's sheet in use; its identifier, or `nil` when there is none.
    func replace(of person: PersonID, in connection: any SQLConnection) async throws -> String? {
        try await connection.first(
            "UPDATE auth_code_sheets SET state = 'replaced' WHERE person_id = $1 AND state = 'active' RETURNING id",
            [person.text]
        ).map { try $0.string(0) }
    }

    /// Stores a sheet and its codes; false when one was printed with the same request key.
    func insert(_ sheet: NewSheet, in connection: any SQLConnection) async throws -> Bool {
        let inserted = try await connection.query(
            """
            INSERT INTO auth_code_sheets (id, request_key, person_id, state, failures, key_id, ial, printed_at)
            VALUES ($1, $2, $3, 'active', 0, $4, $5, $6) ON CONFLICT (request_key) DO NOTHING RETURNING id
            """,
            [sheet.id, sheet.requestKey, sheet.personID.text, sheet.keyID, sheet.ial.rawValue, sheet.printedAt])
        guard inserted.count == 1 else { return false }
        for (index, hash) in sheet.hashes.enumerated() {
            try await connection.execute(
                "INSERT INTO auth_codes (sheet_id, number, hash) VALUES ($1, $2, $3)", [sheet.id, index + 1, hash])
        }
        return true
    }

    func isPrinted(requestKey: String, in connection: any SQLConnection) async throws -> Bool {
        try await connection.first("SELECT id FROM auth_code_sheets WHERE request_key = $1", [requestKey]) != nil
    }

    private static let columns = """
        s.id, s.person_id, s.state, s.failures, s.ial, s.printed_at,
        (SELECT COUNT(*) FROM auth_codes c WHERE c.sheet_id = s.id AND c.used_at IS NULL), s.key_id
        """

    /// The person's sheet in use, with the name of its key.
    func active(
        of person: PersonID, in connection: any SQLConnection
    ) async throws -> (sheet: CodeSheet, keyID: String)? {
        try await connection.first(
            "SELECT \(Self.columns) FROM auth_code_sheets s WHERE s.person_id = $1 AND s.state = 'active'",
            [person.text]
        ).map { (try Self.sheet($0), try $0.string(7)) }
    }

    func sheet(_ id: String, in connection: any SQLConnection) async throws -> CodeSheet? {
        try await connection.first("SELECT \(Self.columns) FROM auth_code_sheets s WHERE s.id = $1", [id])
            .map(Self.sheet)
    }

    func isActive(_ id: String, in connection: any SQLConnection) async throws -> Bool {
        try await connection.first("SELECT id FROM auth_code_sheets WHERE id = $1 AND state = 'active'", [id]) != nil
    }

    /// The numbers of the codes that are unused, in order.
    func unused(_ id: String, in connection: any SQLConnection) async throws -> [Int] {
        try await connection.query(
            "SELECT number FROM auth_codes WHERE sheet_id = $1 AND used_at IS NULL ORDER BY number", [id]
        ).map { try $0.int(0) }
    }

    func hash(_ id: String, number: Int, in connection: any SQLConnection) async throws -> [UInt8]? {
        try await connection.first("SELECT hash FROM auth_codes WHERE sheet_id = $1 AND number = $2", [id, number])
            .map { try $0.blob(0) }
    }

    /// Counts a wrong try unless the sheet is locked already; the new count, or `nil` when it was locked or has ended.
    func countFailure(_ id: String, in connection: any SQLConnection) async throws -> Int? {
        try await connection.first(
            """
            UPDATE auth_code_sheets SET failures = failures + 1 WHERE id = $1 AND state = 'active' AND failures < $2
            RETURNING failures
            """, [id, CodeSheet.tries]
        ).map { try $0.int(0) }
    }

    /// Uses a code up and forgets wrong tries; false when it is used, or the sheet is locked or has ended.
    func use(_ id: String, number: Int, at now: Instant, in connection: any SQLConnection) async throws -> Bool {
        guard
            try await connection.execute(
                "UPDATE auth_code_sheets SET failures = 0 WHERE id = $1 AND state = 'active' AND failures < $2",
                [id, CodeSheet.tries]) == 1
        else { return false }
        return try await connection.execute(
            "UPDATE auth_codes SET used_at = $3 WHERE sheet_id = $1 AND number = $2 AND used_at IS NULL",
            [id, number, now]) == 1
    }

    /// Gives all tries back; false when none was used.
    func unlock(_ id: String, in connection: any SQLConnection) async throws -> Bool {
        try await connection.execute(
            "UPDATE auth_code_sheets SET failures = 0 WHERE id = $1 AND state = 'active' AND failures > 0", [id]) == 1
    }

    /// Ends a sheet; false when it had ended.
    func end(_ id: String, in connection: any SQLConnection) async throws -> Bool {
        try await connection.execute(
            "UPDATE auth_code_sheets SET state = 'ended' WHERE id = $1 AND state = 'active'", [id]) == 1
    }

    private static func sheet(_ row: Row) throws -> CodeSheet {
        guard let state = CodeSheet.State(rawValue: try row.string(2)),
            let ial = IdentityAssuranceLevel(rawValue: try row.int(4))
        else { throw RumdulError.internal("auth_code_sheets row") }
        return CodeSheet(
            id: try row.string(0), personID: PersonID(try row.string(1)), state: state, failures: try row.int(3),
            ial: ial, printedAt: try row.instant(5), left: try row.int(6))
    }
}
