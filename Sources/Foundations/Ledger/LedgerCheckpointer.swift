import Kernel

/// Makes a checkpoint whenever something is new, at a steady pace, and a last one when it ends.
public struct LedgerCheckpointer: Sendable {
    private let ledger: Ledger
    private let interval: Duration
    private let failed: @Sendable (any Error) -> Void

    /// - Parameters:
    ///   - interval: the time between two checkpoints: the time for which an entry is not yet covered.
    ///   - failed: hears of every failure. The checkpointer goes on: a database that is away comes back, but
    ///     `ledger.broken` must wake somebody up.
    public init(
        ledger: Ledger, interval: Duration = .seconds(5), failed: @escaping @Sendable (any Error) -> Void = { _ in }
    ) {
        self.ledger = ledger
        self.interval = interval
        self.failed = failed
    }

    /// Runs until its task is cancelled; then makes a last checkpoint and returns.
    public func run() async {
        while !Task.isCancelled {
            await step()
            // Cancellation ends the sleep; the loop sees it.
            try? await Task.sleep(for: interval)
        }
        // A task of its own, because the cancellation of this one would reach into the database.
        await Task.detached { await step() }.value
    }

    private func step() async {
        do {
            _ = try await ledger.checkpoint()
        } catch {
            failed(error)
        }
    }
}
