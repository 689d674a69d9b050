import Authenticators
import Codecs
import Crypto
import Database
import DatabaseTesting
import JOSE
import Kernel
import KeyVault
import Ledger
import ReferenceData
import Synchronization
import Testing
import Web

@testable import Accountability
@testable import Enrolment

/// A seeded generator (SplitMix64): the same cases in every run.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// A clock that tests turn.
final class TestClock: Sendable {
    private let moment = Mutex(Instant(seconds: 1_800_000_000))

    var now: Instant { moment.withLock { $0 } }

    func advance(_ seconds: Int64) { moment.withLock { $0 = $0.adding(seconds: seconds) } }

    var ambient: Ambient { Ambient(now: { self.now }, randomBytes: secureRandomBytes) }
}

/// A register of four people, behind the real gate.
struct TestRegister: PersonFinder, AttributeSource {
    struct Entry: Sendable {
        let id: PersonID
        let code: String
        let name: String
        let year: Int
        let area: String?
    }

    static let sokha = Entry(id: PersonID("person-sokha"), code: "2345678901", name: "សុខា", year: 1990, area: "12010101")
    static let dara = Entry(id: PersonID("person-dara"), code: "3456789012", name: "ដារ៉ា", year: 1985, area: "12010102")
    static let daraToo = Entry(
        id: PersonID("person-dara-2"), code: "4567890123", name: "ដារ៉ា", year: 1985, area: "12020101")
    static let far = Entry(id: PersonID("person-far"), code: "5678901234", name: "ចន្ថា", year: 1990, area: "17010101")
    static let placeless = Entry(id: PersonID("person-x"), code: "6789012345", name: "<b>ណា</b>", year: 1970, area: nil)
    static let all = [sokha, dara, daraToo, far, placeless]

    let database: any Database
    let gate: DisclosureGate

    func find(_ query: PersonQuery, limit: Int) async throws -> [PersonMatch] {
        Self.all.filter { entry in
            switch query {
            case .identifier(let code): entry.code == code
            case .name(let name, let year): entry.name == name && entry.year == year
            }
        }.prefix(limit).map { PersonMatch(personID: $0.id, area: $0.area) }
    }

    func match(_ person: PersonID) async throws -> PersonMatch? {
        Self.all.first { $0.id == person }.map { PersonMatch(personID: $0.id, area: $0.area) }
    }

    func disclose(_ request: DisclosureRequest) async throws -> DisclosedAttributes {
        try await database.transaction { try await gate.disclose(request, from: self, in: $0) }
    }

    func protectedAttributes(
        of subject: PersonID, _ names: [AttributeName], in connection: any SQLConnection
    ) async throws -> ProtectedAttributes {
        guard let entry = Self.all.first(where: { $0.id == subject }) else { return ProtectedAttributes([:]) }
        return ProtectedAttributes([
            .nameKhmer: .string(entry.name), .birthdate: .string(String(entry.year)), .gender: "female",
            .addressProvince: "KH-12",
        ])
    }
}

/// A phone with its two keys.
struct Phone: Sendable {
    let deviceKey: SigningKey
    let pinKey: SigningKey
    let clock: TestClock

    init(_ clock: TestClock) throws {
        deviceKey = try SigningKey.generate(.es256)
        pinKey = try SigningKey.generate(.es256)
        self.clock = clock
    }

    static func bare(_ key: SigningKey) throws -> JWK {
        guard case .ec(let curve, let x, let y, _) = key.jwk.material else { throw RumdulError.internal("test key") }
        return try JWK(.ec(curve, x: x, y: y, d: nil))
    }

    /// What the phone posts to use a code.
    func activation(_ code: String, name: String = "ទូរស័ព្ទ") async throws -> ActivationRequest {
        let (device, pin) = (try Self.bare(deviceKey), try Self.bare(pinKey))
        let claims: JSONObject = [
            "aud": .string(World.issuer),
            "code_hash": .string(Base64URL.encode(SHA256.hash(data: ActivationCode.canonical(code)))),
            "device_key": .string(device.thumbprintText), "pin_key": .string(pin.thumbprintText),
            "iat": .integer(clock.now.seconds),
        ]
        func proof(_ key: SigningKey) async throws -> String {
            try await JWSProducer(signer: SoftwareSigner(key, keyID: ""), type: "rumdul-activation+jwt").sign(claims)
        }
        return ActivationRequest(
            proofs: ActivationProofs(
                code: code, deviceKey: device, pinKey: pin, proof: try await proof(deviceKey),
                pinProof: try await proof(pinKey)), deviceName: name, platform: "test/1")
    }

    /// The same as a JSON body.
    func activationBody(_ code: String, name: String = "ទូរស័ព្ទ") async throws -> [UInt8] {
        let request = try await activation(code, name: name)
        return JSON.bytes(
            [
                "code": .string(code), "device_name": .string(name), "platform": "test/1",
                "device_key": .object(request.proofs.deviceKey.json), "pin_key": .object(request.proofs.pinKey.json),
                "proof": .string(request.proofs.proof), "pin_proof": .string(request.proofs.pinProof),
            ] as JSONObject)
    }

    func authorization(device: String, path: String) async throws -> String {
        let claims: JSONObject = [
            "aud": .string(World.issuer), "htm": "GET", "htu": .string(path), "iat": .integer(clock.now.seconds),
            "jti": .string(Ambient.system.newSecret()),
        ]
        return "DeviceProof "
            + (try await JWSProducer(signer: SoftwareSigner(deviceKey, keyID: device), type: "rumdul-device+jwt").sign(
                claims))
    }

    func comparison(nonce: String) throws -> String {
        ComparisonCode.compute(
            deviceThumbprint: try Self.bare(deviceKey).thumbprintText,
            pinThumbprint: try Self.bare(pinKey).thumbprintText,
            nonce: nonce)
    }
}

/// Everything that enrolment needs, on one database.
struct World: Sendable {
    static let issuer = "https://id.example"
    static let password = "correct horse 42"
    static let migrations = [
        Ledger.migrations, OfficerDirectory.migrations, ReferenceData.migrations, WebStorage.migrations,
        Authenticators.migrations, EnrolmentService.migrations,
    ]

    let database: any Database
    let clock = TestClock()
    let vault: FileKeyVault
    let ledger: Ledger
    let authenticators: Authenticators
    let directory: OfficerDirectory
    let service: EnrolmentService

    init(_ database: any Database) async throws {
        self.database = database
        let ambient = clock.ambient
        vault = try FileKeyVault.ephemeral(ambient: ambient)
        ledger = Ledger(database: database, vault: vault, ambient: ambient)
        authenticators = Authenticators(database: database, ledger: ledger, ambient: ambient, audience: Self.issuer)
        directory = OfficerDirectory(
            database: database, audit: AuditTrail(ledger: ledger), ambient: ambient, cost: .light)
        service = EnrolmentService(
            database: database, vault: vault, ledger: ledger, authenticators: authenticators,
            finder: TestRegister(database: database, gate: DisclosureGate(ledger: ledger, ambient: ambient)),
            ambient: ambient, issuer: Self.issuer)
    }

    static func run(_ kind: DatabaseKind, _ test: @escaping @Sendable (World) async throws -> Void) async throws {
        try await TestDatabases.with(kind, migrations: migrations) { try await test(World($0)) }
    }

    func officer(_ name: String = "officer.one", _ role: Role = .enrolmentOfficer, area: String? = "12") -> Officer {
        Officer(
            id: "id-\(name)", username: name, displayName: LocalizedText(km: name, en: name),
            organisation: Organisation(code: "gdi", name: LocalizedText(km: "អគ្គនាយកដ្ឋាន", en: "GDI")),
            grants: [Grant(role, in: area.map(Jurisdiction.area) ?? .national)], state: .active)
    }

    func open(
        _ officer: Officer, _ person: PersonID = TestRegister.sokha.id, key: String? = nil
    ) async throws -> EnrolmentCase {
        try await service.openEnrolment(
            person: person, evidence: Evidence([EvidenceItem(.khmerIDCard, number: "010203040")]),
            requestKey: key ?? Ambient.system.newSecret(), by: officer)
    }

    /// A case with a code out, and the code.
    func withCode(_ officer: Officer) async throws -> (EnrolmentCase, String) {
        let opened = try await open(officer)
        let issued = try await service.issueActivationCode(opened.id, afterSerial: 0, by: officer)
        let code = try #require(try await service.currentCode(opened.id, by: officer))
        return (issued, code.display)
    }

    func device(_ id: String) async throws -> Device? {
        try await database.read { [authenticators] in try await authenticators.device(id, in: $0) }
    }

    func devices(_ person: PersonID = TestRegister.sokha.id) async throws -> [Device] {
        try await database.read { [authenticators] in try await authenticators.devices(of: person, in: $0) }
    }

    func journal(_ prefix: String, of person: PersonID = TestRegister.sokha.id) async throws -> [String] {
        try await database.read { [ledger] connection in
            try await ledger.entries(
                subject: person.text, streamPrefix: prefix, before: nil, limit: 200, in: connection
            ).map(\.kind).reversed()
        }
    }
}
