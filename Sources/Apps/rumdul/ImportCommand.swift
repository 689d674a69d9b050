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
            let summary = try await options.withNode { node in
                try await node.reference.importGazetteer(bytes)
            }
            if options.json {
                Terminal.print(json: summary.json)
            } else {
                print(summary.text[Terminal.language])
            }
        }
    }
}
