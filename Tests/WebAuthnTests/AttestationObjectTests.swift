import COSE
import Codecs
import Kernel
import Testing

@testable import WebAuthn

/// MC-Resp-3: attestation object and authenticator data; MC-Resp-4: algorithms.
@Suite struct AttestationObjectTests {
    private static let selfStatement: ForgedRegistration.Statement = { forged, data, hash in
        ["alg": -7, "sig": .bytes(try forged.key.sign(data + hash))]
    }

    private static func packed(_ change: @escaping @Sendable (inout CBORMap) -> Void)
        -> @Sendable (inout ForgedRegistration) -> Void
    {
        { forged in
            forged.format = "packed"
            forged.statement = { forged, data, hash in
                var map: CBORMap = ["alg": -7, "sig": .bytes(try forged.key.sign(data + hash))]
                change(&map)
                return .map(map)
            }
        }
    }

    static let rows: [Row<ForgedRegistration>] = [
        Row("P-1 extension data with ED", nil) {
            $0.flags.insert(.extensionData)
            $0.extensionData = ["credProtect": 2]
        },
        Row("F-1 attestationObject is no map", .attestationObject) { $0.object = { $0 = [:] } },
        Row("F-2 fmt missing", .attestationObject) { $0.format = nil },
        Row("F-3 fmt not a string", .attestationObject) { $0.format = 7 },
        Row("F-4 attStmt missing", .attestationObject) { $0.object = { $0["attStmt"] = nil } },
        Row("F-5 attStmt not a map", .attestationObject) { $0.object = { $0["attStmt"] = [] } },
        Row("F-6 authData missing", .attestationObject) { $0.object = { $0["authData"] = nil } },
        Row("F-7 authData not bytes", .attestationObject) { $0.object = { $0["authData"] = "x" } },
        Row("F-8 authData empty", .attestationObject) { $0.object = { $0["authData"] = .bytes([]) } },
        Row("F-9 AT without attested data", .authenticatorData) { $0.writesCredential = false },
        Row("F-10 attested data without AT", .authenticatorData) { $0.flags.remove(.attestedCredential) },
        Row("F-11 neither AT nor attested data", .authenticatorData) {
            $0.flags.remove(.attestedCredential)
            $0.writesCredential = false
        },
        Row("F-12 leftover bytes", .authenticatorData) { $0.trailing = [0] },
        Row("F-13 packed: empty attStmt", .attestation, packed { $0 = [:] }),
        Row("F-14 packed: alg missing", .attestation, packed { $0["alg"] = nil }),
        Row("F-15 packed: alg not a number", .attestation, packed { $0["alg"] = "ES256" }),
        Row("F-16 packed: alg another one", .attestationAlgorithm, packed { $0["alg"] = -257 }),
        Row("F-17 packed: sig missing", .attestation, packed { $0["sig"] = nil }),
        Row("F-18 packed: sig not bytes", .attestation, packed { $0["sig"] = "x" }),
        Row("F-19 packed: sig empty", .attestation, packed { $0["sig"] = .bytes([]) }),
        Row("packed: alg unknown", .attestationAlgorithm, packed { $0["alg"] = -47 }),
        Row("packed: ECDAA", .attestation, packed { $0["ecdaaKeyId"] = .bytes([1]) }),
        Row("ED without extension data", .authenticatorData) { $0.flags.insert(.extensionData) },
        Row("extension data without ED", .authenticatorData) { $0.extensionData = [:] },
        Row("extension data no map", .authenticatorData) {
            $0.flags.insert(.extensionData)
            $0.extensionData = [1]
        },
        Row("extension identifier no text", .extensions) {
            $0.flags.insert(.extensionData)
            $0.extensionData = [1: 2]
        },
        Row("rpIdHash of another service", .rpID) { $0.relyingPartyID = "evil.example" },
        Row("UP missing", .userPresence) { $0.flags.remove(.userPresent) },
        Row("UP missing with conditional creation", nil) {
            $0.flags.remove(.userPresent)
            $0.expectation.mediation = .conditional
        },
        Row("UV missing", .userVerification) { $0.flags.remove(.userVerified) },
        Row("UV missing where preferred", nil) {
            $0.flags.remove(.userVerified)
            $0.expectation.userVerification = .preferred
        },
        Row("BS without BE", .backupState) { $0.flags.insert(.backupState) },
        Row("BE and BS", nil) { $0.flags.formUnion([.backupEligible, .backupState]) },
        Row("credential ID of 1023 bytes", nil) { $0.credentialID = [UInt8](repeating: 1, count: 1023) },
        Row("credential ID of 1024 bytes", .credentialID) { $0.credentialID = [UInt8](repeating: 1, count: 1024) },
        Row("credential ID empty", .credentialID) { $0.credentialID = [] },
        Row("key: alg not offered", .algorithm) { $0.expectation.algorithms = [.edDSA] },
        Row("key: alg of another curve", .algorithm) { $0.keyMap[3] = -35 },
        Row("key: crv of another curve", .publicKey) { $0.keyMap[-1] = 2 },
        Row("key: point off the curve", .publicKey) {
            $0.keyMap[-3] = .bytes([UInt8](repeating: 1, count: 32))
        },
        Row("key: compressed", .publicKey) { $0.keyMap[-3] = true },
        Row("key: a further member", .publicKey) { $0.keyMap[2] = .bytes([1]) },
        Row("key: alg missing", .publicKey) { $0.keyMap[3] = nil },
        Row("extensions nobody asked for, tolerated", nil) { $0.clientExtensions = ["future": 1] },
        Row("extensions nobody asked for, refused", .extensions) {
            $0.clientExtensions = ["future": 1]
            $0.expectation.extensions = ["credProps"]
        },
        Row("credProps malformed", .extensions) { $0.clientExtensions = ["credProps": true] },
        Row("credProps.rk malformed", .extensions) { $0.clientExtensions = ["credProps": ["rk": 1]] },
    ]

    @Test("MC-Resp-3", arguments: rows) func row(_ row: Row<ForgedRegistration>) throws {
        var forged = try ForgedRegistration()
        try row.change(&forged)
        let subject = forged
        #expect(code { _ = try subject.verify() } == row.check?.code)
    }

    @Test func attestationObjectIsNoMap() {
        for bytes: [UInt8] in [[], [0x80], [0x01], [0xA0], [0xFF], [0x5F]] {
            #expect(code { _ = try AttestationObject(bytes) } == "webauthn.attestation_object")
        }
        let long = [UInt8](repeating: 0, count: AttestationObject.maximumSize + 1)
        #expect(code { _ = try AttestationObject(long) } == "webauthn.too_large")
        #expect(code { _ = try AuthenticatorData(long) } == "webauthn.too_large")
    }

    @Test("MC-Resp-3 F-16 packed: alg not in the metadata") func algorithmOfTheMetadata() throws {
        var forged = try ForgedRegistration()
        forged.aaguid = [UInt8](repeating: 0x11, count: 16)
        forged.format = "packed"
        forged.statement = Self.selfStatement
        for (names, wanted) in [
            (["secp256r1_ecdsa_sha256_raw"], nil), (["rsassa_pkcsv15_sha256_raw"], "webauthn.attestation_algorithm"),
        ] {
            forged.party.attestation.metadata = try ForgedMetadata.directory(
                aaguid: forged.aaguid, algorithms: names, types: ["basic_surrogate"])
            let subject = forged
            #expect(code { _ = try subject.verify() } == wanted)
        }
    }

    @Test("MC-Resp-4", arguments: COSEAlgorithm.allCases) func algorithms(algorithm: COSEAlgorithm) throws {
        var forged: ForgedRegistration = try ForgedRegistration(algorithm)
        forged.format = "packed"
        forged.statement = { forged, data, hash in
            ["alg": .integer(forged.key.algorithm.rawValue), "sig": .bytes(try forged.key.sign(data + hash))]
        }
        if algorithm == .rs1 {
            let closed = forged
            #expect(code { _ = try closed.verify() } == "webauthn.algorithm")
            forged.expectation.algorithms = .conformance
            forged.party.attestation.algorithms = .conformance
        }
        let registration = try forged.verify()
        #expect(registration.credential.publicKey.algorithm == algorithm)
        #expect(registration.attestation.type == .selfAttested)
    }

    @Test func browserMustNameTheSameIdentifier() throws {
        let forged = try ForgedRegistration()
        var response = try forged.response()
        response.id[0] ^= 1
        let changed = response
        #expect(
            code { _ = try forged.party.verify(changed, forged.expectation, at: Times.now) }
                == "webauthn.credential_id")
    }

    @Test func resultSaysWhatWasFound() throws {
        var forged = try ForgedRegistration()
        forged.signCount = 0x0102_0304
        forged.flags.formUnion([.backupEligible, .backupState])
        forged.clientExtensions = ["credProps": ["rk": true]]
        let result = try forged.verify()
        #expect(result.credential.signCount == 0x0102_0304)
        #expect(result.credential.isBackupEligible && result.credential.isBackedUp)
        #expect(result.credential.userVerificationInitialized)
        #expect(result.isDiscoverable == true)
        #expect(result.aaguid == .zero)
        #expect(result.attestation.type == .none)
        #expect(!result.attestation.isTrusted)
        #expect(result.credential.publicKey.encoded == CBOR.encode(.map(forged.keyMap)))
        #expect(code { throw RumdulError.webAuthn(.credentialRegistered, "") } == "webauthn.credential_registered")
    }
}
