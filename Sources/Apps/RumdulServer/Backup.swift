import CivilRegister
import Codecs
import Crypto
import Database
import Foundation
import Kernel
import Ledger

/// A backup of a node in a folder of its own: database, key file, and a manifest with their digests and the newest signed
/// checkpoint of the ledger. The vault's secret stays outside: who holds a backup alone can read nothing in it.
public struct Backup: Sendable {
    /// What a backup or restore did.
    public struct Report: Sendable {
        public let people: Int
        public let entries: Int64
        public let records: Int
        public let bytes: Int
    }

    static let manifest = "manifest.json"
    static let vault = "vault.keys"

    private let folder: String

    public init(folder: String) { self.folder = folder }

    private func path(_ name: String) -> String { folder + "/" + name }

    // MARK: Writing

    /// Writes a backup of a node that may be serving. The folder must not exist or be empty.
    /// - Throws: `backup.target`, `backup.program`, `database.unavailable`.
    public func write(_ node: Node) async throws -> Report {
        try makeEmpty(folder)
        _ = try await node.ledger.checkpoint()
        let checkpoint = try await node.ledger.exportCheckpoint()?.statement
        let location = try DatabaseLocation(node.configuration.databaseLocation)
        let file: String
        switch location {
        case .sqlite(let source):
            file = "database.sqlite"
            try SQLiteSnapshot.write(from: source, to: path(file))
        case .postgresql(let url):
            file = "database.dump"
            try Self.run("pg_dump", ["--format=custom", "--no-owner", "--file=" + path(file), url])
        }
        try FileManager.default.copyItem(atPath: node.configuration.vaultPath, toPath: path(Self.vault))
        let people = try await node.register.count()
        var files = JSONObject()
        var bytes = 0
        for name in [file, Self.vault] {
            let (digest, size) = try Self.digest(path(name))
            files[name] = ["sha256": .string(digest), "size": .integer(Int64(size))]
            bytes += size
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path(name))
        }
        var manifest: JSONObject = [
            "v": 1, "created_at": .string(node.ambient.now().rfc3339), "engine": .string(location.dialect.rawValue),
            "files": .object(files), "people": .integer(Int64(people)),
        ]
        manifest["checkpoint"] = checkpoint.map(JSONValue.string)
        try Data(JSON.bytes(manifest) + [10]).write(to: URL(fileURLWithPath: path(Self.manifest)))
        return Report(people: people, entries: 0, records: 0, bytes: bytes)
    }

    // MARK: Restoring

    /// Restores a backup into an empty data folder (and an empty database), opens it, and verifies the ledger against the
    /// checkpoint of the backup and the history of every civil record. When anything is wrong, what was written is removed.
    /// - Parameters:
    ///   - configuration: of the node that shall live there; its vault secret is the one that the backup was made under.
    ///   - progress: how many ledger entries are verified, of how many.
    /// - Throws: `backup.source`, `backup.target`, `backup.damaged`, `backup.program`, `keyvault.*`, `database.*`.
    public func restore(
        _ configuration: Configuration, progress: @escaping @Sendable (Int, Int) -> Void
    ) async throws -> Report {
        let manifest = try readManifest()
        let files = try checkFiles(manifest)
        let location = try DatabaseLocation(configuration.databaseLocation)
        guard manifest.string("engine") == location.dialect.rawValue else {
            throw RumdulError.backupSource.because("the backup is of \(manifest.string("engine") ?? "?")")
        }
        guard
            configuration.vaultPassphraseFile != nil
                || FileManager.default.fileExists(atPath: configuration.vaultKeyPath)
        else { throw RumdulError.backupSecret }
        var written: [String] = []
        do {
            try FileManager.default.createDirectory(
                atPath: configuration.dataDirectory, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
            try copy(Self.vault, to: configuration.vaultPath, &written)
            switch location {
            case .sqlite(let target): try copy(files[0], to: target, &written)
            case .postgresql(let url):
                try Self.run("pg_restore", ["--no-owner", "--exit-on-error", "--dbname=" + url, path(files[0])])
            }
            return try await verify(configuration, manifest, progress)
        } catch {
            for path in written.flatMap({ [$0, $0 + "-wal", $0 + "-shm"] }) {
                try? FileManager.default.removeItem(atPath: path)
            }
            throw error
        }
    }

    private func verify(
        _ configuration: Configuration, _ manifest: JSONObject, _ progress: @escaping @Sendable (Int, Int) -> Void
    ) async throws -> Report {
        let node = try await Node.open(configuration)
        do {
            let report = try await node.ledger.verify(against: manifest.string("checkpoint")) { step in
                progress(Int(step.entries), Int(step.total))
            }
            guard report.isIntact else {
                throw RumdulError.backupDamaged.because(report.findings.first?.explanation.en ?? "ledger")
            }
            let civil = try await node.civil.verifyAll()
            guard civil.broken.isEmpty else {
                throw RumdulError.backupDamaged.because("civil record \(civil.broken[0])")
            }
            let people = try await node.register.count()
            guard Int64(people) == manifest.integer("people") else { throw RumdulError.backupDamaged.because("people") }
            await node.close()
            return Report(people: people, entries: report.entries, records: civil.records, bytes: 0)
        } catch {
            await node.close()
            throw error
        }
    }

    private func readManifest() throws -> JSONObject {
        guard let data = FileManager.default.contents(atPath: path(Self.manifest)), data.count < 1 << 20,
            let manifest = try? JSON.parseObject([UInt8](data)), manifest.integer("v") == 1
        else { throw RumdulError.backupSource.because("no manifest") }
        return manifest
    }

    /// The names of the files, the database first. Throws `backup.damaged` when one differs from its digest.
    private func checkFiles(_ manifest: JSONObject) throws -> [String] {
        let names = ["database.sqlite", "database.dump", Self.vault].filter {
            manifest.object("files")?.has($0) ?? false
        }
        guard names.count == 2 else { throw RumdulError.backupSource.because("files") }
        for name in names {
            let (digest, _) = try Self.digest(path(name))
            guard manifest.object("files")?.object(name)?.string("sha256") == digest else {
                throw RumdulError.backupDamaged.because(name)
            }
        }
        return names
    }

    private func copy(_ name: String, to target: String, _ written: inout [String]) throws {
        guard !FileManager.default.fileExists(atPath: target) else { throw RumdulError.backupTarget.because(target) }
        try FileManager.default.copyItem(atPath: path(name), toPath: target)
        written.append(target)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: target)
    }

    private func makeEmpty(_ folder: String) throws {
        if let found = try? FileManager.default.contentsOfDirectory(atPath: folder), !found.isEmpty {
            throw RumdulError.backupTarget.because(folder)
        }
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    private static func digest(_ path: String) throws -> (String, Int) {
        guard let handle = FileHandle(forReadingAtPath: path) else { throw RumdulError.backupDamaged.because(path) }
        defer { try? handle.close() }
        var hash = SHA256()
        var size = 0
        while let piece = try handle.read(upToCount: 1 << 20), !piece.isEmpty {
            hash.update(data: piece)
            size += piece.count
        }
        return (Base64URL.encode(Array(hash.finalize())), size)
    }

    /// Runs a program of PostgreSQL, from `PATH` or where Debian keeps it.
    private static func run(_ program: String, _ arguments: [String]) throws {
        let debian = (15...20).reversed().map { "/usr/lib/postgresql/\($0)/bin/\(program)" }
        let usual = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/\(program)" }
        guard let path = (debian + usual).first(where: { FileManager.default.isExecutableFile(atPath: $0) }) else {
            throw RumdulError.backupProgram.because(program)
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw RumdulError.backupProgram.because("\(program) \(process.terminationStatus)")
        }
    }
}

extension RumdulError {
    /// The folder for the backup, or what shall be restored into, is not empty.
    public static let backupTarget = RumdulError(
        "backup.target", .conflict, km: "កន្លែងនោះមិនទទេទេ។", en: "There is something in that place already.")

    /// No backup, or one of another kind of database.
    public static let backupSource = RumdulError(
        "backup.source", .invalid, km: "នេះមិនមែនជាច្បាប់ចម្លងបម្រុងដែលប្រើបានទេ។", en: "This is no backup that can be used here.")

    /// The secret of the vault is not where the restored node would look for it.
    public static let backupSecret = RumdulError(
        "backup.secret", .precondition, km: "ខ្វះសោសម្ងាត់ vault.secret។ សូមដាក់វានៅកន្លែងរបស់វាជាមុនសិន។",
        en: "The vault's secret is missing: put vault.secret in its place first.")

    /// A file differs from its digest, or the ledger or a record does not verify.
    public static let backupDamaged = RumdulError(
        "backup.damaged", .conflict, km: "ច្បាប់ចម្លងបម្រុងនេះខូច ឬត្រូវបានកែ។ គ្មានអ្វីត្រូវបានស្តារទេ។",
        en: "The backup is damaged or was changed. Nothing was restored.")

    /// A program of PostgreSQL is missing or failed.
    public static let backupProgram = RumdulError(
        "backup.program", .unavailable, km: "កម្មវិធី PostgreSQL រកមិនឃើញ ឬបរាជ័យ។",
        en: "A program of PostgreSQL is missing or failed.")
}

extension ErrorRoom {
    /// The errors of backups.
    static let backup = ErrorRoom(
        "Backup",
        [
            ErrorEntry(.backupTarget, cause: "The folder or database holds something.", remedy: "Name an empty one."),
            ErrorEntry(
                .backupSource, cause: "There is no manifest, or the backup is of the other database engine.",
                remedy: "Name the folder that `rumdul admin backup` wrote."),
            ErrorEntry(
                .backupSecret, cause: "vault.secret is not in the data folder, and no passphrase file is configured.",
                remedy: "Copy the secret that the backed-up node used into the data folder."),
            ErrorEntry(
                .backupDamaged, cause: "A digest, the ledger or a civil record's history does not fit.",
                remedy: "Use another backup; keep this one as evidence."),
            ErrorEntry(
                .backupProgram, cause: "pg_dump or pg_restore is not installed, or could not connect.",
                remedy: "Install postgresql-client; see what the program printed."),
        ])
}
