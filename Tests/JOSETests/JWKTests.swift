import Codecs
import Kernel
import TestVectors
import Testing

@testable import JOSE

@Suite struct JWKTests {
    private static let x = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
    private static let y = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
    private static let d = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"

    @Test(arguments: [
        "{}", #"{"kty":"EC"}"#, #"{"kty":"ec","crv":"P-256","x":"X","y":"Y"}"#, #"{"kty":1}"#,
        #"{"kty":"EC","crv":"P-256","x":"X"}"#, #"{"kty":"EC","crv":"P-384","x":"X","y":"Y"}"#,
        #"{"kty":"EC","crv":"secp256k1","x":"X","y":"Y"}"#, #"{"kty":"EC","crv":"P-256","x":"Y","y":"X"}"#,
        #"{"kty":"EC","crv":"P-256","x":"X=","y":"Y"}"#, #"{"kty":"EC","crv":"P-256","x":"AX","y":"Y"}"#,
        #"{"kty":"EC","crv":"P-256","x":"X","y":"Y","d":"X"}"#, #"{"kty":"EC","crv":"P-256","x":"X","y":"Y","d":""}"#,
        #"{"kty":"EC","crv":"P-256","x":"X","y":"Y","kid":1}"#,
        #"{"kty":"EC","crv":"P-256","x":"X","y":"Y","use":["sig"]}"#,
        #"{"kty":"EC","crv":"P-256","x":"X","y":"Y","key_ops":"verify"}"#,
        #"{"kty":"EC","crv":"P-256","x":"X","y":"Y","key_ops":["verify","verify"]}"#,
        #"{"kty":"EC","crv":"P-256","x":"X","y":"Y","use":"sig","key_ops":["encrypt"]}"#,
        #"{"kty":"EC","crv":"P-256","x":"X","y":"Y","use":"enc","key_ops":["verify"]}"#,
        #"{"kty":"OKP","crv":"Ed25519","x":"AAAA"}"#, #"{"kty":"OKP","crv":"Ed448","x":"X"}"#,
        #"{"kty":"OKP","crv":"Ed25519","x":"X","d":"D"}"#, #"{"kty":"oct"}"#, #"{"kty":"oct","k":""}"#,
        #"{"kty":"RSA","n":"AQAB","e":"AQAB"}"#, #"{"kty":"RSA","n":"","e":"AQAB"}"#,
    ])
    func refused(template: String) {
        let text = template.replacing("\"X", with: "\"\(Self.x)").replacing("\"Y", with: "\"\(Self.y)")
            .replacing("\"AX", with: "\"AA\(Self.x)").replacing("\"D\"", with: "\"\(Self.d)\"")
        #expect(throws: RumdulError.joseKey("")) { try JWK.parse(text) }
    }

    @Test func duplicateMembersAreRefused() {
        #expect(throws: RumdulError.malformedJSON("")) {
            try JWK.parse(#"{"kty":"oct","k":"AAAA","k":"BBBB"}"#)
        }
    }

    @Test func unknownMembersStay() throws {
        let text = """
            {"kty":"EC","crv":"P-256","x":"\(Self.x)","y":"\(Self.y)","kid":"1","x5t#S256":"abc"}
            """
        #expect(try JWK.parse(text).json == JSON.parse(text).objectValue)
    }

    @Test func useAndOperationsAreHonoured() throws {
        var jwk = try SigningKey.generate(.es256).jwk
        jwk.use = "enc"
        #expect(throws: RumdulError.joseKey("")) { try VerificationKey(jwk) }
        jwk.use = "other"
        #expect(throws: RumdulError.joseKey("")) { try VerificationKey(jwk) }
        jwk.use = nil
        jwk.operations = ["sign"]
        #expect(throws: Never.self) { try SigningKey(jwk) }
        #expect(throws: Never.self) { try VerificationKey(jwk) }
        jwk.operations = ["deriveKey"]
        #expect(throws: RumdulError.joseKey("")) { try SigningKey(jwk) }
        var open = try #require(jwk.publicKey)
        open.operations = ["sign"]
        #expect(throws: RumdulError.joseKey("")) { try VerificationKey(open) }
        open.operations = []
        #expect(throws: RumdulError.joseKey("")) { try VerificationKey(open) }
        jwk.operations = nil
        for name in ["ES384", "RS256", "HS256", "none", "ES256K", "ECDH-ES"] {
            jwk.algorithm = name
            #expect(throws: RumdulError.joseKey("")) { try VerificationKey(jwk) }
        }
    }

    @Test func aPublicKeySignsNothing() throws {
        let open = try #require(try SigningKey.generate(.es256).jwk.publicKey)
        #expect(throws: RumdulError.joseKey("")) { try SigningKey(open) }
    }

    @Test func rsaNumbers() throws {
        let jwk = try Keys.rsaKey()
        guard case .rsa(let n, let e, let secret?) = jwk.material else { return }
        for (badN, badE) in [
            ([0] + n, e), (n, [0] + e), (n, [1]), (n, [2]), (n, []), (Array(n.dropLast()), e),
            (Array(n.dropLast()) + [n[255] ^ 1], e), (n, [1, 0, 0, 0, 1]), ([UInt8](repeating: 0xFF, count: 1025), e),
        ] {
            #expect(throws: RumdulError.joseKey("")) { try JWK(.rsa(n: badN, e: badE, nil)) }
        }
        var wrong = secret
        wrong.p[wrong.p.count - 1] ^= 2
        #expect(throws: RumdulError.joseKey("")) { try JWK(.rsa(n: n, e: e, wrong)) }
        var object = jwk.json
        object["oth"] = []
        #expect(throws: RumdulError.joseKey("")) { try JWK(object) }
        object["oth"] = nil
        object["q"] = nil
        #expect(throws: RumdulError.joseKey("")) { try JWK(object) }
        object = jwk.json
        object["d"] = nil
        #expect(throws: RumdulError.joseKey("")) { try JWK(object) }
    }

    @Test func sets() throws {
        let first = try SigningKey.generate(.es256).jwk
        let second = try SigningKey.generate(.edDSA).jwk
        let open = [try #require(first.publicKey), try #require(second.publicKey)]
        let set = try JWKSet(open)
        #expect(try JWKSet.parse(JSON.bytes(set.publicJSON)) == set)
        #expect(set[try #require(second.keyID)] == open[1])
        #expect(set["no such key"] == nil)
        var twin = open[1]
        twin.keyID = open[0].keyID
        #expect(throws: RumdulError.joseKey("")) { try JWKSet([open[0], twin]) }
        #expect(throws: RumdulError.joseKey("")) { try JWKSet([open[0], second]) }
        let mixed: JSONObject = ["keys": [.object(open[0].json), ["kty": "oct", "k": "AAAA"]]]
        #expect(throws: RumdulError.joseKey("")) { try JWKSet(mixed) }
        for bad in [[:], ["keys": 1], ["keys": [1]], ["keys": [["crv": "P-256"]]], ["keys": [["kty": "EC"]]]]
            as [JSONObject]
        {
            #expect(throws: RumdulError.joseKey("")) { try JWKSet(bad) }
        }
        // Types and curves that are not known are left out.
        let future: JSONObject = [
            "keys": [
                ["kty": "AKP", "alg": "ML-DSA-65"], ["kty": "OKP", "crv": "Ed448", "x": "AA"], .object(open[0].json),
            ]
        ]
        #expect(try JWKSet(future).keys == [open[0]])
        #expect(try JWKSet([first, second]).publicJSON == set.publicJSON)
    }

    @Test func fuzz() throws {
        var random = Seeded(13)
        let seeds = [
            JSON.bytes(try SigningKey.generate(.es256).jwk.json), JSON.bytes(try SigningKey.generate(.edDSA).jwk.json),
            JSON.bytes(try #require(try Keys.rsaKey().publicKey).json),
        ]
        for round in 0..<6000 {
            let changed = random.mutate(seeds[round % seeds.count])
            // What is accepted can be written and read again, and is the same key.
            if let jwk = try? JWK.parse(changed) { #expect(try JWK(jwk.json) == jwk) }
        }
    }
}
