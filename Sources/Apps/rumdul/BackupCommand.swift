import ArgumentParser
import Foundation
import Kernel
import RumdulServer

/// `rumdul admin backup`: a copy of everything, of a node that may be serving.
struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Write a backup into an empty folder, also while the node serves.",
        discussion: """
            The folder holds the database, the key file and a manifest with digests. Not in it is the vault's secret
            (vault.secret or the passphrase): keep that in another place, without it the backup tells nothing.

            Example: rumdul admin backup /srv/backup/2026-11-30 --data /var/lib/rumdul
            """)

    @Argument(help: "The folder; made when it is missing.") var folder: String
    @OptionGroup var options: ServerOptions

    func run() async throws {
        try options.requireExisting()
        let report = try await options.withNode { try await Backup(folder: folder).write($0) }
        if options.json {
            Terminal.print(json: [
                "folder": .string(folder), "people": .integer(Int64(report.people)),
                "bytes": .integer(Int64(report.bytes)),
            ])
        } else {
            print("\(folder): \(report.people) people, \(report.bytes) bytes. Keep the vault's secret elsewhere.")
        }
    }
}

/// `rumdul admin restore`: a node out of a backup, verified before it is used.
struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Restore a backup into an empty data folder, and verify all of it.",
        discussion: """
            Checks the digests, then the whole ledger against the backup's checkpoint and the history of every civil record.
            When anything is wrong nothing is restored, and the exit code is 2. The vault's secret must lie in the data
            folder (vault.secret), or be named in the configuration. A PostgreSQL database must be empty.

            Example: rumdul admin restore /srv/backup/2026-11-30 --data /var/lib/rumdul
            """)

    @Argument(help: "The folder that backup wrote.") var folder: String
    @OptionGroup var options: ServerOptions

    func run() async throws {
        let configuration = try Configuration.load(
            file: options.config, environment: ProcessInfo.processInfo.environment, flags: options.flags)
        let report = try await Backup(folder: folder).restore(configuration) {
            Terminal.progress("verifying", $0, of: $1)
        }
        if options.json {
            Terminal.print(json: [
                "people": .integer(Int64(report.people)), "ledger_entries": .integer(report.entries),
                "civil_records": .integer(Int64(report.records)),
            ])
        } else {
            print(
                "restored and verified: \(report.people) people, \(report.entries) ledger entries, "
                    + "\(report.records) civil records")
        }
    }
}
