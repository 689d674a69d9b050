import Foundation
import Kernel
import Synchronization

/// Work on threads of their own, since it blocks.
enum Threads {
    private final class Failures: Sendable {
        let first = Mutex<(any Error)?>(nil)
    }

    /// Runs the work on so many threads at once and waits for all. Throws what the first that failed threw.
    static func run(_ count: Int, _ work: @escaping @Sendable (Int) throws -> Void) throws {
        let failures = Failures()
        let group = DispatchGroup()
        for index in 0..<count {
            group.enter()
            let thread = Thread {
                do { try work(index) } catch {
                    failures.first.withLock { first in if first == nil { first = error } }
                }
                group.leave()
            }
            thread.stackSize = 1 << 20
            thread.start()
        }
        group.wait()
        if let error = failures.first.withLock({ $0 }) { throw error }
    }

    private final class Box<Value: Sendable>: Sendable {
        let result = Mutex<Result<Value, any Error>?>(nil)
    }

    /// Waits on such a thread for something asynchronous.
    static func wait<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) throws -> Value {
        let box = Box<Value>()
        let done = DispatchSemaphore(value: 0)
        Task.detached {
            let result: Result<Value, any Error>
            do { result = .success(try await work()) } catch { result = .failure(error) }
            box.result.withLock { $0 = result }
            done.signal()
        }
        done.wait()
        guard let result = box.result.withLock({ $0 }) else { throw RumdulError.bench("no result") }
        return try result.get()
    }
}
