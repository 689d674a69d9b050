import Codecs
import Foundation
import JOSE
import Kernel
import KeyVault
import Testing

@testable import ProofOfPossession

@Suite("DPoP") struct DPoPTests {
    let clock = TestClock()
    let maker: ProofMaker
    let validator = DPoPValidator(memory: ProcessReplayMemory())

    init() throws { maker = try ProofMaker(clock: clock) }

    private static let header =
        "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0R"
        + "scEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMj"
        + "U2In19"
    /// RFC 9449, figure 2.
    private static let tokenProof =
        header
        + ".eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiw"
        + "iaWF0IjoxNTYyMjYyNjE2fQ"
        + ".2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg"
    /// RFC 9449, figure 13.
    private static let resourceProof =
        header
        + ".eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN"
        + "0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ"
        + "9.2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA"
    private static let jkt = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"

    @Test func theExamplesOfTheRFC() async throws {
        let first = try await validator.validate(
            DPoPRequest(proofs: [Self.tokenProof], method: "POST", url: "https://server.example.com/token"),
            now: Instant(seconds: 1_562_262_616))
        #expect(first.jkt == Self.jkt && first.jti == "-BwC3ESc6acc2lTc")
        let request = DPoPRequest(
            proofs: [Self.resourceProof], method: "GET", url: "https://resource.example.org/protectedresource",
            accessToken: ProofMaker.token, expectedThumbprint: Self.jkt)
        let second = try await validator.validate(request, now: Instant(seconds: 1_562_262_618))
        #expect(second.jkt == Self.jkt && second.jti == "e1j3V_bKic8-LAEB")
        #expect(
            DPoPValidator.accessTokenHash(ProofMaker.token) == "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo")
    }

    @Test func clocksMayDifferTenSecondsAndNotMoreThanSixty() async throws {
        for away in [-60, -10, 10, 60] as [Int64] {
            let iat = clock.now.seconds + away
            let proof = try maker.proof(claims: ["iat": .integer(iat)])
            let accepted = try await validator.validate(maker.request(proof), now: clock.now)
            #expect(accepted.iat.seconds == iat)
        }
        let narrow = DPoPValidator(memory: ProcessReplayMemory(), tolerance: 1)
        #expect(narrow.tolerance == 10)
        #expect(DPoPValidator(memory: ProcessReplayMemory(), tolerance: 3600).tolerance == 60)
        let late = try maker.proof(claims: ["iat": .integer(clock.now.seconds - 11)])
        #expect(try await refusal { try await narrow.validate(maker.request(late), now: clock.now) } == .iat)
        let fraction = try maker.proof(claims: ["iat": .double(Double(clock.now.seconds) + 0.25)])
        let accepted = try await validator.validate(maker.request(fraction), now: clock.now)
        #expect(accepted.iat.microseconds == clock.now.microseconds + 250_000)
    }

    @Test func theTimesOfAJWTAreHonoured() async throws {
        let now = clock.now.seconds
        func check(_ claims: [String: JSONValue?]) async throws -> DPoPError.Reason? {
            let proof = try maker.proof(claims: claims)
            return try await refusal { try await validator.validate(maker.request(proof), now: clock.now) }
        }
        #expect(try await check(["nbf": .integer(now), "exp": .integer(now + 300)]) == nil)
        #expect(try await check(["nbf": .integer(now + 10)]) == nil)
        #expect(try await check(["nbf": .integer(now + 61)]) == .notYetValid)
        #expect(try await check(["nbf": "soon"]) == .notYetValid)
        #expect(try await check(["exp": .integer(now - 10)]) == nil)
        #expect(try await check(["exp": .integer(now - 60)]) == .expired)
        #expect(try await check(["exp": true]) == .expired)
    }

    @Test func aReplayIsRefusedAsLongAsTheProofWouldBeFresh() async throws {
        let proof = try maker.proof(claims: ["iat": .integer(clock.now.seconds + 60)])
        _ = try await validator.validate(maker.request(proof), now: clock.now)
        for _ in 0..<12 {
            clock.advance(10)
            #expect(
                try await refusal { try await validator.validate(maker.request(proof), now: clock.now) } == .replayed)
        }
        clock.advance(1)
        #expect(try await refusal { try await validator.validate(maker.request(proof), now: clock.now) } == .iat)
    }

    @Test func sizeIsLimited() async throws {
        let padding = String(repeating: "x", count: 5000)
        let fitting = try maker.proof(claims: ["pad": .string(padding)])
        #expect(fitting.utf8.count < DPoPValidator.maximumSize)
        #expect(try await refusal { try await validator.validate(maker.request(fitting), now: clock.now) } == nil)
        let long = try maker.proof(claims: ["pad": .string(padding + padding)])
        #expect(try await refusal { try await validator.validate(maker.request(long), now: clock.now) } == .tooLarge)
    }

    @Test func noncesAreGivenAndWanted() async throws {
        let vault = try FileKeyVault.ephemeral(ambient: clock.ambient, purposes: [.mac])
        let nonces = DPoPNonces(vault: vault, ambient: clock.ambient)
        func check(_ nonce: JSONValue?, _ policy: DPoPNoncePolicy) async throws -> DPoPError.Reason? {
            let proof = try maker.proof(claims: ["nonce": nonce])
            return try await refusal {
                try await validator.validate(maker.request(proof), nonce: policy, now: clock.now)
            }
        }
        let nonce = try await nonces.current()
        #expect(nonce.utf8.count == 32)
        #expect(try await nonces.current() == nonce)
        #expect(try await check(nil, .required(nonces)) == .nonce)
        #expect(try await check(nil, .optional(nonces)) == nil)
        #expect(try await check("wrong", .none) == nil)
        for policy in [DPoPNoncePolicy.required(nonces), .optional(nonces)] {
            #expect(try await check(.string(nonce), policy) == nil)
            #expect(try await check("wrong", policy) == .nonce)
            #expect(try await check(.string(String(repeating: "A", count: 32)), policy) == .nonce)
            #expect(try await check(7, policy) == .malformed)
        }
        // A proof that lacks only the nonce is not used up.
        let again = try maker.proof(claims: ["jti": "again"])
        let refused = try await refusal {
            try await validator.validate(maker.request(again), nonce: .required(nonces), now: clock.now)
        }
        #expect(refused == .nonce)
        #expect(try await check(.string(nonce), .required(nonces)) == nil)
    }

    @Test func noncesRotateAndAreTheSameOnEveryNode() async throws {
        let vault = try FileKeyVault.ephemeral(ambient: clock.ambient, purposes: [.mac])
        let nonces = DPoPNonces(vault: vault, ambient: clock.ambient)
        let other = DPoPNonces(vault: vault, ambient: clock.ambient)
        let stranger = DPoPNonces(
            vault: try FileKeyVault.ephemeral(ambient: clock.ambient, purposes: [.mac]), ambient: clock.ambient)
        let first = try await nonces.current()
        #expect(try await other.current() == first)
        #expect(try await !stranger.accepts(first))
        clock.advance(30)
        let second = try await nonces.current()
        #expect(second != first)
        #expect(try await nonces.accepts(first))
        #expect(try await other.accepts(first))
        clock.advance(30)
        #expect(try await !nonces.accepts(first))
        #expect(try await nonces.accepts(second))
        // The clock of another node may run behind.
        let third = try await nonces.current()
        clock.advance(-30)
        #expect(try await other.accepts(third))
        clock.advance(-30)
        #expect(try await !other.accepts(third))
        for _ in 0..<50 {
            clock.advance(30)
            _ = try await nonces.current()
        }
        #expect(try await !nonces.accepts(third))
    }

    @Test func errorsSayWhatToFixInASCII() {
        for reason in DPoPError.Reason.allCases {
            let error = DPoPError(reason)
            #expect(error.code == (reason == .nonce ? "use_dpop_nonce" : "invalid_dpop_proof"))
            #expect(error.text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x5C })
            #expect(error.challenge().hasPrefix("DPoP error=\"\(error.code)\", error_description=\""))
        }
        #expect(DPoPError.challenge() == "DPoP algs=\"ES256 EdDSA PS256\"")
        #expect(Set(DPoPError.Reason.allCases.map { DPoPError($0).text }).count == DPoPError.Reason.allCases.count)
    }
}

@Suite("DPoP fuzz") struct DPoPFuzzTests {
    let clock = TestClock()

    /// Whatever is changed in a proof: it is refused with one of our errors, and never accepted as another proof.
    @Test func mutatedProofsAreRefused() async throws {
        let maker = try ProofMaker(clock: clock)
        let validator = DPoPValidator(memory: ProcessReplayMemory())
        let good = Array(try maker.proof(token: ProofMaker.token).utf8)
        var generator = SeededGenerator(seed: 9449)
        let interesting = Array(".{}\"\\=_-+/ \u{0}\u{7f}".utf8)
        for _ in 0..<6000 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let index = Int.random(in: 0..<max(1, bytes.count), using: &generator)
                switch Int.random(in: 0..<6, using: &generator) {
                case 0: bytes[index] ^= 1 << UInt8.random(in: 0...7, using: &generator)
                case 1: bytes.remove(at: index)
                case 2: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: index)
                case 3: bytes.removeLast(Int.random(in: 0...(bytes.count / 2), using: &generator))
                case 4: bytes[index] = interesting.randomElement(using: &generator) ?? 0
                default: bytes += bytes[..<index]
                }
                if bytes.isEmpty { bytes = [0] }
            }
            if bytes == good { continue }
            let request = DPoPRequest(
                proofs: [String(decoding: bytes, as: UTF8.self)], method: "POST", url: ProofMaker.url,
                accessToken: ProofMaker.token)
            #expect(throws: DPoPError.self) { try validator.inspect(request, now: clock.now) }
        }
    }

    /// Proofs whose header and claims are odd but whose signature is right reach the checks behind the signature.
    @Test func signedOddProofsNeverTrap() async throws {
        let maker = try ProofMaker(clock: clock)
        let validator = DPoPValidator(memory: ProcessReplayMemory())
        var generator = SeededGenerator(seed: 7)
        let values: [JSONValue] = [
            nil, true, 0, -1, .integer(.max), .integer(.min), 1e308, -0.5, "", "x", "https://", "https://[",
            "https://[]/",
            "https://[::1]:443/", "https://a:/..%2f/%", "http://a/../../..", [], [[]], [:], ["a": nil],
            .string(String(repeating: "\u{1780}", count: 300)),
        ]
        let names = ["jti", "htm", "htu", "iat", "exp", "nbf", "ath", "nonce", "typ", "alg", "jwk", "crit", "kid"]
        var accepted = 0
        for _ in 0..<3000 {
            var header = try maker.header()
            var claims = maker.claims(token: ProofMaker.token)
            for _ in 0..<Int.random(in: 0...3, using: &generator) {
                let name = names.randomElement(using: &generator) ?? "jti"
                let value = values.randomElement(using: &generator)
                if Bool.random(using: &generator) { header[name] = value } else { claims[name] = value }
            }
            let request = DPoPRequest(
                proofs: [try maker.sign(header, claims)], method: "POST", url: ProofMaker.url,
                accessToken: ProofMaker.token)
            do {
                let proof = try validator.inspect(request, now: clock.now)
                accepted += 1
                #expect(proof.jkt == maker.jkt && proof.target == ProofMaker.url)
            } catch {
                #expect(!error.text.isEmpty)
            }
        }
        #expect(accepted > 300 && accepted < 2700)
    }
}

@Suite("Target URI") struct TargetURITests {
    @Test(arguments: [
        ("http://a", "http://a/"), ("HTTP://A:80", "http://a/"), ("http://a:443/", "http://a:443/"),
        ("https://a:443", "https://a/"), ("https://[2001:DB8::1]:443/x", "https://[2001:db8::1]/x"),
        ("https://a/b/../../c", "https://a/c"), ("https://a/b/.", "https://a/b/"), ("https://a/b/..", "https://a/"),
        ("https://a/%7euser/%2f", "https://a/~user/%2F"), ("https://a/%2e%2e/x", "https://a/x"),
        ("https://a//b", "https://a//b"), ("https://a?x#y", "https://a/"), ("https://a/b#c?d", "https://a/b"),
    ])
    func normalForm(_ uri: String, _ wanted: String) { #expect(TargetURI(uri)?.text == wanted) }

    @Test(arguments: [
        "", "a", "https:", "https:/a", "https:///a", "https://", "ftp://a/", "https://a b/", "https://a\u{e9}/",
        "https://a:b/", "https://a:1:2/", "https://u@a/", "https://[::1/", "https://[::1]x/", "https://a%41/",
        "https://a/%", "https://a/%4", "https://a/%zz", "https://a/\"", " https://a/",
    ])
    func refused(_ uri: String) { #expect(TargetURI(uri) == nil) }
}
