import Synchronization

/// So many at a time; the others wait in line, but not for ever and not without number.
final class SendSlots: Sendable {
    private struct State {
        var free: Int
        /// Those who wait, by ticket.
        var waiting: [UInt64: CheckedContinuation<Bool, Never>] = [:]
        /// The ticket whose turn is next, and the one that is given out next.
        var turn: UInt64 = 0
        var next: UInt64 = 0
    }

    private enum Entry {
        case entered
        case full
        case waits(UInt64)
    }

    private let state: Mutex<State>
    private let mostWaiting: Int

    /// How many wait.
    var waiting: Int { state.withLock { $0.waiting.count } }

    init(_ count: Int, mostWaiting: Int) {
        state = Mutex(State(free: max(count, 1)))
        self.mostWaiting = mostWaiting
    }

    /// Waits for a slot. Whoever got one must `leave`. A cancelled task waits out its turn, which is short.
    /// - Returns: false when none came free in time, or when too many wait already.
    func enter(within wait: Duration) async -> Bool {
        await withCheckedContinuation { continuation in
            let entry: Entry = state.withLock { state in
                if state.free > 0 {
                    state.free -= 1
                    return .entered
                }
                guard state.waiting.count < mostWaiting else { return .full }
                let ticket = state.next
                state.next += 1
                state.waiting[ticket] = continuation
                return .waits(ticket)
            }
            switch entry {
            case .entered: continuation.resume(returning: true)
            case .full: continuation.resume(returning: false)
            case .waits(let ticket):
                Task {
                    // Nobody cancels this sleep.
                    try? await Task.sleep(for: wait)
                    giveUp(ticket)
                }
            }
        }
    }

    /// Gives the slot to whoever has waited longest.
    func leave() {
        let first: CheckedContinuation<Bool, Never>? = state.withLock { state in
            while state.turn < state.next {
                let ticket = state.turn
                state.turn += 1
                if let waiter = state.waiting.removeValue(forKey: ticket) { return waiter }
            }
            state.free += 1
            return nil
        }
        first?.resume(returning: true)
    }

    private func giveUp(_ ticket: UInt64) {
        let waiter = state.withLock { $0.waiting.removeValue(forKey: ticket) }
        waiter?.resume(returning: false)
    }
}
