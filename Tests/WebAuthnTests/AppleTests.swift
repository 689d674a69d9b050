import COSE
import Codecs
import Crypto
import Kernel
import Testing
import X509

@testable import WebAuthn

/// An `apple` statement; every part can be changed.
struct ForgedApple: Sendable {
    var registration: ForgedRegistration
    var authority: ForgedAuthority
    var certificateKey: ForgedKey
    /// The content of the extension with the nonce; `nil` leaves it out.
    var entry: @Sendable (_ nonce: [UInt8]) -> [UInt8]? = { Self.nonce($0) }
    var chain: @Sendable ([AttestationCertificate]) -> [AttestationCertificate] = { $0 }

    init() throws {
        registration = try ForgedRegistration()
        registration.aaguid = [UInt8](repeating: 0x66, count: 16)
        registration.format = "apple"
        certificateKey = registration.key
        authority = try ForgedAuthority(try ForgedKey(.es384))
        registration.party.attestation.demand = .trustedIfPresent
        registration.party.attestation.roots["apple"] = [authority.root]
    }

    static func nonce(_ nonce: [UInt8]) -> [UInt8] { ForgedDER.sequence([.tagged(1, .octets(nonce))]).bytes }

    func verify() throws -> Registration {
        let me = self
        var forged = registration
        forged.statement = { _, data, hash in
            var leaf = ForgedCertificate(
                subject: try ForgedCertificate.name(common: "Apple"), key: me.certificateKey)
            if let value = me.entry(Array(SHA256.hash(data: data + hash))) {
                leaf.extensions = [Certificate.Extension(oid: .appleNonce, critical: false, value: value[...])]
            }
            return ["x5c": .array(me.chain(try me.authority.chain(leaf)).map { .bytes($0.der) })]
        }
        return try forged.verify()
    }
}

@Suite struct AppleTests {
    static let rows: [Row<ForgedApple>] = [
        Row("P-1", nil) { _ in },
        Row("nonce of another answer", .attestationContent) { $0.entry = { ForgedApple.nonce($0.reversed()) } },
        Row("nonce missing", .attestationCertificate) { $0.entry = { _ in nil } },
        Row("nonce malformed", .attestationCertificate) { $0.entry = { $0 } },
        Row("nonce under another tag", .attestationCertificate) {
            $0.entry = { ForgedDER.sequence([.tagged(2, .octets($0))]).bytes }
        },
        Row("nonce twice", .attestationCertificate) {
            $0.entry = { ForgedDER.sequence([.tagged(1, .octets($0)), .tagged(1, .octets($0))]).bytes }
        },
        Row("public key differs", .attestationKey) { $0.certificateKey = try ForgedKey(.es256) },
        Row("another root", .attestationTrust) {
            $0.registration.party.attestation.roots["apple"] = [try ForgedAuthority().root]
        },
        Row("no certificates", .attestation) { $0.chain = { _ in [] } },
        Row("wrong order", .attestationCertificate) { $0.chain = { $0.reversed() } },
    ]

    @Test("apple anonymous", arguments: rows) func row(_ row: Row<ForgedApple>) throws {
        var forged = try ForgedApple()
        try row.change(&forged)
        let subject = forged
        #expect(code { _ = try subject.verify() } == row.check?.code)
    }

    @Test func kindOfAttestation() throws {
        #expect(try ForgedApple().verify().attestation.type == .anonymizationCA)
    }
}

/// App Attest; every part can be changed.
struct ForgedAppAttest: Sendable {
    var key = P256.Signing.PrivateKey()
    var authority: ForgedAuthority
    var applicationID = "ABCDE12345.kh.gov.camdigikey"
    var format: CBORValue = "apple-appattest"
    var aaguid = AppAttest.Environment.production.aaguid
    var signCount: UInt32 = 0
    var credentialID: [UInt8]
    var keyID: [UInt8]
    var receipt: CBORValue? = .bytes([1, 2, 3])
    var hash: [UInt8] = Array(SHA256.hash(data: [7]))
    var entry: @Sendable (_ nonce: [UInt8]) -> [UInt8]? = { ForgedApple.nonce($0) }
    var chain: @Sendable ([AttestationCertificate]) -> [AttestationCertificate] = { $0 }
    var certificateKey: ForgedKey
    var judge: AppAttest

    init() throws {
        authority = try ForgedAuthority(try ForgedKey(.es384))
        keyID = Array(SHA256.hash(data: key.publicKey.x963Representation))
        credentialID = keyID
        certificateKey = .p256(key)
        judge = AppAttest(applicationID: applicationID, roots: [authority.root])
    }

    func data(counter: UInt32, withKey: Bool) throws -> [UInt8] {
        var bytes = Array(SHA256.hash(data: Array(applicationID.utf8))) + [0x40]
        bytes += (0..<4).map { UInt8(truncatingIfNeeded: counter >> (24 - 8 * UInt32($0))) }
        guard withKey else { return bytes }
        bytes += aaguid + [0, UInt8(credentialID.count)] + credentialID
        return bytes + CBOR.encode(.map(try ForgedKey.p256(key).cose))
    }

    func statement() throws -> [UInt8] {
        let data = try data(counter: signCount, withKey: true)
        var leaf = ForgedCertificate(subject: try ForgedCertificate.name(common: "App"), key: certificateKey)
        if let value = entry(Array(SHA256.hash(data: data + Array(SHA256.hash(data: [7]))))) {
            leaf.extensions = [Certificate.Extension(oid: .appleNonce, critical: false, value: value[...])]
        }
        var inner: CBORMap = ["x5c": .array(chain(try authority.chain(leaf)).map { .bytes($0.der) })]
        inner["receipt"] = receipt
        return CBOR.encode(["fmt": format, "attStmt": .map(inner), "authData": .bytes(data)])
    }

    func verify() throws -> AppAttest.Key {
        try judge.verify(attestation: statement(), keyID: keyID, clientDataHash: hash, at: Times.now)
    }

    func assertion(counter: UInt32, hash: [UInt8]) throws -> [UInt8] {
        let data = try data(counter: counter, withKey: false)
        let nonce = Array(SHA256.hash(data: data + hash))
        let signature = Array(try key.signature(for: nonce).derRepresentation)
        return CBOR.encode(["signature": .bytes(signature), "authenticatorData": .bytes(data)])
    }
}

@Suite struct AppAttestTests {
    static let rows: [Row<ForgedAppAttest>] = [
        Row("a good key", nil) { _ in },
        Row("format", .appAttest) { $0.format = "apple" },
        Row("receipt missing", .appAttest) { $0.receipt = nil },
        Row("challenge", .keyChallenge) { $0.hash = [UInt8](repeating: 0, count: 32) },
        Row("nonce missing", .appAttest) { $0.entry = { _ in nil } },
        Row("nonce malformed", .appAttest) { _ = $0.entry = { $0 } },
        Row("application", .keyApplication) { $0.applicationID = "ABCDE12345.evil" },
        Row("counter", .appAttest) { $0.signCount = 1 },
        Row("key identifier", .attestationKey) { $0.keyID[0] ^= 1 },
        Row("credential identifier", .attestationKey) { $0.credentialID[0] ^= 1 },
        Row("certificate of another key", .attestationKey) { $0.certificateKey = try ForgedKey(.es256) },
        Row("certificate on another curve", .appAttest) { $0.certificateKey = try ForgedKey(.es384) },
        Row("development key in production", .keyApplication) {
            $0.aaguid = AppAttest.Environment.development.aaguid
        },
        Row("development key in development", nil) {
            $0.aaguid = AppAttest.Environment.development.aaguid
            $0.judge.environments = [.development]
        },
        Row("another environment", .keyApplication) { $0.aaguid = [UInt8](repeating: 0, count: 16) },
        Row("another root", .attestationTrust) { $0.judge.roots = [try ForgedAuthority().root] },
        Row("chain incomplete", .attestationTrust) { $0.chain = { [$0[0]] } },
        Row("no chain", .appAttest) { $0.chain = { _ in [] } },
    ]

    @Test(arguments: rows) func row(_ row: Row<ForgedAppAttest>) throws {
        var forged = try ForgedAppAttest()
        try row.change(&forged)
        let subject = forged
        #expect(code { _ = try subject.verify() } == row.check?.code)
    }

    @Test func assertions() throws {
        let forged = try ForgedAppAttest()
        let key = try forged.verify()
        #expect(key.environment == .production)
        #expect(key.receipt == [1, 2, 3])
        let hash = Array(SHA256.hash(data: [8]))
        let assertion = try forged.assertion(counter: 1, hash: hash)
        let judge = forged.judge
        func check(_ bytes: [UInt8], _ hash: [UInt8], _ counter: UInt32) -> String? {
            code { _ = try judge.verify(assertion: bytes, key: key.publicKey, clientDataHash: hash, counter: counter) }
        }
        #expect(check(assertion, hash, 0) == nil)
        #expect(check(assertion, hash, 1) == "webauthn.counter")
        #expect(check(assertion, Array(SHA256.hash(data: [9])), 0) == "webauthn.signature")
        #expect(check([0xA0], hash, 0) == "webauthn.app_attest")
        #expect(check([1, 2], hash, 0) == "webauthn.app_attest")
        #expect(check([UInt8](repeating: 0, count: 1 << 16), hash, 0) == "webauthn.too_large")
        var other = judge
        other.applicationID = "other"
        #expect(
            code { _ = try other.verify(assertion: assertion, key: key.publicKey, clientDataHash: hash, counter: 0) }
                == "webauthn.key_application")
    }
}
