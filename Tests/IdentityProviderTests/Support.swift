import Accountability
import Authenticators
import Codecs
import Consent
import Crypto
import Database
import DatabaseTesting
import JOSE
import Kernel
import KeyVault
import Ledger
import Logging
import RelyingParties
import Synchronization
import Testing
import Web

@testable import IdentityProvider

/// A seeded generator (SplitMix64): the same cases in every run.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

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

/// People by what they type, behind the real gate.
struct TestPeople: PersonDirectory, AttributeSource {
    static let sokha = PersonID("person-sokha")
    static let dara = PersonID("person-dara")
    static let codes = ["2345678901": sokha, "3456789012": dara]

    func person(loginIdentifier: String) async throws -> PersonID? {
        guard loginIdentifier.utf8.count == 10 else { throw RumdulError.identifierInvalid }
        return Self.codes[loginIdentifier]
    }

    func mayLogIn(_ person: PersonID) async throws -> Bool { true }

    func subject(of person: PersonID, sector: String) async throws -> String { "\(sector)/\(person.text)" }

    func protectedAttributes(
        of subject: PersonID, _ names: [AttributeName], in connection: any SQLConnection
    ) async throws -> ProtectedAttributes {
        var values: [AttributeName: JSONValue] = [:]
        for name in names { values[name] = .string("\(name.rawValue) of \(subject.text)") }
        return ProtectedAttributes(values)
    }
}

/// A phone with its two keys, bound and active.
struct Phone: Sendable {
    let deviceKey: SigningKey
    let pinKey: SigningKey
    let wrongPIN: SigningKey
    let id: String
    let clock: TestClock

    private static func bare(_ key: SigningKey) throws -> JWK {
        guard case .ec(let curve, let x, let y, _) = key.jwk.material else { throw RumdulError.internal("test key") }
        return try JWK(.ec(curve, x: x, y: y, d: nil))
    }

    static func make(
        of person: PersonID, world: World, key: KeyProof = .software, active: Bool = true
    ) async throws -> Phone {
        let (deviceKey, pinKey) = (try SigningKey.generate(.es256), try SigningKey.generate(.es256))
        let (device, pin) = (try bare(deviceKey), try bare(pinKey))
        let authenticators = world.provider.authenticators
        let id = try await world.database.transaction { connection in
            let bound = try await authenticators.bind(
                person: person, name: "phone", platform: "test/1", deviceKey: device, pinKey: pin, ial: .ial2,
                key: key, in: connection)
            if active { try await authenticators.setState(bound.id, .active, by: "officer", in: connection) }
            return bound.id
        }
        return Phone(
            deviceKey: deviceKey, pinKey: pinKey, wrongPIN: try SigningKey.generate(.es256), id: id,
            clock: world.clock)
    }

    /// A decision over what the server holds; `change` spoils it.
    func decision(
        _ item: Transaction, _ action: String = "approve", attributes: [String]? = nil,
        change: (inout JSONObject) -> Void = { _ in }
    ) async throws -> String {
        let approves = action == "approve"
        var claims: JSONObject = [
            "iss": .string(id), "aud": .string(World.issuer), "txn": .string(item.id), "action": .string(action),
            "client_id": .string(item.clientID),
            "attributes": .strings(approves ? attributes ?? item.request.attributes : []),
            "number": .integer(approves ? Int64(item.number) : 0), "details_hash": .string(item.detailsHash),
            "iat": .integer(clock.now.seconds), "jti": .string(Ambient.system.newSecret(bytes: 16)),
        ]
        change(&claims)
        return try await JWSProducer(signer: SoftwareSigner(deviceKey, keyID: id), type: "rumdul-decision+jwt").sign(
            claims)
    }

    func pin(_ jws: String, wrong: Bool = false) throws -> String {
        Base64URL.encode(try (wrong ? wrongPIN : pinKey).signature(for: Array(jws.utf8)))
    }

    func authorization(_ method: String, _ path: String, body: [UInt8] = []) async throws -> String {
        var claims: JSONObject = [
            "aud": .string(World.issuer), "htm": .string(method), "htu": .string(path),
            "iat": .integer(clock.now.seconds), "jti": .string(Ambient.system.newSecret()),
        ]
        if !body.isEmpty { claims["bh"] = .string(Base64URL.encode(SHA256.hash(data: body))) }
        return "DeviceProof "
            + (try await JWSProducer(signer: SoftwareSigner(deviceKey, keyID: id), type: "rumdul-device+jwt").sign(
                claims))
    }
}

/// The identity provider with its neighbours on one database, and relying parties of every kind.
struct World: Sendable {
    static let issuer = "https://id.example"
    static let migrations = [
        Ledger.migrations, WebStorage.migrations, Authenticators.migrations, Consents.migrations,
        RelyingPartyStore.migrations, IdentityProvider.migrations,
    ]
    static let verifier = "a-verifier-of-at-least-forty-three-characters-0"
    static let redirect = "https://bank.example/callback"

    let database: CountingDatabase
    let clock = TestClock()
    let vault: CountingVault
    let ledger: Ledger
    let consents: Consents
    let notifier = RecordingNotifier()
    let provider: IdentityProvider
    let bankSecret: String
    let assertionKey: SigningKey
    let strangerKey: SigningKey
    let unsealing: DecryptionKey
    let messages = TestMessages()

    static func run(
        _ kind: DatabaseKind, rules: DeviceRules = .standard, _ test: @escaping @Sendable (World) async throws -> Void
    ) async throws {
        try await TestDatabases.with(kind, migrations: migrations) { try await test(World($0, rules: rules)) }
    }

    init(_ bare: any Database, rules: DeviceRules = .standard) async throws {
        database = CountingDatabase(bare)
        let ambient = clock.ambient
        vault = CountingVault(try FileKeyVault.ephemeral(ambient: ambient))
        ledger = Ledger(database: database, vault: vault, ambient: ambient)
        consents = Consents(ledger: ledger, vault: vault, ambient: ambient, issuer: Self.issuer)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        var surroundings = ProviderSurroundings()
        surroundings.verification = TestVerification()
        surroundings.notifier = notifier
        surroundings.messages = messages
        provider = IdentityProvider(
            database: database, vault: vault, people: TestPeople(), attributes: TestPeople(),
            gate: DisclosureGate(ledger: ledger, ambient: ambient),
            authenticators: Authenticators(
                database: database, ledger: ledger, ambient: ambient, audience: Self.issuer, rules: rules,
                effects: Aftermath(ambient: ambient)),
            consents: consents, settings: ProviderSettings(issuer: Self.issuer, loginsPerMinute: 1000),
            ambient: ambient, logger: logger, surroundings: surroundings)
        assertionKey = try SigningKey.generate(.es256)
        strangerKey = try SigningKey.generate(.es256)
        unsealing = try DecryptionKey.generate(.ecdhESA256KW)
        bankSecret = try await provider.register(Self.document("bank")).secret ?? ""
        _ = try await provider.register(
            Self.document("spa") { $0["token_endpoint_auth_method"] = "none" })
        _ = try await provider.register(
            Self.document("other") {
                $0["token_endpoint_auth_method"] = "none"
                $0["redirect_uris"] = ["https://other.example/cb"]
            })
        for (id, key) in [("robot", assertionKey), ("stranger", strangerKey)] {
            var jwk = try #require(key.jwk.publicKey)
            jwk.keyID = "k1"
            let keys: JSONObject = ["keys": [.object(jwk.json)]]
            _ = try await provider.register(
                Self.document(id) {
                    $0["token_endpoint_auth_method"] = "private_key_jwt"
                    $0["jwks"] = .object(keys)
                })
        }
        var sealing = try #require(unsealing.jwk.publicKey)
        sealing.use = "enc"
        let keys: JSONObject = ["keys": [.object(sealing.json)]]
        _ = try await provider.register(
            Self.document("sealed") {
                $0["token_endpoint_auth_method"] = "none"
                $0["jwks"] = .object(keys)
                $0["userinfo_signed_response_alg"] = "ES256"
                $0["userinfo_encrypted_response_alg"] = "ECDH-ES+A256KW"
                $0["purposes"] = [
                    ["code": "identity", "text": ["km": "អត្តសញ្ញាណ", "en": "Identity"], "essential": ["kidc"]]
                ]
            })
        database.reset()
        vault.reset()
    }

    /// A registration that is right; `change` spoils it.
    static func document(_ id: String, change: (inout JSONObject) -> Void = { _ in }) -> JSONObject {
        var document: JSONObject = [
            "client_id": .string(id), "client_name": ["km": "ធនាគារ", "en": "The \(id)".asJSON],
            "redirect_uris": [.string(redirect), "https://bank.example/callback?page=1"],
            "id_token_signed_response_alg": "ES256",
            "purposes": [
                [
                    "code": "account-opening", "text": ["km": "បើកគណនី", "en": "Open an account"],
                    "essential": ["name_km", "birthdate"], "optional": ["phone_number", "email"], "valid_days": 30,
                ],
                ["code": "login", "text": ["km": "ចូល", "en": "Log in"]],
            ],
        ]
        change(&document)
        return document
    }

    static var challenge: String { Base64URL.encode(SHA256.hash(data: Array(verifier.utf8))) }

    /// The parameters of a good request.
    static func parameters(_ client: String = "bank") -> [String: String] {
        [
            "client_id": client, "redirect_uri": redirect, "response_type": "code", "scope": "openid profile",
            "claims": #"{"userinfo":{"birthdate":null,"phone_number":null,"email":null}}"#, "state": "s-1",
            "nonce": "n-1", "code_challenge": challenge, "code_challenge_method": "S256",
        ]
    }

    func party(_ id: String = "bank") async throws -> RelyingParty {
        let parties = provider.parties
        return try #require(try await database.read { try await parties.party(id, in: $0) })
    }

    /// Asks for an approval as the consent page does.
    func start(
        _ identifier: String = "2345678901", client: String = "bank", browser: [UInt8] = [1], lifetime: Int64? = nil,
        address: String? = "203.0.113.7", change: (inout [String: String]) -> Void = { _ in }
    ) async throws -> Transaction {
        let party = try await party(client)
        var parameters = Self.parameters(client)
        change(&parameters)
        let request = try AuthorizationRequest(
            parameters, client: party, redirectURI: parameters["redirect_uri"] ?? "", policy: .scheme)
        return try await provider.approvals.start(
            ApprovalStart(
                request: request, client: party, identifier: identifier, browserHash: browser, origin: "Firefox, Linux",
                address: address, lifetime: lifetime))
    }

    func device(_ id: String) async throws -> Device {
        let authenticators = provider.authenticators
        return try #require(try await database.read { try await authenticators.device(id, in: $0) })
    }

    func find(_ id: String) async throws -> Transaction {
        let store = provider.approvals.store
        return try #require(try await database.read { try await store.find(id, in: $0) })
    }

    /// Sends a decision with the right PIN unless told otherwise.
    @discardableResult
    func decide(_ item: Transaction, _ jws: String, by phone: Phone, wrongPIN: Bool = false) async throws
        -> TransactionStatus
    {
        try await provider.approvals.decide(
            item.id, jws: jws, pinSignature: try phone.pin(jws, wrong: wrongPIN), device: try await device(phone.id))
    }

    /// An approved transaction with its code.
    func approved(
        _ phone: Phone, client: String = "bank", attributes: [String]? = nil,
        change: (inout [String: String]) -> Void = { _ in }
    ) async throws -> (item: Transaction, code: String) {
        let item = try await start(client: client, change: change)
        try await decide(item, try await phone.decision(item, attributes: attributes), by: phone)
        return (try await find(item.id), try await code(item))
    }

    func code(_ item: Transaction) async throws -> String {
        try await AuthorizationCode(transactionID: item.id, issuedAt: clock.now).encoded(vault: vault)
    }

    /// The form of a good token request by a public client.
    static func tokenForm(_ code: String, client: String = "spa") -> [String: String] {
        [
            "grant_type": "authorization_code", "code": code, "redirect_uri": redirect, "code_verifier": verifier,
            "client_id": client,
        ]
    }

    func exchange(_ code: String, client: String = "spa", change: (inout [String: String]) -> Void = { _ in })
        async throws -> TokenResponse
    {
        var form = Self.tokenForm(code, client: client)
        change(&form)
        return try await provider.tokens.exchange(ClientRequest(form: form))
    }

    func userInfo(_ token: String) async throws -> JSONObject {
        try JSON.parseObject(
            try await provider.userInfo.respond(
                token: token, isProof: false, keys: PresentedKeys(), traceID: "trace"
            ).body)
    }

    func withdraw(_ consent: String, of person: PersonID = TestPeople.sokha) async throws {
        let consents = consents
        try await database.transaction { try await consents.withdraw(consent, person: person, in: $0) }
    }
}

extension AuthorizationRequest {
    init(_ parameters: [String: String], client: RelyingParty, redirectURI: String, policy: AssurancePolicy) throws {
        try self.init(AuthorizationParameters(parameters), client: client, redirectURI: redirectURI, policy: policy)
    }
}

extension String {
    var asJSON: JSONValue { .string(self) }
}

/// The code of the error that a step throws; `nil` when it throws none.
func errorCode<Value>(_ step: () async throws -> Value) async -> String? {
    do {
        _ = try await step()
        return nil
    } catch let error as RumdulError {
        return error.code
    } catch let error as OAuthError {
        return error.error
    } catch let error as AuthorizationRequest.Refusal {
        return error.error.error
    } catch {
        return "other: \(error)"
    }
}
