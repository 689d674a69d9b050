import Accountability
import ArgumentParser
import Codecs
import Foundation
import Kernel
import PopulationRegister
import ReferenceData
import RumdulServer

/// `rumdul admin import`: reference data and people from files.
struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Import reference data and people.",
        discussion: "Example: rumdul admin import gazetteer communes.csv",
        subcommands: [Gazetteer.self, People.self])

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
                for line in refused { FileHandle.standardError.write(Data("✗ \(line)\n".utf8)) }
                print(
                    refused.isEmpty
                        ? "\(report.added) added, \(report.changed) changed, \(report.unchanged) unchanged"
                        : "nothing was imported: \(refused.count) lines are not valid")
            }
            if !refused.isEmpty { throw ExitCode(2) }
        }
    }

    /// People of an existing list.
    struct People: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Enter people from a JSON Lines file into the register; each gets a KIDC.",
            discussion: """
                One person a line: {"name_km": {"family", "given"}, "name_latin": {...}, "sex", "birthdate", "birth_place",
                "nationality", "residence", "phone", "email", "reference"}; a name, the sex and the reference are required.
                The whole file is checked first. The codes go to --codes, one line a person, never to the terminal.

                Example: rumdul admin import people list.jsonl --codes codes.jsonl
                """)

        @OptionGroup var options: ServerOptions
        @Argument(help: "JSON Lines file.") var file: String
        @Option(name: .long, help: "New file (mode 0600) for reference and KIDC of each person.") var codes: String

        func run() async throws {
            let drafts = try PeopleFile.parse(try Terminal.read(file, limit: 1 << 30))
            guard !FileManager.default.fileExists(atPath: codes),
                FileManager.default.createFile(atPath: codes, contents: nil, attributes: [.posixPermissions: 0o600]),
                let output = FileHandle(forWritingAtPath: codes)
            else {
                throw RumdulError(
                    "cli.codes_file", .invalid, km: "បង្កើតឯកសារលេខកូដមិនបានទេ។",
                    en: "The file for the codes exists already or cannot be made.")
            }
            let entered = try await options.withNode { node in
                var entered = 0
                // Batches of the register's own size, so that the codes on file are those of committed people.
                while entered < drafts.count {
                    let batch = Array(drafts[entered..<min(entered + 1000, drafts.count)])
                    let registered = try await node.register.register(many: batch, by: .system("rumdul-admin"))
                    for (draft, registration) in zip(batch, registered) {
                        let line: JSONValue = [
                            "reference": .string(draft.source.reference), "kidc": .string(registration.kidc.digits),
                        ]
                        try output.write(contentsOf: Data((JSON.text(line) + "\n").utf8))
                    }
                    entered += batch.count
                    Terminal.progress("people", entered, of: drafts.count)
                }
                return entered
            }
            print("\(entered) people entered")
        }
    }
}
