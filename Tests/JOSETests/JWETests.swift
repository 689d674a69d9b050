import Codecs
import Kernel
import TestVectors
import Testing

@testable import JOSE

@Suite struct JWETests {
    private static let everything = JWEPolicy(
        algorithms: Set(JWEAlgorithm.allCases), encryptions: Set(JWEEncryption.allCases))

    private static func key(for algorithm: JWEAlgorithm, _ encryption: JWEEncryption) throws -> JWK {
        switch algorithm {
        case .rsaOAEP, .rsaOAEP256: try Keys.rsaKey()
        case .direct: try JWK(.oct(secureRandomBytes(encryption.keySize)))
        default:
            if algorithm.rawValue.hasPrefix("ECDH") {
                try DecryptionKey.generate(algorithm).jwk
            } else {
                try JWK(.oct(secureRandomBytes(algorithm.wrappingKeySize ?? 0)))
            }
        }
    }

    @Test(arguments: JWEAlgorithm.allCases, JWEEncryption.allCases)
    func everyPairComesBack(algorithm: JWEAlgorithm, encryption: JWEEncryption) throws {
        let jwk = try Self.key(for: algorithm, encryption)
        for length in [0, 1, 15, 16, 17, 1000] {
            let plaintext = secureRandomBytes(length)
            let message = try JWE.encrypt(
                plaintext, to: EncryptionKey(jwk), algorithm: algorithm, encryption: encryption, contentType: "JWT")
            let key = try DecryptionKey(jwk)
            #expect(try JWE.decrypt(message, with: key, policy: Self.everything) == plaintext)
            #expect(try JWE.parse(message).header.contentType == "JWT")
            let standard = JWEPolicy.standard
            if !standard.algorithms.contains(algorithm) || !standard.encryptions.contains(encryption) {
                #expect(throws: RumdulError.joseAlgorithm("")) { try JWE.decrypt(message, with: key) }
            }
        }
    }

    @Test(arguments: [JWK.Curve.p384, .p521])
    func otherCurves(curve: JWK.Curve) throws {
        let jwk = JWK(
            checked: try SigningKey.generate(curve == .p384 ? .es384 : .es512).jwk.material, keyID: nil, use: nil,
            operations: nil, algorithm: nil, additional: [:])
        let message = try JWE.encrypt([1, 2, 3], to: EncryptionKey(jwk), algorithm: .ecdhES, encryption: .a256GCM)
        #expect(try JWE.decrypt(message, with: DecryptionKey(jwk)) == [1, 2, 3])
    }

    /// A message with one header member changed before encryption; only the header differs from an honest one.
    private func tampered(_ change: (inout JSONObject) -> Void) throws -> (String, DecryptionKey) {
        let key = try DecryptionKey.generate(.ecdhES)
        let message = try JWE.encrypt([1], to: EncryptionKey(key.jwk), algorithm: .ecdhES, encryption: .a256GCM)
        var parts = message.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        var header = try JSON.parseObject(try #require(Base64URL.decode(parts[0])))
        change(&header)
        parts[0] = Base64URL.encode(JSON.bytes(header))
        return (parts.joined(separator: "."), key)
    }

    @Test func invalidCurvePoints() throws {
        // A point of a weaker curve, the neutral element, coordinates out of range, another curve, a secret key.
        let zero = Base64URL.encode([UInt8](repeating: 0, count: 32))
        let high = Base64URL.encode([UInt8](repeating: 0xFF, count: 32))
        let short = Base64URL.encode([UInt8](repeating: 1, count: 31))
        for (x, y) in [(zero, zero), (zero, high), (high, high), (short, short), ("", ""), ("!", "!")] {
            let (message, key) = try tampered {
                $0["epk"] = ["kty": "EC", "crv": "P-256", "x": .string(x), "y": .string(y)]
            }
            #expect(throws: RumdulError.joseKey("")) { try JWE.decrypt(message, with: key) }
        }
        let secret = try DecryptionKey.generate().jwk.json
        let (message, key) = try tampered { $0["epk"] = .object(secret) }
        #expect(throws: RumdulError.joseKey("")) { try JWE.decrypt(message, with: key) }
        let other = try #require(try SigningKey.generate(.es384).jwk.publicKey?.json)
        let (mixed, ours) = try tampered { $0["epk"] = .object(other) }
        #expect(throws: RumdulError.joseDecryption) { try JWE.decrypt(mixed, with: ours) }
        let (absent, own) = try tampered { $0["epk"] = nil }
        #expect(throws: RumdulError.joseMalformed("")) { try JWE.decrypt(absent, with: own) }
    }

    @Test func flippedCoordinateIsOffTheCurve() throws {
        let (message, key) = try tampered { header in
            guard var epk = header.object("epk"), var x = epk.string("x").flatMap({ Base64URL.decode($0) }) else {
                return
            }
            x[0] ^= 1
            epk["x"] = .string(Base64URL.encode(x))
            header["epk"] = .object(epk)
        }
        // Half of all changed coordinates are off the curve, the others fail at the tag.
        #expect(throws: RumdulError.self) { try JWE.decrypt(message, with: key) }
    }

    @Test func pointsOfLowOrder() throws {
        let jwk = try JWK.parse(
            """
            {"kty":"OKP","crv":"X25519","x":"3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08",
            "d":"XasIfmJKikt54X-Lg4AO5m87sSkmGLb9HC-LJ_-I4Os"}
            """)
        let message = try JWE.encrypt([1], to: EncryptionKey(jwk), algorithm: .ecdhES, encryption: .a256GCM)
        var parts = message.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        var header = try JSON.parseObject(try #require(Base64URL.decode(parts[0])))
        header["epk"] = [
            "kty": "OKP", "crv": "X25519", "x": .string(Base64URL.encode([UInt8](repeating: 0, count: 32))),
        ]
        parts[0] = Base64URL.encode(JSON.bytes(header))
        #expect(throws: RumdulError.joseDecryption) {
            try JWE.decrypt(parts.joined(separator: "."), with: DecryptionKey(jwk))
        }
    }

    @Test(
        arguments: [
            ("zip", JSONValue.string("DEF"), RumdulError.joseAlgorithm("")), ("zip", nil, .joseAlgorithm("")),
            ("alg", "dir", .joseAlgorithm("")), ("alg", "PBES2-HS256+A128KW", .joseAlgorithm("")),
            ("alg", "RSA1_5", .joseAlgorithm("")), ("alg", "none", .joseAlgorithm("")),
            ("alg", "RSA-OAEP-256", .joseAlgorithm("")),
            ("enc", "none", .joseAlgorithm("")), ("enc", 1, .joseMalformed("")), ("enc", "A192GCM", .joseAlgorithm("")),
            ("crit", ["x"], .joseCritical("")), ("apu", 1, .joseMalformed("")), ("apv", "=", .joseMalformed("")),
            ("kid", "changed", .joseDecryption), ("p2c", 2_147_483_647, .joseDecryption),
        ] as [(String, JSONValue, RumdulError)])
    func headers(name: String, value: JSONValue, error: RumdulError) throws {
        let (message, key) = try tampered { $0[name] = value }
        #expect(throws: error) { try JWE.decrypt(message, with: key) }
    }

    @Test func keysForOtherUses() throws {
        let signing = try SigningKey.generate(.es256).jwk
        #expect(throws: RumdulError.joseKey("")) { try EncryptionKey(signing) }
        #expect(throws: RumdulError.joseKey("")) { try DecryptionKey(signing) }
        let encrypting = try DecryptionKey.generate().jwk
        #expect(throws: RumdulError.joseKey("")) { try VerificationKey(encrypting) }
        #expect(throws: RumdulError.joseKey("")) { try SigningKey(encrypting) }
        let open = try #require(encrypting.publicKey)
        #expect(throws: RumdulError.joseKey("")) { try DecryptionKey(open) }
        // The key's `alg` binds.
        #expect(throws: RumdulError.joseAlgorithm("")) {
            try JWE.encrypt([], to: EncryptionKey(open), algorithm: .ecdhES, encryption: .a256GCM)
        }
    }

    @Test(arguments: [
        (JWEAlgorithm.ecdhES, JWEEncryption.a256GCM), (.ecdhESA256KW, .a256CBCHS512), (.rsaOAEP256, .a256GCM),
        (.ecdhESA128KW, .a128CBCHS256),
    ])
    func noChangedMessageIsAccepted(algorithm: JWEAlgorithm, encryption: JWEEncryption) throws {
        var random = Seeded(12)
        let jwk = try Self.key(for: algorithm, encryption)
        let key = try DecryptionKey(jwk)
        let honest = try JWE.encrypt(
            Array("attack at dawn".utf8), to: EncryptionKey(jwk), algorithm: algorithm, encryption: encryption)
        for _ in 0..<(algorithm == .rsaOAEP256 ? 200 : 1500) {
            let changed = random.mutate(Array(honest.utf8))
            guard changed != Array(honest.utf8) else { continue }
            #expect(throws: RumdulError.self) {
                try JWE.decrypt(String(decoding: changed, as: UTF8.self), with: key, policy: Self.everything)
            }
        }
        for length in stride(from: 0, to: honest.utf8.count, by: algorithm == .rsaOAEP256 ? 7 : 1) {
            #expect(throws: RumdulError.self) { try JWE.decrypt(String(honest.prefix(length)), with: key) }
        }
    }

    @Test func sizes() throws {
        let key = try DecryptionKey.generate()
        let message = try JWE.encrypt(
            [UInt8](repeating: 0, count: 1 << 18), to: EncryptionKey(key.jwk), algorithm: .ecdhESA256KW,
            encryption: .a256GCM)
        #expect(throws: RumdulError.joseTooLarge("")) { try JWE.decrypt(message, with: key) }
    }
}
