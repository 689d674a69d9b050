import Codecs
import Database
import DatabaseTesting
import JOSE
import Kernel
import RelyingParties
import Testing

@testable import IdentityProvider

@Suite("Token exchange (RFC 8693), on both engines")
struct TokenExchangeTests {
    static let api = "https://api.bank.example"
    static let ledger = "https://ledger.bank.example"
    static let accessToken = "urn:ietf:params:oauth:token-type:access_token"

    /// A person's client, and the server that it calls.
    private struct Scene: Sendable {
        var front: DecoupledClient
        var server: DecoupledClient
        var phone: Phone
        var token: String
        var grant: String

        func request(_ change: (inout [String: String]) -> Void = { _ in }) async throws -> ClientRequest {
            var fields = [
                "grant_type": DecoupledClient.exchange, "subject_token": token,
                "subject_token_type": TokenExchangeTests.accessToken, "audience": TokenExchangeTests.ledger,
            ]
            change(&fields)
            return try await server.request(fields)
        }
    }

    private static func scene(_ world: World) async throws -> Scene {
        let front = try await DecoupledClient.make("front", in: world, grants: ["refresh_token"]) {
            $0["resources"] = .strings([api, "https://else.example"])
        }
        let server = try await DecoupledClient.make("server", in: world, grants: [DecoupledClient.exchange]) {
            $0["token_exchange"] = [
                "resources": .strings([api]), "audiences": .strings([ledger, "https://second.example"]),
                "scopes": .strings(["profile", "email"]),
            ]
        }
        let phone = try await Phone.make(of: TestPeople.sokha, world: world)
        let (token, grant) = try await Self.token(world, front, phone, resource: api)
        return Scene(front: front, server: server, phone: phone, token: token, grant: grant)
    }

    private static func token(
        _ world: World, _ front: DecoupledClient, _ phone: Phone, resource: String?
    ) async throws -> (String, String) {
        var parameters = World.parameters("front")
        parameters["scope"] = "openid profile address"
        let party = try await world.party("front")
        let request = try AuthorizationRequest(
            AuthorizationParameters(parameters, resources: resource.map { [$0] } ?? []), client: party,
            redirectURI: World.redirect, policy: .scheme)
        let item = try await world.provider.approvals.start(
            ApprovalStart(
                request: request, client: party, identifier: World.loginHint, browserHash: [1], origin: "Firefox"))
        try await world.decide(item, try await phone.decision(item), by: phone)
        let form = try await front.form(World.tokenForm(try await world.code(item), client: "front"))
        return (try await world.provider.tokens.exchange(ClientRequest(form: form)).accessToken, item.id)
    }

    @Test(arguments: TestDatabases.kinds) func delegation(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let scene = try await Self.scene(world)
            let answer = try await world.provider.tokens.exchange(try await scene.request())
            #expect(answer.idToken == nil && answer.refreshToken == nil && answer.scope == ["profile"])
            #expect(answer.issuedTokenType == Self.accessToken && answer.expiresIn == 120)
            let before = try JWT.unverifiedClaims(scene.token).claims
            let after = try JWT.unverifiedClaims(answer.accessToken).claims
            #expect(after.string("aud") == Self.ledger && after.string("client_id") == "server")
            #expect(after.string("sub") == before.string("sub") && after.string("scope") == "profile")
            #expect(after.object("act")?.string("sub") == "server" && after.string("grant") == scene.grant)
            #expect(after.integer("auth_time") == before.integer("auth_time"))
            #expect(try #require(after.integer("exp")) < (try #require(before.integer("exp"))))
            let live = try #require(try await world.provider.tokens.accessTokens.claims(answer.accessToken)).value
            #expect(try await world.provider.introspection.isAlive(live))
            // The grant ends, and with it what came of it.
            let store = world.provider.approvals.store
            try await world.database.transaction { try await store.revoke(scene.grant, in: $0) }
            #expect(try await !world.provider.introspection.isAlive(live))
            let again = try await scene.request()
            #expect(await errorCode { try await world.provider.tokens.exchange(again) } == "invalid_request")
        }
    }

    @Test(arguments: TestDatabases.kinds) func neverWider(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let scene = try await Self.scene(world)
            let cases: [(String, String, @Sendable (inout [String: String]) -> Void)] = [
                ("scope the policy lacks", "invalid_scope", { $0["scope"] = "address" }),
                ("scope the token lacks", "invalid_scope", { $0["scope"] = "email" }),
                ("empty scope", "invalid_scope", { $0["scope"] = " " }),
                ("another target", "invalid_target", { $0["audience"] = "https://evil.example" }),
                ("the issuer", "invalid_target", { $0["audience"] = World.issuer }),
                ("no target", "invalid_target", { $0["audience"] = nil }),
                ("actor_token", "invalid_request", { $0["actor_token"] = "x" }),
                ("no token", "invalid_request", { $0["subject_token"] = nil }),
                ("no type", "invalid_request", { $0["subject_token_type"] = nil }),
                (
                    "type", "invalid_request",
                    { $0["subject_token_type"] = "urn:ietf:params:oauth:token-type:refresh_token" }
                ),
                (
                    "wanted type", "invalid_request",
                    { $0["requested_token_type"] = "urn:ietf:params:oauth:token-type:id_token" }
                ),
                ("not a token", "invalid_request", { $0["subject_token"] = "x.y.z" }),
                ("changed token", "invalid_request", { $0["subject_token"]? += "A" }),
            ]
            for (name, expected, change) in cases {
                let request = try await scene.request(change)
                #expect(await errorCode { try await world.provider.tokens.exchange(request) } == expected, "\(name)")
            }
            let narrow = try await scene.request {
                $0["scope"] = "profile"
                $0["audience"] = "https://second.example"
            }
            #expect(try await world.provider.tokens.exchange(narrow).scope == ["profile"])
        }
    }

    @Test func tokensOfOthers() async throws {
        try await World.run(.sqlite) { world in
            let scene = try await Self.scene(world)
            let tokens = world.provider.tokens
            // A token for another audience, and one for no resource at all, that is for the issuer.
            for resource in ["https://else.example", nil] {
                let (token, _) = try await Self.token(world, scene.front, scene.phone, resource: resource)
                let request = try await scene.request { $0["subject_token"] = token }
                #expect(await errorCode { try await tokens.exchange(request) } == "invalid_request")
            }
            // A token that came out of an exchange.
            let first = try await tokens.exchange(try await scene.request()).accessToken
            let second = try await scene.request { $0["subject_token"] = first }
            #expect(await errorCode { try await tokens.exchange(second) } == "invalid_request")
            // A client's own token.
            let own = AccessTokenClaims(
                subject: "front", clientID: "front", audience: [Self.api], scope: ["profile"],
                issuedAt: world.clock.now.seconds, expiresAt: world.clock.now.seconds + 600, identifier: "j")
            let issued = try await tokens.accessTokens.issue(own)
            let third = try await scene.request { $0["subject_token"] = issued }
            #expect(await errorCode { try await tokens.exchange(third) } == "invalid_request")
            // A client without the policy.
            let robot = DecoupledClient(id: "robot", key: world.assertionKey, clock: world.clock)
            let stolen = try await robot.request([
                "grant_type": DecoupledClient.exchange, "subject_token": scene.token,
                "subject_token_type": Self.accessToken, "audience": Self.ledger,
            ])
            #expect(await errorCode { try await tokens.exchange(stolen) } == "unauthorized_client")
        }
    }

    @Test func lifeEndsWithTheSubjectsToken() async throws {
        try await World.run(.sqlite) { world in
            let scene = try await Self.scene(world)
            world.clock.advance(570)
            #expect(try await world.provider.tokens.exchange(try await scene.request()).expiresIn == 30)
            world.clock.advance(30)
            let late = try await scene.request()
            #expect(await errorCode { try await world.provider.tokens.exchange(late) } == "invalid_request")
        }
    }

    @Test func aWithdrawnConsentEndsIt() async throws {
        try await World.run(.sqlite) { world in
            let scene = try await Self.scene(world)
            try await world.withdraw(try #require(try await world.find(scene.grant).consentID))
            let request = try await scene.request()
            #expect(await errorCode { try await world.provider.tokens.exchange(request) } == "invalid_request")
        }
    }

    @Test func theNewTokenHasItsOwnKey() async throws {
        try await World.run(.sqlite) { world in
            let scene = try await Self.scene(world)
            let thumbprint = Base64URL.encode([UInt8](repeating: 3, count: 32))
            var request = try await scene.request()
            request.keys.proofThumbprint = thumbprint
            let answer = try await world.provider.tokens.exchange(request)
            let claims = try JWT.unverifiedClaims(answer.accessToken).claims
            #expect(answer.binding?.kind == .proof)
            #expect(claims.object("cnf")?.string("jkt") == thumbprint)
        }
    }
}
