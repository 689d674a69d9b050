import ArgumentParser
import Foundation
import Kernel
import RumdulServer

/// `rumdul serve`: runs the services of this node until it is told to stop (SIGTERM, SIGINT).
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Run the services and print \"ready <base URL>\".",
        discussion: """
            Settings: defaults < --config FILE < environment RUMDUL_* < flags. Known settings:
            \(Configuration.names.joined(separator: ", ")).

            Example: rumdul serve --data /var/lib/rumdul --port 8080
            """)

    @OptionGroup var options: ServerOptions

    @Option(name: .long, help: "Port; 0 picks a free one.")
    var port: Int?

    @Option(name: .long, help: "Address to listen on.")
    var host: String?

    @Option(name: .long, help: "Public base URL, the issuer.")
    var baseURL: String?

    @Option(name: .long, help: "Services of this node, separated by commas.")
    var services: String?

    func run() async throws {
        var flags = options.flags
        if let port { flags.append(("port", String(port))) }
        if let host { flags.append(("host", host)) }
        if let baseURL { flags.append(("base_url", baseURL)) }
        if let services { flags.append(("services", services)) }
        let configuration = try Configuration.load(
            file: options.config, environment: ProcessInfo.processInfo.environment, flags: flags)
        try await Server.run(configuration) { baseURL in Terminal.line("ready \(baseURL)") }
    }
}
