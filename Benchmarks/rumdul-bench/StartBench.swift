import Foundation
import Kernel

/// A second start with 10,000 people: how long until it serves, and how much memory it then holds.
struct StartBench {
    let server: String
    private static let runs = 5

    init(server: String) { self.server = server }

    func measure(_ world: LoginWorld) throws -> Table {
        let demo = [
            "demo", "--data", world.folder, "--people", String(LoginWorld.inhabitants), "--port", String(world.port),
            "--demo-port", "0", "--bank-port", "0",
        ]
        return Table(
            title: "A second start, \(Figure.count(Double(LoginWorld.inhabitants))) people, SQLite (median of 5)",
            columns: ["", "until ready", "aim", "CPU until ready", "resident memory, idle", "aim"],
            rows: [
                try row("rumdul demo (three listeners)") { try ServerProcess(server, demo) },
                try row("rumdul serve") { try world.start(server) },
            ])
    }

    private func row(_ name: String, _ start: () throws -> ServerProcess) throws -> [String] {
        var seconds: [Double] = []
        var processor: [Double] = []
        var memory: [Double] = []
        for _ in 0..<StartBench.runs {
            let process = try start()
            defer { process.stop() }
            seconds.append(process.startSeconds)
            processor.append(process.processorSeconds)
            usleep(2_000_000)
            memory.append(process.residentMegabytes)
        }
        return [
            name, Figure.decimal(Figure.median(seconds), 2) + " s", "1 s",
            Figure.decimal(Figure.median(processor), 2) + " s", Figure.count(Figure.median(memory)) + " MB", "120 MB",
        ]
    }
}
