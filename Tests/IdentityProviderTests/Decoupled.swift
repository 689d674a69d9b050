import Authenticators
import Codecs
import Consent
import Database
import DatabaseTesting
import JOSE
import Kernel
import KeyVault
import Logging
import Outbound
import RelyingParties
import Testing
import Web

@testable import IdentityProvider

/// A client that proves itself by assertions, for the grants without a browser.
struct DecoupledClient: Sendable {
    let id: String
    let key: SigningKey
    let clock: TestClock

    static let ciba = "urn:openid:params:grant-type:ciba"
    static let deviceCode = "urn:ietf:params:oauth:grant-type:device_code"
    static let exchange = "urn:ietf:params:oauth:grant-type:token-exchange"

    /// Registers a client whose key and grant types are set; `change` does the rest.
    static func make(
        _ id: String, in world: World, grants: [String], change: (inout JSONObject) -> Void = { _ in }
    ) async throws -> DecoupledClient {
        let key = try SigningKey.generate(.es256)
        var jwk = try #require(key.jwk.publicKey)
        jwk.keyID = "k1"
        let keys: JSONObject = ["keys": [.object(jwk.json)]]
        _ = try await world.provider.register(
            World.document(id) { document in
                document["token_endpoint_auth_method"] = "private_key_jwt"
                document["jwks"] = .object(keys)
                document["grant_types"] = .strings(["authorization_code"] + grants)
                change(&document)
            })
        return DecoupledClient(id: id, key: key, clock: world.clock)
    }

    /// A backchannel client in poll mode.
    static func caller(
        _ id: String = "call", in world: World, trusted: Bool = true, change: (inout JSONObject) -> Void = { _ in }
    ) async throws -> DecoupledClient {
        try await make(id, in: world, grants: [ciba, "refresh_token"]) { document in
            document["backchannel_token_delivery_mode"] = "poll"
            if trusted { document["ciba_trusted"] = true }
            change(&document)
        }
    }

    func sign(_ claims: JSONObject, type: String = "JWT", with other: SigningKey? = nil) async throws -> String {
        try await JWSProducer(signer: SoftwareSigner(other ?? key, keyID: "k1"), type: type).sign(claims)
    }

    /// A form with a fresh assertion.
    func form(_ fields: [String: String], change: (inout JSONObject) -> Void = { _ in }) async throws -> [String:
        String]
    {
        var claims: JSONObject = [
            "iss": .string(id), "sub": .string(id), "aud": .string(World.issuer),
            "exp": .integer(clock.now.seconds + 60), "iat": .integer(clock.now.seconds),
            "jti": .string(Ambient.system.newSecret(bytes: 16)),
        ]
        change(&claims)
        return fields.merging([
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": try await sign(claims),
        ]) { mine, _ in mine }
    }

    func request(_ fields: [String: String]) async throws -> ClientRequest {
        ClientRequest(form: try await form(fields), traceID: "trace")
    }

    /// The claims of a good signed backchannel request.
    func backchannelClaims(_ fields: [String: String]) -> JSONObject {
        var claims: JSONObject = [
            "iss": .string(id), "aud": .string(World.issuer), "iat": .integer(clock.now.seconds),
            "nbf": .integer(clock.now.seconds), "exp": .integer(clock.now.seconds + 300),
            "jti": .string(Ambient.system.newSecret(bytes: 16)),
        ]
        for (name, value) in fields { claims[name] = .string(value) }
        return claims
    }
}

extension World {
    static let loginHint = "2345678901"

    /// The fields of a good backchannel request.
    static let backchannel = [
        "scope": "openid profile", "login_hint": loginHint, "binding_message": "លេខ 1234",
        "claims": #"{"userinfo":{"email":null}}"#,
    ]

    /// The fields of a good backchannel request, one of them changed or left out.
    static func backchannel(_ name: String, _ value: String?) -> [String: String] {
        var fields = backchannel
        fields[name] = value
        return fields
    }

    func ciba(
        _ client: DecoupledClient, _ fields: [String: String] = backchannel, provider other: IdentityProvider? = nil
    ) async throws -> CIBAService.Answer {
        try await (other ?? provider).ciba.start(try await client.request(fields))
    }

    func poll(_ client: DecoupledClient, _ answer: CIBAService.Answer) async throws -> TokenResponse {
        try await provider.tokens.exchange(
            try await client.request(["grant_type": DecoupledClient.ciba, "auth_req_id": answer.authRequestID]))
    }

    /// What waits on the person's devices.
    func waiting(_ person: PersonID = TestPeople.sokha) async throws -> [Transaction] {
        try await provider.approvals.pending(for: person, waitSeconds: 0)
    }

    /// The provider with a queue of notifications whose contents are not sealed.
    func providerWithQueue() async throws -> (IdentityProvider, DeliveryQueue) {
        try await database.migrate(Self.migrations + [DeliveryQueue.migrations])
        let ambient = clock.ambient
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let queue = DeliveryQueue(
            database: database, client: OutboundClient(), sealer: OpenSealer(), ambient: ambient, logger: logger)
        let other = IdentityProvider(
            database: database, vault: vault, people: TestPeople(), attributes: TestPeople(),
            gate: .init(ledger: ledger, ambient: ambient), authenticators: provider.authenticators, consents: consents,
            settings: ProviderSettings(issuer: Self.issuer, loginsPerMinute: 1000), ambient: ambient, logger: logger,
            surroundings: ProviderSurroundings(deliveries: queue))
        return (other, queue)
    }
}

/// Leaves contents readable, for tests.
struct OpenSealer: DeliverySealer {
    func seal(_ bytes: [UInt8], context: [UInt8]) async throws -> [UInt8] { bytes }
    func open(_ sealed: [UInt8], context: [UInt8]) async throws -> [UInt8] { sealed }
}

/// How many of so many attempts at once succeed.
func winners(_ count: Int, _ attempt: @escaping @Sendable () async throws -> Void) async -> Int {
    await withTaskGroup(of: Int.self) { group in
        for _ in 0..<count {
            group.addTask {
                do {
                    try await attempt()
                    return 1
                } catch {
                    return 0
                }
            }
        }
        return await group.reduce(0, +)
    }
}
