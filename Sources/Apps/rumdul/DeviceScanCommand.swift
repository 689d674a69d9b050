import ArgumentParser
import DeviceKit
import Kernel

/// `rumdul device scan`
struct DeviceScanCommand: DeviceSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "scan",
        abstract: "Take over the login whose QR code holds this address.",
        discussion: """
            A frame is good for five seconds. Then decide with `rumdul device approve`.

            Example: rumdul device scan 'https://id.example/device/v1/claims#f=...'

            \(DeviceExit.help)
            """)

    @Argument(help: "What the QR code holds.")
    var text: String

    @OptionGroup var options: DeviceOptions

    func perform(_ authenticator: Authenticator, _ terminal: DeviceTerminal) async throws {
        let transaction = try await authenticator.claim(text)
        terminal.result(DeviceTransactionText.json(transaction), DeviceTransactionText.lines(transaction))
    }
}
