import Codecs
import Database
import DatabaseTesting
import Kernel
import Logging
import Synchronization
import Testing

@testable import Outbound

/// A queue on a fresh database, and what its tests do with it.
struct QueueWorld: Sendable {
    let database: any Database
    let clock = TestClock()
    let queue: DeliveryQueue

    init(_ database: any Database, settings: DeliverySettings = DeliverySettings()) {
        self.database = database
        queue = Self.node(database, clock, settings)
    }

    /// A queue of one node.
    static func node(_ database: any Database, _ clock: TestClock, _ settings: DeliverySettings) -> DeliveryQueue {
        DeliveryQueue(
            database: database, client: OutboundClient(policy: .loopback, limits: .patient),
            sealer: TestSealer(), ambient: clock.ambient, logger: Logger(label: "test"), settings: settings)
    }

    static func run(
        _ kind: DatabaseKind, settings: DeliverySettings = DeliverySettings(),
        _ test: @escaping @Sendable (QueueWorld) async throws -> Void
    ) async throws {
        try await TestDatabases.with(kind, migrations: [DeliveryQueue.migrations]) { database in
            try await test(QueueWorld(database, settings: settings))
        }
    }

    func delivery(_ port: Int, host: String = "127.0.0.1", seconds: Int64 = 3600) -> Delivery {
        Delivery(
            kind: .backChannelLogout, reference: "bank", url: "http://\(host):\(port)/logout",
            content: .form([("logout_token", "secret.logout.token")]), endsAt: clock.now.adding(seconds: seconds))
    }

    func enqueue(_ delivery: Delivery) async throws -> String {
        let queue = queue
        return try await database.transaction { try await queue.enqueue(delivery, in: $0) }
    }

    func record(_ id: String) async throws -> DeliveryRecord {
        let queue = queue
        return try #require(try await database.read { try await queue.record(id, in: $0) })
    }

    /// Tries everything that is due once; returns how many.
    @discardableResult
    func step(_ node: DeliveryQueue? = nil) async -> Int {
        let node = node ?? queue
        let claimed = await node.take()
        for delivery in claimed { await node.attempt(delivery) }
        return claimed.count
    }

    func content(_ id: String) async throws -> [UInt8]? {
        try await database.read { connection in
            try await connection.first("SELECT content FROM outbound_deliveries WHERE id = $1", [id])?.optionalBlob(0)
        }
    }
}

@Suite("Delivery queue")
struct DeliveryQueueTests {
    @Test(arguments: TestDatabases.kinds, ["200 OK", "204 No Content"])
    func delivers(_ kind: DatabaseKind, _ status: String) async throws {
        try await QueueWorld.run(kind) { world async throws in
            // A large body, which nobody reads (CIBA: the response has a body).
            let reply = Reply.status(
                status, body: status.hasPrefix("200") ? String(repeating: "x", count: 100_000) : "")
            try await Listener.with(reply: { _ in reply }) { listener async throws in
                var delivery = world.delivery(listener.port)
                delivery.headers = [OutboundHeader("Authorization", "Bearer ping")]
                let id = try await world.enqueue(delivery)
                let stored = String(decoding: try #require(try await world.content(id)), as: UTF8.self)
                #expect(!stored.contains("logout") && !stored.contains("Bearer"))
                #expect(await world.step() == 1)
                let record = try await world.record(id)
                #expect(record.state == .delivered && record.attempts == 1 && record.lastError == nil)
                #expect(
                    record.finishedAt == world.clock.now && record.host == "127.0.0.1" && record.reference == "bank")
                #expect(try await world.content(id) == nil)
                let request = try #require(listener.requests.first)
                #expect(request.hasSuffix("\r\n\r\nlogout_token=secret.logout.token"))
                #expect(request.contains("\r\nAuthorization: Bearer ping\r\n"))
                world.clock.advance(7200)
                #expect(await world.step() == 0)
            }
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func isWrittenWithTheCallersTransaction(_ kind: DatabaseKind) async throws {
        struct Undo: Error {}
        try await QueueWorld.run(kind) { world async throws in
            let (queue, delivery) = (world.queue, world.delivery(1))
            await #expect(throws: Undo.self) {
                try await world.database.transaction { connection in
                    try await queue.enqueue(delivery, in: connection)
                    throw Undo()
                }
            }
            #expect(await world.step() == 0)
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func refusesWhatCouldNeverBeAsked(_ kind: DatabaseKind) async throws {
        try await QueueWorld.run(kind) { world async throws in
            for url in ["ftp://rp.example/", "http://intranet/", "https://10.0.0.1/", "https://user@rp.example/", "x"] {
                var delivery = world.delivery(1)
                delivery.url = url
                let refused = delivery
                #expect(await code { _ = try await world.enqueue(refused) } == "outbound.url")
            }
        }
    }

    @Test(
        arguments: TestDatabases.kinds,
        ["400 Bad Request", "401 Unauthorized", "403 Forbidden", "302 Found", "307 Temporary Redirect", "202 Accepted"])
    func theseEndWithoutAnotherAttempt(_ kind: DatabaseKind, _ status: String) async throws {
        try await QueueWorld.run(kind) { world async throws in
            try await Listener.with(reply: { _ in .status(status, ["Location: http://127.0.0.1:1/"]) }) {
                listener async throws in
                let id = try await world.enqueue(world.delivery(listener.port))
                await world.step()
                let record = try await world.record(id)
                #expect(record.state == .failed && record.attempts == 1)
                #expect(record.lastError == (status.hasPrefix("30") ? "outbound.redirect" : "outbound.status"))
                #expect(record.lastStatus == (status.hasPrefix("30") ? nil : Int(status.prefix(3))))
                #expect(try await world.content(id) == nil)
                world.clock.advance(3599)
                #expect(await world.step() == 0 && listener.requests.count == 1)
            }
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func triesAgainWithLongerPauses(_ kind: DatabaseKind) async throws {
        try await QueueWorld.run(kind) { world async throws in
            let answers = ["500 Error", "503 Unavailable", "429 Too Many", "404 Not Found", "200 OK"]
            try await Listener.with(reply: { .status(answers[min($0, 5) - 1]) }) { listener async throws in
                let id = try await world.enqueue(world.delivery(listener.port))
                for attempt in 1...4 {
                    #expect(await world.step() == 1)
                    let record = try await world.record(id)
                    #expect(record.state == .pending && record.attempts == attempt)
                    #expect(record.lastStatus == Int(answers[attempt - 1].prefix(3)))
                    let pause = record.nextAttemptAt.microseconds - world.clock.now.microseconds
                    let base = Int64(1_000_000) << Int64(attempt)
                    #expect(pause >= base * 4 / 5 && pause <= base * 6 / 5, "attempt \(attempt): \(pause)")
                    #expect(await world.step() == 0)
                    world.clock.advance(pause / 1_000_000 + 1)
                }
                #expect(await world.step() == 1)
                #expect(try await world.record(id).state == .delivered)
                #expect(listener.requests.count == 5)
            }
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func givesUpInTheEnd(_ kind: DatabaseKind) async throws {
        try await QueueWorld.run(kind) { world async throws in
            // Nobody listens there.
            let id = try await world.enqueue(world.delivery(9, host: "127.0.0.77", seconds: 60))
            var rounds = 0
            while try await world.record(id).state == .pending, rounds < 120 {
                await world.step()
                world.clock.advance(1)
                rounds += 1
            }
            let record = try await world.record(id)
            #expect(record.state == .failed && record.lastError == "outbound.unreachable")
            #expect((5...6).contains(record.attempts))
            #expect(try await world.content(id) == nil)
            // What nobody tried in time is not tried late.
            try await Listener.with(reply: { _ in .json("") }) { listener async throws in
                let late = try await world.enqueue(world.delivery(listener.port, seconds: 60))
                world.clock.advance(60)
                await world.step()
                let expired = try await world.record(late)
                #expect(expired.state == .failed && expired.lastError == "outbound.expired" && expired.attempts == 0)
                #expect(listener.connections == 0)
            }
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func anotherNodeTakesOverAfterACrash(_ kind: DatabaseKind) async throws {
        try await QueueWorld.run(kind) { world async throws in
            try await Listener.with(reply: { _ in .status("200 OK") }) { listener async throws in
                let id = try await world.enqueue(world.delivery(listener.port))
                let crashed = await world.queue.take()
                #expect(crashed.count == 1)
                let other = QueueWorld.node(world.database, world.clock, DeliverySettings())
                #expect(await world.step(other) == 0)
                world.clock.advance(91)
                #expect(await world.step(other) == 1)
                #expect(try await world.record(id).state == .delivered)
                #expect(try await world.record(id).attempts == 2 && listener.requests.count == 1)
            }
        }
    }

    /// A node that was only slow must not undo what the node that took over has written.
    @Test(arguments: TestDatabases.kinds)
    func aLateFailureDoesNotCount(_ kind: DatabaseKind) async throws {
        try await QueueWorld.run(kind) { world async throws in
            try await Listener.with(reply: { .status($0 == 1 ? "503 Unavailable" : "401 Unauthorized") }) {
                listener async throws in
                let id = try await world.enqueue(world.delivery(listener.port))
                let slow = try #require(await world.queue.take().first)
                world.clock.advance(91)
                let other = QueueWorld.node(world.database, world.clock, DeliverySettings())
                let second = try #require(await other.take().first)
                await other.attempt(second)
                let before = try await world.record(id)
                await world.queue.attempt(slow)
                let after = try await world.record(id)
                #expect(after.state == .pending && after.lastStatus == 503)
                #expect(after.nextAttemptAt == before.nextAttemptAt && listener.requests.count == 2)
            }
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func nodesShareTheWork(_ kind: DatabaseKind) async throws {
        try await QueueWorld.run(kind) { world async throws in
            let count = 24
            var ids: Set<String> = []
            for number in 0..<count {
                ids.insert(try await world.enqueue(world.delivery(9, host: "127.0.0.\(number + 1)")))
            }
            let nodes = (0..<4).map { _ in QueueWorld.node(world.database, world.clock, DeliverySettings()) }
            let claimed = await withTaskGroup(of: [String].self) { group in
                for node in nodes { group.addTask { await node.take().map(\.id) } }
                return await group.reduce(into: []) { $0 += $1 }
            }
            var all = claimed
            while true {
                let more = await nodes[0].take()
                if more.isEmpty { break }
                all += more.map(\.id)
            }
            #expect(all.count == count && Set(all) == ids)
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func oneHostDoesNotKeepOthersWaiting(_ kind: DatabaseKind) async throws {
        try await QueueWorld.run(kind) { world async throws in
            for _ in 0..<50 { _ = try await world.enqueue(world.delivery(9, host: "127.0.0.1")) }
            _ = try await world.enqueue(world.delivery(9, host: "127.0.0.2"))
            let first = await world.queue.take()
            #expect(first.filter { $0.host == "127.0.0.1" }.count == 4)
            #expect(first.filter { $0.host == "127.0.0.2" }.count == 1)
            #expect(await world.queue.take().isEmpty)
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func runsAtOnceAndEndsWithWhatItBegan(_ kind: DatabaseKind) async throws {
        // Looks at the table once an hour: what is delivered, is so because of the wake-up.
        try await QueueWorld.run(kind, settings: DeliverySettings(poll: .seconds(3600))) { world async throws in
            try await Listener.with(reply: { _ in Reply(chunks: ["HTTP/1.1 200 OK\r\n\r\n"], pause: 300) }) {
                listener async throws in
                let queue = world.queue
                let service = Task { await queue.run() }
                _ = try await queue.enqueue(world.delivery(listener.port))
                while listener.requests.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
                let id = try await queue.enqueue(world.delivery(listener.port))
                while listener.requests.count < 2 { try await Task.sleep(for: .milliseconds(5)) }
                service.cancel()
                await service.value
                #expect(try await world.record(id).state == .delivered)
            }
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func listsAndPurges(_ kind: DatabaseKind) async throws {
        try await QueueWorld.run(kind) { world async throws in
            try await Listener.with(reply: { _ in .status("200 OK") }) { listener async throws in
                let queue = world.queue
                let done = try await world.enqueue(world.delivery(listener.port))
                await world.step()
                world.clock.advance(10)
                let waiting = try await world.enqueue(world.delivery(listener.port))
                let now = world.clock.now
                let ids = try await world.database.read { connection in
                    try await queue.records(reference: "bank", in: connection).map(\.id)
                        + queue.records(reference: "other", in: connection).map(\.id)
                }
                #expect(ids == [waiting, done])
                let purge: @Sendable (Instant) async throws -> Int = { moment in
                    try await world.database.transaction { try await queue.purge(before: moment, in: $0) }
                }
                #expect(try await purge(now.adding(seconds: -10)) == 0)
                #expect(try await purge(now.adding(seconds: 100_000)) == 1)
                #expect(try await world.record(waiting).state == .pending)
            }
        }
    }

    @Test func pauses() {
        let settings = DeliverySettings()
        for attempt in [1, 2, 5, 11, 12, 13, 40, 1_000_000] {
            let base = min(2 << Int64(min(attempt - 1, 20)), 3600) * 1_000_000
            let pauses = (0..<200).map { _ in settings.pause(afterAttempt: attempt, atLeast: 0, ambient: .system) }
            #expect(pauses.allSatisfy { $0 >= base * 4 / 5 && $0 <= min(base * 6 / 5, 3_600_000_000) })
            #expect(Set(pauses).count > 20)
        }
        #expect(settings.pause(afterAttempt: 1, atLeast: 100, ambient: .system) == 100_000_000)
        #expect(settings.pause(afterAttempt: 1, atLeast: 1 << 31, ambient: .system) == 3_600_000_000)
    }

    @Test func outcomes() {
        let policy = DeliveryPolicy.standard
        #expect(policy.outcome(.outboundBusy) == .postpone)
        #expect(policy.outcome(.outboundURL("")) == .failed("outbound.url", nil))
        #expect(policy.outcome(.outboundRedirect) == .failed("outbound.redirect", nil))
        for error in [RumdulError.outboundTimeout, .outboundAddress(""), .outboundTLS(""), .outboundUnreachable("")] {
            #expect(policy.outcome(error) == .retry(error.code, nil, after: 0))
        }
        #expect(policy.outcome(status: 429, retryAfter: 7) == .retry("outbound.status", 429, after: 7))
    }

    @Test func contentsComeBack() throws {
        let content = DeliveryContent(
            headers: [OutboundHeader("a", "\"ក"), OutboundHeader("b", "")],
            content: OutboundContent(type: "t", bytes: Array(0...255)))
        #expect(try DeliveryContent(content.bytes) == content)
        for bad in ["", "{}", #"{"headers":["a"],"type":"t","body":""}"#, #"{"headers":[],"type":"t","body":"="}"#] {
            #expect(throws: RumdulError.self) { try DeliveryContent(Array(bad.utf8)) }
        }
    }
}
