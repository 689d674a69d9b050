import Database
import Foundation
import Kernel

/// A PostgreSQL 15 server of the test process's own: started once, in a temporary folder, on a Unix socket only, as an
/// unprivileged user, and stopped and deleted when the process ends, however it ends. The system's own cluster is never
/// touched.
actor TestCluster {
    static let shared = TestCluster()
    static let programs = "/usr/lib/postgresql/15/bin"

    /// Whether the server's programs are installed.
    static var isAvailable: Bool { FileManager.default.isExecutableFile(atPath: programs + "/postgres") }

    private var starting: Task<TemporaryFolder, any Error>?
    private var templates: [String: Task<String, any Error>] = [:]
    private var administrator: Task<PostgreSQLDatabase, any Error>?
    private var count = 0

    /// A fresh database with these migrations applied, copied from a template that is migrated once.
    func makeDatabase(_ migrations: [ModuleMigrations]) async throws -> (name: String, url: String) {
        let folder = try await folder()
        count += 1
        let name = "test_\(count)"
        let template = try await template(migrations, folder)
        let administrator = try await administrator(folder)
        try await administrator.executeAlone("CREATE DATABASE \(name) TEMPLATE \(template)")
        return (name, TestCluster.url(folder, name))
    }

    func dropDatabase(_ name: String) async throws {
        let administrator = try await administrator(try await folder())
        try await administrator.executeAlone("DROP DATABASE IF EXISTS \(name) WITH (FORCE)")
    }

    private static func url(_ folder: TemporaryFolder, _ name: String) -> String {
        "postgresql:///\(name)?host=\(folder.path)&user=postgres"
    }

    private func folder() async throws -> TemporaryFolder {
        if let starting { return try await starting.value }
        let task = Task.detached {
            // Programs are waited for on a thread of its own.
            try await withCheckedThrowingContinuation { continuation in
                DispatchQueue.global().async { continuation.resume(with: Result { try TestCluster.start() }) }
            }
        }
        starting = task
        return try await task.value
    }

    private func administrator(_ folder: TemporaryFolder) async throws -> PostgreSQLDatabase {
        if let administrator { return try await administrator.value }
        let task = Task.detached {
            var options = PostgreSQLDatabase.Options()
            options.connections = 4
            return try await PostgreSQLDatabase(TestCluster.url(folder, "postgres"), options: options)
        }
        administrator = task
        return try await task.value
    }

    private func template(_ migrations: [ModuleMigrations], _ folder: TemporaryFolder) async throws -> String {
        guard !migrations.isEmpty else { return "template0" }
        let key = String(describing: migrations)
        if let template = templates[key] { return try await template.value }
        let administrator = try await administrator(folder)
        // Asked again: another test may have come first while this one waited.
        if let template = templates[key] { return try await template.value }
        let name = "migrated_\(templates.count)"
        let task = Task.detached {
            try await administrator.executeAlone("CREATE DATABASE \(name) TEMPLATE template0")
            var options = PostgreSQLDatabase.Options()
            options.connections = 1
            let database = try await PostgreSQLDatabase(TestCluster.url(folder, name), options: options)
            do {
                try await database.migrate(migrations)
                await database.close()
            } catch {
                await database.close()
                throw error
            }
            return name
        }
        templates[key] = task
        return try await task.value
    }

    // MARK: Processes

    private static func start() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        let data = folder.path + "/data"
        // First of all: this process may be ended while the server is made.
        try watch(folder, data)
        if geteuid() == 0 { try run("chown postgres \(folder.path)") }
        try run(
            "\(programs)/initdb -D \(data) -U postgres -A trust -E UTF8 --locale=C --no-sync --no-instructions",
            unprivileged: true)
        let settings = [
            "listen_addresses=''", "unix_socket_directories='\(folder.path)'", "fsync=off", "full_page_writes=off",
            "max_connections=3000", "shared_buffers=64MB", "max_wal_size=1GB",
            "autovacuum=off", "timezone='UTC'",
            "dynamic_shared_memory_type=mmap",
        ]
        try settings.joined(separator: "\n").write(
            toFile: folder.path + "/settings.conf", atomically: false, encoding: .utf8)
        try run("cat \(folder.path)/settings.conf >> \(data)/postgresql.conf")
        try run("\(programs)/pg_ctl -D \(data) -l \(folder.path)/server.log -w -t 60 start", unprivileged: true)
        return folder
    }

    /// A shell of its own session that waits until this process is gone (or dead and not yet buried), then stops the
    /// server and deletes the folder.
    private static func watch(_ folder: TemporaryFolder, _ data: String) throws {
        let parent = ProcessInfo.processInfo.processIdentifier
        let stop = asServerUser("\(programs)/pg_ctl -D \(data) -m immediate -w -t 20 stop")
        // Twice: a server that was just being made may write while the folder is deleted, and then gives up.
        let script = """
            while kill -0 \(parent) 2>/dev/null && ! grep -q ') Z' /proc/\(parent)/stat 2>/dev/null; do sleep 0.3; done
            for round in 1 2; do \(stop); rm -rf \(folder.path); sleep 2; done
            """
        _ = try spawn("exec setsid sh -c \(quoted(script))")
    }

    private static func run(_ command: String, unprivileged: Bool = false) throws {
        let child = try spawn(unprivileged ? asServerUser(command) : command)
        var status: Int32 = 0
        while waitpid(child, &status, 0) == -1 && errno == EINTR {}
        guard status == 0 else {
            throw RumdulError.databaseUnavailable.because("the test server did not start: \(command)")
        }
    }

    /// A shell without any of our pipes: whoever waits for the test run's output would else wait for the server too.
    /// (Foundation's `Process` waits until the server, which inherits its socket, is gone.)
    private static func spawn(_ command: String) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for descriptor in Int32(0)...2 {
            posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
        }
        // Further descriptors (pipes of a sanitizer's helper, say) would be held open by the server as well.
        for descriptor in Int32(3)..<1024 where fcntl(descriptor, F_GETFD) == 0 {
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        }
        let words: [String] = ["sh", "-c", "cd /; \(command)"]
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        defer { for argument in arguments { free(argument) } }
        arguments.append(nil)
        var child = pid_t()
        guard posix_spawn(&child, "/bin/sh", &actions, nil, arguments, environ) == 0 else {
            throw RumdulError.databaseUnavailable.because("no process for the test server")
        }
        return child
    }

    private static func asServerUser(_ command: String) -> String {
        geteuid() == 0 ? "runuser -u postgres -- sh -c \(quoted(command))" : command
    }

    private static func quoted(_ text: String) -> String {
        "'" + text.replacingOccurrences(of: "'", with: "'\\''") + "'"
    }
}
