import Codecs
import Database
import DatabaseTesting
import JOSE
import Kernel
import Testing

@testable import IdentityProvider

@Suite("Request objects")
struct RequestObjectTests {
    @Test(arguments: TestDatabases.kinds) func noneOfThemPointsToAnother(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let party = try await world.party("robot")
            func parse(_ change: (inout JSONObject) -> Void) async throws -> String? {
                var claims: JSONObject = [
                    "iss": "robot", "aud": .string(World.issuer), "client_id": "robot", "scope": "openid",
                ]
                change(&claims)
                let signer = SoftwareSigner(world.assertionKey, keyID: "k1")
                let jwt = try await JWSProducer(signer: signer, type: "oauth-authz-req+jwt").sign(claims)
                return await errorCode {
                    try await world.provider.resolver.object(jwt, outer: AuthorizationParameters([:]), client: party)
                }
            }
            #expect(try await parse { _ in } == nil)
            #expect(try await parse { $0["request"] = "a.b.c" } == "invalid_request_object")
            #expect(try await parse { $0["request_uri"] = "urn:x" } == "invalid_request_object")
            #expect(try await parse { $0["request_uri"] = nil } == nil)
            #expect(try await parse { $0["request"] = .null } == "invalid_request_object")
        }
    }
}
