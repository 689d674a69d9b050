import Kernel
import Synchronization
import Testing
import WebPush

@testable import CitizenPortal

@Suite("Messages that are tried again")
struct PushRetryTests {
    @Test func waits() {
        let rule = PushRetryRule()
        func wait(_ failures: Int, wish: Int64? = nil, left: Int64 = 180, chance: UInt8 = 0) -> Duration? {
            rule.wait(afterFailures: failures, wish: wish, left: left, chance: chance)
        }
        #expect((1...3).map { wait($0) } == [.seconds(2), .seconds(5), .seconds(10)])
        #expect(wait(0) == nil && wait(4) == nil, "three further attempts")
        // What the push service wishes is a lower limit; a short wish does not hurry.
        #expect(wait(1, wish: 30) == .seconds(30) && wait(3, wish: 1) == .seconds(10))
        // A message whose request is over by then is not sent.
        #expect(wait(1, wish: 180) == nil && wait(1, wish: 86_400) == nil && wait(1, left: 2) == nil)
        #expect(wait(1, wish: 179) == .seconds(179))
        // What was turned away together comes back spread out, and never after the end.
        #expect(wait(3, chance: 255) == .milliseconds(12_500) && wait(1, wish: 100, chance: 255) == .seconds(115))
        #expect(wait(1, wish: 179, chance: 255) == .seconds(180))
    }

    @Test func soManyWait() async throws {
        let retries = PushRetries(most: 2)
        func message(_ id: String) throws -> PushRetry {
            PushRetry(
                person: World.sokha, id: try #require(PushMessageID(id)), until: Instant(seconds: 0), browser: "b",
                failures: 1)
        }
        #expect(retries.add(try message("0123456789abcde1"), in: .zero))
        #expect(retries.add(try message("0123456789abcde2"), in: .zero))
        #expect(!retries.add(try message("0123456789abcde3"), in: .zero), "the third does not wait")
        let (seen, entry) = AsyncStream.makeStream(of: String.self)
        let running = Task { await retries.run { entry.yield($0.id.text) } }
        var iterator = seen.makeAsyncIterator()
        let handed = Set([await iterator.next(), await iterator.next()])
        #expect(handed == ["0123456789abcde1", "0123456789abcde2"])
        // There is room again as soon as those are done.
        while !retries.add(try message("0123456789abcde4"), in: .zero) { try await Task.sleep(for: .milliseconds(10)) }
        #expect(await iterator.next() == "0123456789abcde4")
        running.cancel()
        await running.value
        #expect(!retries.add(try message("0123456789abcde5"), in: .zero), "nobody would send it")
    }
}
