import ArgumentParser
import Codecs
import Foundation
import Kernel
import Ledger
import RumdulServer

/// `rumdul ledger`: proof that nothing in the logs was edited, deleted or reordered.
struct LedgerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger", abstract: "Verify the hash-chained logs.",
        discussion: "Example: rumdul ledger verify --data /var/lib/rumdul", subcommands: [Verify.self, Checkpoint.self])

    /// Reads every row and every checkpoint.
    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Check every entry, every signed checkpoint and the history of every civil record; exit code 3 when something is wrong.",
            discussion: "Example: rumdul ledger verify --data /var/lib/rumdul")

        @OptionGroup var options: ServerOptions
        @Option(name: .long, help: "File with a checkpoint that an outside witness kept.") var against: String?

        @Flag(name: .long, help: "The ledger alone, without the histories of civil records.") var ledgerOnly = false

        func run() async throws {
            let witnessed = try against.map { path in
                String(decoding: try Terminal.read(path, limit: 1 << 20).filter { $0 > 32 }, as: UTF8.self)
            }
            let skipsCivil = ledgerOnly
            let (report, civil) = try await options.withNode { node in
                let report = try await node.ledger.verify(against: witnessed) { progress in
                    Terminal.progress("verifying", Int(progress.entries), of: Int(progress.total))
                }
                return (report, skipsCivil ? nil : try await node.civil.verifyAll())
            }
            let broken = civil?.broken ?? []
            let isIntact = report.isIntact && broken.isEmpty
            let language = Terminal.language
            let findings = report.findings.map { $0.explanation[language] }
            if options.json {
                var json: JSONObject = [
                    "intact": .bool(isIntact), "entries": .integer(report.entries),
                    "streams": .integer(Int64(report.streams)), "checkpoints": .integer(report.checkpoints),
                    "uncovered": .integer(report.uncovered), "findings": .strings(findings),
                ]
                if let civil {
                    json["civil_records"] = .integer(Int64(civil.records))
                    json["civil_broken"] = .strings(civil.broken)
                }
                Terminal.print(json: .object(json))
            } else {
                for finding in findings { print("✗ \(finding)") }
                for id in broken { print("✗ civil record \(id)") }
                if report.furtherFindings > 0 { print("✗ … \(report.furtherFindings) more") }
                print(
                    "\(isIntact ? "intact" : "NOT INTACT"): \(report.entries) entries in \(report.streams) streams, "
                        + "\(report.checkpoints) checkpoints, \(report.uncovered) entries not yet under a checkpoint"
                        + (civil.map { ", \($0.records) civil records" } ?? ""))
            }
            if !isIntact { throw ExitCode(3) }
        }
    }

    /// Signs a checkpoint now.
    struct Checkpoint: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Sign a checkpoint over what is new, and print it for an outside witness.",
            discussion: "Example: rumdul ledger checkpoint > witness.jws")

        @OptionGroup var options: ServerOptions

        func run() async throws {
            let checkpoint = try await options.withNode { node in
                _ = try await node.ledger.checkpoint()
                return try await node.ledger.exportCheckpoint()
            }
            print(checkpoint?.statement ?? "the ledger is empty")
        }
    }
}
