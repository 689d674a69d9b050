import Codecs
import Database
import DatabaseTesting
import HTTPTypes
import Kernel
import Synchronization
import Testing
import Web

@testable import IdentityProvider

/// Remembers whom it was to tell.
final class RecordingNotifier: ApprovalNotifier {
    struct Notice: Sendable, Equatable {
        var person: PersonID
        var id: String
        var until: Instant
    }

    private let all = Mutex<[Notice]>([])

    var notices: [Notice] { all.withLock { $0 } }

    func waits(for person: PersonID, id: String, until: Instant) {
        all.withLock { $0.append(Notice(person: person, id: id, until: until)) }
    }
}

@Suite("Who is told that something waits")
struct ApprovalNotifierTests {
    @Test(arguments: TestDatabases.kinds) func thePersonOnceAndOnlyWhatIsStored(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let item = try await world.start()
            #expect(
                world.notifier.notices == [.init(person: TestPeople.sokha, id: item.id, until: item.expiresAt)])
            // An unknown number is a decoy: nobody is told.
            #expect(try await world.start("9999999999").personID == nil)
            #expect(world.notifier.notices.count == 1)
            // A request that was refused was not stored.
            _ = try await world.start()
            _ = try await world.start()
            #expect(await errorCode { try await world.start() } == "authorize.too_many_prompts")
            #expect(world.notifier.notices.count == 3)
            // After "not me" this party's prompts are decoys.
            world.clock.advance(301)
            let reported = try await world.start()
            _ = try await world.provider.approvals.decide(
                reported.id, jws: try await phone.decision(reported, "report"), pinSignature: nil,
                device: try await world.device(phone.id))
            let count = world.notifier.notices.count
            #expect(try await world.start().personID == nil)
            #expect(world.notifier.notices.count == count)
        }
    }
}

@Suite("Browsers that wait")
struct WaitingBrowserTests {
    @Test func aSignalBeforeTheCallIsNotLost() async throws {
        let bell = BrowserBell(ambient: TestClock().ambient)
        let waiter = bell.join("t", expiresAt: Instant(seconds: 1_800_000_180))
        bell.ring("other")
        bell.ring("t")
        bell.ring("t")
        #expect(await waiter.next() == .changed)
        bell.close()
        #expect(await waiter.next() == .closed)
        bell.leave(waiter)
        bell.leave(waiter)
        #expect(bell.count == 0)
        let late = bell.join("t", expiresAt: Instant(seconds: 1_800_000_180))
        #expect(await late.next() == .closed && !bell.hasRoom(for: "t"))
    }

    @Test func roundsGiveSignsOfLifeAndFindWhatOthersDecided() async throws {
        let clock = TestClock()
        let bell = BrowserBell(ambient: clock.ambient)
        let waiters = (0..<600).map { number in
            bell.join("t\(number)", expiresAt: clock.now.adding(seconds: 180))
        }
        let asked = Mutex<[Int]>([])
        try await bell.round { ids in
            asked.withLock { $0.append(ids.count) }
            return ids.filter { $0 == "t7" }
        }
        #expect(asked.withLock { $0.reduce(0, +) } == 600 && asked.withLock { $0.max() } == BrowserBell.chunk)
        #expect(await waiters[7].next() == .changed)
        clock.advance(15)
        try await bell.round { _ in [] }
        #expect(await waiters[0].next() == .beat)
        #expect(await waiters[599].next() == .beat)
        clock.advance(165)
        try await bell.round { ids in
            Issue.record("ended transactions are not asked about: \(ids.count)")
            return []
        }
        #expect(await waiters[0].next() == .changed)
        for waiter in waiters { bell.leave(waiter) }
        try await bell.round { _ in throw RumdulError.internal("nobody waits") }
    }

    @Test func pagesAreCounted() {
        let bell = BrowserBell(ambient: TestClock().ambient)
        for _ in 0..<BrowserBell.mostOfOne {
            #expect(bell.hasRoom(for: "t"))
            _ = bell.join("t", expiresAt: Instant(seconds: 1_800_000_180))
        }
        #expect(!bell.hasRoom(for: "t") && bell.hasRoom(for: "u"))
    }

    @Test(arguments: TestDatabases.kinds) func decidedAmongMany(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let (first, second) = (try await world.start(), try await world.start())
            try await world.decide(first, try await phone.decision(first), by: phone)
            let store = world.provider.approvals.store
            let ids = [first.id, second.id, "none"]
            #expect(try await world.database.read { try await store.decided(among: ids, in: $0) } == [first.id])
            #expect(try await world.database.read { try await store.decided(among: [], in: $0) } == [])
        }
    }

    @Test(arguments: TestDatabases.kinds) func theStream(_ kind: DatabaseKind) async throws {
        try await World.serve(kind) { world, client in
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let browser = Browser(client)
            let consent = try await browser.get(Browser.authorize("spa"))
            let started = try await browser.post(
                "/authorize/start",
                [("request", try #require(consent.input("request"))), ("identifier", "2345678901")])
            let item = try await world.find(String(started.location.split(separator: "/").last ?? ""))
            #expect(try await browser.get(started.location).text.contains("data-events=\"\(started.location)/events\""))
            #expect(try await Browser(client).get(started.location + "/events").status == 404)
            async let heard = browser.get(started.location + "/events")
            while world.provider.approvals.browsers.count == 0 { await Task.yield() }
            try await world.decide(item, try await phone.decision(item), by: phone)
            let page = try await heard
            #expect(page.status == 200 && page.headers[.contentType] == "text/event-stream")
            #expect(page.headers[.cacheControl] == "no-store")
            let states = page.text.split(separator: "\n\n").filter { $0.hasPrefix("event: state\ndata: ") }
            #expect(states.count == 2 && states[0].contains("\"pending\"") && states[1].contains("\"done\""))
            #expect(states[1].contains("\(started.location)/continue"))
            #expect(world.provider.approvals.browsers.count == 0, "whoever heard it has left")
        }
    }

    /// The rounds of the node: decisions made elsewhere, and the end of the node.
    @Test func anotherNodesDecision() async throws {
        try await World.serve { world, client in
            let browser = Browser(client)
            let consent = try await browser.get(Browser.authorize("spa"))
            let started = try await browser.post(
                "/authorize/start",
                [("request", try #require(consent.input("request"))), ("identifier", "2345678901")])
            let id = String(started.location.split(separator: "/").last ?? "")
            async let heard = browser.get(started.location + "/events")
            while world.provider.approvals.browsers.count == 0 { await Task.yield() }
            _ = try await world.database.transaction { connection in
                try await connection.execute("UPDATE idp_transactions SET status = 'denied' WHERE id = $1", [id])
            }
            let rounds = Task { await world.provider.serveWaitingBrowsers() }
            #expect(try await heard.text.contains("\"done\""))
            rounds.cancel()
            await rounds.value
            #expect(try await browser.get(started.location + "/events").status == 429, "a node that goes away")
        }
    }

    @Test func whatTheOwnPagesShow() async throws {
        try await World.run(.sqlite) { world in
            let item = try await world.start()
            let waiting = try await world.provider.waitingApprovals(of: TestPeople.sokha)
            #expect(waiting.map(\.id) == [item.id] && waiting[0].clientName.en == "The bank")
            #expect(waiting[0].clientHost == "bank.example" && waiting[0].purpose.en == "Open an account")
            #expect(waiting[0].attributes.count == item.request.attributes.count)
            #expect(waiting[0].origin == "Firefox, Linux" && waiting[0].expiresAt == item.expiresAt)
            #expect(try await world.provider.waitingApprovals(of: TestPeople.dara).isEmpty)
        }
    }
}
