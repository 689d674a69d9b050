import Accountability
import Codecs
import Database
import Kernel
import KeyVault
import Ledger
import ReferenceData
import RegisterSearch

/// A person who was entered, and the code the person got.
public struct Registration: Sendable, Hashable {
    public let personID: PersonID
    public let kidc: KIDC
}

/// What anyone may know about a record who holds its identifier: nothing personal.
public struct PersonState: Sendable, Hashable {
    public let record: RecordState
    public let life: LifeState
    /// How well the identity was proven; `nil` when it was not.
    public let assurance: IdentityAssuranceLevel?

    /// Whether the person can log in and be dealt with: the record stands and the person lives.
    public var isUsable: Bool { record == .active && life == .alive }
}

/// The register of all people: one record and one code for each. What it knows is sealed with a key of each person's
/// own, found by blind tags only, and told through the disclosure gate only.
public struct PopulationRegister: Sendable {
    /// The tables of this module.
    public static let migrations = PopulationStore.migrations
    /// How many persons one statement batch of `register(many:)` writes in one transaction.
    static let batch = 1000
    /// How often a code is drawn before something must be wrong.
    static let draws = 16

    let database: any Database
    let vault: any KeyVault
    let envelope: Envelope
    let tags: LookupTags
    let index: SearchIndex
    let ledger: Ledger
    let audit: AuditTrail
    let gate: DisclosureGate
    let referenceData: ReferenceData
    let ambient: Ambient
    let store = PopulationStore()
    let size = RegisterSize()
    private let sectorKey = SectorKey()

    /// Which codes it gives out and accepts.
    public let codes: CodeRange

    public init(
        database: any Database, vault: any KeyVault, ledger: Ledger, gate: DisclosureGate, referenceData: ReferenceData,
        ambient: Ambient, codes: CodeRange
    ) {
        self.database = database
        self.vault = vault
        envelope = Envelope(vault: vault, ambient: ambient)
        tags = LookupTags(vault: vault)
        index = SearchIndex(prefix: "population", vault: vault)
        self.ledger = ledger
        audit = AuditTrail(ledger: ledger)
        self.gate = gate
        self.referenceData = referenceData
        self.ambient = ambient
        self.codes = codes
    }

    // MARK: State

    /// What is known about a record that is not personal; `nil` when there is none.
    public func state(of person: PersonID) async throws -> PersonState? {
        try await state(of: person, in: database.statements)
    }

    /// As `state(of:)`, inside a transaction.
    public func state(of person: PersonID, in connection: any SQLConnection) async throws -> PersonState? {
        try await store.state(person, in: connection)
    }

    /// Whether there is a record, standing or not.
    public func exists(_ person: PersonID) async throws -> Bool { try await state(of: person) != nil }

    /// Whether the person lives, as far as the register knows. Throws `person.not_found`.
    public func lifeState(of person: PersonID) async throws -> LifeState {
        guard let state = try await state(of: person) else { throw RumdulError.personNotFound }
        return state.life
    }

    /// How many records stand.
    public func count() async throws -> Int { try await database.read { try await store.count(in: $0) } }

    // MARK: Codes and pairwise subjects

    /// The person of a code. A code of a merged record leads nowhere, unless `followingMerges` (for registrars) leads
    /// to the survivor. Throws `kidc.wrong_range` for a code that this register does not use.
    public func person(kidc: KIDC, followingMerges: Bool = false) async throws -> PersonID? {
        guard followingMerges else { return try await person(kidc: kidc, in: database.statements) }
        return try await database.read { try await person(kidc: kidc, followingMerges: true, in: $0) }
    }

    /// As `person(kidc:)`, inside a transaction.
    public func person(
        kidc: KIDC, followingMerges: Bool = false, in connection: any SQLConnection
    ) async throws -> PersonID? {
        guard kidc.range == codes else { throw RumdulError.kidcWrongRange }
        guard let found = try await store.personOfCode(try await tags.code(kidc), in: connection) else { return nil }
        if found.isActive { return found.person }
        guard followingMerges else { return nil }
        var id = found.person
        for _ in 0..<16 {
            guard let row = try await store.person(id, in: connection) else { return nil }
            if row.record == .active { return id }
            guard row.record == .merged, let survivor = row.survivor else { return nil }
            id = survivor
        }
        throw RumdulError.internal("population.merge_chain")
    }

    /// The person who logs in with a KIDC or a VID, as typed (Khmer digits, spaces, hyphens). `nil` for a slip, an
    /// unknown code, a retired one and a used-up alias alike: the caller cannot tell, and shall not.
    public func person(loginIdentifier text: String) async throws -> PersonID? {
        if let code = try? KIDC(entered: text) { return code.range == codes ? try await person(kidc: code) : nil }
        if let alias = try? VID(entered: text) { return try await person(vid: alias) }
        return nil
    }

    /// The identifier of a person for one sector (`pairwise_salt` of OIDC Core section 8.1): `v1.` and 52 letters and
    /// digits, the base 32 of HMAC-SHA-256 over `length of id (2) || id || sector`. Two sectors cannot compare theirs;
    /// only the vault's key makes them. The version names the key: `v1` is the oldest sector key and stays when keys
    /// are added.
    public func subject(of person: PersonID, sector: String) async throws -> String {
        var input: [UInt8] = []
        input.reserveCapacity(2 + person.text.utf8.count + sector.utf8.count)
        input.append(UInt8(truncatingIfNeeded: person.text.utf8.count >> 8))
        input.append(UInt8(truncatingIfNeeded: person.text.utf8.count))
        input += person.text.utf8
        input += sector.utf8
        let mac = try await vault.mac(input, purpose: .sectorToken, keyID: try await sectorKey.id(vault))
        return "v1." + Base32.encode(mac)
    }

    // MARK: Reading records

    /// A record with its key and present facts. Throws `person.not_found`, `person.erased`.
    func open(_ person: PersonID, in connection: any SQLConnection) async throws -> OpenPerson {
        guard let row = try await store.person(person, in: connection) else { throw RumdulError.personNotFound }
        guard let wrapped = row.dataKey, let sealed = row.snapshot else { throw RumdulError.personErased }
        let key = try await envelope.dataKey(wrapped)
        let bytes = try key.open(sealed, context: Envelope.context(person: person, field: "snapshot"))
        return OpenPerson(row: row, key: key, snapshot: try PersonSnapshot(bytes: bytes))
    }

    func seal(_ snapshot: PersonSnapshot, of person: PersonID, key: DataKey) throws -> [UInt8] {
        try key.seal(snapshot.bytes, context: Envelope.context(person: person, field: "snapshot"))
    }
}

/// A record in the clear, for the length of one call inside this module.
struct OpenPerson: Sendable {
    var row: PersonRow
    let key: DataKey
    var snapshot: PersonSnapshot
}
