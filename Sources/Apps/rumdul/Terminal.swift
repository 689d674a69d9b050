import ArgumentParser
import Codecs
import Foundation
import Kernel

/// What every command shares with the terminal: language, errors, exit codes, progress.
enum Terminal {
    /// `km` or `en`, from `RUMDUL_LANG` through the allow-list; English without it.
    static var language: Language {
        ProcessInfo.processInfo.environment["RUMDUL_LANG"].flatMap { Language(tag: $0) } ?? .en
    }

    /// Exit codes that mean something: 2 refused input, 4 unavailable, 1 everything else.
    static func exitCode(of error: RumdulError) -> Int32 {
        switch error.kind {
        case .invalid, .conflict, .notFound, .precondition, .tooLarge, .unsupportedMedia, .gone: 2
        case .unavailable, .rateLimited: 4
        case .unauthenticated, .forbidden, .internal: 1
        }
    }

    /// Writes an error to standard error: text, code, refused fields.
    static func report(_ error: RumdulError) {
        var lines = "error: \(error.message[language])\n"
        for field in error.fields { lines += "  \(field.field): \(field.message[language])\n" }
        if let cause = error.cause { lines += "  cause: \(cause)\n" }
        lines += "  code: \(error.code)\n"
        FileHandle.standardError.write(Data(lines.utf8))
    }

    /// Writes a line at once, also into a pipe: others wait for it.
    static func line(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }

    /// Prints a value as one line of JSON.
    static func print(json value: JSONValue) { Swift.print(JSON.text(value)) }

    /// A progress bar on standard error, only when that is a terminal.
    static func progress(_ label: String, _ done: Int, of total: Int) {
        guard isatty(STDERR_FILENO) == 1, total > 0 else { return }
        let width = 32
        let filled = width * done / total
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
        let end = done >= total ? "\n" : ""
        FileHandle.standardError.write(Data("\r\(label) \(bar) \(done)/\(total)\(end)".utf8))
    }

    /// The bytes of a file that the person named. Throws `cli.file`.
    static func read(_ path: String, limit: Int = 64 << 20) throws -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path), data.count <= limit else {
            throw RumdulError(
                "cli.file", .invalid, km: "អានឯកសារ «\(path)» មិនបានទេ។", en: "The file \"\(path)\" cannot be read.")
        }
        return [UInt8](data)
    }

    /// A secret from a file, or typed without echo on a terminal. Never from a flag.
    static func secret(_ prompt: String, file: String?) throws -> String {
        if let file {
            let text = String(decoding: try read(file, limit: 4096), as: UTF8.self)
            return String(text.prefix { $0 != "\n" && $0 != "\r" && $0 != "\r\n" })
        }
        guard isatty(STDIN_FILENO) == 1, let typed = getpass(prompt + ": ") else {
            throw RumdulError(
                "cli.no_secret", .invalid, km: "ត្រូវការឯកសារសម្ងាត់ (--password-file) ឬស្ថានីយ។",
                en: "A secret is needed: name a file, or run this on a terminal.")
        }
        return String(cString: typed)
    }
}

/// Flags that every command with a data folder has.
struct ServerOptions: ParsableArguments {
    @Option(name: .long, help: "Configuration file (JSON).")
    var config: String?

    @Option(name: .long, help: "Folder of the database and the key file.")
    var data: String?

    @Option(
        name: .long, help: "sqlite:PATH or postgresql://USER@HOST/NAME (passwords come from ~/.pgpass or PGPASSFILE).")
    var database: String?

    @Flag(name: .long, help: "Machine-readable output.")
    var json = false

    /// These flags as settings.
    var flags: [(String, String)] {
        var flags: [(String, String)] = []
        if let data { flags.append(("data_directory", data)) }
        if let database { flags.append(("database", database)) }
        return flags
    }
}
