import Synchronization

/// Calls a closure once, when so many have arrived.
final class ReadyGate: Sendable {
    private let waiting: Mutex<Int>
    private let open: @Sendable () -> Void

    init(_ count: Int, open: @escaping @Sendable () -> Void) {
        waiting = Mutex(count)
        self.open = open
    }

    func arrive() {
        let isLast = waiting.withLock { waiting in
            waiting -= 1
            return waiting == 0
        }
        if isLast { open() }
    }
}
