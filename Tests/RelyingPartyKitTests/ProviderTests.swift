import Codecs
import JOSE
import Kernel
import RelyingPartyKit
import Testing

@Suite struct ProviderTests {
    @Test(
        arguments: [
            ["issuer": "https://id.example/"], ["issuer": "https://ID.example"], ["issuer": "https://evil.example"],
            ["issuer": nil], ["token_endpoint": "http://id.example/token"], ["token_endpoint": nil],
            ["jwks_uri": "https://user@id.example/jwks"], ["jwks_uri": "file:///etc/passwd"],
            ["authorization_endpoint": "https://id.example/a#b"], ["userinfo_endpoint": "javascript:alert(1)"],
            ["token_endpoint": "http://127.0.0.1/token"], ["response_types_supported": ["id_token"]],
            ["response_types_supported": nil], ["code_challenge_methods_supported": ["plain"]],
        ] as [JSONObject])
    func metadataThatAreRefused(_ changes: JSONObject) async throws {
        let world = try World()
        await world.provider.set(\.metadataChanges, changes)
        let found = await failure { _ = try await world.party.metadata() }
        #expect(found?.hasPrefix("rp.discovery:") == true)
    }

    @Test(arguments: ["http://id.example", "ftp://id.example", "https://", "https://a@b", "https://id.example?x", ""])
    func issuersThatAreRefused(_ issuer: String) async throws {
        let world = try World { $0.issuer = issuer }
        let found = await failure { _ = try await world.party.metadata() }
        #expect(found?.hasPrefix("rp.configuration") == true)
        #expect(await world.provider.requests.isEmpty)
    }

    @Test func plainHTTPServesOnThisMachineOnly() async throws {
        let issuer = "http://127.0.0.1:8080"
        let world = try World { $0.issuer = issuer }
        let good = """
            {"issuer":"\(issuer)","authorization_endpoint":"\(issuer)/authorize","token_endpoint":"\(issuer)/token",
            "jwks_uri":"\(issuer)/jwks","response_types_supported":["code"]}
            """
        await world.provider.set(\.answerOverride) { _ in
            OIDCResponse(status: 200, contentType: "application/json", body: Array(good.utf8))
        }
        #expect(try await world.party.metadata().tokenEndpoint == issuer + "/token")
        let other = try World { $0.issuer = issuer }
        let bad = good.replacing("\(issuer)/token", with: "http://192.0.2.1/token")
        await other.provider.set(\.answerOverride) { _ in
            OIDCResponse(status: 200, contentType: "application/json", body: Array(bad.utf8))
        }
        #expect(await failure { _ = try await other.party.metadata() } == "rp.discovery:token_endpoint")
    }

    @Test func metadataAndKeysAreFetchedOnce() async throws {
        let world = try World()
        for _ in 0..<5 { _ = try await world.login() }
        #expect(await world.provider.count("openid-configuration") == 1)
        #expect(await world.provider.count("/jwks") == 1)
        world.clock.advance(3601)
        _ = try await world.party.authorizationRequest()
        #expect(await world.provider.count("openid-configuration") == 2)
    }

    @Test func manyAtOnceShareOneFetch() async throws {
        let world = try World()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<20 { group.addTask { _ = try await world.party.authorizationRequest() } }
            try await group.waitForAll()
        }
        #expect(await world.provider.count("openid-configuration") <= 2)
    }

    @Test func aRotatedKeyIsFetched() async throws {
        let world = try World()
        _ = try await world.login()
        world.clock.advance(61)
        try await world.provider.rotate()
        await world.provider.set(\.idTokenChanges, [("exp", 1_800_000_400)])
        _ = try await world.login()
        #expect(await world.provider.count("/jwks") == 2)
    }

    @Test func unknownKeysDoNotMakeUsHammerTheProvider() async throws {
        let world = try World()
        _ = try await world.login()
        try await world.provider.rotate(publish: false)
        for _ in 0..<10 {
            let found = await failure { _ = try await world.login() }
            #expect(found?.hasPrefix("rp.id_token:jose.kid") == true)
        }
        #expect(await world.provider.count("/jwks") == 1)
        world.clock.advance(61)
        for _ in 0..<10 { _ = await failure { _ = try await world.login() } }
        #expect(await world.provider.count("/jwks") == 2)
    }

    @Test func oldMetadataServeWhileTheProviderIsAway() async throws {
        let world = try World()
        _ = try await world.login()
        world.clock.advance(4000)
        await world.provider.set(\.answerOverride) { request in
            request.url.contains("openid-configuration") ? OIDCResponse(status: 503, contentType: nil, body: []) : nil
        }
        _ = try await world.party.authorizationRequest()
        let fresh = try World()
        await fresh.provider.set(\.answerOverride) { _ in throw RumdulError.providerUnreachable }
        #expect(await failure { _ = try await fresh.party.authorizationRequest() } == "rp.unreachable")
    }

    @Test(arguments: ["", "{}", #"{"keys":{}}"#, #"{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}"#])
    func keySetsThatAreRefused(_ body: String) async throws {
        let world = try World()
        await world.provider.set(\.answerOverride) { request in
            guard request.url.hasSuffix("/jwks") else { return nil }
            return OIDCResponse(status: 200, contentType: "application/json", body: Array(body.utf8))
        }
        #expect(await failure { _ = try await world.login() } == "rp.answer_malformed:jwks")
    }

    @Test func answersAboveTheLimitAreRefused() async throws {
        let world = try World()
        await world.provider.set(\.answerOverride) { _ in
            OIDCResponse(status: 200, contentType: "application/json", body: [UInt8](repeating: 32, count: 1 << 20 + 1))
        }
        #expect(await failure { _ = try await world.party.metadata() } == "rp.answer_malformed:longer than 1 MiB")
    }
}
