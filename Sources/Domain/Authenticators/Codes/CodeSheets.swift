import Codecs
import Database
import Kernel
import KeyVault
import Ledger

/// Printed one-time codes for people without a phone: a person has at most one sheet in use, every code works once, and
/// five wrong tries in a row lock the sheet until an officer unlocks it. Changes are audited as those of devices are.
public struct CodeSheets: Sendable {
    private let vault: any KeyVault
    private let ledger: Ledger
    private let ambient: Ambient
    private let effects: any AuthenticatorEffects
    private let store = CodeSheetStore()

    init(vault: any KeyVault, ledger: Ledger, ambient: Ambient, effects: any AuthenticatorEffects) {
        self.effects = effects
        self.vault = vault
        self.ledger = ledger
        self.ambient = ambient
    }

    // MARK: At the counter

    /// Makes a new sheet in place of the one in use. The result is the only time that the codes are in the clear.
    ///
    /// Throws `codes.shown_once` when this request key printed a sheet before.
    /// - Parameters:
    ///   - evidence: codes of what the officer saw, for the audit.
    ///   - requestKey: an unguessable value of the form.
    public func print(
        for person: PersonID, ial: IdentityAssuranceLevel, evidence: [String], requestKey: String, by officer: String,
        in connection: any SQLConnection
    ) async throws -> PrintedCodes {
        guard try await !store.isPrinted(requestKey: requestKey, in: connection) else {
            throw RumdulError.codesShownOnce
        }
        let key = try await vault.activeKey(.mac)
        let id = CodeSheet.prefix + ambient.newID()
        let codes = (1...CodeSheet.size).map { _ in newCode() }
        var hashes: [[UInt8]] = []
        for (index, code) in codes.enumerated() {
            hashes.append(try await hash(code, number: index + 1, sheet: id, key: key.id))
        }
        let old = try await store.replace(of: person, in: connection)
        let new = CodeSheetStore.NewSheet(
            id: id, requestKey: requestKey, personID: person, keyID: key.id, ial: ial, printedAt: ambient.now(),
            hashes: hashes)
        guard try await store.insert(new, in: connection) else { throw RumdulError.codesShownOnce }
        var payload: JSONObject = [
            "sheet": .string(id), "by": .string(officer), "evidence": .strings(evidence),
            "ial": .integer(Int64(ial.rawValue)),
        ]
        payload["replaces"] = old.map(JSONValue.string)
        try await audit("codes.printed", person: person, payload, in: connection)
        if let old { try await effects.ended(old, of: person, in: connection) }
        guard let sheet = try await store.sheet(id, in: connection) else { throw RumdulError.codesNotFound }
        return PrintedCodes(sheet: sheet, codes: codes)
    }

    /// The person's sheet in use, or `nil`.
    public func sheet(of person: PersonID, in connection: any SQLConnection) async throws -> CodeSheet? {
        try await store.active(of: person, in: connection)?.sheet
    }

    /// Gives all tries of a sheet back. Does nothing when none was used. Throws `codes.not_found`.
    public func unlock(
        _ id: String, of person: PersonID, by officer: String, reason: String, in connection: any SQLConnection
    ) async throws {
        _ = try await require(id, of: person, in: connection)
        guard try await store.unlock(id, in: connection) else { return }
        try await audit(
            "codes.unlocked", person: person,
            ["sheet": .string(id), "by": .string(officer), "reason": .string(reason)], in: connection)
    }

    /// Ends a sheet; what was approved with it ends too. Does nothing when it has ended. Throws `codes.not_found`.
    public func end(
        _ id: String, of person: PersonID, by officer: String, reason: String, in connection: any SQLConnection
    ) async throws {
        _ = try await require(id, of: person, in: connection)
        guard try await store.end(id, in: connection) else { return }
        try await audit(
            "codes.ended", person: person,
            ["sheet": .string(id), "by": .string(officer), "reason": .string(reason)], in: connection)
        try await effects.ended(id, of: person, in: connection)
    }

    // MARK: At a login

    /// The number of the code that is asked for now. It stays until that code is used, so asking again offers nobody
    /// another one. Who has no sheet is asked for some number as well.
    /// - Parameter name: what was typed, in its digits; stands for people who are not there.
    public func asked(
        of person: PersonID?, name: String, in connection: any SQLConnection
    ) async throws -> Int {
        if let person, let found = try await store.active(of: person, in: connection) {
            let unused = try await store.unused(found.sheet.id, in: connection)
            if !unused.isEmpty { return try await pick(unused, of: found.sheet.id, key: found.keyID) }
        }
        // Now and then another one, as if codes were used.
        let epoch = (ambient.now().seconds / 86_400 + Int64(name.utf8.reduce(0) { $0 + Int($1) })) / 9
        let tag = try await vault.mac(Self.label("rumdul-code-nobody", name, String(epoch)), purpose: .mac)
        return 1 + Int(tag[0]) % CodeSheet.size
    }

    /// Tries a code. A wrong try is counted in the caller's transaction, which must be **committed** whatever the answer
    /// is. The fifth wrong try in a row locks; a locked sheet refuses right and wrong alike. The right code is used up.
    /// - Parameters:
    ///   - number: the number that the page asked for; refused without counting when another one is asked for by now.
    ///   - code: the digits as typed, ASCII.
    public func check(
        person: PersonID?, number: Int, code: String, in connection: any SQLConnection
    ) async throws -> CodeCheck {
        guard let person, let found = try await store.active(of: person, in: connection) else {
            // As much work as for somebody who is there.
            _ = try await hash(code, number: number, sheet: "nobody", key: nil)
            _ = try await store.countFailure("nobody", in: connection)
            return .refused
        }
        let sheet = found.sheet
        let unused = try await store.unused(sheet.id, in: connection)
        guard !unused.isEmpty, try await pick(unused, of: sheet.id, key: found.keyID) == number else { return .refused }
        let computed = try await hash(code, number: number, sheet: sheet.id, key: found.keyID)
        if let stored = try await store.hash(sheet.id, number: number, in: connection),
            constantTimeEquals(stored, computed)
        {
            guard try await store.use(sheet.id, number: number, at: ambient.now(), in: connection) else {
                return .refused
            }
            try await audit(
                "codes.used", person: person,
                ["sheet": .string(sheet.id), "number": .integer(Int64(number))], in: connection)
            return .correct(sheet: sheet.id, number: number)
        }
        if try await store.countFailure(sheet.id, in: connection) == CodeSheet.tries {
            try await audit("codes.locked", person: person, ["sheet": .string(sheet.id)], in: connection)
        }
        return .refused
    }

    // MARK: Within

    private func require(
        _ id: String, of person: PersonID, in connection: any SQLConnection
    ) async throws -> CodeSheet {
        guard let sheet = try await store.sheet(id, in: connection), sheet.personID == person else {
            throw RumdulError.codesNotFound
        }
        return sheet
    }

    private func newCode() -> String {
        let digits = String(ambient.uniform(below: 100_000_000))
        return String(repeating: "0", count: CodeSheet.digits - digits.utf8.count) + digits
    }

    /// One of the unused numbers: the same one until a code is used.
    private func pick(_ unused: [Int], of sheet: String, key: String) async throws -> Int {
        let tag = try await vault.mac(
            Self.label("rumdul-code-asked", sheet, String(unused.count)), purpose: .mac, keyID: key)
        return unused[(Int(tag[0]) << 8 | Int(tag[1])) % unused.count]
    }

    private func hash(_ code: String, number: Int, sheet: String, key: String?) async throws -> [UInt8] {
        try await vault.mac(
            Self.label("rumdul-printed-code", sheet, String(number)) + Array(code.utf8), purpose: .mac, keyID: key)
    }

    private static func label(_ parts: String...) -> [UInt8] { parts.flatMap { Array($0.utf8) + [0] } }

    private func audit(
        _ kind: String, person: PersonID, _ payload: JSONObject, in connection: any SQLConnection
    ) async throws {
        try await ledger.append(
            LedgerEntry(
                stream: Ledger.shard("audit", by: person.text), kind: kind, subject: person.text,
                payload: .object(payload)), in: connection)
    }
}
