import COSE
import Codecs
import Kernel
import TestVectors
import Testing
import X509

@testable import WebAuthn

/// FIDO's rows for metadata, in the form of MDS3.
@Suite struct MetadataTests {
    static let rows: [Row<ForgedBLOB>] = [
        Row("P-1", nil) { _ in },
        Row("P-1 with the root at the end", nil) {
            let root = $0.authority.root
            $0.chain = { $0 + [root] }
        },
        Row("P-1 the same number again", nil) { $0.previous = 42 },
        Row("P-1 extensions of the future", nil) { $0.payload["future"] = [1] },
        Row("F-1 statement changed after signing", .metadataSignature) {
            let other = Base64URL.encode(Array("{\"no\":43,\"entries\":[]}".utf8))
            $0.text = { text in
                let parts = text.split(separator: UInt8(ascii: "."))
                return Array(parts[0]) + Array(".\(other).".utf8) + Array(parts[2])
            }
        },
        Row("F-3 BLOB signature", .metadataSignature) {
            $0.text = { text in
                let parts = text.split(separator: UInt8(ascii: "."))
                return Array(parts[0]) + Array(".".utf8) + Array(parts[1])
                    + Array(".\(Base64URL.encode([UInt8](repeating: 1, count: 64)))".utf8)
            }
        },
        Row("F-3 alg none", .metadataSignature) { $0.header = { $0["alg"] = "none" } },
        Row("F-3 alg HS256", .metadataSignature) { $0.header = { $0["alg"] = "HS256" } },
        Row("F-3 alg RS1", .metadataSignature) { $0.header = { $0["alg"] = "RS1" } },
        Row("F-3 alg of another key", .metadataSignature) { $0.header = { $0["alg"] = "RS256" } },
        Row("F-4 another root", .metadataChain) { $0.judge.roots = [try ForgedAuthority().root] },
        Row("F-4 no root", .metadataChain) { $0.judge.roots = [] },
        Row("F-4 chain incomplete", .metadataChain) { $0.chain = { [$0[0]] } },
        Row("F-4 wrong order", .metadataChain) { $0.chain = { $0.reversed() } },
        Row("F-4 leaf expired", .metadataChain) { $0.leaf.notAfter = Times.now.adding(seconds: -1) },
        Row("F-4 intermediate expired", .metadataChain) {
            $0.authority = try ForgedAuthority { $0.notAfter = Times.now.adding(seconds: -1) }
            $0.judge.roots = [$0.authority.root]
        },
        Row("F-4 x5c missing", .metadataChain) { $0.header = { $0["x5c"] = nil } },
        Row("F-4 x5c no base64", .metadataChain) { $0.header = { $0["x5c"] = ["@"] } },
        Row("F-4 x5c no certificate", .metadataChain) { $0.header = { $0["x5c"] = ["AAAA"] } },
        Row("F-5 intermediate revoked", .certificateRevoked) {
            $0.judge.revocationLists = [
                try ForgedCRL(issuer: $0.authority.rootName, key: $0.authority.rootKey, serials: [2]).list()
            ]
        },
        Row("F-6 leaf revoked", .certificateRevoked) {
            $0.judge.revocationLists = [
                try ForgedCRL(issuer: $0.authority.name, key: $0.authority.key, serials: [5, 7]).list()
            ]
        },
        Row("others revoked", nil) {
            $0.judge.revocationLists = [
                try ForgedCRL(issuer: $0.authority.rootName, key: $0.authority.rootKey, serials: [3]).list(),
                try ForgedCRL(issuer: $0.authority.name, key: $0.authority.key).list(),
            ]
        },
        Row("the list is by another key", .revocationList) {
            $0.judge.revocationLists = [
                try ForgedCRL(issuer: $0.authority.name, key: try ForgedKey(.es256)).list()
            ]
        },
        Row("the list is out of date", .revocationList) {
            var list = ForgedCRL(issuer: $0.authority.name, key: $0.authority.key)
            list.nextUpdate = "260502000000Z"
            $0.judge.revocationLists = [try list.list()]
        },
        Row("the list is of the future", .revocationList) {
            var list = ForgedCRL(issuer: $0.authority.name, key: $0.authority.key)
            list.thisUpdate = "261201000000Z"
            $0.judge.revocationLists = [try list.list()]
        },
        Row("an older number", .metadataNumber) { $0.previous = 43 },
        Row("no is missing", .metadata) { $0.payload["no"] = nil },
        Row("no is a text", .metadata) { $0.payload["no"] = "42" },
        Row("nextUpdate is missing", .metadata) { $0.payload["nextUpdate"] = nil },
        Row("nextUpdate has passed", .metadataExpired) { $0.payload["nextUpdate"] = "2026-05-30" },
        Row("nextUpdate is today", nil) { $0.payload["nextUpdate"] = "2026-06-01" },
        Row("nextUpdate has passed, offline", nil) {
            $0.payload["nextUpdate"] = "2026-05-30"
            $0.judge.refusesOutdated = false
        },
        Row("entries are missing", .metadata) { $0.payload["entries"] = nil },
        Row("an entry is no object", .metadata) { $0.payload["entries"] = [1] },
        Row("an entry without reports", .metadata) { $0.payload["entries"] = [[:]] },
        Row("an entry with a bad model", .metadata) {
            $0.payload["entries"] = [["aaguid": "x", "statusReports": []]]
        },
        Row("an entry with a bad report", .metadata) { $0.payload["entries"] = [["statusReports": [[:]]]] },
        Row("an entry with a bad key identifier", .metadata) {
            $0.payload["entries"] = [
                ["attestationCertificateKeyIdentifiers": ["00"], "statusReports": []]
            ]
        },
        Row("crit", .metadata) { $0.header = { $0["crit"] = ["b64"] } },
        Row("two parts", .metadata) { $0.text = { Array($0.prefix(20)) + [46] } },
        Row("too long", .tooLarge) { $0.text = { _ in [UInt8](repeating: 65, count: MetadataBLOB.maximumSize + 1) } },
    ]

    @Test("MDS", arguments: rows) func row(_ row: Row<ForgedBLOB>) throws {
        var forged = try ForgedBLOB()
        try row.change(&forged)
        let subject = forged
        #expect(code { _ = try subject.verify() } == row.check?.code)
    }

    @Test(arguments: [COSEAlgorithm.es256, .rs256, .edDSA]) func algorithms(algorithm: COSEAlgorithm) throws {
        #expect(try ForgedBLOB(algorithm).verify().number == 42)
    }

    /// The example of the standard itself; it is from 2020 and out of date.
    @Test(.enabled(if: Fixtures.has("mds-example.json"), "scripts/fixtures.sh has not made mds-example.json"))
    func exampleOfTheStandard() throws {
        let file = try Fixtures.json("mds-example.json")
        let text = try #require(file["root"]?.stringValue)
        let root = try AttestationCertificate(der: try #require(Base64.decode(text)))
        let blob = Array(try #require(file["blob"]?.stringValue).utf8)
        var judge = MetadataBLOB(roots: [root])
        let strict = judge
        #expect(code { _ = try strict.verify(blob, at: Times.now) } == "webauthn.metadata_expired")
        judge.refusesOutdated = false
        let directory = try judge.verify(blob, at: Times.now)
        #expect(directory.number == 15)
        #expect(directory.entries.count == 2)
        let model = try #require(AAGUID("0132d110-bf4e-4208-a403-ab4f5f12efe5"))
        let entry = try #require(directory[model])
        #expect(entry.statement?.description == "FIDO Alliance Sample FIDO2 Authenticator")
        #expect(entry.certificationLevel == .l1)
        #expect(entry.statement?.isHardwareProtected == true)
        #expect(entry.statement?.roots.isEmpty == false)
    }

    @Test func directoryFindsModels() throws {
        let directory = try ForgedBLOB().verify()
        let model = try #require(AAGUID(bytes: [UInt8](repeating: 0x22, count: 16)))
        let entry = try #require(directory[model])
        #expect(entry.certificationLevel == .l2)
        #expect(entry.statement?.description == "Forged")
        #expect(entry.reports.map(\.effectiveDate).first == CalendarDate(iso: "2024-01-31"))
        #expect(directory[.zero] == nil)
        #expect(directory.nextUpdate == CalendarDate(iso: "2026-07-01"))
    }

    @Test func revocationListsMustBeWellFormed() throws {
        let authority = try ForgedAuthority()
        var list = ForgedCRL(issuer: authority.name, key: authority.key, serials: [1, 300, 70000])
        list.nextUpdate = nil
        let good = try list.list()
        #expect(good.contains([1]) && good.contains([1, 0x2C]) && good.contains([0, 1]))
        #expect(!good.contains([2]))
        #expect(good.nextUpdate == nil)
        // A critical extension makes it a delta or indirect list.
        list.extensions = .sequence([
            .sequence([.raw([6, 3, 0x55, 0x1D, 0x1B]), .boolean(true), .octets([2, 1, 1])])
        ])
        let critical = list
        #expect(code { _ = try critical.list() } == "webauthn.revocation_list")
        list.extensions = .sequence([.sequence([.raw([6, 3, 0x55, 0x1D, 0x14]), .octets([2, 1, 1])])])
        #expect(try list.list().contains([1]))
        let der = try list.der()
        #expect(code { _ = try RevocationList(der: Array(der.dropLast())) } == "webauthn.revocation_list")
        #expect(code { _ = try RevocationList(der: [0x30, 0]) } == "webauthn.revocation_list")
        var random = Seeded(77)
        for _ in 0..<1500 {
            let bytes = random.mutate(der)
            let result = code { _ = try RevocationList(der: bytes) }
            #expect(result == nil || result == "webauthn.revocation_list")
        }
    }

    @Test func mutatedBLOBsNeverCrash() throws {
        var random = Seeded(78)
        let forged = try ForgedBLOB()
        let good = try forged.bytes()
        for _ in 0..<1500 {
            let bytes = random.mutate(good)
            guard bytes != good else { continue }
            let result = code { _ = try forged.judge.verify(bytes, at: Times.now) }
            #expect(result?.hasPrefix("webauthn.metadata") == true, "\(result ?? "accepted")")
        }
    }
}

/// What a relying party accepts, by model.
@Suite struct AuthenticatorPolicyTests {
    private func judged(
        statuses: [String] = ["FIDO_CERTIFIED_L1"], _ change: (inout ForgedPacked) throws -> Void = { _ in }
    ) throws -> String? {
        var forged = try ForgedPacked()
        forged.registration.party.attestation.metadata = try ForgedMetadata.directory(
            aaguid: forged.registration.aaguid, roots: [forged.authority.root],
            algorithms: ["secp256r1_ecdsa_sha256_raw"], types: ["basic_full"], statuses: statuses)
        forged.registration.party.attestation.roots = [:]
        try change(&forged)
        let subject = forged
        return code { _ = try subject.verify() }
    }

    @Test("MDS F-2", arguments: AuthenticatorStatus.refused.map(\.rawValue).sorted())
    func refusedStatus(status: String) throws {
        #expect(try judged(statuses: ["FIDO_CERTIFIED_L1", status]) == "webauthn.authenticator_status")
        // A later update does not undo it.
        #expect(try judged(statuses: [status, "UPDATE_AVAILABLE"]) == "webauthn.authenticator_status")
    }

    @Test func otherStatusesPass() throws {
        #expect(try judged() == nil)
        #expect(try judged(statuses: ["NOT_FIDO_CERTIFIED", "UPDATE_AVAILABLE", "SOMETHING_NEW"]) == nil)
        #expect(
            try judged(statuses: ["USER_VERIFICATION_BYPASS"]) {
                $0.registration.party.attestation.authenticators.refusedStatuses = []
            } == nil)
    }

    @Test func certificationLevels() throws {
        for (statuses, least, passes) in [
            (["FIDO_CERTIFIED"], CertificationLevel.l1, true), (["FIDO_CERTIFIED_L1"], .l2, false),
            (["FIDO_CERTIFIED_L1plus"], .l1, true), (["FIDO_CERTIFIED_L1", "FIDO_CERTIFIED_L2plus"], .l2, true),
            (["FIDO_CERTIFIED_L3plus"], .l3, true), (["NOT_FIDO_CERTIFIED"], .l1, false), ([], .l1, false),
        ] {
            let result = try judged(statuses: statuses) {
                $0.registration.party.attestation.authenticators.leastLevel = least
            }
            #expect(result == (passes ? nil : "webauthn.authenticator_level"), "\(statuses)")
        }
        #expect(CertificationLevel.l1 < .l1plus && CertificationLevel.l1plus < .l2)
    }

    @Test func listsOfModels() throws {
        let model = try #require(AAGUID(bytes: [UInt8](repeating: 0x22, count: 16)))
        let policy: (AuthenticatorPolicy) throws -> String? = { policy in
            try judged { $0.registration.party.attestation.authenticators = policy }
        }
        #expect(try policy(AuthenticatorPolicy(allowed: [model])) == nil)
        #expect(try policy(AuthenticatorPolicy(allowed: [.zero])) == "webauthn.authenticator_blocked")
        #expect(try policy(AuthenticatorPolicy(blocked: [model])) == "webauthn.authenticator_blocked")
        #expect(try policy(AuthenticatorPolicy(needsMetadata: true)) == nil)
        let unknown = try judged {
            $0.registration.party.attestation.metadata = nil
            $0.registration.party.attestation.roots["packed"] = [$0.authority.root]
            $0.registration.party.attestation.authenticators.needsMetadata = true
        }
        #expect(unknown == "webauthn.authenticator_unknown")
    }

    /// Anybody can write any model into a registration without attestation.
    @Test func claimedModelsCountForNothing() throws {
        var forged = try ForgedRegistration()
        forged.aaguid = [UInt8](repeating: 0x22, count: 16)
        let model = try #require(AAGUID(bytes: forged.aaguid))
        forged.party.attestation.authenticators.allowed = [model]
        let subject = forged
        #expect(code { _ = try subject.verify() } == "webauthn.attestation_needed")
    }

    @Test func attestationCertificatesMayBeRevoked() throws {
        let result = try judged {
            $0.registration.party.attestation.revocationLists = [
                try ForgedCRL(issuer: $0.authority.name, key: $0.authority.key, serials: [7]).list()
            ]
            // Revocation counts even where nothing else is demanded.
            $0.registration.party.attestation.demand = .optional
        }
        #expect(result == "webauthn.certificate_revoked")
    }
}

/// How high a passkey reaches.
@Suite struct PasskeyAssuranceTests {
    @Test func syncedPasskeysReachAAL2() throws {
        var forged = try ForgedPacked()
        forged.registration.flags.formUnion([.backupEligible])
        let kind = PasskeyKind(try forged.verify())
        #expect(kind == .synced)
        #expect(kind.ceiling == .aal2)
        #expect(kind.level(userVerified: true) == .aal2)
        #expect(kind.level(userVerified: false) == .aal1)
    }

    @Test func boundPasskeysNeedTrustedHardware() throws {
        let plain = PasskeyKind(try ForgedRegistration().verify())
        #expect(plain == .deviceBound)
        #expect(plain.ceiling == .aal2)
        // Trusted, yet nobody says that the key is in hardware.
        #expect(PasskeyKind(try ForgedPacked().verify()) == .deviceBound)
        for (protection, kind) in [
            (["hardware", "secure_element"], PasskeyKind.attestedHardware), (["software"], .deviceBound),
            (["software", "hardware"], .deviceBound), ([], .deviceBound),
        ] {
            var forged = try ForgedPacked()
            forged.registration.party.attestation.metadata = try ForgedMetadata.directory(
                aaguid: forged.registration.aaguid, roots: [forged.authority.root], protection: protection)
            #expect(PasskeyKind(try forged.verify()) == kind, "\(protection)")
        }
        #expect(PasskeyKind.attestedHardware.level(userVerified: true) == .aal3)
        // Hardware that nobody trusts.
        var forged = try ForgedTPM()
        forged.registration.party.attestation = AttestationPolicy()
        #expect(try forged.verify().attestation.showsHardware)
        #expect(PasskeyKind(try forged.verify()) == .deviceBound)
    }

    @Test func androidKeysFollowTheirSecurityLevel() throws {
        #expect(PasskeyKind(try ForgedAndroid().verify()) == .attestedHardware)
        var forged = try ForgedAndroid()
        forged.description.keyLevel = .enumerated(0)
        #expect(PasskeyKind(try forged.verify()) == .deviceBound)
    }
}
