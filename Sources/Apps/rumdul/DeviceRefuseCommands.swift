import ArgumentParser
import Codecs
import DeviceKit
import Kernel

/// `rumdul device deny`
struct DeviceDenyCommand: DeviceSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "deny",
        abstract: "Deny a request. Needs no PIN.",
        discussion: """
            Example: rumdul device deny 0199c1d2

            \(DeviceExit.help)
            """)

    @Argument(help: "The request's identifier; may be left out when only one waits.")
    var id: String?

    @OptionGroup var options: DeviceOptions

    func perform(_ authenticator: Authenticator, _ terminal: DeviceTerminal) async throws {
        let transaction = try await DeviceChoice.transaction(id, authenticator)
        let status = try await authenticator.deny(transaction)
        terminal.result(
            ["transaction": .string(transaction.id), "status": .string(status.rawValue)],
            [LocalizedText(km: "បានបដិសេធ។", en: "Denied.")])
    }
}

/// `rumdul device report`
struct DeviceReportCommand: DeviceSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Say that this was not you: denies, and stops this relying party's requests for a day. Needs no PIN.",
        discussion: """
            Example: rumdul device report 0199c1d2

            \(DeviceExit.help)
            """)

    @Argument(help: "The request's identifier; may be left out when only one waits.")
    var id: String?

    @OptionGroup var options: DeviceOptions

    func perform(_ authenticator: Authenticator, _ terminal: DeviceTerminal) async throws {
        let transaction = try await DeviceChoice.transaction(id, authenticator)
        let status = try await authenticator.report(transaction)
        terminal.result(
            ["transaction": .string(transaction.id), "status": .string(status.rawValue)],
            [
                LocalizedText(
                    km: "បានបដិសេធ និងរាយការណ៍។ អ្នកស្នើសុំនេះមិនអាចផ្ញើសំណើមកអ្នកក្នុងរយៈពេលមួយថ្ងៃទេ។",
                    en: "Denied and reported. This relying party cannot ask you again for a day.")
            ])
    }
}
