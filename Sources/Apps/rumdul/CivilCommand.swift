import ArgumentParser
import CivilRegister
import Foundation
import Kernel
import RumdulServer

/// `rumdul civil`: jobs on the civil register.
struct CivilCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "civil", abstract: "Verify histories, search for duplicates, import and export.",
        discussion: "Example: rumdul civil verify --data /var/lib/rumdul",
        subcommands: [Verify.self, Duplicates.self, CivilImportCommand.self, CivilExportCommand.self])

    /// Checks every record's history.
    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check the signed history of every record; exit code 3 when one does not fit.",
            discussion: "Example: rumdul civil verify --json")

        @OptionGroup var options: ServerOptions

        func run() async throws {
            try options.requireExisting()
            let found = try await options.withNode { node in try await node.civil.verifyAll() }
            if options.json {
                Terminal.print(json: ["records": .integer(Int64(found.records)), "broken": .strings(found.broken)])
            } else {
                for id in found.broken { print("✗ \(id)") }
                print("\(found.broken.isEmpty ? "intact" : "NOT INTACT"): \(found.records) records")
            }
            if !found.broken.isEmpty { throw ExitCode(3) }
        }
    }

    /// Compares records with each other.
    struct Duplicates: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Compare records that were never compared, and open cases for two officers.",
            discussion: """
                Every declaration is compared when it is made; this job is for registers that grew without it. It can be
                stopped and repeated: pairs that met before are left alone.

                Example: rumdul civil duplicates --data /var/lib/rumdul
                """)

        @OptionGroup var options: ServerOptions

        func run() async throws {
            try options.requireExisting()
            let (seen, opened) = try await options.withNode { node in
                var seen = 0
                var opened = 0
                var after = ""
                while true {
                    let page = try await node.civil.searchDuplicates(after: after)
                    seen += page.seen
                    opened += page.opened
                    guard let last = page.last else { return (seen, opened) }
                    after = last
                }
            }
            if options.json {
                Terminal.print(json: ["records": .integer(Int64(seen)), "cases": .integer(Int64(opened))])
            } else {
                print("\(seen) records compared, \(opened) cases opened")
            }
        }
    }
}
