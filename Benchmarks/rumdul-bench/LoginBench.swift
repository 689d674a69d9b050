import Foundation
import Kernel

/// Whole logins against the server: its processor time for one, from the consent page to the attributes.
struct LoginBench {
    let server: String
    let logins: Int
    let concurrency: Int
    let signing: Signing

    /// What was measured on one database.
    struct Run: Sendable {
        var database: String
        /// Processor seconds of the server for one login.
        var cost: Double
        /// Processor seconds of PostgreSQL for one login.
        var databaseCost: Double?
        /// Logins per second by the clock.
        var rate: Double
        /// Rows written for one login, by table.
        var writes: [String: Double]?
    }

    func measure(_ world: LoginWorld, on database: String) throws -> Run {
        try serving(world) { process in try drive(world, process, on: database) { 0 } }
    }

    func measure(_ world: LoginWorld, on database: String, cluster: Cluster, url: String) async throws -> Run {
        // Rows are counted with one browser: transactions that meet others and run again would be counted twice.
        let before = try await Cluster.writes(url)
        try serving(world) { process in try logIn(world, process, count: warmUp, concurrency: 1) }
        let after = try await Cluster.writes(url)
        var run = try serving(world) { process in
            try drive(world, process, on: database) { cluster.processorSeconds }
        }
        run.writes = after.reduce(into: [:]) { result, table in
            let rows = Double(table.value - (before[table.key] ?? 0)) / Double(warmUp)
            if rows > 0.005 { result[table.key] = rows }
        }
        return run
    }

    private func serving<Value>(_ world: LoginWorld, _ work: (ServerProcess) throws -> Value) throws -> Value {
        let process = try world.start(server)
        defer { process.stop() }
        return try work(process)
    }

    private var warmUp: Int { LoginWorld.devices }

    private func drive(
        _ world: LoginWorld, _ process: ServerProcess, on database: String, databaseSeconds: () -> Double
    ) throws -> Run {
        try logIn(world, process, count: warmUp, concurrency: concurrency)
        let start = (ContinuousClock.now, process.processorSeconds, databaseSeconds())
        try logIn(world, process, count: logins, concurrency: concurrency)
        let seconds = start.0.duration(to: .now).seconds
        let count = Double(logins)
        let spent = databaseSeconds() - start.2
        return Run(
            database: database, cost: (process.processorSeconds - start.1) / count,
            databaseCost: spent > 0 ? spent / count : nil, rate: count / seconds, writes: nil)
    }

    private func logIn(_ world: LoginWorld, _ process: ServerProcess, count: Int, concurrency: Int) throws {
        let port = process.port
        try Threads.run(concurrency) { index in
            let flow = try LoginFlow(world, port: port)
            for number in stride(from: index, to: count, by: concurrency) {
                try flow.login(world.people[number % world.people.count])
            }
        }
    }

    static func table(_ runs: [Run], signing: Signing) -> Table {
        var rows = runs.map { run in
            [
                "full login on \(run.database)", Figure.milliseconds(run.cost), Figure.count(1 / run.cost), "600",
                Figure.percent(signing.ofLogin / run.cost), Figure.percent(signing.sign / run.cost),
                run.databaseCost.map(Figure.milliseconds) ?? "in process", Figure.count(run.rate),
            ]
        }
        if let writes = runs.compactMap(\.writes).first {
            let background = ["ledger_checkpoints", "ledger_nodes", "ledger_heads"]
            let own = writes.filter { !background.contains($0.key) }
            let total = own.values.reduce(0, +)
            let parts = own.sorted { $0.key < $1.key }.map { "\($0.key) \(Figure.decimal($0.value, 2))" }
            rows.append(
                ["rows written for one login, one browser", Figure.decimal(total, 2), "", "at most 6", "", "", "", ""])
            rows.append(["of these: " + parts.joined(separator: ", "), "", "", "", "", "", "", ""])
        }
        return Table(
            title: "Full login with approval on the device, \(LoginFlow.requests) requests",
            columns: [
                "", "server CPU each", "per CPU-second", "aim", "of the cryptography's limit", "of one signature",
                "PostgreSQL CPU each", "logins per second by the clock",
            ], rows: rows)
    }
}
