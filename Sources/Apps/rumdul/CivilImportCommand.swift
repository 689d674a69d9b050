import Accountability
import ArgumentParser
import CivilRegister
import Foundation
import Kernel
import RumdulServer

/// `rumdul civil import`: events of paper books and other systems.
struct CivilImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Import events of paper books or other systems, or people with codes, from a CSV file.",
        discussion: """
            Each line is entered whole or not at all; what is refused goes to --errors with line, column and reason. A run that was
            killed goes on with --resume; importing a file again changes nothing. The columns stand in docs/import-export.md,
            and --template prints them.

            Example: rumdul civil import births.csv --kind birth --book 12 --officer sothy --basis "Order 7/2026" --dry-run
            """)

    @OptionGroup var options: ServerOptions
    @Argument(help: "CSV file.") var file: String?
    @Option(name: .long, help: "person, or a kind of event: \(CivilImportCommand.kinds).") var kind: String
    @Option(name: .long, help: "The book, where the file has no column legacy.book.") var book: String?
    @Option(name: .long, help: "The commune that keeps the book (six digits), where the file has no column office.")
    var office: String?
    @Option(name: .long, help: "User name of the officer who answers for the import.") var officer: String?
    @Option(name: .long, help: "File whose first line is the officer's password.") var passwordFile: String?
    @Option(name: .long, help: "Why it may be done: the order or project.") var basis: String?
    @Option(name: .long, help: "File for refused lines (CSV, mode 0600, written anew).") var errors: String?
    @Flag(name: .long, help: "Check everything, write nothing.") var dryRun = false
    @Flag(name: .long, help: "Go on with an import that was stopped.") var resume = false
    @Flag(name: .long, help: "Print the header of a file of this kind, and stop.") var template = false

    private static let kinds = ImportKind.allCases.filter { $0 != .person }.map(\.rawValue).joined(separator: ", ")

    func run() async throws {
        guard let kind = ImportKind(rawValue: kind) else {
            throw ValidationError("--kind is person, or one of \(Self.kinds).")
        }
        if template { return Swift.print(ImportRun.template(kind), terminator: "") }
        guard let file, let officer, let basis else {
            throw ValidationError("A file, --officer and --basis are needed.")
        }
        let password = try Terminal.secret("Password for \(officer)", file: passwordFile)
        let output = try errors.map(CivilFiles.create)
        try output?.write(contentsOf: Data(ImportRun.refusalHeader.utf8))
        let started = ContinuousClock.now
        let (book, office, isDryRun, isResumed) = (book, office, dryRun, resume)
        let counts = try await options.withNode { node in
            var order = ImportOrder(
                kind, basis: basis,
                officer: try await node.officers.authenticate(username: officer, password: password))
            order.constants = ["legacy.book": book, "office": office].compactMapValues(\.self)
            (order.isDryRun, order.isResumed) = (isDryRun, isResumed)
            var shown = 0
            var told = ContinuousClock.now
            return try await ImportRun(node.civil, order).run(
                { try CivilFiles.pieces(file) },
                refused: { refusal in
                    try output?.write(contentsOf: Data(refusal.csv.utf8))
                    shown += 1
                    guard shown <= 20 else { return }
                    let column = refusal.column.isEmpty ? "" : ", \(refusal.column)"
                    CivilFiles.tell("✗ line \(refusal.line)\(column): \(refusal.text[Terminal.language])")
                },
                progress: { counts in
                    guard ContinuousClock.now - told > .seconds(2) else { return }
                    told = .now
                    CivilFiles.tell(Self.summary(counts, since: started))
                })
        }
        report(counts, since: started)
        if counts.refused > 0 { throw ExitCode(2) }
    }

    private func report(_ counts: ImportCounts, since started: ContinuousClock.Instant) {
        if options.json {
            var json = counts.json
            json["seconds"] = .double((ContinuousClock.now - started) / .seconds(1))
            json["dry_run"] = .bool(dryRun)
            Terminal.print(json: .object(json))
        } else {
            Swift.print((dryRun ? "dry run, nothing was written: " : "") + Self.summary(counts, since: started))
        }
    }

    private static func summary(_ counts: ImportCounts, since started: ContinuousClock.Instant) -> String {
        let seconds = (ContinuousClock.now - started) / .seconds(1)
        let rate = seconds > 0 ? Int(Double(counts.lines) / seconds) : 0
        return "\(counts.lines) lines: \(counts.entered) entered, \(counts.review) to review, \(counts.known) known, "
            + "\(counts.refused) refused; \(rate) a second"
    }
}

/// Files of imports and exports.
enum CivilFiles {
    /// A file for writing, mode 0600, emptied. Throws `cli.output`.
    static func create(_ path: String) throws -> FileHandle {
        guard
            FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600]),
            let handle = FileHandle(forWritingAtPath: path)
        else {
            throw RumdulError(
                "cli.output", .invalid, km: "សរសេរឯកសារ «\(path)» មិនបានទេ។", en: "The file \"\(path)\" cannot be written.")
        }
        return handle
    }

    /// A file in pieces of 64 KiB. Throws `cli.file`.
    static func pieces(_ path: String) throws -> () throws -> [UInt8] {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw RumdulError(
                "cli.file", .invalid, km: "អានឯកសារ «\(path)» មិនបានទេ។", en: "The file \"\(path)\" cannot be read.")
        }
        return { [UInt8](try handle.read(upToCount: 64 << 10) ?? Data()) }
    }

    /// A line on standard error.
    static func tell(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
}
