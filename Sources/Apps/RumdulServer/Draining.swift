import Kernel
import ServiceLifecycle
import Synchronization

/// The first step of an orderly end: the node says that it is not ready and goes on serving, until whoever spreads the requests over the nodes
/// has noticed. Only then the listeners close.
struct Draining: Service {
    /// Whether the node is on its way out.
    final class State: Sendable {
        private let begun = Mutex(false)

        var isDraining: Bool { begun.withLock { $0 } }

        func begin() { begun.withLock { $0 = true } }
    }

    let state: State
    let seconds: Int

    /// Services are shut down one by one, the last of the group first: this one holds the others back.
    func run() async throws {
        try await gracefulShutdown()
        state.begin()
        try? await Task.sleep(for: .seconds(seconds))
    }
}
