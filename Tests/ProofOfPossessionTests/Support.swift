import Codecs
import Crypto
import CryptoExtras
import Database
import DatabaseTesting
import Foundation
import JOSE
import Kernel
import KeyVault
import Synchronization
import Testing
import X509

@testable import ProofOfPossession

/// A clock that tests turn.
final class TestClock: Sendable {
    private let moment = Mutex(Instant(seconds: 1_800_000_000))

    var now: Instant { moment.withLock { $0 } }

    func advance(_ seconds: Int64) { moment.withLock { $0 = $0.adding(seconds: seconds) } }

    var ambient: Ambient { Ambient(now: { self.now }, randomBytes: secureRandomBytes) }
}

/// A seeded generator (SplitMix64): the same cases every time.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}

/// A client that makes DPoP proofs, right and wrong ones.
struct ProofMaker: Sendable {
    static let url = "https://id.example/token"
    static let token = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"

    let key: SigningKey
    let clock: TestClock

    init(_ algorithm: JWSAlgorithm = .es256, clock: TestClock) throws {
        key = try SigningKey.generate(algorithm)
        self.clock = clock
    }

    init(key: SigningKey, clock: TestClock) {
        self.key = key
        self.clock = clock
    }

    var jkt: String { key.jwk.thumbprintText }

    /// The public key with its required members alone.
    var publicJWK: JSONObject {
        get throws {
            var object = try #require(key.jwk.publicKey).json
            for name in ["kid", "use", "alg"] { object[name] = nil }
            return object
        }
    }

    func header() throws -> JSONObject {
        ["typ": "dpop+jwt", "alg": .string(key.algorithm.rawValue), "jwk": .object(try publicJWK)]
    }

    func claims(token: String? = nil) -> JSONObject {
        var claims: JSONObject = [
            "jti": .string(Ambient.system.newID()), "htm": "POST", "htu": .string(Self.url),
            "iat": .integer(clock.now.seconds),
        ]
        if let token { claims["ath"] = .string(DPoPValidator.accessTokenHash(token)) }
        return claims
    }

    func sign(_ header: JSONObject, _ claims: JSONObject) throws -> String {
        var input: [UInt8] = []
        Base64URL.append(JSON.bytes(header), to: &input)
        input.append(UInt8(ascii: "."))
        Base64URL.append(JSON.bytes(claims), to: &input)
        let signature = try key.signature(for: input)
        input.append(UInt8(ascii: "."))
        Base64URL.append(signature, to: &input)
        return String(decoding: input, as: UTF8.self)
    }

    /// A proof with changes; `nil` takes a member away.
    func proof(
        header changes: [String: JSONValue?] = [:], claims further: [String: JSONValue?] = [:], token: String? = nil
    ) throws -> String {
        var header = try header()
        var claims = claims(token: token)
        for (name, value) in changes { header[name] = value }
        for (name, value) in further { claims[name] = value }
        return try sign(header, claims)
    }

    func request(_ proofs: String..., method: String = "POST", url: String = ProofMaker.url) -> DPoPRequest {
        DPoPRequest(proofs: proofs, method: method, url: url)
    }
}

/// Why a request was refused; `nil` when it was accepted.
func refusal(_ step: () async throws -> DPoPProof) async throws -> DPoPError.Reason? {
    do {
        _ = try await step()
        return nil
    } catch let error as DPoPError {
        return error.reason
    }
}

/// Certificates for tests.
struct CertificateMaker {
    let key: P256.Signing.PrivateKey
    let certificate: Certificate

    static let start = Date(timeIntervalSince1970: 1_799_000_000)
    static let end = Date(timeIntervalSince1970: 1_801_000_000)

    /// - Parameter issuer: `nil` makes a self-signed certificate.
    init(
        _ subject: DistinguishedName, issuer: CertificateMaker? = nil, isAuthority: Bool = false,
        start: Date = CertificateMaker.start, end: Date = CertificateMaker.end, names: [GeneralName] = [],
        purposes: [ExtendedKeyUsage.Usage] = [], key: P256.Signing.PrivateKey = P256.Signing.PrivateKey()
    ) throws {
        self.key = key
        let extensions = try Certificate.Extensions {
            if isAuthority { Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil)) }
            if !names.isEmpty { SubjectAlternativeNames(names) }
            if !purposes.isEmpty { Critical(try ExtendedKeyUsage(purposes)) }
        }
        certificate = try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: .init(key.publicKey),
            notValidBefore: start, notValidAfter: end, issuer: issuer?.certificate.subject ?? subject,
            subject: subject, signatureAlgorithm: .ecdsaWithSHA256, extensions: extensions,
            issuerPrivateKey: .init(issuer?.key ?? key))
    }

    var der: [UInt8] {
        get throws { try certificate.serializeAsPEM().derBytes }
    }

    var pem: String {
        get throws { try certificate.serializeAsPEM().pemString + "\n" }
    }

    var client: ClientCertificate {
        get throws { try ClientCertificate(der: der) }
    }
}
