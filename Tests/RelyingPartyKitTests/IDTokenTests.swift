import Codecs
import JOSE
import Kernel
import RelyingPartyKit
import Testing

@Suite struct IDTokenTests {
    static let refused: [(String, JSONValue?, String)] = [
        ("iss", "https://evil.example", "jose.issuer"), ("iss", nil, "jose.claim"),
        ("aud", "other", "jose.audience"), ("aud", ["other"], "jose.audience"), ("aud", nil, "jose.claim"),
        ("aud", ["bank.example", "other"], "azp"), ("azp", "other", "azp"), ("azp", 7, "azp"),
        ("exp", 1_799_999_969, "jose.expired"), ("exp", nil, "jose.claim"), ("exp", "soon", "jose.claim"),
        ("iat", 1_800_000_031, "jose.issued_at"), ("iat", nil, "jose.claim"),
        ("nonce", "another", "nonce"), ("nonce", nil, "jose.claim"), ("nonce", 5, "nonce"),
        ("sub", nil, "jose.claim"), ("sub", "", "sub"), ("sub", 5, "jose.claim"),
        ("sub", .string(String(repeating: "x", count: 256)), "sub"), ("at_hash", "AAAA", "at_hash"),
        ("auth_time", "now", "auth_time"), ("auth_time", 1_800_000_031, "auth_time in the future"),
    ]

    @Test(arguments: refused.indices)
    func wrongClaimsAreRefused(_ index: Int) async throws {
        let (name, value, reason) = IDTokenTests.refused[index]
        let world = try World()
        await world.provider.set(\.idTokenChanges, [(name, value)])
        let found = await failure { _ = try await world.login() }
        #expect(found?.hasPrefix("rp.id_token:" + reason) == true, "\(name): \(found ?? "accepted")")
    }

    @Test(
        arguments: [
            [("aud", ["bank.example", "other"] as JSONValue?), ("azp", "bank.example")], [("azp", "bank.example")],
            [("exp", 1_799_999_980)], [("iat", 1_800_000_020)], [("acr", nil)], [("auth_time", nil)],
            [("at_hash", nil)],
        ] as [[(String, JSONValue?)]])
    func harmlessVariantsAreAccepted(_ changes: [(String, JSONValue?)]) async throws {
        let world = try World()
        await world.provider.set(\.idTokenChanges, changes)
        _ = try await world.login()
    }

    @Test func authTimeIsHeldAgainstMaxAge() async throws {
        let world = try World()
        _ = try await world.login(LoginOptions(maxAge: 0))
        await world.provider.set(\.idTokenChanges, [("auth_time", 1_799_999_900)])
        #expect(
            await failure { _ = try await world.login(LoginOptions(maxAge: 60)) }
                == "rp.id_token:auth_time too old or missing")
        await world.provider.set(\.idTokenChanges, [("auth_time", nil)])
        #expect(
            await failure { _ = try await world.login(LoginOptions(maxAge: 60)) }
                == "rp.id_token:auth_time too old or missing")
    }

    @Test(arguments: [
        ("urn:kh:camdigikey:aal:1", "urn:kh:camdigikey:aal:1", true),
        ("urn:kh:camdigikey:aal:3", "urn:kh:camdigikey:aal:2", true),
        ("urn:kh:camdigikey:aal:1", "urn:kh:camdigikey:aal:2", false),
        ("urn:kh:camdigikey:aal:9", "urn:kh:camdigikey:aal:2", false), ("other", "urn:kh:camdigikey:aal:1", false),
        ("urn:other:3", "urn:other:2", false), ("urn:other:2", "urn:other:2", true),
    ])
    func assuranceLevels(_ reached: String, _ required: String, _ accepted: Bool) async throws {
        let world = try World()
        await world.provider.set(\.idTokenChanges, [("acr", .string(reached))])
        let wanted = LoginOptions(acrValues: [required], requiresACR: true)
        let found = await failure { _ = try await world.login(wanted) }
        #expect(found == (accepted ? nil : "rp.acr"))
        // A level that is only wished for does not refuse anybody.
        _ = try await world.login(LoginOptions(acrValues: [required]))
    }

    @Test func unsignedAndSymmetricTokensAreRefused() async throws {
        let world = try World()
        for algorithm in ["none", "HS256", "None", "ES256 "] {
            await world.provider.set(\.idTokenOverride) { claims in
                let header: JSONObject = ["alg": .string(algorithm)]
                return Base64URL.encode(JSON.bytes(header)) + "." + Base64URL.encode(JSON.bytes(claims)) + "."
            }
            let found = await failure { _ = try await world.login() }
            #expect(found?.hasPrefix("rp.id_token:jose.") == true)
        }
    }

    @Test func aForeignKeyUnderAKnownNameIsRefused() async throws {
        let world = try World()
        let kid = await world.provider.signingKey.jwk.keyID ?? ""
        let forger = try SigningKey.generate(.es256)
        await world.provider.set(\.idTokenOverride) { claims in
            try await JWSProducer(signer: SoftwareSigner(forger, keyID: kid), type: "JWT").sign(claims)
        }
        let found = await failure { _ = try await world.login() }
        #expect(found?.hasPrefix("rp.id_token:jose.signature") == true)
    }

    @Test func anEncryptedIDToken() async throws {
        let key = try DecryptionKey.generate()
        let world = try World { $0.decryptionKeys = [key] }
        let signer = await world.provider.signingKey
        await world.provider.set(\.idTokenOverride) { claims in
            let signed = try await JWSProducer(signer: SoftwareSigner(signer), type: "JWT").sign(claims)
            return try JWE.encrypt(
                Array(signed.utf8), to: EncryptionKey(key.jwk), algorithm: .ecdhESA256KW, encryption: .a256GCM,
                contentType: "JWT")
        }
        #expect(try await world.login().idToken.subject == "person-1")
    }

    @Test(arguments: [
        (200, #"{"token_type":"Bearer","id_token":"x"}"#, "rp.answer_malformed:access_token"),
        (200, #"{"token_type":"Bearer","access_token":"a"}"#, "rp.answer_malformed:id_token"),
        (200, #"{"token_type":"mac","access_token":"a","id_token":"x"}"#, "rp.answer_malformed:token_type"),
        (200, #"{"token_type":"Bearer","access_token":"a\nb","id_token":"x"}"#, "rp.answer_malformed:access_token"),
        (200, "[]", "rp.answer_malformed:token answer is no JSON object"),
        (400, #"{"error":"invalid_grant"}"#, "rp.token.invalid_grant"),
        (400, #"{"error":"<b>"}"#, "rp.token.other"), (400, "", "rp.answer_malformed:token status 400"),
        (302, "", "rp.answer_malformed:token status 302"), (503, "", "rp.unreachable:status 503"),
    ])
    func tokenAnswers(_ status: Int, _ body: String, _ expected: String) async throws {
        let world = try World()
        await world.provider.set(\.answerOverride) { request in
            guard request.url.hasSuffix("/token") else { return nil }
            return OIDCResponse(status: status, contentType: "application/json", body: Array(body.utf8))
        }
        #expect(await failure { _ = try await world.login() } == expected)
    }
}
