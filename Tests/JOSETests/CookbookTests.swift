import Codecs
import Kernel
import TestVectors
import Testing

@testable import JOSE

/// The JOSE cookbook (RFC 7520) with the examples of RFC 7797 and RFC 8037. Every file is either run or named with the
/// reason why it must be refused.
@Suite(.enabled(if: Vectors.present)) struct CookbookTests {
    private func load(_ file: String) throws -> JSONValue { try Vectors.json("jose-cookbook/\(file).json") }

    /// A key; one example has a password in its place.
    private func key(_ value: JSONValue?) throws -> JWK {
        guard let object = value?.objectValue else { throw RumdulError.joseKey("no JWK") }
        return try JWK(object)
    }

    @Test(arguments: [
        "jws/4_1.rsa_v15_signature", "jws/4_2.rsa-pss_signature", "jws/4_3.ecdsa_signature", "curve25519/jws",
    ])
    func signatures(file: String) async throws {
        let example = try load(file)
        let jwk = try key(example["input"]?["key"])
        let algorithm = try #require(JWSAlgorithm(rawValue: example["input"]?["alg"]?.stringValue ?? ""))
        let payload = Array(try #require(example["input"]?["payload"]?.stringValue).utf8)
        let compact = try #require(example["output"]?["compact"]?.stringValue)
        let verified = try JWS.verify(compact, algorithms: [algorithm], key: VerificationKey(jwk))
        #expect(verified.payload == payload)
        let flat = try #require(example["output"]?["json_flat"])
        for form in [flat, try #require(example["output"]?["json"])] {
            let parsed = try UnverifiedJWS.parse(json: JSON.bytes(form))
            #expect(try parsed[0].verify(algorithms: [algorithm], key: VerificationKey(jwk)).payload == payload)
        }
        // Our own signature over the same input verifies as well; where the algorithm is deterministic it is the same.
        let signer = try SoftwareSigner(jwk: jwk, algorithm: algorithm)
        let input = Array(try #require(example["signing"]?["sig-input"]?.stringValue).utf8)
        let signature = try await signer.sign(input)
        #expect(try VerificationKey(jwk).isValid(signature, for: input, algorithm: algorithm))
        if [.rs256, .edDSA].contains(algorithm) {
            #expect(Base64URL.encode(signature) == example["signing"]?["sig"]?.stringValue)
        }
    }

    @Test func authenticationCode() throws {
        let example = try load("jws/4_4.hmac-sha2_integrity_protection")
        let jws = try UnverifiedJWS.parse(try #require(example["output"]?["compact"]?.stringValue))
        let mac = try MACKey(key(example["input"]?["key"]))
        #expect(try jws.verifyMAC(algorithms: [.hs256], key: mac).count > 100)
    }

    @Test func detachedContent() throws {
        let example = try load("jws/4_5.signature_with_detached_content")
        let mac = try MACKey(key(example["input"]?["key"]))
        let payload = Array(try #require(example["input"]?["payload"]?.stringValue).utf8)
        let compact = try #require(example["output"]?["compact"]?.stringValue)
        let jws = try UnverifiedJWS.parse(compact, detachedPayload: payload)
        #expect(try jws.verifyMAC(algorithms: [.hs256], key: mac) == payload)
        let other = try UnverifiedJWS.parse(compact, detachedPayload: payload + [0])
        #expect(throws: RumdulError.joseSignature()) { try other.verifyMAC(algorithms: [.hs256], key: mac) }
        let json = try #require(example["output"]?["json"])
        let parsed = try UnverifiedJWS.parse(json: JSON.bytes(json), detachedPayload: payload)
        #expect(try parsed[0].verifyMAC(algorithms: [.hs256], key: mac) == payload)
        #expect(throws: RumdulError.joseMalformed("")) { try UnverifiedJWS.parse(json: JSON.bytes(json)) }
    }

    @Test func someHeadersUnprotected() throws {
        let example = try load("jws/4_6.protecting_specific_header_fields")
        let mac = try MACKey(key(example["input"]?["key"]))
        let flat = JSON.bytes(try #require(example["output"]?["json_flat"]))
        let jws = try #require(try UnverifiedJWS.parse(json: flat).first)
        #expect(jws.header.keyID == "018c0ae5-4d9b-471b-bfd6-eef314bc7037")
        #expect(try jws.verifyMAC(algorithms: [.hs256], key: mac).count > 100)
    }

    @Test func anUnprotectedAlgorithmIsRefused() throws {
        let only = try load("jws/4_7.protecting_content_only")
        for form in ["json", "json_flat"] {
            let bytes = JSON.bytes(try #require(only["output"]?[form]))
            #expect(throws: RumdulError.joseMalformed("")) { try UnverifiedJWS.parse(json: bytes) }
        }
    }

    @Test func multipleSignatures() throws {
        let example = try load("jws/4_8.multiple_signatures")
        var message = try #require(example["output"]?["json"]?.objectValue)
        // The second signature has its algorithm unprotected: with it the message is refused ...
        #expect(throws: RumdulError.joseMalformed("")) { try UnverifiedJWS.parse(json: JSON.bytes(message)) }
        // ... and without it the other two verify.
        let all = try #require(message.array("signatures"))
        message["signatures"] = .array([all[0], all[2]])
        let parsed = try UnverifiedJWS.parse(json: JSON.bytes(message))
        let rsa = try VerificationKey(key(example["input"]?["key"]?[0]))
        #expect(throws: Never.self) { try parsed[0].verify(algorithms: [.rs256], key: rsa) }
        let mac = try MACKey(key(example["input"]?["key"]?[2]))
        #expect(throws: Never.self) { try parsed[1].verifyMAC(algorithms: [.hs256], key: mac) }
        #expect(throws: RumdulError.joseAlgorithm("")) { try parsed[1].verify(algorithms: [.rs256], key: rsa) }
    }

    @Test(arguments: ["rfc7797/hmac-sha2_b64_false", "rfc7797/4.2.hmac-sha2_b64_false"])
    func unencodedPayloadsAreRefused(file: String) throws {
        let example = try load(file)
        let mac = try MACKey(key(example["input"]?["key"]))
        let payload = Array(try #require(example["input"]?["payload"]?.stringValue).utf8)
        let output = try #require(example["output"])
        var attempts: [UnverifiedJWS?] = []
        if let compact = output["compact"]?.stringValue {
            attempts.append(try? UnverifiedJWS.parse(compact))
            attempts.append(try? UnverifiedJWS.parse(compact, detachedPayload: payload))
        }
        for form in ["json", "json_flat"] {
            guard var message = output[form]?.objectValue else { continue }
            // The payload is no base64url; as detached content it is at least read.
            #expect(throws: RumdulError.joseMalformed("")) { try UnverifiedJWS.parse(json: JSON.bytes(message)) }
            message["payload"] = nil
            attempts.append(try UnverifiedJWS.parse(json: JSON.bytes(message), detachedPayload: payload).first)
        }
        let parsed = attempts.compactMap { $0 }
        #expect(!parsed.isEmpty)
        for jws in parsed {
            #expect(throws: RumdulError.joseCritical("")) {
                try jws.verifyMAC(algorithms: [.hs256], key: mac, understood: ["b64"])
            }
        }
    }

    private static let everything = JWEPolicy(
        algorithms: Set(JWEAlgorithm.allCases), encryptions: Set(JWEEncryption.allCases))

    @Test(arguments: [
        "jwe/5_2.key_encryption_using_rsa-oaep_with_aes-gcm",
        "jwe/5_4.key_agreement_with_key_wrapping_using_ecdh-es_and_aes-keywrap_with_aes-gcm",
        "jwe/5_5.key_agreement_using_ecdh-es_with_aes-cbc-hmac-sha2", "jwe/5_6.direct_encryption_using_aes-gcm",
        "jwe/5_8.key_wrap_using_aes-keywrap_with_aes-gcm", "curve25519/ecdh-es",
    ])
    func encryptions(file: String) throws {
        let example = try load(file)
        let compact = try #require(example["output"]?["compact"]?.stringValue)
        let plaintext = Array(try #require(example["input"]?["plaintext"]?.stringValue).utf8)
        let jwk = try key(example["input"]?["key"])
        #expect(try JWE.decrypt(compact, with: DecryptionKey(jwk), policy: Self.everything) == plaintext)
    }

    /// (file, why it is refused)
    @Test(arguments: [
        ("jwe/5_1.key_encryption_using_rsa_v15_and_aes-hmac-sha2", "RSA1_5 (RFC 8725 section 3.2)"),
        ("jwe/5_3.key_wrap_using_pbes2-aes-keywrap_with-aes-cbc-hmac-sha2", "passwords (RFC 8725 section 2.6)"),
        ("jwe/5_7.key_wrap_using_aes-gcm_keywrap_with_aes-cbc-hmac-sha2", "A256GCMKW: no profile uses it"),
        ("jwe/5_9.compressed_content", "zip (RFC 8725 section 3.6)"),
    ])
    func refusedEncryptions(file: String, why: String) throws {
        let example = try load(file)
        let compact = try #require(example["output"]?["compact"]?.stringValue)
        let jwk = try (try? key(example["input"]?["key"])) ?? JWK(.oct([UInt8](repeating: 1, count: 16)))
        #expect(throws: RumdulError.self, "\(why)") {
            try JWE.decrypt(compact, with: DecryptionKey(jwk), policy: Self.everything)
        }
        print("cookbook \(file): refused, \(why)")
    }

    /// These exist only in JSON serialisation, which is not read for JWE.
    @Test(arguments: [
        "jwe/5_10.including_additional_authentication_data", "jwe/5_11.protecting_specific_header_fields",
        "jwe/5_12.protecting_content_only", "jwe/5_13.encrypting_to_multiple_recipients",
    ])
    func jsonEncryptionsAreNoTokens(file: String) throws {
        let output = try #require(try load(file)["output"])
        #expect(output["compact"] == nil)
        #expect(throws: RumdulError.joseMalformed("")) { try JWE.parse(JSON.text(output["json"] ?? .null)) }
        print("cookbook \(file): not run, JSON serialisation only")
    }

    @Test func nested() throws {
        let example = try load("6.nesting_signatures_and_encryption")
        let encrypted = try #require(example["encrypt"]?["output"]?["compact"]?.stringValue)
        let inner = try JWE.decrypt(
            encrypted, with: DecryptionKey(key(example["encrypt"]?["input"]?["key"])), policy: Self.everything)
        let signer = try VerificationKey(key(example["sign"]?["input"]?["key"]))
        let validator = JWTValidator(issuer: "hobbiton.example", audiences: [], algorithms: [.ps256])
        let token = String(decoding: inner, as: UTF8.self)
        let jwt = try validator.validate(token, key: signer, now: Instant(seconds: 1_300_819_379))
        #expect(jwt.claims.bool("http://example.com/is_root") == true)
        #expect(throws: RumdulError.joseExpired) {
            try validator.validate(token, key: signer, now: Instant(seconds: 1_300_819_380 + 30))
        }
    }

    @Test(arguments: [
        "3_1.ec_public_key", "3_2.ec_private_key", "3_3.rsa_public_key", "3_4.rsa_private_key",
        "3_5.symmetric_key_mac_computation", "3_6.symmetric_key_encryption",
    ])
    func keys(file: String) throws {
        let object = try #require(try load("jwk/\(file)").objectValue)
        let jwk = try JWK(object)
        #expect(jwk.json == object)
        #expect(jwk.isSecret == !file.contains("public"))
        if let open = jwk.publicKey {
            #expect(!open.isSecret)
            #expect(open.thumbprint == jwk.thumbprint)
            for name in ["d", "p", "q", "dp", "dq", "qi", "k"] { #expect(!open.json.has(name)) }
        }
    }
}
