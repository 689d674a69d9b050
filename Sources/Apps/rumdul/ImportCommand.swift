import ArgumentParser
import Codecs
import Foundation
import Kernel
import ReferenceData
import RumdulServer

/// `rumdul admin import`: reference data from files.
struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Import reference data.", subcommands: [Gazetteer.self])

    /// Communes and villages, or the list of changes.
    struct Gazetteer: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Import communes and villages from a CSV file.",
            discussion: """
                One bad line refuses the whole file, with the line's number; importing again changes nothing.

                Example: rumdul admin import gazetteer communes.csv
                """)

        @OptionGroup var options: ServerOptions
        @Argument(help: "CSV file.") var file: String

        func run() async throws {
            let bytes = try Terminal.read(file)
            let report = try await options.withNode { node in
                try await node.reference.importGazetteer(bytes)
            }
            let refused = report.refused.map { "line \($0.line): \($0.reason[Terminal.language])" }
            if options.json {
                Terminal.print(json: [
                    "added": .integer(Int64(report.added)), "changed": .integer(Int64(report.changed)),
                    "unchanged": .integer(Int64(report.unchanged)), "refused": .strings(refused),
                ])
            } else {
                for line in refused { print("✗ \(line)") }
                print(
                    refused.isEmpty
                        ? "\(report.added) added, \(report.changed) changed, \(report.unchanged) unchanged"
                        : "nothing was imported: \(refused.count) lines are not valid")
            }
            if !refused.isEmpty { throw ExitCode(2) }
        }
    }
}
