import ArgumentParser
import Foundation
import Kernel

/// The one program: serves, administers, demonstrates, and is a software authenticator.
@main
struct Rumdul: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rumdul",
        abstract: "A national digital identity platform in one program.",
        discussion: """
            Exit codes: 0 done, 1 failed, 2 refused input, 3 a check found something wrong, 4 not available just now, 64 wrong usage.

            Example: rumdul demo            (then open the address it prints)
            """,
        version: "rumdul 0.1.0",
        subcommands: [
            ServeCommand.self, DemoCommand.self, AdminCommand.self, DeviceCommand.self, LedgerCommand.self,
            CivilCommand.self, NotificationsCommand.self, RiskCommand.self,
            DoctorCommand.self, ErrorsCommand.self,
        ])

    static func main() async {
        Allocator.prepare()
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let error as RumdulError {
            Terminal.report(error)
            Foundation.exit(Terminal.exitCode(of: error))
        } catch {
            exit(withError: error)
        }
    }
}
