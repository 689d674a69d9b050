import COSE
import Codecs
import Foundation
import Kernel
import TestVectors
import Testing

/// Wycheproof's signature vectors, checked through COSE keys.
@Suite(.enabled(if: Vectors.present)) struct WycheproofCOSETests {
    private func hex(_ object: JSONObject, _ name: String) -> [UInt8] {
        object.string(name).flatMap { Hex.decode($0) } ?? []
    }

    private func groups(_ file: String) throws -> [JSONObject] {
        (try Vectors.json("wycheproof/\(file)_test.json")["testGroups"]?.arrayValue ?? []).compactMap(\.objectValue)
    }

    /// Checks all cases of a file with the key that a group gives.
    private func check(
        _ file: String, algorithm: COSEAlgorithm, form: ECDSASignatureForm, least: Int,
        key: (JSONObject) throws -> COSEKey
    ) throws {
        var checked = 0
        for group in try groups(file) {
            let key = try key(group)
            for test in (group.array("tests") ?? []).compactMap(\.objectValue) {
                let valid = key.isValid(hex(test, "sig"), for: hex(test, "msg"), algorithm: algorithm, form: form)
                let wanted = test.string("result") ?? ""
                if wanted == "acceptable" { continue }
                checked += 1
                #expect(valid == (wanted == "valid"), "\(file) tcId \(test.integer("tcId") ?? -1)")
            }
        }
        #expect(checked >= least, "\(file): \(checked)")
    }

    private func ecKey(_ group: JSONObject, _ curve: COSECurve, _ algorithm: COSEAlgorithm) throws -> COSEKey {
        let numbers = try #require(group.object("publicKey"))
        return try COSEKey(
            .ec2(
                curve: curve, x: padded(hex(numbers, "wx"), curve.size), y: padded(hex(numbers, "wy"), curve.size)),
            algorithm: algorithm)
    }

    @Test(arguments: [
        ("ecdsa_secp256r1_sha256", COSECurve.p256, COSEAlgorithm.es256, ECDSASignatureForm.der, 400),
        ("ecdsa_secp256r1_sha256_p1363", .p256, .es256, .raw, 200),
        ("ecdsa_secp384r1_sha384", .p384, .es384, .der, 400),
        ("ecdsa_secp384r1_sha384_p1363", .p384, .es384, .raw, 200),
        ("ecdsa_secp521r1_sha512", .p521, .es512, .der, 400),
        ("ecdsa_secp521r1_sha512_p1363", .p521, .es512, .raw, 200),
    ])
    func ecdsa(
        file: String, curve: COSECurve, algorithm: COSEAlgorithm, form: ECDSASignatureForm, least: Int
    ) throws {
        try check(file, algorithm: algorithm, form: form, least: least) { try ecKey($0, curve, algorithm) }
    }

    @Test func ed25519() throws {
        try check("ed25519", algorithm: .edDSA, form: .raw, least: 140) { group in
            try COSEKey(.ed25519(x: hex(try #require(group.object("publicKey")), "pk")), algorithm: .edDSA)
        }
    }

    @Test(arguments: [
        ("rsa_signature_2048_sha256", COSEAlgorithm.rs256), ("rsa_signature_3072_sha256", .rs256),
        ("rsa_signature_4096_sha256", .rs256), ("rsa_pss_2048_sha256_mgf1_32", .ps256),
    ])
    func rsa(file: String, algorithm: COSEAlgorithm) throws {
        try check(file, algorithm: algorithm, form: .der, least: 90) { group in
            let numbers = try #require(group.object("publicKey"))
            return try COSEKey(
                .rsa(n: trimmed(hex(numbers, "modulus")), e: trimmed(hex(numbers, "publicExponent"))),
                algorithm: algorithm)
        }
    }
}
