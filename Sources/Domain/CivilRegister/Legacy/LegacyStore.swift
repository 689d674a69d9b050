import Database
import Kernel

/// Touches the tables of entries of paper books and of imports.
struct LegacyStore: Sendable {
    static let migration = ModuleMigrations.Step(
        "entries of paper books, imports",
        [
            // Blind tags of office, kind, book, page and number: each entry once.
            "CREATE TABLE civil_legacy (tag BLOB PRIMARY KEY, record_id TEXT NOT NULL)",
            """
            CREATE TABLE civil_imports (
                id TEXT PRIMARY KEY,
                kind TEXT NOT NULL,
                file BLOB NOT NULL,
                officer TEXT NOT NULL,
                basis TEXT NOT NULL,
                started_at BIGINT NOT NULL,
                finished_at BIGINT,
                UNIQUE (kind, file)
            )
            """,
            // The lines that are done; written in the transaction that enters them.
            """
            CREATE TABLE civil_import_lines (
                import_id TEXT NOT NULL,
                line BIGINT NOT NULL,
                subject TEXT NOT NULL,
                PRIMARY KEY (import_id, line)
            )
            """,
        ])

    /// Takes an entry of a book for a record. Throws `civil.legacy_taken` when another has it.
    func claim(_ tags: [[UInt8]], for record: String, in connection: any SQLConnection) async throws {
        for tag in tags {
            let inserted = try await connection.execute(
                "INSERT INTO civil_legacy (tag, record_id) VALUES ($1, $2) ON CONFLICT (tag) DO NOTHING",
                [tag, record])
            guard inserted == 1 else { throw RumdulError.civilLegacyTaken }
        }
    }

    /// The record that has an entry of a book.
    func holder(_ tag: [UInt8], in connection: any SQLConnection) async throws -> String? {
        try await connection.first("SELECT record_id FROM civil_legacy WHERE tag = $1", [tag])?.string(0)
    }

    // MARK: Imports

    /// An import of a file, with whether it was finished.
    func imported(
        _ kind: String, file: [UInt8], in connection: any SQLConnection
    ) async throws -> (id: String, isFinished: Bool)? {
        try await connection.first(
            "SELECT id, finished_at FROM civil_imports WHERE kind = $1 AND file = $2", [kind, file]
        ).map { (try $0.string(0), try $0.optionalInt64(1) != nil) }
    }

    func begin(
        _ id: String, kind: String, file: [UInt8], officer: String, basis: String, at now: Instant,
        in connection: any SQLConnection
    ) async throws {
        try await connection.execute(
            """
            INSERT INTO civil_imports (id, kind, file, officer, basis, started_at) VALUES ($1, $2, $3, $4, $5, $6)
            """, [id, kind, file, officer, basis, now])
    }

    func finish(_ id: String, at now: Instant, in connection: any SQLConnection) async throws {
        try await connection.execute("UPDATE civil_imports SET finished_at = $2 WHERE id = $1", [id, now])
    }

    func isDone(_ id: String, line: Int, in connection: any SQLConnection) async throws -> Bool {
        try await connection.first(
            "SELECT 1 FROM civil_import_lines WHERE import_id = $1 AND line = $2", [id, line]) != nil
    }

    func done(_ id: String, line: Int, subject: String, in connection: any SQLConnection) async throws {
        try await connection.execute(
            "INSERT INTO civil_import_lines (import_id, line, subject) VALUES ($1, $2, $3)", [id, line, subject])
    }

    /// The registered birth, or one under way, of a child.
    func birth(of child: String, in connection: any SQLConnection) async throws -> String? {
        try await connection.first(
            """
            SELECT r.id FROM civil_participants p JOIN civil_records r ON r.id = p.record_id
            WHERE p.person_id = $1 AND p.role = 'child' AND r.kind IN ('birth', 'foundling')
                AND r.state NOT IN ('revoked', 'inactive', 'archived')
            """, [child])?.string(0)
    }
}
