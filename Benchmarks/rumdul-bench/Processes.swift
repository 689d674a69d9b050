import Foundation
import Kernel

extension RumdulError {
    /// Something that is needed for measuring did not work.
    static func bench(_ what: String) -> RumdulError {
        RumdulError("bench.failed", .internal, km: "ការវាស់វែងបរាជ័យ៖ \(what)", en: "Measuring failed: \(what)", cause: what)
    }
}

/// A folder that is gone afterwards.
struct Scratch {
    let path: String

    init(in folder: String) throws {
        path = "\(folder)/rumdul-bench-\(ProcessInfo.processInfo.processIdentifier)"
        // PostgreSQL runs as another user below it.
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }
}

/// Processor time, from the system's own books.
enum ProcessorTime {
    /// Of this process, in seconds.
    static var own: Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Of another process, in seconds; with `children`, also of its children that live and those that ended.
    static func of(_ process: Int32, children: Bool = false) -> Double {
        guard let fields = fields(process) else { return 0 }
        var ticks = fields[11] + fields[12]
        if children {
            ticks += fields[13] + fields[14]
            for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] {
                guard let id = Int32(name), let child = self.fields(id), child[1] == Int(process) else { continue }
                ticks += child[11] + child[12]
            }
        }
        return Double(ticks) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// The numbers of `/proc/<id>/stat` after the name; the first (the state) reads as 0.
    private static func fields(_ process: Int32) -> [Int]? {
        guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
            let name = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[text.index(after: name)...].split(separator: " ").map { Int($0) ?? 0 }
        return fields.count > 20 ? fields : nil
    }
}

/// A server in a process of its own.
final class ServerProcess {
    private let process = Process()
    /// Where it listens.
    let baseURL: String
    /// Seconds from its start to its line `ready <URL>`.
    let startSeconds: Double

    init(_ path: String, _ arguments: [String], environment: [String: String] = [:]) throws {
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardOutput = output
        let start = ContinuousClock.now
        try process.run()
        var text = ""
        while !text.contains("ready http") || text.last != "\n" {
            let data = output.fileHandleForReading.availableData
            guard !data.isEmpty else { throw RumdulError.bench("\(path) ended before it was ready") }
            text += String(decoding: data, as: UTF8.self)
        }
        startSeconds = start.duration(to: .now).seconds
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("ready ") }) else {
            throw RumdulError.bench("\(path) did not say where it listens")
        }
        baseURL = String(line.dropFirst("ready ".count))
        // Whatever it prints later must not fill the pipe.
        output.fileHandleForReading.readabilityHandler = { _ = $0.availableData }
    }

    var port: UInt16 { baseURL.split(separator: ":").last.flatMap { UInt16($0) } ?? 0 }

    /// Processor seconds so far.
    var processorSeconds: Double { ProcessorTime.of(process.processIdentifier) }

    /// Resident memory in megabytes (2^20).
    var residentMegabytes: Double {
        let status = (try? String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
        let kilobytes = line.split { $0 == "\t" || $0 == " " }.dropFirst().first.flatMap { Double($0) }
        return (kilobytes ?? .nan) / 1024
    }

    /// Ends it, gently first.
    func stop() {
        process.terminate()
        for _ in 0..<100 where process.isRunning { usleep(100_000) }
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
    }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
