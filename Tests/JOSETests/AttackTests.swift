import Codecs
import Crypto
import Kernel
import TestVectors
import Testing

@testable import JOSE

/// Attacks on token verification that are known by name (RFC 8725 sections 2 and 3).
@Suite struct AttackTests {
    private let key: SigningKey
    private let verification: VerificationKey
    private let all = Set(JWSAlgorithm.allCases)

    init() throws {
        key = try SigningKey.generate(.es256)
        verification = try key.verificationKey()
    }

    private func token(_ header: String, _ payload: String = "{}") throws -> String {
        try Keys.sign(header: header, payload: payload, with: key)
    }

    private func expect(_ error: RumdulError, _ token: String, key other: VerificationKey? = nil) {
        #expect(throws: error) { try JWS.verify(token, algorithms: all, key: other ?? verification) }
    }

    @Test func theHonestTokenPasses() throws {
        #expect(throws: Never.self) { try JWS.verify(token(#"{"alg":"ES256"}"#), algorithms: all, key: verification) }
    }

    @Test(arguments: ["none", "None", "NONE", "nOnE", "", "ES256K", "es256", "HS256", "ES256 ", "ES256\\u0000", "RS1"])
    func algorithmsThatAreNoneOfOurs(name: String) throws {
        let header = "{\"alg\":\"\(name)\"}"
        expect(.joseAlgorithm(""), try token(header))
        let unsigned = Base64URL.encode(Array(header.utf8)) + ".e30."
        expect(.joseAlgorithm(""), unsigned)
    }

    @Test func publicKeyAsSharedSecret() throws {
        // The classic: HS256 over the public key's bytes, in every form in which a verifier may hold them.
        let header = Base64URL.encode(Array(#"{"alg":"HS256"}"#.utf8))
        let input = Array("\(header).e30".utf8)
        let forms: [[UInt8]] = [
            JSON.bytes(verification.jwk.json), verification.jwk.thumbprint,
            Array(Base64URL.encode(JSON.bytes(verification.jwk.json)).utf8),
        ]
        for form in forms {
            let mac = HMAC<SHA256>.authenticationCode(for: input, using: SymmetricKey(data: form))
            expect(.joseAlgorithm(""), "\(header).e30.\(Base64URL.encode(Array(mac)))")
        }
        #expect(throws: RumdulError.joseKey("")) { try MACKey(verification.jwk) }
        let secret = try JWK(.oct([UInt8](repeating: 7, count: 32)))
        #expect(throws: RumdulError.joseKey("")) { try VerificationKey(secret) }
    }

    @Test func paddingSwap() throws {
        let jwk = try Keys.rsaKey()
        let pkcs1 = try SigningKey(jwk, algorithm: .rs256)
        let rs = try Keys.sign(header: #"{"alg":"RS256"}"#, payload: "{}", with: pkcs1)
        let open = try VerificationKey(jwk)
        #expect(throws: Never.self) { try JWS.verify(rs, algorithms: [.rs256], key: open) }
        // The allow-list decides, then the padding, then the key's own `alg`.
        #expect(throws: RumdulError.joseAlgorithm("")) { try JWS.verify(rs, algorithms: [.ps256], key: open) }
        let relabelled = try Keys.sign(header: #"{"alg":"PS256"}"#, payload: "{}", with: pkcs1)
        #expect(throws: RumdulError.joseSignature()) { try JWS.verify(relabelled, algorithms: all, key: open) }
        let bound = try VerificationKey(JWK(jwk.material, algorithm: "PS256"))
        #expect(throws: RumdulError.joseAlgorithm("")) { try JWS.verify(rs, algorithms: all, key: bound) }
        #expect(throws: RumdulError.joseAlgorithm("")) { try JWS.verify(rs, algorithms: all, key: verification) }
    }

    @Test(arguments: [0, 1, 32, 63, 64, 65, 72, 96, 128])
    func emptySignatures(length: Int) throws {
        let input = Base64URL.encode(Array(#"{"alg":"ES256"}"#.utf8)) + ".e30."
        expect(.joseSignature(), input + Base64URL.encode([UInt8](repeating: 0, count: length)))
        expect(.joseSignature(), input + Base64URL.encode([UInt8](repeating: 0xFF, count: length)))
    }

    @Test func theOrderOfTheCurveAsZero() throws {
        let order = try #require(Hex.decode("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"))
        let input = Base64URL.encode(Array(#"{"alg":"ES256"}"#.utf8)) + ".e30."
        for parts in [
            order + order, order + [UInt8](repeating: 0, count: 32), [UInt8](repeating: 0, count: 32) + order,
        ] {
            expect(.joseSignature(), input + Base64URL.encode(parts))
        }
    }

    @Test func derSignaturesAreRefused() throws {
        let input = Base64URL.encode(Array(#"{"alg":"ES256"}"#.utf8)) + ".e30"
        let raw = try key.signature(for: Array(input.utf8))
        let der = try P256.Signing.ECDSASignature(rawRepresentation: raw).derRepresentation
        expect(.joseSignature(), input + "." + Base64URL.encode(Array(der)))
    }

    @Test func keysInsideTheTokenAreNotUsed() throws {
        let attacker = try SigningKey.generate(.es256)
        let open = try #require(attacker.jwk.publicKey)
        for header in [
            "{\"alg\":\"ES256\",\"jwk\":\(JSON.text(open.json))}",
            #"{"alg":"ES256","jku":"https://attacker.example/keys"}"#,
            #"{"alg":"ES256","x5u":"https://attacker.example/cert"}"#, #"{"alg":"ES256","x5c":["MIIB"]}"#,
        ] {
            let forged = try Keys.sign(header: header, payload: "{}", with: attacker)
            expect(.joseSignature(), forged)
            let keys = VerificationKeySet(try JWKSet([verification.jwk]))
            #expect(throws: RumdulError.joseSignature()) { try JWS.verify(forged, algorithms: all, keys: keys) }
        }
    }

    @Test func theEmbeddedKeyIsThereForThoseWhoAsk() throws {
        let open = try #require(verification.jwk.publicKey)
        let signed = try UnverifiedJWS.parse(token("{\"alg\":\"ES256\",\"jwk\":\(JSON.text(open.json))}"))
        let embedded = try VerificationKey(signed.header.embeddedKey())
        #expect(throws: Never.self) { try signed.verify(algorithms: [.es256], key: embedded) }
        for jwk in ["1", "{}", JSON.text(key.jwk.json), "{\"kty\":\"oct\",\"k\":\"AAAA\"}"] {
            let bad = try UnverifiedJWS.parse(token("{\"alg\":\"ES256\",\"jwk\":\(jwk)}"))
            #expect(throws: RumdulError.joseKey("")) { try bad.header.embeddedKey() }
        }
    }

    @Test(arguments: [
        #"{"alg":"ES256","crit":["x"],"x":1}"#, #"{"alg":"ES256","crit":[]}"#, #"{"alg":"ES256","crit":"x","x":1}"#,
        #"{"alg":"ES256","crit":["x"]}"#, #"{"alg":"ES256","crit":["alg"]}"#,
        #"{"alg":"ES256","crit":["exp","exp"],"exp":1}"#,
        #"{"alg":"ES256","crit":[1]}"#, #"{"alg":"ES256","crit":null}"#, #"{"alg":"ES256","crit":["b64"],"b64":true}"#,
        #"{"alg":"ES256","crit":["b64"],"b64":false}"#, #"{"alg":"ES256","b64":false}"#,
        #"{"alg":"ES256","b64":"true"}"#,
        #"{"alg":"ES256","crit":["kid"],"kid":"a"}"#,
    ])
    func criticalHeaders(header: String) throws { expect(.joseCritical(""), try token(header)) }

    @Test func criticalHeadersThatTheCallerKnows() throws {
        let signed = try token(#"{"alg":"ES256","crit":["sigT"],"sigT":"x"}"#)
        #expect(throws: Never.self) {
            try JWS.verify(signed, algorithms: all, key: verification, understood: ["sigT"])
        }
        #expect(throws: RumdulError.joseCritical("")) {
            try JWS.verify(signed, algorithms: all, key: verification, understood: ["other"])
        }
    }

    @Test(arguments: [
        #"{"alg":"ES256","alg":"ES256"}"#, #"{"alg":"none","\u0061lg":"ES256"}"#, #"{"kid":"a"}"#, #"{"alg":1}"#,
        #"{"alg":null}"#,
        #"["ES256"]"#, "ES256", "", #"{"alg":"ES256"}x"#, #"{"alg":"ES256","kid":1}"#,
        #"{"alg":"ES256","typ":["JWT"]}"#,
        #"{"alg":"ES256","cty":{}}"#, "{\"alg\":\"ES256\",\"x\":\"\u{1}\"}", #"{"alg":"ES256","x":"\ud800"}"#,
    ])
    func malformedHeaders(header: String) throws { expect(.joseMalformed(""), try token(header)) }

    @Test func onlyOneTextForOneToken() throws {
        let honest = try token(#"{"alg":"ES256"}"#)
        let parts = honest.split(separator: ".").map(String.init)
        let variants = [
            honest + "=", honest + "\n", " " + honest, honest + ".", "." + honest, honest.replacing(".", with: ".."),
            "\(parts[0])=.\(parts[1]).\(parts[2])", "\(parts[0]).\(parts[1])=.\(parts[2])", "\(parts[0]).\(parts[1])",
            "\(parts[0]).\(parts[1]).\(parts[2]).x", "..", ".", "", "a", honest.replacing("-", with: "+") + " ",
        ]
        for variant in variants { expect(.joseMalformed(""), variant) }
        // 64 bytes leave four bits of the last character without meaning; they must be zero.
        let last = try #require(parts[2].last)
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        for other in alphabet where other != last {
            let changed = parts[0] + "." + parts[1] + "." + parts[2].dropLast() + String(other)
            #expect(throws: RumdulError.self) { try JWS.verify(changed, algorithms: all, key: verification) }
        }
    }

    @Test func sizes() throws {
        let long = try token(#"{"alg":"ES256"}"#, "{\"x\":\"\(String(repeating: "a", count: 50_000))\"}")
        expect(.joseTooLarge(""), long)
        #expect(throws: Never.self) {
            try JWS.verify(long, algorithms: all, key: verification, maximumSize: 1 << 17)
        }
        let deep = String(repeating: "[", count: 50) + String(repeating: "]", count: 50)
        expect(.joseMalformed(""), try token("{\"alg\":\"ES256\",\"x\":\(deep)}"))
    }

    @Test(arguments: ["../../etc/passwd", "' OR 1=1 --", "\\u0000", "", "a\\nb"])
    func hostileKeyIdentifiers(kid: String) throws {
        let keys = VerificationKeySet(try JWKSet([verification.jwk]))
        let signed = try token("{\"alg\":\"ES256\",\"kid\":\"\(kid)\"}")
        #expect(throws: RumdulError.joseKeyID("")) { try JWS.verify(signed, algorithms: all, keys: keys) }
    }

    @Test func choosingAmongKeys() throws {
        let other = try SigningKey.generate(.es256)
        let edwards = try SigningKey.generate(.edDSA)
        let set = VerificationKeySet(
            try JWKSet([verification.jwk, try #require(other.jwk.publicKey), try #require(edwards.jwk.publicKey)]))
        let kid = try #require(verification.keyID)
        let named = try token("{\"alg\":\"ES256\",\"kid\":\"\(kid)\"}")
        #expect(try JWS.verify(named, algorithms: all, keys: set).key.keyID == kid)
        // Another key's name does not help.
        let misnamed = try token("{\"alg\":\"ES256\",\"kid\":\"\(try #require(other.jwk.keyID))\"}")
        #expect(throws: RumdulError.joseSignature()) { try JWS.verify(misnamed, algorithms: all, keys: set) }
        // Without a name two keys fit ES256, one fits EdDSA.
        #expect(throws: RumdulError.joseKeyID("")) {
            try JWS.verify(token(#"{"alg":"ES256"}"#), algorithms: all, keys: set)
        }
        let unnamed = try Keys.sign(header: #"{"alg":"EdDSA"}"#, payload: "{}", with: edwards)
        #expect(throws: Never.self) { try JWS.verify(unnamed, algorithms: all, keys: set) }
    }

    @Test func noChangedMessageIsAccepted() throws {
        var random = Seeded(11)
        for algorithm in [JWSAlgorithm.es256, .edDSA] {
            let signer = try SigningKey.generate(algorithm)
            let open = try signer.verificationKey()
            let honest = try Keys.sign(
                header: "{\"alg\":\"\(algorithm.rawValue)\",\"kid\":\"k\"}", payload: #"{"sub":"1","aud":["a"]}"#,
                with: signer)
            let message = honest[..<(honest.lastIndex(of: ".") ?? honest.endIndex)]
            for _ in 0..<4000 {
                let changed = random.mutate(Array(honest.utf8))
                guard changed != Array(honest.utf8) else { continue }
                let text = String(decoding: changed, as: UTF8.self)
                // (r, n - s) is a second valid signature for ECDSA; the message must be the same, though.
                if let jws = try? JWS.verify(text, algorithms: all, key: open) {
                    #expect(text.hasPrefix(message + "."), "\(text)")
                    #expect(jws.payload == Array(#"{"sub":"1","aud":["a"]}"#.utf8))
                }
            }
            for length in 0..<honest.utf8.count {
                #expect(throws: RumdulError.self) {
                    try JWS.verify(String(honest.prefix(length)), algorithms: all, key: open)
                }
            }
        }
    }

    @Test func noChangedJSONSerialisationIsAccepted() throws {
        var random = Seeded(14)
        let compact = try token(#"{"alg":"ES256","kid":"k"}"#, #"{"sub":"1"}"#).split(separator: ".").map(String.init)
        let signature: JSONObject = [
            "protected": .string(compact[0]), "header": ["x": 1], "signature": .string(compact[2]),
        ]
        let general: JSONObject = ["payload": .string(compact[1]), "signatures": [.object(signature)]]
        var flat = signature
        flat["payload"] = .string(compact[1])
        for honest in [JSON.bytes(general), JSON.bytes(flat)] {
            let parsed = try UnverifiedJWS.parse(json: honest)
            #expect(try parsed[0].verify(algorithms: all, key: verification).payload == Array(#"{"sub":"1"}"#.utf8))
            for _ in 0..<4000 {
                guard let changed = try? UnverifiedJWS.parse(json: random.mutate(honest)) else { continue }
                for jws in changed {
                    guard let verified = try? jws.verify(algorithms: all, key: verification) else { continue }
                    #expect(verified.payload == Array(#"{"sub":"1"}"#.utf8))
                    #expect(verified.header.parameters == ["alg": "ES256", "kid": "k"])
                }
            }
        }
    }

    @Test(arguments: [
        #"{}"#, #"{"payload":"e30"}"#, #"{"payload":"e30","signatures":[]}"#, #"{"payload":"e30","signatures":[1]}"#,
        #"{"payload":"e30","signatures":{"protected":"P","signature":"S"}}"#,
        #"{"payload":"e30","protected":"P","signature":"S","signatures":[{"protected":"P","signature":"S"}]}"#,
        #"{"payload":"e30","protected":"P","signature":"S","header":{"alg":"none"}}"#,
        #"{"payload":"e30","protected":"P","signature":"S","header":{"crit":["x"]}}"#,
        #"{"payload":"e30","protected":"P","signature":"S","header":{"b64":false}}"#,
        #"{"payload":"e30","protected":"P","signature":"S","header":[]}"#,
        #"{"payload":"e30","protected":"P","signature":"S","header":{"kid":1}}"#,
        #"{"payload":"e30=","protected":"P","signature":"S"}"#, #"{"payload":1,"protected":"P","signature":"S"}"#,
        #"{"payload":"e30","protected":"P","protected":"P","signature":"S"}"#,
    ])
    func malformedJSONSerialisations(template: String) throws {
        let parts = try token(#"{"alg":"ES256"}"#).split(separator: ".").map(String.init)
        let text = template.replacing("\"P\"", with: "\"\(parts[0])\"").replacing("\"S\"", with: "\"\(parts[2])\"")
        #expect(throws: RumdulError.joseMalformed("")) { try UnverifiedJWS.parse(json: Array(text.utf8)) }
    }
}
