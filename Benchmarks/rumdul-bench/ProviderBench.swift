import Foundation
import Kernel
import Synchronization

/// The provider's endpoints one by one, in turns with the bare answer: the server's processor time for each operation.
struct ProviderBench {
    let server: String
    let concurrency: Int
    let rounds: Int
    let grants: Int
    let only: ProviderOperation?
    let signing: Signing

    /// What one operation cost in one round.
    private struct Cost {
        var server: Double
        var database: Double
        var clock: Double
    }

    private final class Visitors: Sendable {
        let states: Mutex<[VisitorState]>
        init(_ states: [VisitorState]) { self.states = Mutex(states) }
    }

    func measure(
        _ world: LoginWorld, _ clients: ProviderClients, on database: String, cluster: Cluster?
    ) throws -> [Table] {
        let bare = try ServerProcess(
            CommandLine.arguments[0], ["serve-bare", "--port", String(try LoginWorld.freePort())])
        defer { bare.stop() }
        let product = try world.start(server)
        defer { product.stop() }
        let visitors = Visitors(try sessions(world, clients, product.port))
        let operations = only.map { [$0] } ?? ProviderOperation.allCases
        var bareCosts: [Cost] = []
        var costs: [ProviderOperation: [Cost]] = [:]
        // The first round warms everything and counts for nothing.
        for round in 0...rounds {
            let first = try bareCost(bare)
            if round > 0 { bareCosts.append(first) }
            for operation in operations {
                let cost = try cost(of: operation, product, clients, visitors, cluster)
                if round > 0 { costs[operation, default: []].append(cost) }
            }
        }
        var tables = [table(operations, costs, bare: bareCosts, on: database)]
        if grants > 0, only == nil, cluster == nil {
            tables.append(try memory(product, clients, visitors))
        }
        return tables
    }

    // MARK: Measuring

    private func bareCost(_ bare: ServerProcess) throws -> Cost {
        let port = bare.port
        let share = 12_800 / concurrency
        return try timed(bare, nil, operations: share * concurrency) { _, wait in
            let connection = try HTTPConnection(port: port)
            let request = HTTPConnection.request("GET", "/json")
            wait()
            for _ in 0..<share {
                guard try connection.send(request).status == 200 else { throw RumdulError.bench("bare") }
            }
        }
    }

    private func cost(
        of operation: ProviderOperation, _ process: ServerProcess, _ clients: ProviderClients, _ visitors: Visitors,
        _ cluster: Cluster?
    ) throws -> Cost {
        let port = process.port
        let share = max(1, operation.count / concurrency)
        return try timed(process, cluster, operations: share * concurrency) { index, wait in
            let visitor = try ProviderVisitor(clients, port: port, state: visitors.states.withLock { $0[index] })
            try visitor.prepare(operation, count: share)
            wait()
            for _ in 0..<share { try visitor.perform(operation) }
            visitors.states.withLock { $0[index] = visitor.state }
        }
    }

    /// Runs work on all threads; the time counts from the moment when each of them is prepared.
    private func timed(
        _ process: ServerProcess, _ cluster: Cluster?, operations: Int,
        _ work: @escaping @Sendable (Int, () -> Void) throws -> Void
    ) throws -> Cost {
        let gate = StartingGate(concurrency)
        let threads = Running { [concurrency] in
            try Threads.run(concurrency) { index in
                // Whoever fails before the start must not keep the others waiting.
                var arrived = false
                defer { if !arrived { gate.arrive() } }
                try work(index) {
                    arrived = true
                    gate.arrive()
                }
            }
        }
        gate.waitForAll()
        let start = (ContinuousClock.now, process.processorSeconds, cluster?.processorSeconds ?? 0)
        gate.open()
        try threads.wait()
        let seconds = start.0.duration(to: .now).seconds
        let count = Double(operations)
        return Cost(
            server: (process.processorSeconds - start.1) / count,
            database: ((cluster?.processorSeconds ?? 0) - start.2) / count, clock: seconds / count)
    }

    // MARK: Preparing

    /// A person, a browser in a session, consents for every client and the first tokens, for each thread.
    private func sessions(_ world: LoginWorld, _ clients: ProviderClients, _ port: UInt16) throws -> [VisitorState] {
        let made = Visitors(Array(repeating: VisitorState(cookies: ""), count: concurrency))
        try Threads.run(concurrency) { index in
            let flow = try LoginFlow(world, port: port)
            let person = world.people[index]
            var cookies: [String: String] = [:]
            for client in [clients.confidential, clients.unproven] {
                cookies = try flow.openSession(
                    person, client, scope: "openid%20profile%20offline_access", cookies: cookies)
            }
            cookies = try flow.openSession(person, clients.financial, scope: "openid%20profile", cookies: cookies)
            let visitor = try ProviderVisitor(
                clients, port: port, state: VisitorState(cookies: LoginFlow.header(cookies)))
            let offline = "openid%20offline_access"
            let kept = try visitor.codeFlow(clients.confidential, scope: offline)
            visitor.state.kept = try visitor.member("refresh_token", of: kept)
            let rotating = try visitor.codeFlow(clients.unproven, scope: offline)
            visitor.state.rotating = try visitor.member("refresh_token", of: rotating)
            for _ in 0..<8 {
                let tokens = try visitor.codeFlow(
                    clients.confidential, scope: "openid", more: "&resource=https%3A%2F%2Fapi.resource.example")
                visitor.state.accessTokens.append(try visitor.member("access_token", of: tokens))
            }
            made.states.withLock { $0[index] = visitor.state }
        }
        return made.states.withLock { $0 }
    }

    /// Memory before and after so many further grants with refresh tokens, each made by a silent authorization.
    private func memory(_ process: ServerProcess, _ clients: ProviderClients, _ visitors: Visitors) throws -> Table {
        let port = process.port
        let before = process.residentMegabytes
        let share = grants / concurrency
        try Threads.run(concurrency) { index in
            let visitor = try ProviderVisitor(clients, port: port, state: visitors.states.withLock { $0[index] })
            for _ in 0..<share { _ = try visitor.codeFlow(clients.confidential, scope: "openid%20offline_access") }
        }
        usleep(2_000_000)
        return Table(
            title: "Memory with \(Figure.count(Double(share * concurrency))) live grants, SQLite",
            columns: ["", "resident memory", "aim"],
            rows: [
                ["after the measurements above", Figure.count(before) + " MB", ""],
                [
                    "after \(Figure.count(Double(share * concurrency))) further grants with a refresh token, made by "
                        + "silent authorization and redeemed",
                    Figure.count(process.residentMegabytes) + " MB", "200 MB",
                ],
            ])
    }

    // MARK: Reporting

    private func table(
        _ operations: [ProviderOperation], _ costs: [ProviderOperation: [Cost]], bare: [Cost], on database: String
    ) -> Table {
        let bareMedian = Figure.median(bare.map(\.server))
        var rows = [
            [
                "bare answer of 1 KB", "1", Figure.microseconds(bareMedian), Figure.count(1 / bareMedian), "", "100 %",
                Figure.percent(signing.sign / bareMedian), "", Figure.count(1 / Figure.median(bare.map(\.clock))),
            ]
        ]
        for operation in operations {
            let all = costs[operation] ?? []
            let cost = Figure.median(all.map(\.server))
            let ratio = Figure.median(zip(bare, all).map { $0.server / $1.server })
            let aim =
                switch operation.aim {
                case .rate(let rate): Figure.count(rate)
                case .ofBare(let share): Figure.percent(share) + " of bare"
                }
            let database = Figure.median(all.map(\.database))
            rows.append([
                operation.title, String(operation.requests), Figure.microseconds(cost), Figure.count(1 / cost), aim,
                Figure.percent(ratio), Figure.percent(signing.sign / cost),
                database > 0 ? Figure.microseconds(database) : "", Figure.count(1 / Figure.median(all.map(\.clock))),
            ])
        }
        return Table(
            title: "The provider's endpoints on \(database), \(concurrency) clients at once",
            columns: [
                "", "requests", "server CPU each", "per CPU-second", "aim", "of the bare answer",
                "of one ES256 signature", "PostgreSQL CPU each", "per second by the clock",
            ], rows: rows)
    }
}

/// Lets threads begin together.
final class StartingGate: Sendable {
    private let here = DispatchSemaphore(value: 0)
    private let go = DispatchSemaphore(value: 0)
    private let count: Int

    init(_ count: Int) { self.count = count }

    func arrive() {
        here.signal()
        go.wait()
    }

    func waitForAll() { for _ in 0..<count { here.wait() } }

    func open() { for _ in 0..<count { go.signal() } }
}

/// Work that goes on beside the caller.
final class Running: Sendable {
    private let done = DispatchSemaphore(value: 0)
    private let failure = Mutex<(any Error)?>(nil)

    init(_ work: @escaping @Sendable () throws -> Void) {
        let thread = Thread { [self] in
            do { try work() } catch { failure.withLock { $0 = error } }
            done.signal()
        }
        thread.start()
    }

    /// Waits for its end. Throws what it threw.
    func wait() throws {
        done.wait()
        if let error = failure.withLock({ $0 }) { throw error }
    }
}
