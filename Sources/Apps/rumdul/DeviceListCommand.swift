import ArgumentParser
import Codecs
import DeviceKit
import Kernel

/// `rumdul device list`
struct DeviceListCommand: DeviceSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "What waits for a decision.",
        discussion: """
            Example: rumdul device list --wait 60 --json

            \(DeviceExit.help)
            """)

    @Option(help: "Wait at most so many seconds, up to 3600, until something is there.")
    var wait = 0

    @OptionGroup var options: DeviceOptions

    func validate() throws {
        guard (0...3600).contains(wait) else { throw ValidationError("--wait is 0 to 3600 seconds.") }
    }

    func perform(_ authenticator: Authenticator, _ terminal: DeviceTerminal) async throws {
        let waiting = try await DeviceWaiting.transactions(authenticator, seconds: wait)
        terminal.result(
            ["transactions": .array(waiting.map { .object(DeviceTransactionText.json($0)) })],
            waiting.isEmpty ? [RumdulError.nothingWaiting.message] : waiting.map(DeviceTransactionText.line))
        // A person reads "nothing waits"; a script that waited sees it in the exit code.
        if waiting.isEmpty, wait > 0 { throw ExitCode(DeviceExit.nothingThere) }
    }
}

/// `rumdul device show`
struct DeviceShowCommand: DeviceSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "One waiting request: who asks, what for, which data, until when.",
        discussion: """
            Example: rumdul device show 0199c1d2 --lang km

            \(DeviceExit.help)
            """)

    @Argument(help: "The request's identifier.")
    var id: String

    @OptionGroup var options: DeviceOptions

    func perform(_ authenticator: Authenticator, _ terminal: DeviceTerminal) async throws {
        let transaction = try await authenticator.transaction(id)
        terminal.result(DeviceTransactionText.json(transaction), DeviceTransactionText.lines(transaction))
    }
}

/// Waiting longer than one request of the protocol can.
enum DeviceWaiting {
    /// Asks again and again until something waits that fits, at most so many seconds.
    static func transactions(
        _ authenticator: Authenticator, seconds: Int, where fits: (PendingTransaction) -> Bool = { _ in true }
    ) async throws -> [PendingTransaction] {
        let clock = ContinuousClock()
        let end = clock.now.advanced(by: .seconds(seconds))
        while true {
            let left = Int(clock.now.duration(to: end).components.seconds)
            let found = try await authenticator.pendingTransactions(wait: left).filter(fits)
            if !found.isEmpty || clock.now >= end { return found }
            // Something that does not fit would be answered again at once.
            try await Task.sleep(for: .milliseconds(200))
        }
    }
}
