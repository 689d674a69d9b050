import COSE
import Codecs
import Crypto
import CryptoExtras
import Foundation
import Kernel
import TestVectors
import Testing

@Suite struct COSEKeyTests {
    private let p256 = P256.Signing.PrivateKey()

    private func map(_ changes: [(CBORValue, CBORValue?)] = []) -> CBORValue {
        let point = Array(p256.publicKey.rawRepresentation)
        let (x, y) = (Array(point[..<32]), Array(point[32...]))
        var map: CBORMap = [1: 2, 3: -7, -1: 1, -2: .bytes(x), -3: .bytes(y)]
        for (key, value) in changes { map[key] = value }
        return .map(map)
    }

    @Test func ec2KeyRoundTripsAndVerifies() throws {
        let key = try COSEKey(map())
        #expect(key.algorithm == .es256)
        #expect(try COSEKey(encoded: key.encoded) == key)
        let message = Array("signed".utf8)
        let signature = try p256.signature(for: message)
        #expect(key.isValid(Array(signature.derRepresentation), for: message, form: .der))
        #expect(key.isValid(Array(signature.rawRepresentation), for: message, form: .raw))
        #expect(!key.isValid(Array(signature.rawRepresentation), for: message, form: .der))
        #expect(!key.isValid(Array(signature.derRepresentation), for: message, algorithm: .es384, form: .der))
    }

    @Test func okpKeyVerifies() throws {
        let secret = Curve25519.Signing.PrivateKey()
        let value: CBORValue = [1: 1, 3: -8, -1: 6, -2: .bytes(Array(secret.publicKey.rawRepresentation))]
        let key = try COSEKey(value)
        let signature = Array(try secret.signature(for: [1, 2, 3]))
        #expect(key.isValid(signature, for: [1, 2, 3], form: .der))
        #expect(!key.isValid(signature, for: [1, 2], form: .der))
        #expect(try COSEKey(encoded: key.encoded) == key)
    }

    @Test func rsaKeyVerifiesInBothPaddings() throws {
        let secret = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        let numbers = try secret.publicKey.getKeyPrimitives()
        let material = COSEKeyMaterial.rsa(n: Array(numbers.modulus), e: Array(numbers.publicExponent))
        let message: [UInt8] = [9, 9]
        let pkcs = try secret.signature(for: SHA256.hash(data: message), padding: .insecurePKCS1v1_5)
        let pss = try secret.signature(for: SHA256.hash(data: message), padding: .PSS)
        let sha1 = try secret.signature(for: Insecure.SHA1.hash(data: message), padding: .insecurePKCS1v1_5)
        let rs256 = try COSEKey(material, algorithm: .rs256)
        #expect(rs256.isValid(Array(pkcs.rawRepresentation), for: message, form: .der))
        #expect(!rs256.isValid(Array(pss.rawRepresentation), for: message, form: .der))
        let ps256 = try COSEKey(encoded: try COSEKey(material, algorithm: .ps256).encoded)
        #expect(ps256.isValid(Array(pss.rawRepresentation), for: message, form: .der))
        // RS1 must be asked for by name.
        #expect(code { _ = try COSEKey(material, algorithm: .rs1) } == "cose.algorithm")
        let open = COSEKeyRules(algorithms: .conformance, needsAlgorithm: true, refusesOthers: true)
        let rs1 = try COSEKey(material, algorithm: .rs1, rules: open)
        #expect(rs1.isValid(Array(sha1.rawRepresentation), for: message, form: .der))
        #expect(!COSEAlgorithm.allCases.filter { $0 != .rs1 }.contains { rs1.algorithms.contains($0) })
    }

    private static let refusals: [(String, CBORValue, CBORValue?, String)] = [
        ("kty missing", 1, nil, "cose.malformed"), ("kty text", 1, "2", "cose.malformed"),
        ("kty unknown", 1, 4, "cose.key"), ("alg missing", 3, nil, "cose.malformed"),
        ("alg text", 3, "ES256", "cose.malformed"), ("alg unknown", 3, -999, "cose.algorithm"),
        ("alg of another curve", 3, -35, "cose.algorithm"), ("alg of another type", 3, -257, "cose.algorithm"),
        ("RS1", 3, -65535, "cose.algorithm"), ("crv missing", -1, nil, "cose.malformed"),
        ("crv unknown", -1, 8, "cose.key"), ("crv Ed25519 in EC2", -1, 6, "cose.key"),
        ("crv of another size", -1, 2, "cose.key"), ("x missing", -2, nil, "cose.malformed"),
        ("x text", -2, "x", "cose.malformed"), ("x short", -2, .bytes([1, 2]), "cose.key"),
        ("x off the curve", -2, .bytes([UInt8](repeating: 7, count: 32)), "cose.key"),
        ("y compressed", -3, true, "cose.key"), ("y missing", -3, nil, "cose.malformed"),
        ("private part", -4, .bytes([UInt8](repeating: 1, count: 32)), "cose.key"),
        ("kid", 2, .bytes([1]), "cose.key"), ("kid text", 2, "a", "cose.malformed"), ("key_ops", 4, [2], "cose.key"),
        ("text label", "x", 1, "cose.key"),
    ]

    @Test(arguments: refusals)
    func refusesEC2(name: String, label: CBORValue, value: CBORValue?, wanted: String) {
        #expect(code { _ = try COSEKey(map([(label, value)])) } == wanted, "\(name)")
    }

    @Test func refusesOtherThingsThanMaps() {
        #expect(code { _ = try COSEKey([1, 2]) } == "cose.malformed")
        #expect(code { _ = try COSEKey(encoded: []) } == "cose.malformed")
        #expect(code { _ = try COSEKey(encoded: CBOR.encode(map()) + [0]) } == "cose.malformed")
    }

    @Test func ed448IsRecognisedAndRefused() {
        let value: CBORValue = [1: 1, 3: -8, -1: 7, -2: .bytes([UInt8](repeating: 1, count: 57))]
        do {
            _ = try COSEKey(value)
            Issue.record("accepted")
        } catch {
            #expect(error.code == "cose.key")
            #expect(error.cause?.contains("Ed448") == true)
        }
    }

    @Test func messageKeysMayCarryOtherMembers() throws {
        let key = try COSEKey(map([(2, .bytes([1])), (3, nil)]), rules: .message)
        #expect(key.keyID == [1])
        #expect(key.algorithms == [.es256])
    }

    @Test func privatePartsAreRefusedEverywhere() throws {
        let secret: CBORValue = .bytes([UInt8](repeating: 1, count: 32))
        #expect(code { _ = try COSEKey(map([(-4, secret)]), rules: .message) } == "cose.key")
        let okp: CBORValue = [
            1: 1, -1: 6, -2: .bytes(Array(Curve25519.Signing.PrivateKey().publicKey.rawRepresentation)), -4: secret,
        ]
        #expect(code { _ = try COSEKey(okp, rules: .message) } == "cose.key")
        let odd = [UInt8](repeating: 0xFF, count: 256)
        let rsa: CBORValue = [1: 3, -1: .bytes(odd), -2: .bytes([1, 0, 1]), -3: secret]
        #expect(code { _ = try COSEKey(rsa, rules: .message) } == "cose.key")
    }

    @Test func refusesWeakRSA() throws {
        func value(_ n: [UInt8], _ e: [UInt8]) -> CBORValue { [1: 3, 3: -257, -1: .bytes(n), -2: .bytes(e)] }
        let odd = [UInt8](repeating: 0xFF, count: 256)
        let exponent: [UInt8] = [1, 0, 1]
        #expect(code { _ = try COSEKey(value([UInt8](repeating: 0xFF, count: 128), exponent)) } == "cose.key")
        #expect(code { _ = try COSEKey(value([UInt8](repeating: 0xFF, count: 513), exponent)) } == "cose.key")
        #expect(code { _ = try COSEKey(value([0] + odd, exponent)) } == "cose.key")
        #expect(code { _ = try COSEKey(value(odd.dropLast() + [0xFE], exponent)) } == "cose.key")
        #expect(code { _ = try COSEKey(value(odd, [1])) } == "cose.key")
        #expect(code { _ = try COSEKey(value(odd, [2])) } == "cose.key")
        #expect(code { _ = try COSEKey(value(odd, [1, 0, 0, 0, 1])) } == "cose.key")
        #expect(code { _ = try COSEKey(value([], exponent)) } == "cose.key")
        #expect(code { _ = try COSEKey([1: 3, 3: -257, -1: .bytes(odd)]) } == "cose.malformed")
    }

    @Test func mutatedKeysNeverCrash() {
        var random = Seeded(41)
        let good = CBOR.encode(map())
        for _ in 0..<4000 {
            let bytes = random.mutate(good)
            let result = code { _ = try COSEKey(encoded: bytes) }
            #expect(result == nil || result?.hasPrefix("cose.") == true)
        }
    }

    @Test func catalogueHasEveryCode() {
        let catalogue = ErrorCatalogue([.cose])
        for code in ["cose.malformed", "cose.key", "cose.algorithm", "cose.signature"] {
            #expect(catalogue[code] != nil)
            #expect(catalogue[code]?.text.km.isEmpty == false)
        }
    }
}
