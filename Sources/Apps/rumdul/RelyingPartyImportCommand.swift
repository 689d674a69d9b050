import ArgumentParser
import Codecs
import Foundation
import Kernel
import RelyingParties
import RumdulServer

/// `rumdul admin relying-party import`: many registrations at once.
struct RelyingPartyImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Register relying parties from a JSON Lines file, one registration a line.",
        discussion: """
            Each line is what a file of "add" holds. They are stored in transactions of \(RelyingPartyRegistry.batch); a line that is not
            valid is named and stops the import before its transaction; importing the file again with --keep-secret goes on. New client secrets go to
            --secrets, one line a party, never to the terminal.

            Example: rumdul admin relying-party import parties.jsonl --secrets secrets.jsonl
            """)

    @OptionGroup var options: ServerOptions
    @Argument(help: "JSON Lines file.") var file: String
    @Option(name: .long, help: "New file (mode 0600) for identifier and secret of each party.") var secrets: String
    @Flag(name: .long, help: "Keep the present secrets of parties that are registered already.") var keepSecret = false

    func run() async throws {
        let lines = try Terminal.read(file, limit: 256 << 20).split(separator: UInt8(ascii: "\n"))
        guard !FileManager.default.fileExists(atPath: secrets),
            FileManager.default.createFile(atPath: secrets, contents: nil, attributes: [.posixPermissions: 0o600]),
            let output = FileHandle(forWritingAtPath: secrets)
        else {
            throw RumdulError(
                "cli.secrets_file", .invalid, km: "បង្កើតឯកសារសម្ងាត់មិនបានទេ។",
                en: "The file for the secrets exists already or cannot be made.")
        }
        let keep = keepSecret
        let count = try await options.withNode { node in
            var done = 0
            while done < lines.count {
                let batch = lines[done..<min(done + RelyingPartyRegistry.batch, lines.count)]
                let documents = try batch.map { try JSON.parseObject(Array($0)) }
                let made = try await node.provider.registry.register(
                    many: documents, keepSecret: keep, first: done + 1)
                for registration in made {
                    guard let secret = registration.secret else { continue }
                    let line: JSONValue = [
                        "client_id": .string(registration.clientID), "client_secret": .string(secret),
                    ]
                    try output.write(contentsOf: Data((JSON.text(line) + "\n").utf8))
                }
                done += made.count
                Terminal.progress("relying parties", done, of: lines.count)
            }
            return done
        }
        print("\(count) relying parties registered")
    }
}
