import Kernel

/// Brings the tables up to date inside one transaction, so that an upgrade happens wholly or not at all.
struct Migrator: Sendable {
    /// Two processes that start at once: the second waits here, then finds nothing to do.
    static let lockName = "schema_migrations"

    private let modules: [ModuleMigrations]
    private let dialect: Dialect

    init(_ modules: [ModuleMigrations], _ dialect: Dialect) {
        self.modules = modules
        self.dialect = dialect
    }

    /// Applies what is missing. Throws `database.migration` when an applied step has changed since, or the database has
    /// steps that this program does not know.
    func run(on connection: any SQLConnection) async throws {
        try await connection.lock(Migrator.lockName)
        try await connection.execute(
            """
            CREATE TABLE IF NOT EXISTS schema_migrations (
                module TEXT NOT NULL, number BIGINT NOT NULL, name TEXT NOT NULL, checksum TEXT NOT NULL,
                applied_at BIGINT NOT NULL, PRIMARY KEY (module, number))
            """)
        let names = modules.map(\.module)
        guard Set(names).count == names.count else { throw RumdulError.databaseMigration("a module is listed twice") }
        for module in modules { try await apply(module, connection) }
    }

    private func apply(_ module: ModuleMigrations, _ connection: any SQLConnection) async throws {
        let applied = try await connection.query(
            "SELECT number, name, checksum FROM schema_migrations WHERE module = $1 ORDER BY number", [module.module])
        for (index, row) in applied.enumerated() {
            let number = try row.int(0)
            let name = try row.string(1)
            guard index < module.steps.count else {
                throw RumdulError.databaseMigration(
                    "\(module.module) \(number) (\(name)) is in the database but not in this program, which is older")
            }
            guard number == index + 1, try row.string(2) == checksum(module.steps[index]) else {
                throw RumdulError.databaseMigration(
                    "\(module.module) \(number) (\(name)) was edited after it was applied")
            }
        }
        for index in applied.count..<max(applied.count, module.steps.count) {
            let step = module.steps[index]
            for statement in step.statements + own(step) {
                try await connection.execute(dialect == .sqlite ? statement : SQLText.typedForPostgreSQL(statement))
            }
            try await connection.execute(
                """
                INSERT INTO schema_migrations (module, number, name, checksum, applied_at) VALUES ($1, $2, $3, $4, $5)
                """,
                [module.module, index + 1, step.name, checksum(step), Instant.systemNow()])
        }
    }

    private func own(_ step: ModuleMigrations.Step) -> [String] {
        dialect == .sqlite ? step.sqlite : step.postgresql
    }

    /// 64 bits of FNV-1a over the name and the statements, each with its length: it finds edits, it does not resist
    /// attacks.
    private func checksum(_ step: ModuleMigrations.Step) -> String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func mix(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        for text in [step.name] + step.statements + own(step) {
            for shift in stride(from: 0, to: 64, by: 8) { mix(UInt8(truncatingIfNeeded: text.utf8.count >> shift)) }
            for byte in text.utf8 { mix(byte) }
        }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
