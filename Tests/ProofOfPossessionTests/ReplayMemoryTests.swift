import Database
import DatabaseTesting
import Kernel
import Testing

@testable import ProofOfPossession

@Suite("Replay memory") struct ReplayMemoryTests {
    let now = Instant(seconds: 1_800_000_000)

    @Test func keysDependOnEveryPartAndItsLength() {
        let keys = [
            ReplayKey("dpop", "a", "b"), ReplayKey("dpop", "ab"), ReplayKey("dpop", "ab", ""),
            ReplayKey("dpop", "", "ab"),
            ReplayKey("dpopab"), ReplayKey(), ReplayKey(""),
        ]
        #expect(Set(keys).count == keys.count)
        #expect(ReplayKey("dpop", "a", "b") == keys[0] && keys[0].hash.count == 32)
    }

    @Test func theProcessRemembersUntilTheEnd() async throws {
        let memory = ProcessReplayMemory()
        let key = ReplayKey("x", "1")
        let end = now.adding(seconds: 10)
        #expect(try await memory.isFirst(key, until: end, now: now))
        #expect(try await !memory.isFirst(key, until: end, now: now.adding(seconds: 9)))
        #expect(try await memory.isFirst(key, until: end.adding(seconds: 10), now: end))
    }

    @Test func theProcessStaysWithinItsBoundAndLetsNothingThrough() async throws {
        let memory = ProcessReplayMemory(capacity: 100)
        for number in 0..<100 {
            let end = now.adding(seconds: Int64(10 + number))
            #expect(try await memory.isFirst(ReplayKey("x", "\(number)"), until: end, now: now))
        }
        let late = ReplayKey("x", "late")
        #expect(try await !memory.isFirst(late, until: now.adding(seconds: 60), now: now))
        #expect(memory.count == 100)
        #expect(try await !memory.isFirst(ReplayKey("x", "0"), until: now.adding(seconds: 60), now: now))
        // Half of them have ended: there is room again, and the others are still known.
        let later = now.adding(seconds: 60)
        #expect(try await memory.isFirst(late, until: later.adding(seconds: 60), now: later))
        #expect(memory.count < 60)
        #expect(try await !memory.isFirst(ReplayKey("x", "99"), until: later, now: later))
    }

    @Test func ofManyAtOnceOneIsFirst() async throws {
        let memory = ProcessReplayMemory()
        let (key, end, now) = (ReplayKey("x"), now.adding(seconds: 60), now)
        let firsts = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<64 { group.addTask { try await memory.isFirst(key, until: end, now: now) } }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(firsts == 1)
    }

    @Test(arguments: TestDatabases.kinds)
    func nodesAgreeThroughTheDatabase(_ kind: DatabaseKind) async throws {
        let now = now
        try await TestDatabases.with(kind, migrations: [PossessionStorage.migrations]) { database in
            let one = LayeredReplayMemory(shared: DatabaseReplayMemory(database: database))
            let two = LayeredReplayMemory(shared: DatabaseReplayMemory(database: database))
            let key = ReplayKey("dpop", "key", "url", "jti")
            let end = now.adding(seconds: 120)
            #expect(try await one.isFirst(key, until: end, now: now))
            #expect(try await !one.isFirst(key, until: end, now: now))
            #expect(try await !two.isFirst(key, until: end, now: now))
            #expect(try await two.isFirst(ReplayKey("dpop", "other"), until: end, now: now))
            let rows = try await database.read { try await $0.query("SELECT key_hash, ends_at FROM pop_seen") }
            #expect(rows.count == 2)
            #expect(try rows.contains { try $0.blob(0) == key.hash && $0.instant(1) == end })
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func ofManyNodesAtOnceOneIsFirst(_ kind: DatabaseKind) async throws {
        let now = now
        try await TestDatabases.with(kind, migrations: [PossessionStorage.migrations]) { database in
            let (key, end) = (ReplayKey("x"), now.adding(seconds: 60))
            let firsts = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<16 {
                    let node = LayeredReplayMemory(shared: DatabaseReplayMemory(database: database))
                    group.addTask { try await node.isFirst(key, until: end, now: now) }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(firsts == 1)
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func whatHasEndedIsPurged(_ kind: DatabaseKind) async throws {
        let now = now
        try await TestDatabases.with(kind, migrations: [PossessionStorage.migrations]) { database in
            let memory = DatabaseReplayMemory(database: database)
            for seconds in [10, 20, 30] as [Int64] {
                #expect(
                    try await memory.isFirst(ReplayKey("\(seconds)"), until: now.adding(seconds: seconds), now: now))
            }
            let purged = try await database.transaction {
                try await PossessionStorage.purge(now: now.adding(seconds: 20), in: $0)
            }
            #expect(purged == 2)
            #expect(try await !memory.isFirst(ReplayKey("30"), until: now.adding(seconds: 99), now: now))
            #expect(try await memory.isFirst(ReplayKey("10"), until: now.adding(seconds: 99), now: now))
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func aTransactionThatIsRolledBackUsesNothingUp(_ kind: DatabaseKind) async throws {
        struct Undo: Error {}
        let now = now
        try await TestDatabases.with(kind, migrations: [PossessionStorage.migrations]) { database in
            let (key, end) = (ReplayKey("x"), now.adding(seconds: 60))
            await #expect(throws: Undo.self) {
                try await database.transaction { connection in
                    #expect(try await DatabaseReplayMemory.isFirst(key, until: end, in: connection))
                    #expect(try await !DatabaseReplayMemory.isFirst(key, until: end, in: connection))
                    throw Undo()
                }
            }
            let isFirst = try await DatabaseReplayMemory(database: database).isFirst(key, until: end, now: now)
            #expect(isFirst)
        }
    }

    /// When the memory of the process is full, the database decides alone.
    @Test(arguments: TestDatabases.kinds)
    func aFullProcessAsksTheDatabase(_ kind: DatabaseKind) async throws {
        let now = now
        try await TestDatabases.with(kind, migrations: [PossessionStorage.migrations]) { database in
            let memory = LayeredReplayMemory(
                ProcessReplayMemory(capacity: 1), shared: DatabaseReplayMemory(database: database))
            let end = now.adding(seconds: 60)
            for name in ["a", "b", "c"] {
                let isFirst = try await memory.isFirst(ReplayKey(name), until: end, now: now)
                let isSecond = try await !memory.isFirst(ReplayKey(name), until: end, now: now)
                #expect(isFirst && isSecond)
            }
        }
    }
}
