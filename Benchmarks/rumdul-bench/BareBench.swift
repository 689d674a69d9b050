import ArgumentParser
import Foundation
import Hummingbird
import Kernel
import Logging

/// The limit: a server that only answers about 1 KB of JSON that it holds ready.
struct ServeBare: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve-bare", abstract: "Answer a fixed JSON document on a port.", shouldDisplay: false)

    @Option(name: .long, help: "Port.") var port: Int

    func run() async throws {
        let member = "\"claim\":\"" + String(repeating: "x", count: 52) + "\""
        let document = ByteBuffer(string: "{" + (0..<16).map { _ in member }.joined(separator: ",") + "}")
        let router = Router()
        router.get("json") { _, _ in
            Response(
                status: .ok, headers: [.contentType: "application/json"], body: .init(byteBuffer: document))
        }
        var logger = Logger(label: "bare")
        logger.logLevel = .notice
        let port = port
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: port)),
            onServerRunning: { _ in
                FileHandle.standardOutput.write(Data("ready http://127.0.0.1:\(port)\n".utf8))
            }, logger: logger)
        try await application.runService()
    }
}

/// Discovery and key set against the bare answer, in turns, so that all three see the same machine.
struct BareBench {
    let server: String
    let requests: Int
    let concurrency: Int
    private static let rounds = 8

    init(server: String, requests: Int, concurrency: Int) {
        self.server = server
        self.requests = requests
        self.concurrency = concurrency
    }

    func measure(_ world: LoginWorld) throws -> Table {
        let bare = try ServerProcess(
            CommandLine.arguments[0], ["serve-bare", "--port", String(try LoginWorld.freePort())])
        defer { bare.stop() }
        let product = try world.start(server)
        defer { product.stop() }
        let targets = [
            ("bare answer of 1 KB", bare, "/json"), ("discovery", product, "/.well-known/openid-configuration"),
            ("JWKS", product, "/jwks"),
        ]
        var costs: [[Double]] = targets.map { _ in [] }
        for (_, process, path) in targets { _ = try cost(process, path, requests: 2000) }
        for _ in 0..<BareBench.rounds {
            for (index, target) in targets.enumerated() {
                costs[index].append(try cost(target.1, target.2, requests: requests / BareBench.rounds))
            }
        }
        let rows = targets.indices.map { index -> [String] in
            let ratio = Figure.median(zip(costs[0], costs[index]).map { $0 / $1 })
            let cost = Figure.median(costs[index])
            return [
                targets[index].0, Figure.microseconds(cost), Figure.count(1 / cost),
                index == 0 ? "" : Figure.percent(ratio), index == 0 ? "" : "90 %",
            ]
        }
        return Table(
            title: "Answers over HTTP/1.1, \(concurrency) keep-alive connections",
            columns: ["", "server CPU each", "per CPU-second", "of bare", "aim"], rows: rows)
    }

    /// Processor seconds of the server for one request.
    private func cost(_ process: ServerProcess, _ path: String, requests: Int) throws -> Double {
        let share = max(1, requests / concurrency)
        let port = process.port
        let before = process.processorSeconds
        try Threads.run(concurrency) { _ in
            let connection = try HTTPConnection(port: port)
            let request = HTTPConnection.request("GET", path)
            for _ in 0..<share {
                guard try connection.send(request).status == 200 else { throw RumdulError.bench(path) }
            }
        }
        return (process.processorSeconds - before) / Double(share * concurrency)
    }
}
