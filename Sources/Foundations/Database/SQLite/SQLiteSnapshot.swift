import GRDB
import Kernel

/// Copies of a SQLite database that may be in use.
public enum SQLiteSnapshot {
    /// Writes a consistent, compact copy of a database into a new file, while others read and write.
    /// - Throws: `database.unavailable` when the source cannot be read or the target exists or cannot be written.
    public static func write(from source: String, to target: String) throws {
        var configuration = Configuration()
        configuration.busyMode = .timeout(30)
        configuration.label = "rumdul.sqlite.snapshot"
        do {
            let queue = try DatabaseQueue(path: source, configuration: configuration)
            try queue.writeWithoutTransaction { database in
                try database.execute(sql: "VACUUM INTO ?", arguments: [target])
            }
            try queue.close()
        } catch let error as DatabaseError {
            throw RumdulError.databaseUnavailable.because("sqlite \(error.extendedResultCode.rawValue)")
        }
    }
}
