import Accountability
import Codecs
import Database
import Kernel
import PopulationRegister

/// What became of a line.
public enum ImportOutcome: Sendable, Hashable {
    /// A registered record, or a person.
    case entered
    /// Entered, and waiting for two officers because somebody or something is alike.
    case review
    /// Entered by an earlier run of the same file.
    case known
    case refused([ImportRefusal])
}

/// The import of one file: each line is all or nothing, in a transaction of its own that also notes the line as done. A run
/// that was killed goes on where it stopped; a file that was imported changes nothing again.
public struct EventImport: Sendable {
    let register: CivilRegister
    let header: ImportHeader
    let officer: Officer
    let basis: String
    /// `nil` when nothing is to be written.
    let id: String?
    /// Columns that have one value for the whole file.
    let constants: [String: String]
    /// What a run that writes nothing has read so far.
    let memory = DryRunMemory()

    /// Takes a line. Throws only what stops the whole import: a database that is away, a broken chain.
    public func take(line: Int, _ fields: [String]) async throws -> ImportOutcome {
        do {
            if let id, try await register.database.read({ try await register.legacy.isDone(id, line: line, in: $0) }) {
                return .known
            }
            var values = try header.values(fields)
            for (column, value) in constants where values[column] == nil && header.kind.columns.contains(column) {
                values[column] = value
            }
            guard let event = header.kind.event else { return try await person(values, line: line) }
            return try await record(event, values, line: line)
        } catch let error as RumdulError where Self.isOfLine(error) {
            return .refused(Self.refusals(error, line: line))
        }
    }

    /// Notes that the file came to its end, with the counts in the audit trail.
    public func finish(_ counts: JSONObject) async throws {
        guard let id else { return }
        try await register.database.transaction { connection in
            try await register.legacy.finish(id, at: register.ambient.now(), in: connection)
            try await register.audit.record(
                action: "civil.import_finished", actor: try register.importer(officer), subject: nil,
                details: ["import": .string(id), "counts": .object(counts)], in: connection)
        }
    }

    // MARK: Within

    private func record(_ event: VitalEventKind, _ columns: [String: String], line: Int) async throws -> ImportOutcome {
        var values = columns
        let office = values.removeValue(forKey: "office") ?? String((values["event.place"] ?? "").prefix(6))
        let number = values.removeValue(forKey: "number")
        let child = event.entersPerson ? values.removeValue(forKey: "child.person") : nil
        var settled: Set<ParticipantRole> = []
        for role in event == .marriage ? [ParticipantRole.spouse1, .spouse2] : [] {
            if values.removeValue(forKey: role.field("new")) == "yes" { settled.insert(role) }
        }
        let actor = try register.actor(officer, .civilImport, in: office)
        let checked = try await register.check(
            LegacyEntry(event, office: office, values: values, child: child, number: number, settled: settled))
        guard id != nil else { return try await tried(checked, actor, line: line) }
        return try await write(line: line) { connection in
            let record = try await register.enter(
                checked, by: actor, officer: officer, basis: basis, source: source(line), in: connection)
            return (record.id, record.state == .registered ? .entered : .review)
        }
    }

    /// A line of a dry run: what the register says of it, and what the lines before it do.
    private func tried(_ checked: CheckedLegacy, _ actor: CivilActor, line: Int) async throws -> ImportOutcome {
        let outcome = try await write(line: line) { connection in
            let record = try await register.enter(
                checked, by: actor, officer: officer, basis: basis, source: source(line), in: connection)
            return (record.id, record.state == .registered ? .entered : .review)
        }
        let population = try await memory.population { try await register.people.count() }
        return try memory.take(checked, outcome, population: population, findsAlike: register.findsDuplicates)
    }

    private func person(_ columns: [String: String], line: Int) async throws -> ImportOutcome {
        let code: KIDC
        do {
            code = try KIDC(entered: columns["code"] ?? "")
        } catch {
            throw RumdulError.civilInvalid([FieldError("code", error.message)])
        }
        let draft = try PersonColumns.draft(columns, source: source(line))
        let actor = try officer.acting(.civilImport, in: draft.residence.first?.place.text ?? draft.birth.place?.text)
        if id == nil { try memory.take(code.digits) }
        return try await write(line: line) { connection in
            let entered = try await register.people.register(draft, code: code, by: actor, in: connection)
            return (entered.personID.text, .entered)
        }
    }

    private func source(_ line: Int) -> String { "import:\(id ?? "dry-run"):\(line)" }

    /// Runs the transaction of a line; a dry run takes everything back.
    private func write(
        line: Int, _ body: @escaping @Sendable (any SQLConnection) async throws -> (String, ImportOutcome)
    ) async throws -> ImportOutcome {
        guard let id else {
            do {
                return try await register.database.transaction { connection in
                    throw DryRun(outcome: try await body(connection).1)
                }
            } catch let dry as DryRun {
                return dry.outcome
            }
        }
        return try await register.database.transaction { connection in
            try await connection.lock("civil-import:" + id)
            // Two runs of a file at once: the other one was faster.
            if try await register.legacy.isDone(id, line: line, in: connection) { return .known }
            let (subject, outcome) = try await body(connection)
            try await register.legacy.done(id, line: line, subject: subject, in: connection)
            return outcome
        }
    }

    /// Carries the outcome out of a transaction that must write nothing.
    private struct DryRun: Error {
        let outcome: ImportOutcome
    }

    private static func isOfLine(_ error: RumdulError) -> Bool {
        switch error.kind {
        case .invalid, .conflict, .notFound, .forbidden, .precondition, .tooLarge, .gone, .unsupportedMedia: true
        case .unauthenticated, .unavailable, .rateLimited, .internal: false
        }
    }

    private static func refusals(_ error: RumdulError, line: Int) -> [ImportRefusal] {
        guard !error.fields.isEmpty else { return [ImportRefusal(line: line, code: error.code, text: error.message)] }
        return error.fields.map { ImportRefusal(line: line, column: $0.field, code: error.code, text: $0.message) }
    }
}

extension CivilRegister {
    /// The officer as who imports, wherever. Throws `officer.forbidden`.
    func importer(_ officer: Officer) throws -> Actor {
        try officer.acting(.civilImport, in: areas(officer, .civilImport).first.flatMap { $0.isEmpty ? nil : $0 })
    }

    /// Begins the import of a file, or goes on with one.
    ///
    /// Throws `officer.forbidden`, `civil.invalid` without a basis, `civil.import_header`, `civil.import_unfinished` when
    /// an earlier run did not come to the end and this one does not resume it.
    /// - Parameters:
    ///   - file: the SHA-256 of the file.
    ///   - columns: its header.
    ///   - constants: columns with one value for the whole file: `legacy.book`, `office`.
    ///   - isDryRun: checks everything and writes nothing.
    public func openImport(
        _ kind: ImportKind, file: [UInt8], columns: [String], constants: [String: String] = [:], basis: String,
        isResumed: Bool = false, isDryRun: Bool = false, by officer: Officer
    ) async throws -> EventImport {
        guard !areas(officer, .civilImport).isEmpty else { throw RumdulError.officerForbidden }
        let basis = try Self.reason(basis, field: "basis")
        let header = try ImportHeader(columns, kind: kind)
        var id: String?
        if !isDryRun {
            let new = ambient.newID()
            id = try await database.transaction { connection in
                try await connection.lock("civil-imports")
                if let known = try await legacy.imported(kind.rawValue, file: file, in: connection) {
                    guard known.isFinished || isResumed else { throw RumdulError.civilImportUnfinished }
                    return known.id
                }
                try await legacy.begin(
                    new, kind: kind.rawValue, file: file, officer: officer.id, basis: basis, at: ambient.now(),
                    in: connection)
                try await audit.record(
                    action: "civil.import_started", actor: try importer(officer), subject: nil,
                    details: [
                        "import": .string(new), "kind": .string(kind.rawValue), "file": .string(Base64URL.encode(file)),
                        "basis": .string(basis),
                    ], in: connection)
                return new
            }
        }
        return EventImport(
            register: self, header: header, officer: officer, basis: basis, id: id, constants: constants)
    }
}
