import ArgumentParser
import DemoWorld
import Foundation
import Kernel

/// `rumdul demo`: a synthetic country with officers, a bank and a phone, ready to click through.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "A synthetic country with a bank and a phone, ready to click through.",
        discussion: """
            Prints "ready <base URL>" of the provider, and the address of the page to open. The data folder keeps
            everything; a second start is quick. demo.json in it holds the open credentials of the demonstration.

            Example: rumdul demo --people 10000
            """)

    @Option(name: .long, help: "Folder of the demonstration.") var data = "./demo-data"
    @Option(name: .long, help: "sqlite:PATH or postgresql://USER@HOST/NAME.") var database: String?
    @Option(name: .long, help: "Address to listen on.") var host = "127.0.0.1"
    @Option(name: .long, help: "Port of the provider; 0 picks a free one.") var port = 8080
    @Option(name: .long, help: "Port of the story and the phone; 0 picks a free one; by default the next one.")
    var demoPort: Int?
    @Option(name: .long, help: "Port of the bank; 0 picks a free one; by default the next one.") var bankPort: Int?
    @Option(name: .long, help: "How many people live in the country, 100 to 10000000.")
    var people = DemoSettings.standardPeople
    @Option(name: .long, help: "The same seed gives the same people.") var seed: UInt64?
    @Option(name: .long, help: "Redirect URI of the clients for outside programs; may be repeated.")
    var testRedirect: [String] = []

    func validate() throws {
        guard (100...10_000_000).contains(people) else { throw ValidationError("--people is 100 to 10000000") }
        for port in [port, demoPort ?? 0, bankPort ?? 0] where !(0...65535).contains(port) {
            throw ValidationError("a port is 0 to 65535")
        }
    }

    func run() async throws {
        let settings = DemoSettings(
            dataDirectory: data, database: database, host: host, port: port, demoPort: demoPort, bankPort: bankPort,
            people: people, seed: seed, testRedirects: testRedirect)
        let world = try await DemoWorld.open(settings, environment: ProcessInfo.processInfo.environment) {
            done, total in
            Terminal.progress("people", done, of: total)
        }
        try await world.run { record in
            Terminal.line("ready \(record.provider)")
            Terminal.line("")
            Terminal.line("  ចាប់ផ្តើមនៅទីនេះ · Start here:  \(record.start)")
            Terminal.line("  ទូរស័ព្ទ · Phone:               \(record.phone)")
            Terminal.line("  ធនាគារ · Bank:                \(record.bank)")
            Terminal.line("")
            Terminal.line("  Everybody in this country is invented. Stop with Ctrl-C.")
            if world.trustsSoftware {
                Terminal.line(
                    "  Software devices count as hardware here (software_devices=trusted); a real node caps them.")
            }
        }
    }
}
