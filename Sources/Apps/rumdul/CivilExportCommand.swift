import Accountability
import ArgumentParser
import CivilRegister
import Foundation
import Kernel
import RumdulServer

/// `rumdul civil export`: the registers as files.
struct CivilExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write records and people as CSV and NDJSON with a manifest.",
        discussion: """
            Everybody whose data leaves gets one entry in their journal. Sealed records stay unless --sealed, which needs the
            right to see them. The folder is made, or must be empty; files have mode 0600. docs/import-export.md says what
            stands in them and how `rumdul civil import` takes them in again.

            Example: rumdul civil export out --officer sothy --basis "Order 8/2026" --kind birth --since 2026-01-01
            """)

    @OptionGroup var options: ServerOptions
    @Argument(help: "Folder.") var folder: String
    @Option(name: .long, help: "Only this kind of event; may be repeated.") var kind: [String] = []
    @Option(name: .long, help: "Only records that changed on this day or later (YYYY-MM-DD).") var since: String?
    @Option(name: .long, help: "User name of the officer who answers for the export.") var officer: String
    @Option(name: .long, help: "File whose first line is the officer's password.") var passwordFile: String?
    @Option(name: .long, help: "Why it may be done: the order or law.") var basis: String
    @Flag(name: .long, help: "Sealed records too.") var sealed = false

    func run() async throws {
        try options.requireExisting()
        let kinds = try kind.map { text in
            guard let kind = VitalEventKind(rawValue: text) else {
                throw ValidationError("--kind \(text) is not known.")
            }
            return kind
        }
        let day = try since.map { text in
            guard let day = CalendarDate(iso: text) else {
                throw ValidationError("--since is a day such as 2026-01-01.")
            }
            return day
        }
        let password = try Terminal.secret("Password for \(officer)", file: passwordFile)
        let (folder, officer, basis, sealed) = (folder, officer, basis, sealed)
        let report = try await options.withNode { node in
            var order = ExportOrder(
                officer: try await node.officers.authenticate(username: officer, password: password), basis: basis)
            (order.kinds, order.since, order.withSealed) = (kinds.isEmpty ? nil : Set(kinds), day, sealed)
            try order.officer.require(.civilExport, in: nil)
            try Self.makeEmpty(folder)
            var files: [String: FileHandle] = [:]
            var told = ContinuousClock.now
            var run = ExportRun(node.civil, ledger: node.ledger, order) { name, text in
                let file = try files[name] ?? CivilFiles.create(folder + "/" + name)
                files[name] = file
                try file.write(contentsOf: Data(text.utf8))
            }
            return try await run.run { report in
                guard ContinuousClock.now - told > .seconds(2) else { return }
                told = .now
                CivilFiles.tell("\(report.records) records, \(report.people) people")
            }
        }
        if options.json {
            Terminal.print(json: [
                "records": .integer(Int64(report.records)), "people": .integer(Int64(report.people)),
                "export": .string(report.job),
            ])
        } else {
            print("\(report.records) records, \(report.people) people")
        }
    }

    private static func makeEmpty(_ folder: String) throws {
        let there = FileManager.default.fileExists(atPath: folder)
        let held = there ? try? FileManager.default.contentsOfDirectory(atPath: folder) : []
        guard held?.isEmpty == true else {
            throw RumdulError(
                "cli.output_folder", .invalid, km: "ថត «\(folder)» មិនទទេ។", en: "The folder \"\(folder)\" is not empty.")
        }
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }
}
