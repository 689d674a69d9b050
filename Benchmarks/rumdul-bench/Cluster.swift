import Database
import Foundation
import Kernel

/// A PostgreSQL server of this run's own: in the temporary folder, on a Unix socket only, as an unprivileged user, with
/// the durability of the real thing (`fsync` on). The system's own cluster is never touched.
final class Cluster {
    private let programs: String
    private let folder: String

    static func isInstalled(_ programs: String) -> Bool {
        FileManager.default.isExecutableFile(atPath: programs + "/postgres")
    }

    init(programs: String, folder: String) throws {
        self.programs = programs
        self.folder = folder + "/pg"
        try FileManager.default.createDirectory(atPath: self.folder, withIntermediateDirectories: true)
        if geteuid() == 0 { try run("chown postgres \(self.folder)") }
        let initialise = "-U postgres -A trust -E UTF8 --locale=C --no-instructions"
        try run("\(programs)/initdb -D \(data) \(initialise)", unprivileged: true)
        let settings = [
            "listen_addresses=''", "unix_socket_directories='\(self.folder)'", "max_connections=100",
            "shared_buffers=256MB", "max_wal_size=2GB", "timezone='UTC'", "track_counts=on",
        ]
        try settings.joined(separator: "\n").write(
            toFile: self.folder + "/extra.conf", atomically: false, encoding: .utf8)
        try run("cat \(self.folder)/extra.conf >> \(data)/postgresql.conf")
        try run("\(programs)/pg_ctl -D \(data) -l \(self.folder)/server.log -w -t 60 start", unprivileged: true)
    }

    private var data: String { folder + "/data" }

    private func url(_ name: String) -> String { "postgresql:///\(name)?host=\(folder)&user=postgres" }

    /// Makes an empty database and gives its location.
    func makeDatabase(_ name: String) async throws -> String {
        try run("\(programs)/createdb -h \(folder) -U postgres \(name)", unprivileged: true)
        return url(name)
    }

    /// Processor seconds of all of the server's processes so far.
    var processorSeconds: Double {
        let file = (try? String(contentsOfFile: data + "/postmaster.pid", encoding: .utf8)) ?? ""
        guard let id = file.split(separator: "\n").first.flatMap({ Int32($0) }) else { return 0 }
        return ProcessorTime.of(id, children: true)
    }

    /// Rows that were ever inserted, updated or deleted, by table. The server's processes report when they end, so the
    /// program that wrote must have closed its connections.
    static func writes(_ url: String) async throws -> [String: Int] {
        var options = PostgreSQLDatabase.Options()
        options.connections = 1
        let database = try await PostgreSQLDatabase(url, options: options)
        let rows = try await database.read { connection in
            try await connection.query(
                "SELECT relname::text, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_user_tables")
        }
        await database.close()
        return Dictionary(uniqueKeysWithValues: try rows.map { (try $0.string(0), Int(try $0.int64(1))) })
    }

    func stop() { try? run("\(programs)/pg_ctl -D \(data) -m immediate -w -t 30 stop", unprivileged: true) }

    /// Foundation's `Process` would wait until the server, which inherits its socket, is gone.
    private func run(_ command: String, unprivileged: Bool = false) throws {
        let quoted = "'" + command.replacingOccurrences(of: "'", with: "'\\''") + "'"
        let asUser = unprivileged && geteuid() == 0
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for descriptor in Int32(0)...2 {
            posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
        }
        let words: [String] = ["sh", "-c", "cd /; " + (asUser ? "runuser -u postgres -- sh -c \(quoted)" : command)]
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        defer { for argument in arguments { free(argument) } }
        arguments.append(nil)
        var child = pid_t()
        var status: Int32 = -1
        if posix_spawn(&child, "/bin/sh", &actions, nil, arguments, environ) == 0 {
            while waitpid(child, &status, 0) == -1 && errno == EINTR {}
        }
        guard status == 0 else { throw RumdulError.bench(command) }
    }
}
