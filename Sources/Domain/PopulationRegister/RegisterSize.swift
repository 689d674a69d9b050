import Kernel
import Synchronization

/// How many records stand, as last counted. Shared by all copies of one register.
final class RegisterSize: Sendable {
    private static let seconds: Int64 = 600
    private let counted = Mutex<(size: Int, until: Instant)?>(nil)

    /// The count, unless it is ten minutes old.
    func known(at now: Instant) -> Int? {
        counted.withLock { known in known.flatMap { now < $0.until ? $0.size : nil } }
    }

    func note(_ size: Int, at now: Instant) {
        counted.withLock { $0 = (size, now.adding(seconds: Self.seconds)) }
    }
}
