import CLibpq
import Dispatch
import Kernel
import Synchronization

/// One connection to the server in libpq's pipeline mode.
///
/// The task that leases it sends from its own thread without blocking; the I/O thread (`PGReactor`) receives and
/// resumes it. Commands go in units that end with a synchronisation point; answers come back in the order of the units.
final class PGSession: @unchecked Sendable {
    /// One statement with its arguments.
    struct Command {
        var sql: String
        var arguments: [SQLValue] = []
    }

    typealias Answer = Result<PGResult, PGFailure>

    /// What is done with the answer of a unit.
    enum Receiver {
        case task(UnsafeContinuation<Answer, Never>)
        /// A failure becomes the answer of the next unit that a task waits for; one that nobody needs ends that.
        case next
        /// Nobody needs it.
        case nobody
    }

    private struct Unit {
        var receiver: Receiver
        var last: PGResult?
        var failure: PGFailure?
        /// Statements prepared in this unit.
        var preparing: [(sql: String, name: String)] = []
    }

    private struct Variant {
        var types: [Oid]
        var name: String
    }

    private struct Statement {
        var parameterCount: Int
        /// The type last seen at each place, for nulls, which have none of their own.
        var seen: [Oid]
        var variants: [Variant] = []
    }

    private static let statementLimit = 512
    private static let connector = DispatchQueue(label: "rumdul.postgresql.connect", attributes: .concurrent)

    /// The socket, for the I/O thread to poll.
    let descriptor: Int32
    /// Whether bytes wait to be sent until the socket takes more.
    let wantsWrite = Atomic<Bool>(false)

    private let lock = Mutex(())
    // All below only under the lock.
    private var connection: OpaquePointer?
    private var units: [Unit] = []
    private var firstUnit = 0
    private var statements: [String: Statement] = [:]
    private var variantCount = 0
    private var nextName = 0
    private var carried: PGFailure?

    private init(_ connection: OpaquePointer) {
        self.connection = connection
        descriptor = PQsocket(connection)
    }

    /// Connects, on a thread that may block. Throws `database.unavailable`.
    static func connect(_ location: String, setup: [String]) async throws -> PGSession {
        try await withUnsafeThrowingContinuation { continuation in
            connector.async { continuation.resume(with: Result { try connectBlocking(location, setup) }) }
        }
    }

    private static func connectBlocking(_ location: String, _ setup: [String]) throws -> PGSession {
        // What stands before `dbname` is a default, which the location may override.
        let names = ["connect_timeout", "tcp_user_timeout", "application_name", "dbname", "client_encoding"]
        let values = ["5", "15000", "rumdul", location, "UTF8"]
        let connection = withCStrings(names) { names in
            withCStrings(values) { PQconnectdbParams(names, $0, 1) }
        }
        guard let connection else { throw RumdulError.databaseUnavailable.because("no memory") }
        guard PQstatus(connection) == CONNECTION_OK else {
            let cause = PQerrorMessage(connection).map { String(cString: $0) } ?? ""
            PQfinish(connection)
            throw RumdulError.databaseUnavailable.because(cause)
        }
        PQsetNoticeProcessor(connection, { _, _ in }, nil)
        for statement in setup {
            let result = PQexec(connection, statement)
            let status = PQresultStatus(result)
            PQclear(result)
            guard status == PGRES_COMMAND_OK else {
                PQfinish(connection)
                throw RumdulError.databaseUnavailable.because("the server refused: \(statement)")
            }
        }
        guard PQsetnonblocking(connection, 1) == 0, PQenterPipelineMode(connection) == 1 else {
            PQfinish(connection)
            throw RumdulError.databaseUnavailable.because("no pipeline mode")
        }
        let session = PGSession(connection)
        PGReactor.shared.add(session)
        return session
    }

    /// Whether the connection can still be used.
    var isUsable: Bool { lock.withLock { _ in connection != nil } }

    /// Sends a unit and waits for the answer of its last command (or of the first that failed).
    func run(_ commands: [Command]) async -> Answer {
        await withUnsafeContinuation { send(commands, .task($0)) }
    }

    /// Sends a unit.
    func send(_ commands: [Command], _ receiver: Receiver) {
        let (refused, ended) = lock.withLock { _ -> (PGFailure?, [(UnsafeContinuation<Answer, Never>, Answer)]) in
            guard let connection else { return (.lost("connection lost"), []) }
            var unit = Unit(receiver: receiver)
            do throws(PGFailure) {
                for command in commands { try put(command, connection, &unit) }
            } catch {
                // Nothing of a wrong command was sent; what was sent before it is closed by the synchronisation point.
                unit.failure = error
            }
            guard PQpipelineSync(connection) == 1 else { return (nil, fail("sending failed", &unit)) }
            units.append(unit)
            switch PQflush(connection) {
            case 0: break
            case 1:
                wantsWrite.store(true, ordering: .releasing)
                PGReactor.shared.wake()
            default: return (nil, fail("sending failed"))
            }
            return (nil, [])
        }
        if let refused, case .task(let continuation) = receiver { continuation.resume(returning: .failure(refused)) }
        for (continuation, answer) in ended { continuation.resume(returning: answer) }
    }

    /// Takes what has arrived. Called by the I/O thread. Returns `false` when the connection is gone.
    func receive() -> Bool {
        let (ended, alive) = lock.withLock { _ -> ([(UnsafeContinuation<Answer, Never>, Answer)], Bool) in
            guard let connection else { return ([], false) }
            if wantsWrite.load(ordering: .acquiring) {
                switch PQflush(connection) {
                case 0: wantsWrite.store(false, ordering: .releasing)
                case 1: break
                default: return (fail("sending failed"), false)
                }
            }
            let readable = PQconsumeInput(connection) == 1
            // A server that says goodbye sends its reason first.
            var ended = collect(connection)
            if !readable {
                ended += fail("connection lost")
                return (ended, false)
            }
            return (ended, true)
        }
        for (continuation, answer) in ended { continuation.resume(returning: answer) }
        return alive
    }

    /// Ends the connection; tasks that wait are told that it is lost.
    func close() {
        let ended = lock.withLock { _ in fail("closed") }
        PGReactor.shared.remove(self)
        for (continuation, answer) in ended { continuation.resume(returning: answer) }
    }

    // MARK: Under the lock

    private func put(_ command: Command, _ connection: OpaquePointer, _ unit: inout Unit) throws(PGFailure) {
        let count = command.arguments.count
        var statement =
            statements[command.sql]
            ?? Statement(
                parameterCount: SQLText.parameterCount(command.sql),
                seen: [Oid](repeating: PGType.unknown, count: count))
        guard statement.parameterCount == count, statement.seen.count == count else {
            throw .refused(state: "07001", cause: "\(count) arguments for \(statement.parameterCount) parameters")
        }
        for index in 0..<count where command.arguments[index] != .null {
            statement.seen[index] = PGType.of(command.arguments[index])
        }
        let name: String
        if let variant = statement.variants.first(where: { $0.types == statement.seen }) {
            name = variant.name
        } else {
            if variantCount >= PGSession.statementLimit {
                statements = [:]
                statement.variants = []
                variantCount = 0
                guard PQsendQueryParams(connection, "DEALLOCATE ALL", 0, nil, nil, nil, nil, 1) == 1 else {
                    throw lost(connection)
                }
            }
            nextName += 1
            name = "s\(nextName)"
            guard PQsendPrepare(connection, name, command.sql, Int32(count), statement.seen) == 1 else {
                throw lost(connection)
            }
            statement.variants.append(Variant(types: statement.seen, name: name))
            variantCount += 1
            unit.preparing.append((command.sql, name))
        }
        statements[command.sql] = statement
        guard sendExecution(name, command.arguments, connection) else { throw lost(connection) }
    }

    private func lost(_ connection: OpaquePointer) -> PGFailure {
        .lost(PQerrorMessage(connection).map { String(cString: $0) } ?? "")
    }

    private func sendExecution(_ name: String, _ arguments: [SQLValue], _ connection: OpaquePointer) -> Bool {
        guard !arguments.isEmpty else { return PQsendQueryPrepared(connection, name, 0, nil, nil, nil, 1) == 1 }
        var bytes: [UInt8] = []
        var lengths: [Int32] = []
        for argument in arguments {
            let start = bytes.count
            PGType.encode(argument, into: &bytes)
            lengths.append(Int32(bytes.count - start))
        }
        // An empty value has an address too: no address would mean NULL.
        bytes.append(0)
        let formats = [Int32](repeating: 1, count: arguments.count)
        return bytes.withUnsafeBytes { buffer in
            var offset = 0
            var addresses: [UnsafePointer<CChar>?] = []
            for (index, argument) in arguments.enumerated() {
                let start = buffer.baseAddress.map { ($0 + offset).assumingMemoryBound(to: CChar.self) }
                addresses.append(argument == .null ? nil : start)
                offset += Int(lengths[index])
            }
            return PQsendQueryPrepared(connection, name, Int32(arguments.count), addresses, lengths, formats, 1) == 1
        }
    }

    /// Matches results to units. Returns the tasks that have their answer.
    private func collect(_ connection: OpaquePointer) -> [(UnsafeContinuation<Answer, Never>, Answer)] {
        var ended: [(UnsafeContinuation<Answer, Never>, Answer)] = []
        var nothing = 0
        while firstUnit < units.count, PQisBusy(connection) == 0, nothing < 2 {
            guard let result = PQgetResult(connection) else {
                nothing += 1
                continue
            }
            nothing = 0
            switch PQresultStatus(result) {
            case PGRES_PIPELINE_SYNC:
                PQclear(result)
                if let end = finish(units[firstUnit]) { ended.append(end) }
                firstUnit += 1
            case PGRES_TUPLES_OK, PGRES_COMMAND_OK:
                units[firstUnit].last = PGResult(result)
            case PGRES_EMPTY_QUERY:
                PQclear(result)
                note(.refused(state: "42601", cause: "an empty statement"))
            case PGRES_PIPELINE_ABORTED:
                PQclear(result)
            default:
                note(PGFailure(result))
                PQclear(result)
            }
        }
        if firstUnit == units.count {
            units.removeAll(keepingCapacity: true)
            firstUnit = 0
        }
        return ended
    }

    private func note(_ failure: PGFailure) {
        if units[firstUnit].failure == nil { units[firstUnit].failure = failure }
    }

    private func finish(_ unit: Unit) -> (UnsafeContinuation<Answer, Never>, Answer)? {
        if unit.failure != nil { forget(unit.preparing) }
        switch unit.receiver {
        case .nobody:
            // What came before it is over: the transaction was given up.
            carried = nil
            return nil
        case .next:
            // The first counts: what comes after it fails because of it.
            carried = carried ?? unit.failure
            return nil
        case .task(let continuation):
            let failure = carried ?? unit.failure
            carried = nil
            if let failure { return (continuation, .failure(failure)) }
            guard let result = unit.last else { return (continuation, .failure(.lost("no answer"))) }
            return (continuation, .success(result))
        }
    }

    /// Drops statements whose preparation may have failed. Names are never used twice, so one that succeeded does no
    /// harm.
    private func forget(_ preparing: [(sql: String, name: String)]) {
        for entry in preparing {
            guard var statement = statements[entry.sql] else { continue }
            let before = statement.variants.count
            statement.variants.removeAll { $0.name == entry.name }
            variantCount -= before - statement.variants.count
            statements[entry.sql] = statement.variants.isEmpty ? nil : statement
        }
    }

    /// Ends a broken connection and answers everyone.
    private func fail(_ cause: String, _ unfinished: inout Unit) -> [(UnsafeContinuation<Answer, Never>, Answer)] {
        units.append(unfinished)
        return fail(cause)
    }

    private func fail(_ cause: String) -> [(UnsafeContinuation<Answer, Never>, Answer)] {
        guard let connection else { return [] }
        let waiting = units[firstUnit...]
        self.connection = nil
        units = []
        firstUnit = 0
        statements = [:]
        wantsWrite.store(false, ordering: .releasing)
        PQfinish(connection)
        return waiting.compactMap { unit in
            guard case .task(let continuation) = unit.receiver else { return nil }
            return (continuation, .failure(.lost(cause)))
        }
    }
}

/// Calls with a NULL-terminated array of C strings.
private func withCStrings<Value>(_ texts: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Value) -> Value {
    var bytes: [CChar] = []
    var offsets: [Int] = []
    for text in texts {
        offsets.append(bytes.count)
        bytes.append(contentsOf: text.utf8CString)
    }
    return bytes.withUnsafeBufferPointer { buffer in
        var pointers: [UnsafePointer<CChar>?] = offsets.map { offset in buffer.baseAddress.map { $0 + offset } }
        pointers.append(nil)
        return pointers.withUnsafeBufferPointer { body($0.baseAddress) }
    }
}
