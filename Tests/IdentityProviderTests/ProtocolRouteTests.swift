import Authenticators
import Codecs
import DatabaseTesting
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Kernel
import NIOCore
import Synchronization
import Testing
import Web

@testable import IdentityProvider

@Suite("The programs' side")
struct ProtocolRouteTests {
    @Test func tokenErrorsAreOAuth() async throws {
        try await World.serve { world, client in
            let browser = Browser(client)
            let json: HTTPFields = [.accept: "application/json"]
            let type: HTTPFields = [.contentType: "application/json"]
            #expect(try await browser.send("/token", .post, type, "{}").json.string("error") == "invalid_request")
            let good = World.tokenForm("x").map { ($0.key, $0.value) }
            let twice = try await browser.post("/token", good + [("code", "y")], headers: json)
            #expect(twice.status == 400)
            #expect(try twice.json.string("error") == "invalid_request")
            let large = try await browser.post(
                "/token", good + [("x", String(repeating: "a", count: 70_000))], headers: json)
            #expect(large.status == 413)
            #expect(try large.json.string("error") == "invalid_request")
            let grant = try await browser.post("/token", good, headers: json)
            #expect(grant.status == 400)
            #expect(try grant.json.string("error") == "invalid_grant")
            #expect(grant.headers[.cacheControl]?.contains("no-store") == true)
            let unknown = try await browser.post(
                "/token", [("grant_type", "authorization_code"), ("code", "x")], headers: [.authorization: "Basic YTpi"]
            )
            #expect(unknown.status == 401)
            #expect(unknown.headers[.wwwAuthenticate] == "Basic realm=\"token\"")
            #expect(try unknown.json.string("error") == "invalid_client")
            #expect(try await browser.get("/token", headers: json).status == 405)
            #expect(world.database.rows.isEmpty)
        }
    }

    @Test func userInfoChallenges() async throws {
        try await World.serve { world, client in
            let browser = Browser(client)
            let none = try await browser.get("/userinfo")
            #expect(none.status == 401)
            #expect(none.headers[values: .wwwAuthenticate].first == "Bearer realm=\"userinfo\"")
            #expect(none.headers[values: .wwwAuthenticate].last?.hasPrefix("DPoP algs=") == true)
            for header in [
                "Bearer", "Bearer x", "Bearer x y", "Basic YTpi", "DPoP x",
                "Bearer \(String(repeating: "A", count: 64))",
            ] {
                let page = try await browser.get("/userinfo", headers: [.authorization: header])
                #expect(page.status == 401)
                #expect(page.headers[.wwwAuthenticate]?.contains("error=\"invalid_token\"") == true)
            }
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let token = try await world.exchange(try await world.approved(phone, client: "spa").code).accessToken
            #expect(try await browser.get("/userinfo?access_token=" + token).status == 401, "never in the address")
            #expect(try await browser.post("/userinfo", [("access_token", token)]).status == 200)
            #expect(try await browser.get("/userinfo", headers: [.authorization: "bearer " + token]).status == 200)
            let body = try await browser.send("/userinfo", .post, [.contentType: "application/json"], "{}")
            #expect(body.status == 400 || body.status == 415)
        }
    }

    @Test func discoveryIsTrue() async throws {
        try await World.serve { world, client in
            let browser = Browser(client)
            let metadata = try await browser.get("/.well-known/openid-configuration").json
            #expect(metadata.string("issuer") == World.issuer)
            #expect(metadata.strings("code_challenge_methods_supported") == ["S256"])
            #expect(metadata.strings("subject_types_supported") == ["pairwise", "public"])
            #expect(metadata.bool("request_parameter_supported") == true)
            #expect(metadata.bool("authorization_response_iss_parameter_supported") == true)
            #expect(metadata.strings("id_token_signing_alg_values_supported")?.contains("none") == false)
            let keys = try #require(try await browser.get("/jwks").json.array("keys"))
            #expect(!keys.isEmpty)
            for key in keys {
                for secret in ["d", "p", "q", "dp", "dq", "qi", "k"] { #expect(key[secret] == nil) }
                #expect(key["kid"]?.stringValue != nil)
            }
            // A new key shows within a second.
            let handle = try await world.vault.create(.oidcSigning, .es256, state: .prePublished)
            world.clock.advance(1)
            let kids = try await browser.get("/jwks").json.array("keys")?.compactMap { $0["kid"]?.stringValue }
            #expect(kids?.contains(handle.id) == true)
        }
    }

    @Test(arguments: TestDatabases.kinds) func theDevicesSide(_ kind: DatabaseKind) async throws {
        try await World.serve(kind) { world, client in
            let browser = Browser(client)
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let idle = try await Phone.make(of: TestPeople.sokha, world: world, active: false)
            let item = try await world.start()
            let list = "/device/v1/transactions"
            let path = "/device/v1/transactions/\(item.id)/decision"
            func get(_ authorization: String?, _ path: String = "/device/v1/transactions") async throws -> Page {
                var headers: HTTPFields = [.accept: "application/json"]
                headers[.authorization] = authorization
                return try await browser.get(path, headers: headers)
            }
            func post(_ body: [UInt8], type: String = "application/json", authorization: String? = nil) async throws
                -> Page
            {
                var headers: HTTPFields = [.accept: "application/json", .contentType: type]
                let proof = try await phone.authorization("POST", path, body: body)
                headers[.authorization] = authorization ?? proof
                return try await browser.send(path, .post, headers, String(decoding: body, as: UTF8.self))
            }
            #expect(try await get(nil).json.string("code") == "device.proof_invalid")
            #expect(try await get(nil).status == 401)
            let proof = try await phone.authorization("GET", list)
            let found = try await get(proof)
            let first = try #require(try found.json.array("transactions")?.first?.objectValue)
            #expect(first.string("id") == item.id && first.array("numbers")?.count == 3)
            #expect(first.names == ["id", "details", "numbers"], "the shown number is not told to the device")
            #expect(try await get(proof).json.string("code") == "device.proof_invalid", "a proof is used once")
            #expect(try await get(try await idle.authorization("GET", list)).json.string("code") == "device.not_active")
            for query in ["?wait=26", "?wait=-1", "?wait=x", "?wait=1&wait=2"] {
                #expect(
                    try await get(try await phone.authorization("GET", list), list + query).status == 400, "\(query)")
            }
            let jws = try await phone.decision(item)
            let good = JSON.bytes(
                ["decision": .string(jws), "pin_signature": .string(try phone.pin(jws))] as JSONObject)
            #expect(try await post(good, type: "text/plain").status == 415)
            #expect(try await post(Array(String(repeating: " ", count: 17_000).utf8)).status == 413)
            for body in ["{", "[]", "{}", #"{"decision":1}"#, #"{"decision":"x","decision":"y"}"#, "null"] {
                let page = try await post(Array(body.utf8))
                #expect(page.status == 400, "\(body)")
                #expect(page.headers[.contentType]?.hasPrefix("application/problem+json") == true)
            }
            let otherBody = try await phone.authorization("POST", path, body: Array("{}".utf8))
            #expect(try await post(good, authorization: otherBody).status == 401)
            #expect(try await world.find(item.id).status == .pending)
            let done = try await post(good)
            #expect(done.status == 200)
            #expect(try done.json.string("status") == "approved")
            let again = try await post(good)
            #expect(again.status == 409)
            #expect(try again.json.string("code") == "transaction.decided")
        }
    }
}
