import Accountability
import Database
import Kernel
import PopulationRegister
import TestVectors
import Testing

@testable import CivilRegister

/// A random walk: officers who may and who may not take every step of the register, on a small population, with good and
/// bad forms, repeated requests and requests that come too late. The same seed makes the same choices.
struct Walk {
    /// Somebody of the population whom forms may name.
    struct Known {
        let person: PersonID
        let code: String
        let sex: Sex
        let born: String
    }

    let world: World
    var chance: Seeded
    var crowd: [Known] = []
    var records: [String] = []
    /// What was done, and what was refused with which code.
    var counts: [String: Int] = [:]
    private var requests = 0
    private let officers: [Officer]
    private var lastDone: (action: VitalAction, id: String, step: CivilStep)?

    static let steps: [VitalAction] = [
        .declare, .sendBack, .verify, .approveLate, .register, .requestCorrection, .approveCorrection,
        .rejectCorrection,
        .requestRevocation, .approveRevocation, .rejectRevocation, .requestReinstatement, .approveReinstatement,
        .rejectReinstatement, .requestReplacement, .rejectReplacement, .supersede,
        .raiseObjection, .dismissObjection, .upholdObjection,
        .archive, .unarchive, .seal, .unseal,
    ]

    init(_ world: World, seed: UInt64) async throws {
        self.world = world
        chance = Seeded(seed)
        officers = [
            world.clerk, World.officer("clerk2", .communeClerk, "120101"), world.registrar,
            World.officer("registrar2", .registrar, "120101"), world.verifier,
            World.officer("verifier2", .districtVerifier, "1201"), world.province, world.first, world.second,
            World.officer("far", .registrar, "010201"), World.officer("auditor", .auditor, nil),
        ]
        for number in 0..<8 {
            let sex: Sex = number % 2 == 0 ? .male : .female
            try await enter(name(), name(), sex, born: "19\(70 + number * 3)-0\(1 + number)-1\(number)")
        }
        try await enter("កុមារ", "តូច", .female, born: world.clock.day(-365 * 9))
        try await enter("ក្មេង", "ធំ", .male, born: world.clock.day(-365 * 17))
    }

    private mutating func enter(_ family: String, _ given: String, _ sex: Sex, born: String) async throws {
        let (person, code) = try await world.person(family, given, sex, born: born)
        crowd.append(Known(person: person, code: code, sex: sex, born: born))
    }

    // MARK: Chance

    mutating func roll(_ count: Int) -> Int { Int.random(in: 0..<count, using: &chance) }
    mutating func percent(_ part: Int) -> Bool { roll(100) < part }
    mutating func someone() -> Known { crowd[roll(crowd.count)] }

    mutating func name() -> String {
        let syllables = ["សុខ", "ចាន់", "ដារ៉ា", "ពិសី", "មករា", "លីដា", "វិបុល", "សុភា", "ហេង", "គឹម"]
        return syllables[roll(syllables.count)] + (percent(30) ? syllables[roll(syllables.count)] : "")
    }

    private mutating func officer(for permission: Permission) -> Officer {
        let able = officers.filter { $0.may(permission, in: World.office) }
        return percent(88) && !able.isEmpty ? able[roll(able.count)] : officers[roll(officers.count)]
    }

    private mutating func request(_ officer: Officer, expected: Int64? = nil) -> CivilStep {
        requests += 1
        // A device's clock may say anything; it is evidence, never the time that counts.
        let device = percent(20) ? Instant(microseconds: Int64(roll(4_000_000_000)) * 1_000_000) : nil
        return CivilStep(
            officer, expected: expected, transactionID: percent(60) ? "walk-\(requests)" : nil, deviceTime: device)
    }

    // MARK: One step

    mutating func step() async throws {
        switch roll(100) {
        case 0..<26: try await declareNew()
        case 26..<28: try await draft()
        case 28..<86: try await advance()
        case 86..<90: try await comeTooLate()
        case 90..<95: try await repeatLast()
        default: world.clock.advance(days: roll(9))
        }
    }

    private mutating func attempt(
        _ name: String, _ body: () async throws -> VitalRecord
    ) async throws -> VitalRecord? {
        do {
            let record = try await body()
            counts[name, default: 0] += 1
            return record
        } catch let error as RumdulError {
            counts["\(name): \(error.code)", default: 0] += 1
            if error.kind == .internal { Issue.record("\(name) failed within: \(error)") }
            return nil
        }
    }

    private mutating func declareNew() async throws {
        let kind = kinds[roll(kinds.count)]
        let raw = spoiled(try await form(kind), kind)
        let who = request(officer(for: .civilDeclare))
        let world = world
        if let made = try await attempt(
            "declare", { try await world.civil.declare(kind, raw, office: World.office, by: who) })
        {
            records.append(made.id)
        }
    }

    private mutating func draft() async throws {
        let who = request(officer(for: .civilDeclare))
        let raw = ["child.given_km": name()]
        let world = world
        if let made = try await attempt(
            "draft", { try await world.civil.draft(.birth, raw, office: World.office, by: who) })
        {
            records.append(made.id)
        }
    }

    func load(_ id: String) async throws -> VitalRecord {
        try await world.database.read { [world] in try await world.civil.open(id, in: $0).record }
    }

    private mutating func advance() async throws {
        guard !records.isEmpty else { return }
        // Mostly the newer ones, and those that wait for a second officer, so that many come to their end.
        var id = records[percent(60) ? max(0, records.count - 1 - roll(6)) : roll(records.count)]
        let waiting = try await world.database.read { connection in
            try await connection.query(
                "SELECT id FROM civil_records WHERE pending IS NOT NULL ORDER BY tracking", []
            ).map { try $0.string(0) }
        }.filter(records.contains).sorted { records.firstIndex(of: $0) ?? 0 < records.firstIndex(of: $1) ?? 0 }
        if !waiting.isEmpty, percent(25) { id = waiting[roll(waiting.count)] }
        let record = try await load(id)
        // Revocations are rare, or nobody would stay married for long.
        let possible = Self.steps.filter(record.allows)
        let rare: Set<VitalAction> = [
            .requestRevocation, .seal, .archive, .sendBack, .requestReplacement, .raiseObjection, .upholdObjection,
        ]
        var likely: [VitalAction] = []
        for action in possible where !rare.contains(action) || percent(35) {
            likely.append(action)
        }
        // Births are verified, and nothing else is.
        likely.removeAll {
            $0 == .verify && !record.kind.entersPerson
                || $0 == .register && record.kind.entersPerson && record.state == .declared
        }
        let action =
            percent(92) && !likely.isEmpty ? likely[roll(likely.count)] : Self.steps[roll(Self.steps.count)]
        let who = request(
            officer(for: Self.permission(action)), expected: percent(50) ? record.sequence : nil)
        try await perform(action, record, who)
    }

    private mutating func perform(_ action: VitalAction, _ record: VitalRecord, _ who: CivilStep) async throws {
        let raw = action == .declare ? spoiled(try await form(record.kind), record.kind) : [:]
        let changed =
            action == .requestCorrection
            ? correction(of: record)
            : action == .requestReplacement ? ["father.given_km": name(), "father.unknown": ""] : [:]
        let basis = percent(60) ? "សាលក្រម ១២" : nil
        let world = world
        let done = try await attempt(action.rawValue) {
            try await Self.take(action, record, raw, changed, basis, who, world.civil)
        }
        guard let done else { return }
        lastDone = (action, record.id, who)
        if action == .register, done.kind.entersPerson, let child = done.persons[.child] {
            let code = try await world.database.read { [world] in try await world.people.code(of: child, in: $0) }
            let born = done.declaration["child.birthdate"] ?? done.declaration["event.date"] ?? ""
            if let code { crowd.append(Known(person: child, code: code.digits, sex: done.sex(.child), born: born)) }
        }
    }

    private static func take(
        _ action: VitalAction, _ record: VitalRecord, _ raw: [String: String], _ changed: [String: String],
        _ basis: String?, _ who: CivilStep, _ civil: CivilRegister
    ) async throws -> VitalRecord {
        let (id, reason) = (record.id, "មានមូលហេតុ")
        switch action {
        case .declare: return try await civil.declare(record.kind, raw, record: id, office: World.office, by: who)
        case .sendBack: return try await civil.sendBack(id, reason: reason, by: who)
        case .verify: return try await civil.verify(id, by: who)
        case .approveLate: return try await civil.approveLate(id, reason: reason, by: who)
        case .register: return try await civil.register(id, by: who)
        case .requestCorrection:
            return try await civil.requestCorrection(id, changed, reason: reason, basis: basis, by: who)
        case .approveCorrection: return try await civil.approveCorrection(id, by: who)
        case .rejectCorrection: return try await civil.rejectCorrection(id, reason: reason, by: who)
        case .requestRevocation:
            return try await civil.requestRevocation(id, reason: reason, basis: "សេចក្តីសម្រេច", by: who)
        case .approveRevocation: return try await civil.approveRevocation(id, by: who)
        case .rejectRevocation: return try await civil.rejectRevocation(id, by: who)
        case .requestReinstatement:
            return try await civil.requestReinstatement(id, reason: reason, basis: "សេចក្តីសម្រេច", by: who)
        case .approveReinstatement: return try await civil.approveReinstatement(id, by: who)
        case .rejectReinstatement: return try await civil.rejectReinstatement(id, by: who)
        case .requestReplacement:
            return try await civil.requestReplacement(id, changed, reason: reason, basis: "សេចក្តីសម្រេច", by: who)
        case .rejectReplacement: return try await civil.rejectReplacement(id, by: who)
        case .supersede: return try await civil.approveReplacement(id, by: who)
        case .raiseObjection: return try await civil.raiseObjection(id, reason: reason, by: who)
        case .dismissObjection, .upholdObjection:
            return try await civil.decideObjection(id, upheld: action == .upholdObjection, reason: reason, by: who)
        case .archive: return try await civil.archive(id, reason: reason, by: who)
        case .unarchive: return try await civil.unarchive(id, by: who)
        case .seal, .unseal: return try await civil.setSealed(id, action == .seal, reason: reason, by: who)
        default: throw RumdulError.civilState
        }
    }

    static func permission(_ action: VitalAction) -> Permission {
        switch action {
        case .verify, .sendBack: .civilVerify
        case .approveLate: .civilLateApprove
        case .register: .civilRegister
        case .requestCorrection: .civilCorrectRequest
        case .approveCorrection, .rejectCorrection: .civilCorrectApprove
        case .requestRevocation, .approveRevocation, .rejectRevocation, .requestReinstatement, .approveReinstatement,
            .rejectReinstatement, .requestReplacement, .rejectReplacement, .supersede:
            .civilRevoke
        case .dismissObjection, .upholdObjection: .civilRegister
        case .archive, .unarchive: .civilArchive
        case .seal, .unseal: .civilSeal
        default: .civilDeclare
        }
    }

    /// A request that names a sequence number of the past changes nothing.
    private mutating func comeTooLate() async throws {
        guard !records.isEmpty else { return }
        let record = try await load(records[roll(records.count)])
        let action = Self.steps[roll(Self.steps.count)]
        let raw = try await form(record.kind)
        let who = request(officer(for: Self.permission(action)), expected: record.sequence - 1)
        let changed = correction(of: record)
        let civil = world.civil
        let done = try await attempt("too late") {
            try await Self.take(action, record, raw, changed, "សាលក្រម", who, civil)
        }
        #expect(done == nil, "\(action) on a version of the past was taken")
        #expect(try await load(record.id) == record)
    }

    /// The same request once more answers with the record, and changes nothing.
    private mutating func repeatLast() async throws {
        guard let last = lastDone, last.step.transactionID != nil else { return }
        let before = try await load(last.id)
        let (raw, changed) = (try await form(before.kind), correction(of: before))
        let civil = world.civil
        let done = try await attempt("repeat") {
            try await Self.take(last.action, before, raw, changed, "សាលក្រម", last.step, civil)
        }
        #expect(done == before, "a repeated \(last.action) is answered with the record as it is")
        #expect(try await load(last.id) == before)
    }
}
