import ArgumentParser
import Codecs
import DeviceKit
import Foundation
import Kernel

/// `rumdul device enrol`
struct DeviceEnrolCommand: DeviceSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "enrol",
        abstract: "Enrol this device with an activation code or the text of an activation QR.",
        discussion: """
            Prints the comparison code that the officer compares before activating the device.

            Example: rumdul device enrol --server https://id.example.kh --code K7QM-4XRP-2W --name "Sokha's phone"

            \(DeviceExit.help)
            """)

    @Option(help: "The activation code; needs --server.")
    var code: String?

    @Option(help: "The text of the activation QR.")
    var qr: String?

    @Option(help: "The server's address; also its issuer unless --issuer or --qr says otherwise.")
    var server: String?

    @Option(help: "The issuer, when the server is reached under another address.")
    var issuer: String?

    @Option(help: "What to call this device.")
    var name = "rumdul device"

    @Option(
        help: """
            What unlocks the key, none or biometric, as this program says of itself. It has no sensor: biometric serves \
            trials of the higher levels, on nodes that trust software devices.
            """)
    var unlock = "none"

    @OptionGroup var pin: DevicePINOptions
    @OptionGroup var options: DeviceOptions

    func validate() throws {
        guard (code == nil) != (qr == nil) else { throw ValidationError("Give either --code or --qr.") }
        if code != nil, server == nil { throw ValidationError("--code needs --server.") }
        guard KeyUnlock(rawValue: unlock) != nil else { throw ValidationError("--unlock is none or biometric.") }
        if qr != nil, issuer != nil { throw ValidationError("The QR names the issuer; --issuer goes with --code.") }
    }

    var attester: any DeviceAttester { SoftwareAttester(unlock: KeyUnlock(rawValue: unlock) ?? .none) }

    func perform(_ authenticator: Authenticator, _ terminal: DeviceTerminal) async throws {
        let address = try server.map { try ServerURL($0) }
        let activation = try activation(address)
        let pin = try DeviceInput.pin(pin, terminal, repeated: true)
        let result = try await authenticator.enrol(
            activation, server: address, name: name, pin: pin, platform: "rumdul-cli/1")
        terminal.result(
            [
                "device_id": .string(result.deviceID), "comparison_code": .string(result.comparisonCode),
                "key_protection": .string(result.keyProtection),
                "expires_at": .integer(result.expiresAt.seconds), "issuer": .string(activation.issuer.text),
            ],
            [
                LocalizedText(
                    km: "លេខកូដប្រៀបធៀប៖ \(result.comparisonCode)", en: "Comparison code: \(result.comparisonCode)"),
                LocalizedText(
                    km: "សូមបង្ហាញលេខកូដនេះដល់មន្ត្រី។ ឧបករណ៍នឹងដំណើរការបន្ទាប់ពីមន្ត្រីបានប្រៀបធៀប។",
                    en: "Show it to the officer. The device works once the officer has compared it."),
            ])
    }

    private func activation(_ address: ServerURL?) throws -> Activation {
        if let qr { return try Activation(qr: qr) }
        guard let code, let address else { throw RumdulError.activationCodeMalformed }
        return Activation(code: try ActivationCode(code), issuer: try issuer.map { try ServerURL($0) } ?? address)
    }
}

/// `rumdul device forget`
struct DeviceForgetCommand: DeviceSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "forget",
        abstract: "Destroy the keys and forget the enrolment on this device.",
        discussion: """
            The server is not told; an officer revokes a lost device.

            Example: rumdul device forget --yes --store ~/.rumdul/old-phone

            \(DeviceExit.help)
            """)

    @Flag(help: "Do it without asking.")
    var yes = false

    @OptionGroup var options: DeviceOptions

    func perform(_ authenticator: Authenticator, _ terminal: DeviceTerminal) async throws {
        let record = try await authenticator.enrolment()
        if !yes {
            let answer = try terminal.ask(
                km: "លុបការចុះឈ្មោះនេះ? សូមវាយ yes៖", en: "Forget this enrolment for good? Type yes:")
            guard answer == "yes" else { throw RumdulError.inputEnded }
        }
        try await authenticator.forget()
        terminal.result(
            ["forgotten": .string(record.deviceID)],
            [LocalizedText(km: "បានលុបការចុះឈ្មោះ។", en: "The enrolment is forgotten.")])
    }
}
