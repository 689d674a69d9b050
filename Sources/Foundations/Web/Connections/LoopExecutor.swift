import NIOCore
import Synchronization

/// Runs tasks on one event loop, so that the answer to a request is made on the thread that read it: no hop to the
/// shared pool, no wake-up, no hop back.
///
/// Code that computes for long (hashing passwords) has a queue of its own.
final class LoopExecutor: TaskExecutor {
    private let loop: any EventLoop
    private static let known = Mutex<[ObjectIdentifier: LoopExecutor]>([:])

    private init(_ loop: any EventLoop) { self.loop = loop }

    /// The executor of an event loop; the same object each time.
    static func of(_ loop: any EventLoop) -> LoopExecutor {
        known.withLock { known in
            if let executor = known[ObjectIdentifier(loop)] { return executor }
            let executor = LoopExecutor(loop)
            known[ObjectIdentifier(loop)] = executor
            return executor
        }
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
