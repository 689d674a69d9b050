import Codecs
import Kernel
import TestVectors
import Testing

@testable import JOSE

/// The four `json_web_*` files of Wycheproof. Every case that is not run, and every case whose expectation differs from
/// ours, is named here with its reason; the tally is printed.
@Suite(.enabled(if: Vectors.present)) struct WycheproofJOSETests {
    /// Cases of json_web_signature where we come to another verdict than the file, each with its reason.
    private static let different: [Int64: String] = [
        346: "the token says PS384, the key's alg says PS256 (RFC 7517 section 4.4)",
        350: "the token says PS384, the key's alg says PS256 (RFC 7517 section 4.4)",
        347: "the key's alg `ES521` is no registered algorithm",
        351: "the key's alg `ES521` is no registered algorithm",
        367: "byte for byte the valid case 357; the padding that should be wrong is missing in the file",
        370: "byte for byte the valid case 357; the padding that should be wrong is missing in the file",
        372: "`?` inside the header is no base64url (RFC 7515 section 2)",
        373: "`?` inside the payload is no base64url (RFC 7515 section 2)",
    ]

    /// Features left out on purpose; valid cases that need them must fail.
    private static let absent: [String: String] = [
        "RSA1_5": "RSA1_5 is not implemented, on purpose (RFC 8725 section 3.2)",
        "GCMKW": "AES-GCM key wrapping is not implemented: no profile we serve uses it",
        "zip": "compressed content is refused (RFC 8725 section 3.6)",
    ]

    @Test(arguments: ["json_web_signature", "json_web_key", "json_web_crypto"])
    func signatures(file: String) throws {
        var tally = Tally("\(file) (JWS)")
        for test in try WycheproofCase.load(file) {
            guard let value = test.test["jws"] else { continue }
            let object = try #require(test.group.object("public") ?? test.group.object("private"))
            guard let compact = value.stringValue else {
                // A JSON serialisation where the compact one is expected.
                #expect(!test.isValid)
                #expect((try? verify(JSON.text(value), object)) == nil)
                tally.check()
                continue
            }
            let accepted = (try? verify(compact, object)) != nil
            if file == "json_web_signature", let reason = Self.different[test.id] {
                #expect(accepted != test.isValid, "\(test.id)")
                tally.skip(test.id, because: reason)
                continue
            }
            #expect(accepted == test.isValid, "\(file) \(test.id): \(test.test.string("comment") ?? "")")
            tally.check()
        }
        tally.report()
        #expect(tally.checked >= 23)
    }

    /// Verifies with what the key itself allows, as a reader of arbitrary keys would.
    private func verify(_ compact: String, _ object: JSONObject) throws -> [UInt8] {
        let jws = try UnverifiedJWS.parse(compact)
        let set: JWKSet
        if object.has("keys") { set = try JWKSet(object) } else { set = try JWKSet([JWK(object)]) }
        guard set.keys.first?.keyType == "oct" else {
            return try jws.verify(algorithms: Set(JWSAlgorithm.allCases), keys: VerificationKeySet(set)).payload
        }
        let named = jws.header.keyID.flatMap { set[$0] } ?? (set.keys.count == 1 ? set.keys.first : nil)
        guard let key = named else { throw RumdulError.joseKeyID("") }
        return try jws.verifyMAC(algorithms: Set(MACAlgorithm.allCases), key: MACKey(key))
    }

    @Test(arguments: ["json_web_encryption", "json_web_crypto"])
    func encryptions(file: String) throws {
        var tally = Tally("\(file) (JWE)")
        let policy = JWEPolicy(algorithms: Set(JWEAlgorithm.allCases), encryptions: Set(JWEEncryption.allCases))
        for test in try WycheproofCase.load(file) {
            guard let value = test.test["jwe"] else { continue }
            let object = try #require(test.group.object("private"))
            guard let compact = value.stringValue else {
                #expect(!test.isValid)
                #expect((try? JWE.parse(JSON.text(value))) == nil)
                tally.check()
                continue
            }
            let plain = try? JWE.decrypt(compact, with: DecryptionKey(JWK(object)), policy: policy)
            let algorithm = (try? JWE.parse(compact))?.header.algorithm ?? object.string("alg") ?? ""
            let left: String? =
                algorithm == "RSA1_5"
                ? "RSA1_5"
                : algorithm.hasSuffix("GCMKW") ? "GCMKW" : test.flags.contains("CompressedPlaintext") ? "zip" : nil
            if test.isValid, let left {
                #expect(plain == nil, "\(test.id)")
                tally.skip(test.id, because: Self.absent[left] ?? left)
                continue
            }
            #expect((plain != nil) == test.isValid, "\(file) \(test.id): \(test.test.string("comment") ?? "")")
            if let plain, let expected = test.test.string("pt") { #expect(plain == Hex.decode(expected), "\(test.id)") }
            tally.check()
        }
        tally.report()
        #expect(tally.checked >= 30)
    }
}
