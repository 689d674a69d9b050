import ArgumentParser
import DeviceKit
import Kernel

/// `rumdul device duress`
struct DeviceDuressCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "duress",
        abstract: "A second PIN for when somebody forces you; only where the operator allows it.",
        discussion: "Example: rumdul device duress set",
        subcommands: [SetPIN.self, ClearPIN.self])

    /// `rumdul device duress set`
    struct SetPIN: DeviceSubcommand {
        static let configuration = CommandConfiguration(
            commandName: "set", abstract: "Set the duress PIN of this device, with the PIN.",
            discussion: """
                The terminal asks for both without echo; or they are read from --pin-file and --duress-pin-file.

                Example: rumdul device duress set

                \(DeviceExit.help)
                """)

        @Option(help: "Read the duress PIN from the first line of this file.")
        var duressPinFile: String?

        @OptionGroup var pin: DevicePINOptions
        @OptionGroup var options: DeviceOptions

        func perform(_ authenticator: Authenticator, _ terminal: DeviceTerminal) async throws {
            _ = try await authenticator.enrolment()
            let pin = try DeviceInput.pin(pin, terminal)
            let duress =
                try duressPinFile.map { try PIN(DeviceInput.firstLine(ofFile: $0)) } ?? DeviceInput.newPIN(terminal)
            try await authenticator.setDuressPIN(duress, pin: pin)
            terminal.result(
                ["status": "set"],
                [LocalizedText(km: "លេខ PIN សម្រាប់ពេលត្រូវគេបង្ខំ ត្រូវបានកំណត់។", en: "The duress PIN was set.")])
        }
    }

    /// `rumdul device duress clear`
    struct ClearPIN: DeviceSubcommand {
        static let configuration = CommandConfiguration(
            commandName: "clear", abstract: "Clear the duress PIN of this device, with the PIN.",
            discussion: """
                Example: rumdul device duress clear

                \(DeviceExit.help)
                """)

        @OptionGroup var pin: DevicePINOptions
        @OptionGroup var options: DeviceOptions

        func perform(_ authenticator: Authenticator, _ terminal: DeviceTerminal) async throws {
            _ = try await authenticator.enrolment()
            try await authenticator.clearDuressPIN(pin: try DeviceInput.pin(pin, terminal))
            terminal.result(
                ["status": "cleared"],
                [
                    LocalizedText(
                        km: "លេខ PIN សម្រាប់ពេលត្រូវគេបង្ខំ ត្រូវបានលុប ប្រសិនបើមាន។",
                        en: "The duress PIN, if there was one, was cleared.")
                ])
        }
    }
}
