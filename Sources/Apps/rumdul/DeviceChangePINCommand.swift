import ArgumentParser
import DeviceKit
import Kernel

/// `rumdul device change-pin`
struct DeviceChangePINCommand: DeviceSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "change-pin",
        abstract: "Change the PIN of this device, with the old one.",
        discussion: """
            The terminal asks for both PINs without echo; or they are read from --pin-file and --new-pin-file.

            Example: rumdul device change-pin

            \(DeviceExit.help)
            """)

    @Option(help: "Read the new PIN from the first line of this file.")
    var newPinFile: String?

    @OptionGroup var pin: DevicePINOptions
    @OptionGroup var options: DeviceOptions

    func perform(_ authenticator: Authenticator, _ terminal: DeviceTerminal) async throws {
        _ = try await authenticator.enrolment()
        let old = try DeviceInput.pin(pin, terminal)
        let new =
            try newPinFile.map { try PIN(DeviceInput.firstLine(ofFile: $0)) } ?? DeviceInput.newPIN(terminal)
        try await authenticator.changePIN(from: old, to: new)
        terminal.result(
            ["status": "changed"], [LocalizedText(km: "លេខសម្ងាត់ PIN ត្រូវបានប្តូរ។", en: "The PIN was changed.")])
    }
}
