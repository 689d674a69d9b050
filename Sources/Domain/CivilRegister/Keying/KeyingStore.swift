import Database
import Kernel

/// Touches the tables of scanned pages and keyed entries.
struct KeyingStore: Sendable {
    static let migration = ModuleMigrations.Step(
        "double keying of paper books",
        [
            """
            CREATE TABLE civil_pages (
                id TEXT PRIMARY KEY,
                kind TEXT NOT NULL,
                office TEXT NOT NULL,
                book TEXT NOT NULL,
                page TEXT NOT NULL,
                media_type TEXT NOT NULL,
                size BIGINT NOT NULL,
                sha256 BLOB NOT NULL,
                data_key BLOB NOT NULL,
                sealed BLOB NOT NULL,
                added_by TEXT NOT NULL,
                added_at BIGINT NOT NULL
            )
            """,
            "CREATE INDEX civil_pages_office ON civil_pages (office, added_at)",
            """
            CREATE TABLE civil_keyings (
                id TEXT PRIMARY KEY,
                page_id TEXT NOT NULL,
                number TEXT NOT NULL,
                state TEXT NOT NULL,
                first_officer TEXT NOT NULL,
                first_sealed BLOB NOT NULL,
                second_officer TEXT,
                second_sealed BLOB,
                third_officer TEXT,
                record_id TEXT,
                changed_at BIGINT NOT NULL,
                UNIQUE (page_id, number)
            )
            """,
        ])

    private static let pageColumns = "id, kind, office, book, page, media_type, size, sha256, added_at"
    private static let entryColumns =
        "id, page_id, number, state, first_officer, second_officer, third_officer, record_id"

    // MARK: Pages

    func insert(
        _ page: BookPage, key: [UInt8], sealed: [UInt8], by officer: String, in connection: any SQLConnection
    ) async throws {
        try await connection.execute(
            """
            INSERT INTO civil_pages (id, kind, office, book, page, media_type, size, sha256, data_key, sealed, added_by, added_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            """,
            [
                page.id, page.kind.rawValue, page.office, page.book, page.page, page.mediaType.rawValue, page.size,
                page.sha256, key, sealed, officer, page.addedAt,
            ])
    }

    func page(_ id: String, in connection: any SQLConnection) async throws -> BookPage? {
        try await pages("id = $1", [id], limit: 1, in: connection).first
    }

    func pages(area: String, limit: Int, in connection: any SQLConnection) async throws -> [BookPage] {
        try await pages("office >= $1 AND office <= $2", [area, area + "999999"], limit: limit, in: connection)
    }

    /// The same scan in the same office, kind, book and page.
    func same(as page: BookPage, in connection: any SQLConnection) async throws -> BookPage? {
        try await pages(
            "office = $1 AND sha256 = $2 AND kind = $3 AND book = $4 AND page = $5",
            [page.office, page.sha256, page.kind.rawValue, page.book, page.page], limit: 1, in: connection
        ).first
    }

    private func pages(
        _ condition: String, _ arguments: [any SQLValueConvertible], limit: Int, in connection: any SQLConnection
    ) async throws -> [BookPage] {
        try await connection.query(
            "SELECT \(Self.pageColumns) FROM civil_pages WHERE \(condition) ORDER BY added_at DESC, id LIMIT \(limit)",
            arguments
        ).map { row in
            guard let kind = VitalEventKind(rawValue: try row.string(1)),
                let type = EvidenceMediaType(rawValue: try row.string(5))
            else { throw RumdulError.internal("civil.page_row") }
            return BookPage(
                id: try row.string(0), kind: kind, office: try row.string(2), book: try row.string(3),
                page: try row.string(4), mediaType: type, size: try row.int(6), sha256: try row.blob(7),
                addedAt: try row.instant(8))
        }
    }

    /// The wrapped key of a page and its sealed bytes.
    func sealed(_ id: String, in connection: any SQLConnection) async throws -> (key: [UInt8], bytes: [UInt8])? {
        try await connection.first("SELECT data_key, sealed FROM civil_pages WHERE id = $1", [id]).map {
            (try $0.blob(0), try $0.blob(1))
        }
    }

    func key(_ id: String, in connection: any SQLConnection) async throws -> [UInt8]? {
        try await connection.first("SELECT data_key FROM civil_pages WHERE id = $1", [id])?.blob(0)
    }

    // MARK: Entries

    func insert(
        _ entry: KeyedEntry, sealed: [UInt8], at now: Instant, in connection: any SQLConnection
    ) async throws {
        try await connection.execute(
            """
            INSERT INTO civil_keyings (id, page_id, number, state, first_officer, first_sealed, changed_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """, [entry.id, entry.page, entry.number, entry.state.rawValue, entry.first, sealed, now])
    }

    /// Writes what became of an entry, unless somebody was faster. Throws `civil.changed`.
    func update(
        _ entry: KeyedEntry, from state: KeyedEntry.State, second: [UInt8]?, at now: Instant,
        in connection: any SQLConnection
    ) async throws {
        let changed = try await connection.execute(
            """
            UPDATE civil_keyings SET state = $3, second_officer = $4, third_officer = $5, record_id = $6, changed_at = $7
            WHERE id = $1 AND state = $2
            """, [entry.id, state.rawValue, entry.state.rawValue, entry.second, entry.third, entry.record, now])
        guard changed == 1 else { throw RumdulError.civilChanged }
        if let second {
            try await connection.execute(
                "UPDATE civil_keyings SET second_sealed = $2 WHERE id = $1", [entry.id, second])
        }
    }

    func entries(of page: String, in connection: any SQLConnection) async throws -> [KeyedEntry] {
        try await connection.query(
            "SELECT \(Self.entryColumns) FROM civil_keyings WHERE page_id = $1 ORDER BY number, id", [page]
        ).map(Self.entry)
    }

    func entry(_ id: String, in connection: any SQLConnection) async throws -> KeyedEntry? {
        try await connection.first("SELECT \(Self.entryColumns) FROM civil_keyings WHERE id = $1", [id])
            .map(Self.entry)
    }

    /// What the first and the second officer wrote, sealed.
    func versions(_ id: String, in connection: any SQLConnection) async throws -> (first: [UInt8], second: [UInt8]?)? {
        try await connection.first("SELECT first_sealed, second_sealed FROM civil_keyings WHERE id = $1", [id]).map {
            (try $0.blob(0), try $0.optionalBlob(1))
        }
    }

    private static func entry(_ row: Row) throws -> KeyedEntry {
        guard let state = KeyedEntry.State(rawValue: try row.string(3)) else {
            throw RumdulError.internal("civil.keying_row")
        }
        return KeyedEntry(
            id: try row.string(0), page: try row.string(1), number: try row.string(2), state: state,
            first: try row.string(4), second: try row.optionalString(5), third: try row.optionalString(6),
            record: try row.optionalString(7))
    }
}
