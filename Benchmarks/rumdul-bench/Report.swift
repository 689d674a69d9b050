import Foundation

/// One table of the report.
struct Table: Sendable {
    var title: String
    var columns: [String]
    var rows: [[String]]
}

/// All that was measured, as Markdown.
struct Report {
    private var parts: [String] = [Machine.description]

    mutating func add(_ table: Table) {
        var lines = ["### " + table.title, ""]
        lines.append("| " + table.columns.joined(separator: " | ") + " |")
        lines.append("|" + table.columns.indices.map { $0 == 0 ? "---|" : "---:|" }.joined())
        lines += table.rows.map { "| " + $0.joined(separator: " | ") + " |" }
        parts.append(lines.joined(separator: "\n"))
        FileHandle.standardError.write(Data((parts[parts.count - 1] + "\n\n").utf8))
    }

    mutating func note(_ text: String) { parts.append(text) }

    var markdown: String { parts.joined(separator: "\n\n") + "\n" }
}

/// Numbers as people read them.
enum Figure {
    /// `12,345`; below 100 with one decimal.
    static func count(_ value: Double) -> String {
        if value < 100 { return decimal(value, 1) }
        var digits = Array(String(Int(value.rounded())))
        var place = digits.count - 3
        while place > 0 {
            digits.insert(",", at: place)
            place -= 3
        }
        return String(digits)
    }

    static func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }

    static func microseconds(_ seconds: Double) -> String { count(seconds * 1e6) + " µs" }

    static func milliseconds(_ seconds: Double) -> String { decimal(seconds * 1e3, 2) + " ms" }

    static func decimal(_ value: Double, _ places: Int) -> String {
        let scale = pow(10.0, Double(places))
        let whole = Int((value * scale).rounded())
        let digits = String(abs(whole) % Int(scale))
        let padding = String(repeating: "0", count: max(0, places - digits.count))
        return "\(whole < 0 ? "-" : "")\(abs(whole) / Int(scale)).\(padding)\(digits)"
    }

    static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return .nan }
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}

/// The machine that the figures belong to.
enum Machine {
    static var description: String {
        let model =
            text("/proc/cpuinfo").split(separator: "\n").first { $0.hasPrefix("model name") }
            .flatMap { $0.split(separator: ":").last.map { $0.drop { $0 == " " } } } ?? "processor unknown"
        let memory =
            text("/proc/meminfo").split(separator: "\n").first { $0.hasPrefix("MemTotal") }
            .flatMap { $0.split(separator: " ").dropFirst().first }.flatMap { Int($0) }.map { "\($0 >> 20) GB" } ?? "?"
        let load = text("/proc/loadavg").split(separator: " ").prefix(1).joined()
        return "Machine: \(model), \(ProcessInfo.processInfo.processorCount) processors, \(memory); "
            + "\(text("/proc/sys/kernel/ostype").dropLast()) \(text("/proc/sys/kernel/osrelease").dropLast()); "
            + "load at the start \(load)."
    }

    private static func text(_ path: String) -> String {
        (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    }
}
