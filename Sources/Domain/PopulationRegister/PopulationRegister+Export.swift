import Accountability
import Codecs
import Database
import Kernel
import KeyVault

/// The register for an export, through the gate: the facts as an import takes them, with codes of places instead of
/// addresses in words.
public struct PopulationExport: AttributeSource {
    let register: PopulationRegister

    /// What an export asks of each person. The entry that the person reads names these.
    public static let attributes: [AttributeName] = [
        .kidc, .familyNameKhmer, .givenNameKhmer, .familyName, .givenName, .gender, .birthdate, .nationality, .address,
        .civilRecord,
    ]

    /// Sex as ISO 5218, dates and places as codes. `birthdate` is an object with `date` and `place`, `nationality` one with
    /// `status` and `country`, `address` one with `place`, `civil_record` one with `life` and `record`.
    public func protectedAttributes(
        of subject: PersonID, _ names: [AttributeName], in connection: any SQLConnection
    ) async throws -> ProtectedAttributes {
        let open = try await register.open(subject, in: connection)
        let facts = open.snapshot
        var birth = JSONObject()
        birth["date"] = facts.birth.date.map { .string($0.iso) }
        birth["place"] = facts.birth.place.map { .string($0.text) }
        var nationality = JSONObject()
        nationality["status"] = facts.nationality.first.map { .string($0.status.rawValue) }
        nationality["country"] = facts.nationality.first?.country.map { .string($0) }
        let home = facts.residence.first { $0.kind == .permanent } ?? facts.residence.first
        var values: [AttributeName: JSONValue] = [
            .gender: .string(String(facts.sex.rawValue)), .birthdate: .object(birth),
            .nationality: .object(nationality),
            .civilRecord: [
                "life": .string(open.row.life.rawValue), "record": .string(open.row.record.rawValue),
            ],
        ]
        values[.familyNameKhmer] = facts.official?.khmer.map { .string($0.family) }
        values[.givenNameKhmer] = facts.official?.khmer.map { .string($0.given) }
        values[.familyName] = facts.official?.latin.map { .string($0.family) }
        values[.givenName] = facts.official?.latin.map { .string($0.given) }
        values[.address] = home.map { ["place": .string($0.place.text)] }
        if let sealed = try await register.store.anyCode(of: subject, in: connection) {
            let digits = try open.key.open(sealed, context: Envelope.context(person: subject, field: "kidc"))
            values[.kidc] = .string(String(decoding: digits, as: UTF8.self))
        }
        return ProtectedAttributes(values.filter { names.contains($0.key) })
    }
}

extension PopulationRegister {
    /// The register for an export.
    public var export: PopulationExport { PopulationExport(register: self) }

    /// Persons whose records stand, in the order in which they were entered. Identifiers only, which say nothing.
    public func identifiers(after id: String, limit: Int, in connection: any SQLConnection) async throws -> [PersonID] {
        try await store.identifiers(after: id, limit: limit, in: connection)
    }

    /// Whether there is something of a person to disclose: the record stands, or is provisional, and was not erased.
    public func isReadable(_ person: PersonID, in connection: any SQLConnection) async throws -> Bool {
        guard let row = try await store.person(person, in: connection) else { return false }
        return row.dataKey != nil && row.snapshot != nil
    }
}

extension PopulationStore {
    func identifiers(after id: String, limit: Int, in connection: any SQLConnection) async throws -> [PersonID] {
        try await connection.query(
            """
            SELECT id FROM population_persons
            WHERE id > $1 AND record_state = 'active' AND data_key IS NOT NULL ORDER BY id LIMIT $2
            """, [id, limit]
        ).map { PersonID(try $0.string(0)) }
    }
}
