import ArgumentParser
import AsyncHTTPClient
import DeviceKit
import Foundation
import Kernel

/// The options every device command has.
struct DeviceOptions: ParsableArguments {
    @Option(
        help: "The folder of the enrolment; one folder per person. Default: RUMDUL_DEVICE_STORE, else ~/.rumdul/device."
    )
    var store: String?

    @Option(help: "The language of the output, km or en. Default: RUMDUL_LANG, else en.")
    var lang: String?

    @Flag(help: "Write JSON for machines; errors too, on standard error.")
    var json = false

    @Option(help: "A file whose first line is the passphrase that seals the key file.")
    var passphraseFile: String?

    /// The terminal in the language and format wanted.
    var terminal: DeviceTerminal {
        let tag = lang ?? ProcessInfo.processInfo.environment["RUMDUL_LANG"] ?? "en"
        return DeviceTerminal(language: Language(tag: tag) ?? .en, json: json)
    }

    /// The folder of the enrolment.
    var folder: String {
        let environment = ProcessInfo.processInfo.environment
        if let chosen = store ?? environment["RUMDUL_DEVICE_STORE"], !chosen.isEmpty { return chosen }
        return (environment["HOME"] ?? ".") + "/.rumdul/device"
    }

    func validate() throws {
        if let lang, Language(tag: lang) == nil { throw ValidationError("--lang is km or en.") }
    }
}

/// The option of commands that need the PIN.
struct DevicePINOptions: ParsableArguments {
    @Option(help: "A file whose first line is the PIN. Default: RUMDUL_DEVICE_PIN_FILE; without it the terminal asks.")
    var pinFile: String?
}

/// A command of `rumdul device`: what it does, with an authenticator and a terminal at hand.
protocol DeviceSubcommand: AsyncParsableCommand {
    var options: DeviceOptions { get }
    /// What the program says about its key, where a command enrols.
    var attester: any DeviceAttester { get }
    func perform(_ authenticator: Authenticator, _ terminal: DeviceTerminal) async throws
}

extension DeviceSubcommand {
    var attester: any DeviceAttester { SoftwareAttester() }

    /// Runs the command, tells of errors in the language wanted, and exits with a code that says what happened.
    func run() async throws {
        let terminal = options.terminal
        let transport = DeviceHTTPTransport()
        do {
            let passphrase = try options.passphraseFile.map { try DeviceInput.firstLine(ofFile: $0) }
            let authenticator = Authenticator(
                folder: options.folder, passphrase: passphrase, transport: transport, attester: attester)
            try await perform(authenticator, terminal)
            try await transport.shutdown()
        } catch {
            try? await transport.shutdown()
            if let exit = error as? ExitCode { throw exit }
            terminal.fail(error)
            throw ExitCode(DeviceExit.code(for: error))
        }
    }
}
