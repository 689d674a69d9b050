import ArgumentParser
import Codecs
import DeviceKit
import Kernel

/// `rumdul device approve`
struct DeviceApproveCommand: DeviceSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "approve",
        abstract: "Approve a request with the PIN and the number that the browser shows.",
        discussion: """
            With --auto it serves tests: it waits for the next request (or the one named), \
            approves all its attributes with the PIN from the PIN file and the number from \
            --number or from a line on standard input, asks nothing, and prints JSON.

            Example:
              rumdul device approve
              rumdul device approve 0199c1d2 --number 57 --only name_km,phone_number
              echo 57 | rumdul device approve --auto --timeout 30 --pin-file pin.txt

            \(DeviceExit.help)
            """)

    @Argument(help: "The request's identifier; may be left out when only one waits.")
    var id: String?

    @Option(help: "The number that the browser shows.")
    var number: String?

    @Option(help: "Give only these attributes, separated by commas; an empty list gives none.")
    var only: String?

    @Flag(help: "Wait for the next request and approve it without asking anything.")
    var auto = false

    @Option(help: "With --auto: wait at most so many seconds, 1 to 3600.")
    var timeout = 60

    @OptionGroup var pin: DevicePINOptions
    @OptionGroup var options: DeviceOptions

    func validate() throws {
        guard (1...3600).contains(timeout) else { throw ValidationError("--timeout is 1 to 3600 seconds.") }
    }

    func perform(_ authenticator: Authenticator, _ terminal: DeviceTerminal) async throws {
        let quiet = auto || terminal.json
        let output = DeviceTerminal(language: terminal.language, json: quiet)
        let given = try number.map { try PendingTransaction.number($0) }
        let attributes = only.map { $0.split(separator: ",").map(String.init) }
        if auto { _ = try DeviceInput.pin(pin, output, interactive: false) }
        let transaction = try await DeviceChoice.transaction(
            id, authenticator, wait: auto ? timeout : 0, newest: auto)
        if !quiet { output.result([:], DeviceTransactionText.lines(transaction)) }
        let number =
            try given
            ?? PendingTransaction.number(try output.ask(km: numbers(transaction).km, en: numbers(transaction).en))
        let pin = try DeviceInput.pin(pin, output, interactive: !auto)
        let status = try await authenticator.approve(transaction, number: number, pin: pin, attributes: attributes)
        let shared = attributes ?? transaction.details.attributes.map(\.name)
        output.result(
            [
                "transaction": .string(transaction.id), "status": .string(status.rawValue),
                "client_id": .string(transaction.details.clientID), "attributes": .strings(shared),
            ],
            [LocalizedText(km: "បានយល់ព្រម។", en: "Approved.")])
    }

    private func numbers(_ transaction: PendingTransaction) -> LocalizedText {
        let choices = transaction.numbers.map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ", ")
        let list = choices.isEmpty ? "" : " (\(choices))"
        return LocalizedText(
            km: "លេខដែលកម្មវិធីរុករកបង្ហាញ\(list)៖", en: "The number that the browser shows\(list):")
    }
}

/// Which request a command means.
enum DeviceChoice {
    /// The request named, or the only one that waits.
    /// - Parameters:
    ///   - wait: seconds to wait for it.
    ///   - newest: of several take the newest instead of refusing.
    /// - Throws: `device.nothing_waiting`, `device.several_waiting`, `transaction.not_found`.
    static func transaction(
        _ id: String?, _ authenticator: Authenticator, wait: Int = 0, newest: Bool = false
    ) async throws -> PendingTransaction {
        let found = try await DeviceWaiting.transactions(authenticator, seconds: wait) { transaction in
            id.map { sameCodePoints($0, transaction.id) } ?? true
        }
        guard let latest = found.max(by: { $0.details.createdAt < $1.details.createdAt }) else {
            throw id == nil ? RumdulError.nothingWaiting : RumdulError.transactionNotFound
        }
        guard newest || found.count == 1 else { throw RumdulError.severalWaiting }
        return latest
    }
}
