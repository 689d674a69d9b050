import ArgumentParser
import Codecs
import Database
import Foundation
import Kernel
import KeyVault
import RumdulServer

/// `rumdul doctor`: is this node able to serve?
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check configuration, database, key vault and clock; exit code 3 when something is wrong.",
        discussion: "Example: rumdul doctor --data /var/lib/rumdul")

    @OptionGroup var options: ServerOptions

    func run() async throws {
        var checks: [(name: String, problem: String?)] = []
        do {
            try options.requireExisting()
            try await options.withNode { node in
                _ = try await node.database.read { connection in try await connection.query("SELECT 1") }
                _ = try await node.vault.activeKey(.oidcSigning, .es256)
            }
            checks.append(("configuration, database, tables, key vault", nil))
        } catch let error as RumdulError {
            checks.append(
                ("configuration, database, tables, key vault", error.message[Terminal.language] + " (\(error.code))"))
        }
        let year = Instant.systemNow().dayInCambodia.year
        checks.append(("clock", (2024...2100).contains(year) ? nil : "the year is \(year)"))
        let generated = secureRandomBytes(32)
        checks.append(("random generator", Set(generated).count > 8 ? nil : "it repeats itself"))
        for check in checks {
            if options.json {
                Terminal.print(json: [
                    "check": .string(check.name), "ok": .bool(check.problem == nil),
                    "problem": check.problem.map { .string($0) } ?? .null,
                ])
            } else {
                print(check.problem.map { "✗ \(check.name): \($0)" } ?? "✓ \(check.name)")
            }
        }
        if checks.contains(where: { $0.problem != nil }) { throw ExitCode(3) }
    }
}
