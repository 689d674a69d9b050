import Kernel
import Synchronization

/// Wakes devices that wait for a prompt. Within one process it is immediate; prompts from other nodes are found by the slow look-up
/// that every waiter makes anyway.
final class PromptBell: Sendable {
    private let waiters = Mutex<[PersonID: [UInt64: CheckedContinuation<Void, Never>]]>([:])
    private let ids = Mutex<UInt64>(0)

    /// Someone's prompt has been stored.
    func ring(_ person: PersonID) {
        let waiting = waiters.withLock { $0.removeValue(forKey: person) }
        for continuation in waiting?.values ?? [:].values { continuation.resume() }
    }

    /// Returns at the next ring for this person or after so many milliseconds, whichever is first.
    func wait(_ person: PersonID, milliseconds: Int) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.park(person) }
            group.addTask { try? await Task.sleep(for: .milliseconds(milliseconds)) }
            await group.next()
            group.cancelAll()
        }
    }

    /// Returns at the next ring for this person or when the task is cancelled, also when it was cancelled before.
    private func park(_ person: PersonID) async {
        let id = ids.withLock { next in
            next += 1
            return next
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                waiters.withLock { $0[person, default: [:]][id] = continuation }
                if Task.isCancelled { release(person, id) }
            }
        } onCancel: {
            release(person, id)
        }
    }

    private func release(_ person: PersonID, _ id: UInt64) {
        let continuation = waiters.withLock { waiting -> CheckedContinuation<Void, Never>? in
            let found = waiting[person]?.removeValue(forKey: id)
            if waiting[person]?.isEmpty == true { waiting[person] = nil }
            return found
        }
        continuation?.resume()
    }
}
