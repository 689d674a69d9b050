import Kernel
import Synchronization

/// Keeps this program from being used to flood somebody: so many requests at once and so many a second for each host,
/// and so many at once in all.
final class DestinationGate: Sendable {
    private struct Host {
        var open = 0
        /// Requests left, in thousandths.
        var tokens: UInt64
        /// When `tokens` was counted, in milliseconds.
        var at: UInt64
    }

    private struct State {
        var hosts: [String: Host] = [:]
        var open = 0
    }

    private let state = Mutex(State())
    private let limits: OutboundLimits
    private static let mostHosts = 10_000

    init(_ limits: OutboundLimits) { self.limits = limits }

    /// Lets one request in; it must `leave`. Throws `outbound.busy`.
    /// - Parameter now: milliseconds of a clock that never goes back.
    func enter(_ host: String, now: UInt64) throws(RumdulError) {
        let full = UInt64(limits.burst) * 1000
        let entered = state.withLock { state -> Bool in
            guard state.open < limits.total else { return false }
            if state.hosts[host] == nil, state.hosts.count >= Self.mostHosts { tidy(&state, now: now) }
            guard state.hosts.count < Self.mostHosts || state.hosts[host] != nil else { return false }
            var entry = state.hosts[host] ?? Host(tokens: full, at: now)
            entry.tokens = min(full, entry.tokens + (now - min(now, entry.at)) * UInt64(limits.perSecond))
            entry.at = now
            let admitted = entry.open < limits.perHost && entry.tokens >= 1000
            if admitted {
                entry.open += 1
                entry.tokens -= 1000
                state.open += 1
            }
            state.hosts[host] = entry
            return admitted
        }
        guard entered else { throw .outboundBusy }
    }

    func leave(_ host: String) {
        state.withLock { state in
            state.open -= 1
            state.hosts[host]?.open -= 1
        }
    }

    /// Forgets hosts that nothing runs to and whose allowance is full again.
    private func tidy(_ state: inout State, now: UInt64) {
        let full = UInt64(limits.burst) * 1000
        state.hosts = state.hosts.filter { entry in
            let tokens = entry.value.tokens + (now - min(now, entry.value.at)) * UInt64(limits.perSecond)
            return entry.value.open > 0 || tokens < full
        }
    }
}
