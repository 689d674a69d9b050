import ArgumentParser
import Codecs
import Foundation
import Kernel
import Ledger
import RumdulServer

/// `rumdul ledger`: proof that nothing in the logs was edited, deleted or reordered.
struct LedgerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger", abstract: "Verify the hash-chained logs.", subcommands: [Verify.self, Checkpoint.self])

    /// Reads every row and every checkpoint.
    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check every entry and every signed checkpoint; exit code 3 when something is wrong.",
            discussion: "Example: rumdul ledger verify --data /var/lib/rumdul")

        @OptionGroup var options: ServerOptions

        func run() async throws {
            let report = try await options.withNode { node in
                try await node.ledger.verify { done, total in
                    Terminal.progress("verifying", Int(done), of: Int(total))
                }
            }
            let language = Terminal.language
            if options.json {
                Terminal.print(json: report.json)
            } else {
                for finding in report.findings { print("✗ \(finding.explanation[language])") }
                print(report.summary[language])
            }
            if !report.isIntact { throw ExitCode(3) }
        }
    }

    /// Signs a checkpoint now.
    struct Checkpoint: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Sign a checkpoint over what is new, and print it for an outside witness.")

        @OptionGroup var options: ServerOptions

        func run() async throws {
            let checkpoint = try await options.withNode { node in try await node.ledger.checkpoint() }
            guard let checkpoint else {
                print("nothing new")
                return
            }
            print(checkpoint.exported)
        }
    }
}
