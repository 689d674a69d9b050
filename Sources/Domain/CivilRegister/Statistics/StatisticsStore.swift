import Database
import Kernel
import VitalStatistics

/// The tables of facts without people, and of causes of death.
struct StatisticsStore: Sendable {
    /// Rows are ordered by their tag, so that their order does not tell which event they are of.
    static let migration = ModuleMigrations.Step(
        "statistics, causes of death", [],
        sqlite: [
            table + " WITHOUT ROWID", index, causes,
        ], postgresql: [table, index, causes])

    private static let table = """
        CREATE TABLE civil_statistics (
            tag BLOB PRIMARY KEY,
            kind TEXT NOT NULL,
            year BIGINT NOT NULL,
            registered BIGINT NOT NULL,
            place TEXT NOT NULL,
            residence TEXT NOT NULL,
            area TEXT NOT NULL,
            \(StatisticsDimension.allCases.map { $0.rawValue + " TEXT NOT NULL" }.joined(separator: ",\n    "))
        )
        """
    private static let index = "CREATE INDEX civil_statistics_year ON civil_statistics (kind, year)"
    /// Each statement of a cause is kept; the last one counts.
    private static let causes = """
        CREATE TABLE civil_causes (
            record_id TEXT NOT NULL,
            version BIGINT NOT NULL,
            sealed BLOB NOT NULL,
            at BIGINT NOT NULL,
            PRIMARY KEY (record_id, version)
        )
        """

    /// Which deaths wait for a physician, and which certificates for a coder.
    static let certificates = ModuleMigrations.Step(
        "medical certificates",
        [
            // 0 only of the last statement, while nobody coded it.
            "ALTER TABLE civil_causes ADD COLUMN coded BIGINT NOT NULL DEFAULT 1",
            "CREATE INDEX civil_causes_uncoded ON civil_causes (record_id) WHERE coded = 0",
            """
            CREATE INDEX civil_records_deaths ON civil_records (changed_at DESC, office)
            WHERE kind = 'death' AND state = 'registered'
            """,
        ])

    private static let columns =
        ["tag", "kind", "year", "registered", "place", "residence", "area"]
        + StatisticsDimension.allCases.map(\.rawValue)

    /// Puts the fact of an event in the place of what stood there; `nil` takes it away.
    /// - Parameter replaces: whether one may stand there.
    func set(
        _ fact: VitalFact?, tag: [UInt8], replaces: Bool, in connection: any SQLConnection
    ) async throws {
        if replaces { try await connection.post("DELETE FROM civil_statistics WHERE tag = $1", [tag]) }
        guard let fact else { return }
        let places = (1...Self.columns.count).map { "$\($0)" }.joined(separator: ", ")
        let values: [any SQLValueConvertible] = [
            tag, fact.kind, fact.year, Self.month(fact.registeredYear, fact.registeredMonth), fact.place ?? "",
            fact.residence ?? "", fact.area,
        ]
        try await connection.post(
            "INSERT INTO civil_statistics (\(Self.columns.joined(separator: ", "))) VALUES (\(places))",
            values + StatisticsDimension.allCases.map { fact.value($0) })
    }

    static func month(_ year: Int, _ month: Int) -> Int { year * 12 + month - 1 }

    /// Counts by district and the dimensions of a cube.
    func rows(
        _ cube: CubeDefinition, year: Int, before month: Int?, in connection: any SQLConnection
    ) async throws -> [CountRow] {
        let second = cube.second?.rawValue
        let columns = ["area", cube.first.rawValue] + [second].compactMap(\.self)
        let names = columns.joined(separator: ", ")
        return try await connection.query(
            """
            SELECT \(names), COUNT(*) FROM civil_statistics
            WHERE kind IN (\(Self.kinds(cube.family))) AND year = $1 AND registered < $2 GROUP BY \(names)
            """, [year, month ?? Int(Int32.max)]
        ).map { row in
            CountRow(
                try row.string(0), try row.string(1), second == nil ? Category.total.code : try row.string(2),
                try row.int(columns.count))
        }
    }

    /// The years of which there are events, newest first.
    func years(before month: Int?, in connection: any SQLConnection) async throws -> [Int] {
        try await connection.query(
            "SELECT DISTINCT year FROM civil_statistics WHERE registered < $1 ORDER BY year DESC",
            [month ?? Int(Int32.max)]
        ).map { try $0.int(0) }
    }

    private static func kinds(_ family: StatisticsFamily) -> String {
        family.kinds.map { "'\($0)'" }.joined(separator: ", ")
    }

    /// Facts and records in force; equal unless the table was never filled.
    func sizes(in connection: any SQLConnection) async throws -> (facts: Int, records: Int) {
        let facts = try await connection.first("SELECT COUNT(*) FROM civil_statistics")?.int(0) ?? 0
        let records = try await connection.first(
            "SELECT COUNT(*) FROM civil_records WHERE state = 'registered' AND is_sealed = 0")?.int(0)
        return (facts, records ?? 0)
    }

    /// Records in force behind an identifier, in the order of identifiers.
    func records(after id: String, limit: Int, in connection: any SQLConnection) async throws -> [String] {
        try await connection.query(
            """
            SELECT id FROM civil_records WHERE state = 'registered' AND is_sealed = 0 AND id > $1
            ORDER BY id LIMIT \(limit)
            """, [id]
        ).map { try $0.string(0) }
    }

    // MARK: Causes

    func insertCause(
        _ sealed: [UInt8], version: Int, isCoded: Bool, of record: String, at: Instant, in connection: any SQLConnection
    ) async throws {
        try await connection.execute(
            "UPDATE civil_causes SET coded = 1 WHERE record_id = $1 AND coded = 0", [record])
        try await connection.execute(
            "INSERT INTO civil_causes (record_id, version, sealed, at, coded) VALUES ($1, $2, $3, $4, $5)",
            [record, version, sealed, at, isCoded ? 1 : 0])
    }

    /// The last statement of a record's cause.
    func cause(of record: String, in connection: any SQLConnection) async throws -> (
        version: Int, sealed: [UInt8], at: Instant
    )? {
        try await connection.first(
            "SELECT version, sealed, at FROM civil_causes WHERE record_id = $1 ORDER BY version DESC LIMIT 1", [record]
        ).map { (try $0.int(0), try $0.blob(1), try $0.instant(2)) }
    }
}
