import Kernel
import Synchronization
import WebPush

/// When a message is tried again that a push service did not take at the moment: 429, 5xx, no answer (RFC 8030 section 8.4).
public struct PushRetryRule: Sendable {
    /// The seconds before each further attempt; their number is the limit.
    public var waits: [Int64]
    /// Messages of all people that wait to be tried again.
    public var mostWaiting: Int

    public init(waits: [Int64] = [2, 5, 10], mostWaiting: Int = 1024) {
        self.waits = waits
        self.mostWaiting = mostWaiting
    }

    /// How long to wait before the attempt after so many failed ones, never shorter than the push service wishes; `nil` when there is none:
    /// the limit is reached, or the request that the message is about is over by then.
    /// - Parameters:
    ///   - wish: `Retry-After` in seconds.
    ///   - left: seconds until the request ends.
    ///   - chance: spreads what was turned away together over a quarter of the wait.
    func wait(afterFailures failures: Int, wish: Int64?, left: Int64, chance: UInt8) -> Duration? {
        guard failures > 0, failures <= waits.count else { return nil }
        let seconds = max(waits[failures - 1], wish ?? 0)
        guard seconds < left else { return nil }
        let spread = min(seconds, 60) * 250 * Int64(chance) / 255
        return min(.seconds(seconds) + .milliseconds(spread), .seconds(left))
    }
}

/// One message for one browser. The browser's address is not kept: whether the person still has it is asked again.
struct PushRetry: Sendable {
    var person: PersonID
    var id: PushMessageID
    var until: Instant
    /// The identifier of the browser's row.
    var browser: String
    /// Attempts that failed.
    var failures: Int
}

/// The messages that wait to be tried again, in memory: those that are lost with the process wait on the person's pages all the same.
final class PushRetries: Sendable {
    private struct Item: Sendable {
        var retry: PushRetry
        var wait: Duration
    }

    private let most: Int
    private let count = Mutex(0)
    private let items: AsyncStream<Item>
    private let entry: AsyncStream<Item>.Continuation

    init(most: Int) {
        self.most = most
        (items, entry) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(max(most, 1)))
    }

    /// Puts a message off; false when too many wait already.
    func add(_ retry: PushRetry, in wait: Duration) -> Bool {
        let isRoom = count.withLock { count in
            guard count < most else { return false }
            count += 1
            return true
        }
        guard isRoom else { return false }
        guard case .enqueued = entry.yield(Item(retry: retry, wait: wait)) else {
            count.withLock { $0 -= 1 }
            return false
        }
        return true
    }

    /// Hands each message on when its time has come, until the task is cancelled.
    func run(_ work: @escaping @Sendable (PushRetry) async -> Void) async {
        await withDiscardingTaskGroup { group in
            for await item in items {
                group.addTask {
                    defer { self.count.withLock { $0 -= 1 } }
                    do { try await Task.sleep(for: item.wait) } catch { return }
                    await work(item.retry)
                }
            }
            group.cancelAll()
        }
    }
}
