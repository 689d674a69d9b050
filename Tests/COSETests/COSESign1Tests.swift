import COSE
import Codecs
import Crypto
import Foundation
import Kernel
import TestVectors
import Testing

/// The working group's examples of COSE_Sign1.
@Suite(.enabled(if: Vectors.present)) struct COSESign1ExampleTests {
    private func key(_ json: JSONObject) throws -> COSEKey {
        func number(_ name: String) throws -> [UInt8] {
            if let text = json.string("\(name)_hex") { return try #require(Hex.decode(text)) }
            let text = try #require(json.string(name))
            return try #require(Base64URL.decode(text))
        }
        let rules = COSEKeyRules(needsAlgorithm: false, refusesOthers: true, bindsCurve: false)
        let material: COSEKeyMaterial
        switch json.string("crv") {
        case "P-256": material = try .ec2(curve: .p256, x: number("x"), y: number("y"))
        case "P-384": material = try .ec2(curve: .p384, x: number("x"), y: number("y"))
        case "P-521": material = try .ec2(curve: .p521, x: number("x"), y: number("y"))
        default: material = try .ed25519(x: number("x"))
        }
        return try COSEKey(material, algorithm: nil, rules: rules)
    }

    private func check(_ path: String) throws -> [UInt8] {
        let example = try Vectors.json("cose-wg-examples/\(path).json")
        let input = try #require(example["input"]?["sign0"]?.objectValue)
        let text = try #require(example["output"]?["cbor"]?.stringValue)
        let message = try #require(Hex.decode(text))
        return try COSESign1(encoded: message).verify(
            key(try #require(input.object("key"))),
            external: try #require(Hex.decode(input.string("external") ?? "")), unprotectedAlgorithm: true)
    }

    @Test(arguments: [
        "sign1-tests/sign-pass-01", "sign1-tests/sign-pass-02", "sign1-tests/sign-pass-03",
        "ecdsa-examples/ecdsa-sig-01", "ecdsa-examples/ecdsa-sig-02", "ecdsa-examples/ecdsa-sig-03",
        "ecdsa-examples/ecdsa-sig-04", "eddsa-examples/eddsa-sig-01",
    ])
    func passes(path: String) throws {
        #expect(try check(path) == Array("This is the content.".utf8))
    }

    @Test(arguments: [
        ("01", "cose.malformed"), ("02", "cose.signature"), ("03", "cose.algorithm"), ("04", "cose.algorithm"),
        ("06", "cose.signature"), ("07", "cose.signature"),
    ])
    func fails(number: String, wanted: String) {
        #expect(code { _ = try check("sign1-tests/sign-fail-\(number)") } == wanted)
    }
}

@Suite struct COSESign1Tests {
    private let secret = P256.Signing.PrivateKey()

    private func publicKey() throws -> COSEKey {
        let point = Array(secret.publicKey.rawRepresentation)
        return try COSEKey(
            .ec2(curve: .p256, x: Array(point[..<32]), y: Array(point[32...])), algorithm: .es256)
    }

    private func make(detached: Bool = false, unprotected: CBORMap = [:], protected: CBORMap = [:]) throws -> [UInt8] {
        try COSESign1.make(
            [1, 2, 3], algorithm: .es256, protected: protected, unprotected: unprotected, external: [7],
            detached: detached
        ) { Array(try secret.signature(for: $0).rawRepresentation) }
    }

    @Test func signsAndVerifies() throws {
        let message = try COSESign1(encoded: make())
        #expect(try message.verify(publicKey(), external: [7]) == [1, 2, 3])
        #expect(code { _ = try message.verify(publicKey()) } == "cose.signature")
        #expect(code { _ = try message.verify(publicKey(), external: [7], algorithms: [.edDSA]) } == "cose.algorithm")
        #expect(code { _ = try message.verify(publicKey(), detached: [1], external: [7]) } == "cose.malformed")
    }

    @Test func detachedContent() throws {
        let message = try COSESign1(encoded: make(detached: true))
        #expect(message.payload == nil)
        #expect(try message.verify(publicKey(), detached: [1, 2, 3], external: [7]) == [1, 2, 3])
        #expect(code { _ = try message.verify(publicKey(), external: [7]) } == "cose.malformed")
    }

    @Test func refusesCritAndDoubledParameters() throws {
        #expect(code { _ = try COSESign1(encoded: make(protected: [2: [4]])) } == "cose.algorithm")
        #expect(code { _ = try COSESign1(encoded: make(unprotected: [1: -7])) } == "cose.malformed")
    }

    @Test func mutatedMessagesNeverCrash() throws {
        var random = Seeded(42)
        let good = try make()
        let key = try publicKey()
        var accepted = 0
        for _ in 0..<3000 {
            let bytes = random.mutate(good)
            let result = code { _ = try COSESign1(encoded: bytes).verify(key, external: [7]) }
            #expect(result == nil || result?.hasPrefix("cose.") == true)
            if result == nil { accepted += 1 }
        }
        // Only changes that leave the signed bytes alone get through, such as another length of the outer array's head.
        #expect(accepted < 60)
    }
}
