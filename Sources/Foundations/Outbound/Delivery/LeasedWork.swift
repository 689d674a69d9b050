import Synchronization

/// What this node is sending of a table whose rows any node may take on behind a lease: the loop that looks, and how many
/// attempts are on their way to which host.
public final class LeasedWork: Sendable {
    private struct State {
        var runners: [UInt64: AsyncStream<Void>.Continuation] = [:]
        var nextRunner: UInt64 = 0
        var open = 0
        var hosts: [String: Int] = [:]
    }

    private let state = Mutex(State())

    public init() {}

    /// Looks and sends until its task is cancelled; then waits for what is on its way.
    /// - Parameters:
    ///   - poll: the time between two looks when nobody wakes it.
    ///   - take: takes on what is due and what there is room for, `begin` called for each.
    ///   - attempt: tries one and calls `end`. Runs in a task of its own, so that an attempt that has begun ends with its
    ///     result written down.
    public func run<Claimed: Sendable>(
        every poll: Duration, take: @Sendable () async -> [Claimed],
        attempt: @escaping @Sendable (Claimed) async -> Void
    ) async {
        let (signals, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let runner = add(signal)
        defer { remove(runner) }
        await withDiscardingTaskGroup { group in
            group.addTask {
                while !Task.isCancelled {
                    signal.yield()
                    // Cancellation ends the sleep; the loop sees it.
                    try? await Task.sleep(for: poll)
                }
            }
            for await _ in signals {
                for claimed in await take() {
                    group.addTask {
                        await Task.detached { await attempt(claimed) }.value
                        signal.yield()
                    }
                }
            }
        }
    }

    /// Makes this node look now.
    public func wake() {
        let runners = state.withLock { Array($0.runners.values) }
        for runner in runners { runner.yield() }
    }

    /// How many attempts more there is room for, and the hosts that have as many as they may.
    public func room(capacity: Int, perHost: Int) -> (Int, busyHosts: [String]) {
        state.withLock { state in
            (capacity - state.open, state.hosts.filter { $0.value >= perHost }.map(\.key).sorted())
        }
    }

    /// An attempt at a host begins.
    public func begin(_ host: String) {
        state.withLock { state in
            state.open += 1
            state.hosts[host, default: 0] += 1
        }
    }

    /// An attempt at a host is over.
    public func end(_ host: String) {
        state.withLock { state in
            state.open -= 1
            guard let left = state.hosts[host] else { return }
            state.hosts[host] = left > 1 ? left - 1 : nil
        }
    }

    private func add(_ signal: AsyncStream<Void>.Continuation) -> UInt64 {
        state.withLock { state in
            state.nextRunner += 1
            state.runners[state.nextRunner] = signal
            return state.nextRunner
        }
    }

    private func remove(_ runner: UInt64) { state.withLock { _ = $0.runners.removeValue(forKey: runner) } }
}
