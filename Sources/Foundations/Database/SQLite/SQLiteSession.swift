import Foundation
import GRDB
import GRDBSQLite
import Kernel
import Synchronization

/// One SQLite connection with its prepared statements. GRDB opens, configures and closes it; statements run straight on
/// its handle, under a lock, without suspending. Whoever uses it has leased it, so the lock is free in all but wrong
/// programs (two statements at once inside one closure).
final class SQLiteSession: @unchecked Sendable {
    /// What one run of a statement gave.
    struct Outcome {
        var rows: [Row] = []
        var changes = 0
    }

    private struct Prepared {
        var statement: OpaquePointer
        var parameterCount: Int
        var changesRows: Bool
    }

    private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    private static let statementLimit = 512

    private let queue: DatabaseQueue
    private let lock = Mutex(())
    // All below only under the lock.
    private var handle: OpaquePointer?
    private var prepared: [String: Prepared] = [:]

    init(path: String, readOnly: Bool, busySeconds: Double) throws {
        var configuration = Configuration()
        configuration.readonly = readOnly
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(busySeconds)
        configuration.allowsUnsafeTransactions = true
        configuration.label = readOnly ? "rumdul.sqlite.reader" : "rumdul.sqlite.writer"
        configuration.prepareDatabase { database in
            if readOnly {
                try database.execute(sql: "PRAGMA query_only = ON")
            } else {
                let mode = try String.fetchOne(database, sql: "PRAGMA journal_mode = WAL")
                guard mode == "wal" else {
                    throw RumdulError.databaseUnavailable.because("no WAL mode on this file system")
                }
                try database.execute(sql: "PRAGMA journal_size_limit = 67108864")
                // Pages that are written again and again move into the database once in 16 MB of log, not in 4.
                try database.execute(sql: "PRAGMA wal_autocheckpoint = 4000")
            }
            // After everything that might lower it: an acknowledged commit must survive a power cut.
            try database.execute(sql: "PRAGMA synchronous = FULL")
            try database.execute(sql: "PRAGMA temp_store = MEMORY")
            try database.execute(sql: "PRAGMA cache_size = -16384")
        }
        queue = try SQLiteSession.queue(path, configuration, patience: busySeconds)
        handle = queue.inDatabase { $0.sqliteConnection }
        // GRDB's observation hooks expect its own queue; nothing here observes.
        _ = sqlite3_commit_hook(handle, nil, nil)
        _ = sqlite3_rollback_hook(handle, nil, nil)
    }

    /// Opens the file. The engine does not wait for a lock where a connection that reads becomes one that writes, as in
    /// the first change to WAL mode: when several programs start at once, all but one are told that it is busy. They try
    /// again here, for as long as they would wait for any lock.
    private static func queue(
        _ path: String, _ configuration: Configuration, patience: Double
    ) throws -> DatabaseQueue {
        let deadline = ContinuousClock.now + .seconds(patience)
        while true {
            do {
                return try DatabaseQueue(path: path, configuration: configuration)
            } catch let error as DatabaseError {
                guard error.resultCode == .SQLITE_BUSY, ContinuousClock.now < deadline else {
                    throw RumdulError.databaseUnavailable.because("sqlite \(error.extendedResultCode.rawValue)")
                }
                usleep(UInt32.random(in: 1_000...20_000))
            }
        }
    }

    /// Runs one statement to its end.
    func run(_ sql: String, _ arguments: [any SQLValueConvertible]) throws -> Outcome {
        try lock.withLock { _ in
            let entry = try prepare(sql)
            guard arguments.count == entry.parameterCount else {
                throw RumdulError.databaseStatement(
                    "\(arguments.count) arguments for \(entry.parameterCount) parameters")
            }
            let statement = entry.statement
            defer {
                sqlite3_reset(statement)
                if !arguments.isEmpty { sqlite3_clear_bindings(statement) }
            }
            for index in arguments.indices {
                try bind(arguments[index].sqlValue, statement, Int32(index + 1))
            }
            var outcome = Outcome()
            var columns: Int32 = 0
            while true {
                let code = sqlite3_step(statement)
                if code == SQLITE_DONE { break }
                guard code == SQLITE_ROW else { throw failure(code) }
                if columns == 0 { columns = sqlite3_column_count(statement) }
                outcome.rows.append(row(statement, columns))
            }
            if entry.changesRows { outcome.changes = Int(sqlite3_changes64(handle)) }
            return outcome
        }
    }

    /// Whether a transaction is open. The engine ends one by itself when the disk is full or fails.
    var isInTransaction: Bool {
        lock.withLock { _ in handle != nil && sqlite3_get_autocommit(handle) == 0 }
    }

    /// Whether deferred foreign keys are violated at this moment.
    var hasUnmetForeignKeys: Bool {
        lock.withLock { _ in
            var current: Int32 = 0
            var highest: Int32 = 0
            return sqlite3_db_status(handle, SQLITE_DBSTATUS_DEFERRED_FKS, &current, &highest, 0) == SQLITE_OK
                && current != 0
        }
    }

    /// How long statements wait for a lock that another process holds.
    func setBusyTimeout(milliseconds: Int32) {
        lock.withLock { _ in _ = sqlite3_busy_timeout(handle, milliseconds) }
    }

    /// Ends the connection. Called when nobody leases it; calling it again does nothing.
    func close() {
        lock.withLock { _ in
            guard handle != nil else { return }
            dropStatements()
            handle = nil
            try? queue.close()
        }
    }

    // MARK: Under the lock

    private func prepare(_ sql: String) throws -> Prepared {
        if let entry = prepared[sql] { return entry }
        guard let handle else { throw RumdulError.databaseUnavailable.because("closed") }
        if prepared.count >= SQLiteSession.statementLimit { dropStatements() }
        var text = SQLText.numberedForSQLite(sql)
        var statement: OpaquePointer?
        let code = text.withUTF8 { bytes -> Int32 in
            let start = UnsafeRawPointer(bytes.baseAddress)?.assumingMemoryBound(to: CChar.self)
            var tail: UnsafePointer<CChar>?
            let code = sqlite3_prepare_v3(
                handle, start, Int32(bytes.count), UInt32(SQLITE_PREPARE_PERSISTENT), &statement, &tail)
            guard code == SQLITE_OK, let start, let tail else { return code }
            let rest = bytes[(tail - start)...]
            return rest.allSatisfy { $0 == 32 || $0 == 10 || $0 == 9 || $0 == 13 || $0 == 59 } ? code : SQLITE_MISUSE
        }
        if code == SQLITE_MISUSE {
            sqlite3_finalize(statement)
            throw RumdulError.databaseStatement("more than one statement in one text")
        }
        guard code == SQLITE_OK else { throw failure(code) }
        guard let statement else { throw RumdulError.databaseStatement("an empty statement") }
        let entry = Prepared(
            statement: statement, parameterCount: Int(sqlite3_bind_parameter_count(statement)),
            changesRows: SQLText.changesRows(sql) && sqlite3_stmt_readonly(statement) == 0)
        prepared[sql] = entry
        return entry
    }

    private func dropStatements() {
        for entry in prepared.values { sqlite3_finalize(entry.statement) }
        prepared.removeAll(keepingCapacity: true)
    }

    private func bind(_ value: SQLValue, _ statement: OpaquePointer, _ index: Int32) throws {
        let code: Int32
        switch value {
        case .null: code = sqlite3_bind_null(statement, index)
        case .integer(let number): code = sqlite3_bind_int64(statement, index, number)
        case .bool(let flag): code = sqlite3_bind_int64(statement, index, flag ? 1 : 0)
        case .double(let number): code = sqlite3_bind_double(statement, index, number)
        case .text(var text):
            code = text.withUTF8 { bytes in
                guard let base = bytes.baseAddress else {
                    return sqlite3_bind_text(statement, index, "", 0, SQLiteSession.transient)
                }
                return base.withMemoryRebound(to: CChar.self, capacity: bytes.count) {
                    sqlite3_bind_text(statement, index, $0, Int32(bytes.count), SQLiteSession.transient)
                }
            }
        case .blob(let bytes):
            // An empty blob has no address, and no address would mean NULL.
            code =
                bytes.isEmpty
                ? sqlite3_bind_zeroblob(statement, index, 0)
                : sqlite3_bind_blob(statement, index, bytes, Int32(bytes.count), SQLiteSession.transient)
        }
        guard code == SQLITE_OK else { throw failure(code) }
    }

    private func row(_ statement: OpaquePointer, _ columns: Int32) -> Row {
        Row(
            values: [SQLValue](unsafeUninitializedCapacity: Int(columns)) { buffer, count in
                guard let base = buffer.baseAddress else { return }
                for column in 0..<columns {
                    (base + Int(column)).initialize(to: value(statement, column))
                }
                count = Int(columns)
            })
    }

    private func value(_ statement: OpaquePointer, _ column: Int32) -> SQLValue {
        switch sqlite3_column_type(statement, column) {
        case SQLITE_INTEGER: return .integer(sqlite3_column_int64(statement, column))
        case SQLITE_FLOAT: return .double(sqlite3_column_double(statement, column))
        case SQLITE_TEXT:
            guard let start = sqlite3_column_text(statement, column) else { return .text("") }
            let length = Int(sqlite3_column_bytes(statement, column))
            return .text(String(decoding: UnsafeBufferPointer(start: start, count: length), as: UTF8.self))
        case SQLITE_BLOB:
            guard let start = sqlite3_column_blob(statement, column) else { return .blob([]) }
            return .blob(
                [UInt8](UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column)))))
        default: return .null
        }
    }

    /// The engine's last error as ours. SQLite's texts name tables and columns, never values.
    private func failure(_ code: Int32) -> RumdulError {
        let extended = sqlite3_extended_errcode(handle)
        let text = sqlite3_errmsg(handle).map { String(cString: $0) } ?? ""
        let cause = "sqlite \(extended): \(text)"
        switch extended {
        case SQLITE_CONSTRAINT | 8 << 8, SQLITE_CONSTRAINT | 6 << 8, SQLITE_CONSTRAINT | 10 << 8:
            // SQLITE_CONSTRAINT_UNIQUE, _PRIMARYKEY, _ROWID
            return .databaseUnique.because(cause)
        default: break
        }
        switch extended & 0xFF {
        case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_IOERR, SQLITE_FULL, SQLITE_CANTOPEN, SQLITE_NOTADB, SQLITE_CORRUPT,
            SQLITE_NOMEM, SQLITE_PROTOCOL, SQLITE_INTERRUPT:
            return .databaseUnavailable.because(cause)
        default: return .databaseStatement(cause)
        }
    }
}
