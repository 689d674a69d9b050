import Codecs
import Kernel
import Testing

@testable import JOSE

@Suite struct JWTTests {
    private let key: SigningKey
    private let open: VerificationKey
    private let now = Instant(seconds: 1_800_000_000)

    init() throws {
        key = try SigningKey.generate(.es256)
        open = try key.verificationKey()
    }

    private var validator: JWTValidator {
        JWTValidator(
            issuer: "https://id.example", audiences: ["client-1"], algorithms: [.es256], types: ["at+jwt"],
            clockSkew: 30,
            requiredClaims: ["exp", "sub"])
    }

    private func claims(_ changes: [(String, JSONValue?)] = []) -> JSONObject {
        var claims: JSONObject = [
            "iss": "https://id.example", "sub": "s", "aud": "client-1", "exp": .integer(now.seconds + 300),
            "iat": .integer(now.seconds),
        ]
        for (name, value) in changes { claims[name] = value }
        return claims
    }

    private func sign(_ claims: JSONObject, type: String? = "at+jwt") async throws -> String {
        try await JWSProducer(signer: SoftwareSigner(key), type: type).sign(claims)
    }

    @Test func anHonestTokenPasses() async throws {
        let jwt = try validator.validate(try await sign(claims()), key: open, now: now)
        #expect(jwt.subject == "s")
        #expect(jwt.audience == ["client-1"])
        #expect(jwt.expiresAt == Instant(seconds: now.seconds + 300))
        #expect(jwt.header.keyID == key.jwk.keyID)
        let set = VerificationKeySet(try JWKSet([open.jwk]))
        let second = try await sign(claims())
        #expect(throws: Never.self) { try validator.validate(second, keys: set, now: now) }
    }

    @Test(
        arguments: [
            ("iss", "https://id.example/", RumdulError.joseIssuer), ("iss", nil, .joseIssuer),
            ("iss", 1, .joseClaim("")),
            ("iss", "https://ID.example", .joseIssuer), ("sub", nil, .joseClaim("")), ("sub", 1, .joseClaim("")),
            ("jti", 7, .joseClaim("")), ("aud", nil, .joseAudience), ("aud", "client-2", .joseAudience),
            ("aud", "Client-1", .joseAudience), ("aud", [], .joseClaim("")), ("aud", ["client-1", 1], .joseClaim("")),
            ("aud", [["client-1"]], .joseClaim("")), ("aud", ["client-1": true], .joseClaim("")),
            ("aud", true, .joseClaim("")),
            ("aud", ["client-2"], .joseAudience), ("exp", nil, .joseClaim("")), ("exp", "1800000300", .joseClaim("")),
            ("exp", -1, .joseClaim("")), ("exp", 1_799_999_970, .joseExpired), ("exp", 1, .joseExpired),
            ("exp", .integer(.max), .joseClaim("")), ("exp", 1e300, .joseClaim("")), ("exp", [], .joseClaim("")),
            ("nbf", 1_800_000_031, .joseNotYetValid), ("nbf", "0", .joseClaim("")),
            ("nbf", 1_800_000_031.9, .joseNotYetValid),
            ("iat", 1_800_000_031, .joseIssuedAt), ("iat", true, .joseClaim("")),
        ] as [(String, JSONValue?, RumdulError)])
    func refused(name: String, value: JSONValue?, error: RumdulError) async throws {
        let token = try await sign(claims([(name, value)]))
        #expect(throws: error) { try validator.validate(token, key: open, now: now) }
    }

    @Test(
        arguments: [
            ("aud", ["client-2", "client-1"]), ("exp", 1_799_999_971), ("exp", 1_800_000_000.5), ("nbf", 1_800_000_030),
            ("iat", 1_800_000_030), ("jti", "x"), ("extra", ["a": [1]]), ("iat", nil),
        ] as [(String, JSONValue?)])
    func accepted(name: String, value: JSONValue?) async throws {
        let token = try await sign(claims([(name, value)]))
        #expect(throws: Never.self) { try validator.validate(token, key: open, now: now) }
    }

    @Test(
        arguments: [
            ("at+jwt", true), ("AT+JWT", true), ("application/at+jwt", true), ("Application/AT+jwt", true),
            ("JWT", false),
            ("at+jwtx", false), ("text/at+jwt", false), ("application/x/at+jwt", false), ("", false), (nil, false),
        ] as [(String?, Bool)])
    func types(type: String?, passes: Bool) async throws {
        let token = try await sign(claims(), type: type)
        #expect(((try? validator.validate(token, key: open, now: now)) != nil) == passes)
        if type == nil {
            var lenient = validator
            lenient.typeRequired = false
            #expect(throws: Never.self) { try lenient.validate(token, key: open, now: now) }
        }
    }

    @Test func ageLifetimeAndSoleAudience() async throws {
        var strict = validator
        strict.maximumAge = 60
        let fresh = try await sign(claims([("iat", .integer(now.seconds - 90))]))
        #expect(throws: Never.self) { try strict.validate(fresh, key: open, now: now) }
        let stale = try await sign(claims([("iat", .integer(now.seconds - 91))]))
        #expect(throws: RumdulError.joseIssuedAt) { try strict.validate(stale, key: open, now: now) }
        let undated = try await sign(claims([("iat", nil)]))
        #expect(throws: RumdulError.joseClaim("")) { try strict.validate(undated, key: open, now: now) }
        strict.maximumAge = nil
        strict.maximumLifetime = 300
        let exact = try await sign(claims())
        #expect(throws: Never.self) { try strict.validate(exact, key: open, now: now) }
        let long = try await sign(claims([("exp", .integer(now.seconds + 301))]))
        #expect(throws: RumdulError.joseLifetime) { try strict.validate(long, key: open, now: now) }
        strict.maximumLifetime = nil
        strict.soleAudience = true
        let shared = try await sign(claims([("aud", ["client-1", "client-2"])]))
        #expect(throws: RumdulError.joseAudience) { try strict.validate(shared, key: open, now: now) }
        let alone = try await sign(claims([("aud", ["client-1"])]))
        #expect(throws: Never.self) { try strict.validate(alone, key: open, now: now) }
    }

    @Test(arguments: ["[]", "1", "", "{", #"{"sub":"a","sub":"b"}"#, "{\"sub\":\"\u{0}\"}"])
    func claimsThatAreNoObject(payload: String) async throws {
        let token = try await JWSProducer(signer: SoftwareSigner(key), type: "at+jwt").sign(Array(payload.utf8))
        #expect(throws: RumdulError.joseMalformed("")) { try validator.validate(token, key: open, now: now) }
    }

    @Test func sharedSecretsNeedTheirOwnAllowList() throws {
        let mac = try MACKey(secret: [UInt8](repeating: 5, count: 32))
        let header = Base64URL.encode(Array(#"{"alg":"HS256","typ":"at+jwt"}"#.utf8))
        let input = header + "." + Base64URL.encode(JSON.bytes(claims()))
        let token = input + "." + Base64URL.encode(try mac.code(for: Array(input.utf8), algorithm: .hs256))
        #expect(throws: RumdulError.joseAlgorithm("")) { try validator.validate(token, macKey: mac, now: now) }
        #expect(throws: RumdulError.joseAlgorithm("")) { try validator.validate(token, key: open, now: now) }
        var lenient = validator
        lenient.macAlgorithms = [.hs256]
        #expect(throws: Never.self) { try lenient.validate(token, macKey: mac, now: now) }
        #expect(throws: RumdulError.joseAlgorithm("")) { try lenient.validate(token, key: open, now: now) }
        #expect(throws: RumdulError.joseKey("")) { try MACKey(secret: [UInt8](repeating: 5, count: 31)) }
    }

    /// A signer that is elsewhere, answers late and may fail.
    private struct RemoteSigner: JWSSigner {
        let key: SigningKey
        let fails: Bool
        var algorithm: JWSAlgorithm { key.algorithm }
        var keyID: String { "slot-7" }

        func sign(_ input: [UInt8]) async throws -> [UInt8] {
            await Task.yield()
            if fails { throw RumdulError.internal("the module does not answer") }
            return try key.signature(for: input)
        }
    }

    @Test func outsideSigners() async throws {
        let good = JWSProducer(signer: RemoteSigner(key: key, fails: false), type: "at+jwt")
        let jwt = try validator.validate(try await good.sign(claims()), key: open, now: now)
        #expect(jwt.header.keyID == "slot-7")
        let bad = JWSProducer(signer: RemoteSigner(key: key, fails: true))
        await #expect(throws: RumdulError.internal("")) { try await bad.sign(claims()) }
    }

    @Test(arguments: JWSAlgorithm.allCases)
    func everyAlgorithmSignsAndVerifies(algorithm: JWSAlgorithm) async throws {
        let rsa = algorithm.rawValue.hasPrefix("R") || algorithm.rawValue.hasPrefix("P")
        let signing = try rsa ? SigningKey(Keys.rsaKey(), algorithm: algorithm) : SigningKey.generate(algorithm)
        let producer = JWSProducer(
            signer: SoftwareSigner(signing), type: "x", contentType: "y", additional: ["alg": "none", "iss": "z"])
        let token = try await producer.sign([1, 2, 3])
        let jws = try JWS.verify(token, algorithms: [algorithm], key: signing.verificationKey())
        #expect(jws.payload == [1, 2, 3])
        #expect(jws.header.parameters.string("iss") == "z")
        #expect(throws: RumdulError.joseAlgorithm("")) {
            try JWS.verify(
                token, algorithms: Set(JWSAlgorithm.allCases).subtracting([algorithm]), key: signing.verificationKey())
        }
        let detached = try await producer.signDetached([1, 2, 3])
        let parsed = try UnverifiedJWS.parse(detached, detachedPayload: [1, 2, 3])
        #expect(throws: Never.self) { try parsed.verify(algorithms: [algorithm], key: signing.verificationKey()) }
        #expect(throws: RumdulError.joseMalformed("")) { try UnverifiedJWS.parse(token, detachedPayload: [1, 2, 3]) }
    }

    @Test func unverifiedClaimsAreReadable() async throws {
        let (header, claims) = try JWT.unverifiedClaims(try await sign(claims()))
        #expect(header.algorithm == "ES256")
        #expect(claims.string("iss") == "https://id.example")
    }
}
