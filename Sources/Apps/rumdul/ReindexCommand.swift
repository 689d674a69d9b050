import ArgumentParser
import CivilRegister
import Kernel
import PopulationRegister
import RumdulServer

/// `rumdul admin reindex`: makes what is derived anew.
struct ReindexCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reindex", abstract: "Make search indexes anew.",
        discussion: "Example: rumdul admin reindex names --data /var/lib/rumdul", subcommands: [Names.self])

    /// The indexes over names, dates and places.
    struct Names: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Enter people and records that the search does not find yet.",
            discussion: """
                Everything entered by this program is found at once; this job is for data from before the search index, and
                for when a new version makes its keys in another way. It runs beside a serving node, can be stopped and
                begun again, and does nothing when nothing is missing.

                Example: rumdul admin reindex names --data /var/lib/rumdul
                """)

        @OptionGroup var options: ServerOptions

        func run() async throws {
            try options.requireExisting()
            let (people, records) = try await options.withNode { node in
                let people = try await Self.all { try await node.register.reindexNames(after: $0) }
                let records = try await Self.all { try await node.civil.reindexNames(after: $0) }
                return (people, records)
            }
            if options.json {
                Terminal.print(json: ["people": .integer(Int64(people)), "records": .integer(Int64(records))])
            } else {
                print("\(people) people and \(records) records entered")
            }
        }

        private static func all(
            _ page: (String) async throws -> (entered: Int, last: String?)
        ) async throws -> Int {
            var count = 0
            var after = ""
            while true {
                let found = try await page(after)
                count += found.entered
                guard let last = found.last else { return count }
                after = last
            }
        }
    }
}
