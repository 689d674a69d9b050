import Codecs
import Crypto
import Kernel
import TestVectors
import Testing

@testable import JOSE

/// Wycheproof cases for the primitives, run through our own key types.
@Suite(.enabled(if: Vectors.present)) struct WycheproofSignatureTests {
    @Test(arguments: [
        ("ecdsa_secp256r1_sha256_p1363", JWSAlgorithm.es256), ("ecdsa_secp384r1_sha384_p1363", .es384),
        ("ecdsa_secp521r1_sha512_p1363", .es512), ("ed25519", .edDSA), ("rsa_signature_2048_sha256", .rs256),
        ("rsa_signature_3072_sha256", .rs256), ("rsa_signature_4096_sha256", .rs256),
        ("rsa_pss_2048_sha256_mgf1_32", .ps256),
    ])
    func signatures(file: String, algorithm: JWSAlgorithm) throws {
        var tally = Tally(file)
        for test in try WycheproofCase.load(file) {
            let jwk: JWK
            if var object = test.group.object("publicKeyJwk") ?? test.group.object("keyJwk") {
                object["kid"] = nil
                if let jwkOrNil = try? JWK(object) {
                    jwk = jwkOrNil
                } else {
                    // The file writes some numbers with leading zeros, which our reader refuses.
                    tally.skip(test.id, because: "the group's JWK is refused by the strict reader")
                    continue
                }
            } else if let key = Self.key(test.group) {
                jwk = key
            } else {
                tally.skip(test.id, because: "the group's public key is refused")
                continue
            }
            let key = try VerificationKey(jwk)
            let accepted = key.isValid(test.hex("sig"), for: test.hex("msg"), algorithm: algorithm)
            // What is acceptable either way (a missing NULL in the DER of PKCS #1) is refused here.
            #expect(accepted == test.isValid, "\(file) \(test.id): \(test.test.string("comment") ?? "")")
            tally.check()
        }
        tally.report()
        #expect(tally.checked > 100)
    }

    /// The key of a group that has no JWK.
    private static func key(_ group: JSONObject) -> JWK? {
        guard let key = group.object("publicKey") else { return nil }
        if let modulus = key.string("modulus"), let exponent = key.string("publicExponent") {
            return try? JWK(.rsa(n: number(modulus), e: number(exponent), nil))
        }
        if let x = key.string("pk") { return try? JWK(.okp(.ed25519, x: Hex.decode(x) ?? [], d: nil)) }
        guard let point = key.string("uncompressed").flatMap({ Hex.decode($0) }),
            let curve = JWK.Curve.allCases.first(where: { $0.size * 2 + 1 == point.count })
        else { return nil }
        return try? JWK(.ec(curve, x: Array(point[1...curve.size]), y: Array(point.suffix(curve.size)), d: nil))
    }

    private static func number(_ hex: String) -> [UInt8] { Array((Hex.decode(hex) ?? []).drop { $0 == 0 }) }

    @Test func hmac() throws {
        var tally = Tally("hmac_sha256")
        for test in try WycheproofCase.load("hmac_sha256") {
            guard test.group.integer("tagSize") == 256 else {
                tally.skip(test.id, because: "a shortened code; JWS has none")
                continue
            }
            guard let key = try? MACKey(secret: test.hex("key")) else {
                tally.skip(test.id, because: "key shorter than RFC 7518 section 3.2 allows")
                continue
            }
            let code = try key.code(for: test.hex("msg"), algorithm: .hs256)
            #expect(constantTimeEquals(code, test.hex("tag")) == test.isValid, "\(test.id)")
            tally.check()
        }
        tally.report()
        #expect(tally.checked > 40)
    }
}

@Suite(.enabled(if: Vectors.present)) struct WycheproofEncryptionTests {
    @Test(arguments: ["aes_gcm", "a128cbc_hs256", "a192cbc_hs384", "a256cbc_hs512"])
    func contentEncryption(file: String) throws {
        var tally = Tally(file)
        let fixed: [String: JWEEncryption] = [
            "a128cbc_hs256": .a128CBCHS256, "a192cbc_hs384": .a192CBCHS384, "a256cbc_hs512": .a256CBCHS512,
        ]
        let gcm: [Int64: JWEEncryption] = [128: .a128GCM, 192: .a192GCM, 256: .a256GCM]
        for test in try WycheproofCase.load(file) {
            guard let encryption = fixed[file] ?? gcm[test.group.integer("keySize") ?? 0] else { continue }
            let sealed = ContentEncryption.Sealed(iv: test.hex("iv"), ciphertext: test.hex("ct"), tag: test.hex("tag"))
            let plain = try? ContentEncryption.open(
                sealed, key: test.hex("key"), additional: test.hex("aad"), encryption: encryption)
            if test.isValid, file == "aes_gcm", test.group.integer("ivSize") != 96 {
                // JWE allows 96-bit IVs only (RFC 7518 section 5.3): all others must be refused.
                #expect(plain == nil, "\(test.id)")
                tally.check()
                continue
            }
            if test.isAcceptable {
                tally.skip(test.id, because: "acceptable either way: \(test.flags.joined(separator: " "))")
                continue
            }
            #expect((plain != nil) == test.isValid, "\(file) \(test.id): \(test.test.string("comment") ?? "")")
            if let plain { #expect(plain == test.hex("msg"), "\(test.id)") }
            tally.check()
        }
        tally.report()
        #expect(tally.checked > 50)
    }

    @Test func keyWrapping() throws {
        var tally = Tally("aes_wrap")
        for test in try WycheproofCase.load("aes_wrap") {
            let size = test.hex("msg").count
            guard size % 8 == 0 else {
                tally.skip(test.id, because: "no content key has such a length")
                continue
            }
            let key = SymmetricKey(data: test.hex("key"))
            let found = try? KeyWrapping.unwrap(test.hex("ct"), with: key, size: size)
            if test.isValid, size < 16 {
                tally.skip(test.id, because: "no content key is so short")
                continue
            }
            if test.isAcceptable {
                tally.skip(test.id, because: "acceptable either way: \(test.flags.joined(separator: " "))")
                continue
            }
            #expect((found != nil) == test.isValid, "\(test.id): \(test.test.string("comment") ?? "")")
            if let found { #expect(found == test.hex("msg")) }
            tally.check()
        }
        tally.report()
        #expect(tally.checked > 100)
    }

    @Test(arguments: [
        ("rsa_oaep_2048_sha256_mgf1sha256", JWEAlgorithm.rsaOAEP256), ("rsa_oaep_2048_sha1_mgf1sha1", .rsaOAEP),
    ])
    func oaep(file: String, algorithm: JWEAlgorithm) throws {
        var tally = Tally(file)
        for test in try WycheproofCase.load(file) {
            guard test.hex("label").isEmpty else {
                tally.skip(test.id, because: "JWE uses no label")
                continue
            }
            var object = try #require(test.group.object("privateKeyJwk"))
            for name in ["alg", "kid"] { object[name] = nil }
            guard case .rsa(let key) = try DecryptionKey(JWK(object)).backing else { continue }
            let found = try? KeyWrapping.decrypt(test.hex("ct"), with: key, algorithm: algorithm)
            if test.isAcceptable {
                tally.skip(test.id, because: "acceptable either way: \(test.flags.joined(separator: " "))")
                continue
            }
            #expect((found != nil) == test.isValid, "\(test.id): \(test.test.string("comment") ?? "")")
            if let found { #expect(found == test.hex("msg")) }
            tally.check()
        }
        tally.report()
        #expect(tally.checked > 20)
    }

    @Test func agreementOnP256() throws {
        var tally = Tally("ecdh_secp256r1_ecpoint")
        for test in try WycheproofCase.load("ecdh_secp256r1_ecpoint") {
            let point = test.hex("public")
            guard point.count == 65, point[0] == 4 else {
                tally.skip(test.id, because: "a JWK has no compressed or malformed points")
                continue
            }
            let own = test.hex("private").drop { $0 == 0 }
            let padded = [UInt8](repeating: 0, count: max(0, 32 - own.count)) + own
            let key = DecryptionKey.Backing.p256(try P256.KeyAgreement.PrivateKey(rawRepresentation: padded))
            let found = try? agree(key, .ec(.p256, x: Array(point[1...32]), y: Array(point[33...]), d: nil))
            #expect((found != nil) == (test.isValid || test.isAcceptable), "\(test.id)")
            if let found { #expect(found == test.hex("shared"), "\(test.id)") }
            tally.check()
        }
        tally.report()
        #expect(tally.checked > 200)
    }

    @Test func agreementOnX25519() throws {
        var tally = Tally("x25519")
        for test in try WycheproofCase.load("x25519") {
            let key = DecryptionKey.Backing.x25519(
                try Curve25519.KeyAgreement.PrivateKey(rawRepresentation: test.hex("private")))
            let found = try? agree(key, .okp(.x25519, x: test.hex("public"), d: nil))
            // A shared secret of zeros comes from a point of low order and must be refused, because no secret
            // is in it then (RFC 7748 section 6.1); every other case must agree.
            let zero = test.hex("shared").allSatisfy { $0 == 0 }
            #expect((found != nil) == !zero, "\(test.id)")
            if let found { #expect(found == test.hex("shared"), "\(test.id)") }
            tally.check()
        }
        tally.report()
        #expect(tally.checked > 500)
    }

    private func agree(_ key: DecryptionKey.Backing, _ other: JWK.Material) throws -> [UInt8] {
        let checked = try JWK(other)
        return try KeyAgreement.secret(key, EncryptionKey.backing(checked.material)).withUnsafeBytes { Array($0) }
    }
}
