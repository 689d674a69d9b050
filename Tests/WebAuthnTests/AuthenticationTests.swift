import COSE
import Codecs
import Kernel
import Testing

@testable import WebAuthn

/// GA-Resp-3: authenticator data, counters and the rest of section 7.2.
@Suite struct AuthenticationTests {
    static let rows: [Row<ForgedAuthentication>] = [
        Row("P-1 counter always zero", nil) { _ in },
        Row("P-2 UV and UP with required", nil) { $0.expectation.userVerification = .required },
        Row("P-3 UV with preferred", nil) { $0.expectation.userVerification = .preferred },
        Row("P-5 UP with preferred", nil) {
            $0.expectation.userVerification = .preferred
            $0.flags = [.userPresent]
        },
        Row("P-6 UV with discouraged", nil) { $0.expectation.userVerification = .discouraged },
        Row("P-8 UP with discouraged", nil) {
            $0.expectation.userVerification = .discouraged
            $0.flags = [.userPresent]
        },
        Row("P-7 counter rises", nil) {
            $0.record.signCount = 4
            $0.signCount = 5
        },
        Row("F-1 leftover bytes", .authenticatorData) { $0.trailing = [1, 2] },
        Row("F-2 rpIdHash", .rpID) { $0.relyingPartyID = "evil.example" },
        Row("F-3 clientDataHash", .signature) { $0.signedHash = [UInt8](repeating: 0, count: 32) },
        Row("F-4 counter not increased", .counter) {
            $0.record.signCount = 5
            $0.signCount = 5
            $0.expectation.refusesClones = true
        },
        Row("F-4 counter back at zero", .counter) {
            $0.record.signCount = 5
            $0.expectation.refusesClones = true
        },
        Row("F-5 UP only with required", .userVerification) { $0.flags = [.userPresent] },
        Row("UP missing", .userPresence) { $0.flags = [.userVerified] },
        Row("BS without BE", .backupState) { $0.flags.insert(.backupState) },
        Row("BE appears", .backupEligibility) { $0.flags.insert(.backupEligible) },
        Row("BE disappears", .backupEligibility) { $0.record.isBackupEligible = true },
        Row("BS appears", nil) {
            $0.record.isBackupEligible = true
            $0.flags.formUnion([.backupEligible, .backupState])
        },
        Row("signature changed", .signature) { $0.signature = { $0[10] ^= 1 } },
        Row("signature cut", .signature) { $0.signature = { $0.removeLast() } },
        Row("signature longer", .signature) { $0.signature = { $0.append(0) } },
        Row("another record", .credentialID) { $0.id = [9] },
        Row("not asked for", .credentialNotAllowed) { $0.expectation.allowed = [[1], [2]] },
        Row("asked for", nil) { $0.expectation.allowed = [[1], $0.id] },
        Row("another account", .userHandle) { $0.userHandle = [1] },
        Row("AT in an assertion", .authenticatorData) { $0.flags.insert(.attestedCredential) },
        Row("attested credential data in an assertion", .authenticatorData) {
            $0.flags.insert(.attestedCredential)
            let credential: [UInt8] = [UInt8](repeating: 0, count: 16) + [0, 1, 7]
            $0.trailing = credential + CBOR.encode(.map(try $0.key.cose))
        },
        Row("extension data", nil) {
            $0.flags.insert(.extensionData)
            $0.extensionData = ["hmac-secret": .bytes([1])]
        },
        Row("ED without extension data", .authenticatorData) { $0.flags.insert(.extensionData) },
        Row("extension outputs nobody asked for", .extensions) {
            $0.clientExtensions = ["prf": [:]]
            $0.expectation.extensions = []
        },
        Row("appid", nil) {
            $0.clientExtensions = ["appid": true]
            $0.expectation.appID = "https://id.example/u2f.json"
            $0.relyingPartyID = "https://id.example/u2f.json"
        },
        Row("appid used, yet the hash is not its own", .rpID) {
            $0.clientExtensions = ["appid": true]
            $0.expectation.appID = "https://id.example/u2f.json"
        },
        Row("appid that was not used", .rpID) {
            $0.clientExtensions = ["appid": false]
            $0.expectation.appID = "https://id.example/u2f.json"
            $0.relyingPartyID = "https://id.example/u2f.json"
        },
        Row("appid that was not asked for", .rpID) {
            $0.clientExtensions = ["appid": true]
            $0.relyingPartyID = "https://id.example/u2f.json"
        },
        Row("appid malformed", .extensions) { $0.clientExtensions = ["appid": "yes"] },
    ]

    @Test("GA-Resp-3", arguments: rows) func row(_ row: Row<ForgedAuthentication>) throws {
        var forged = try ForgedAuthentication()
        try row.change(&forged)
        let subject = forged
        #expect(code { _ = try subject.verify() } == row.check?.code)
    }

    @Test(arguments: [COSEAlgorithm.es256, .es384, .es512, .edDSA, .rs256, .ps256])
    func everyAlgorithm(algorithm: COSEAlgorithm) throws {
        #expect(try ForgedAuthentication(algorithm).verify().userVerified)
    }

    @Test func counterSignals() throws {
        var forged = try ForgedAuthentication()
        #expect(try forged.verify().counter == .notCounted)
        forged.signCount = 8
        #expect(try forged.verify().counter == .risen)
        forged.record.signCount = 8
        #expect(try forged.verify().counter == .possibleClone(stored: 8, received: 8))
        forged.record.signCount = .max
        #expect(try forged.verify().counter == .possibleClone(stored: .max, received: 8))
    }

    @Test func recordIsUpdated() throws {
        var forged = try ForgedAuthentication()
        forged.record.isBackupEligible = true
        forged.record.userVerificationInitialized = false
        forged.flags.formUnion([.backupEligible, .backupState])
        forged.signCount = 3
        let result = try forged.verify()
        #expect(result.mayInitializeUserVerification)
        forged.record.update(with: result)
        #expect(forged.record.signCount == 3)
        #expect(forged.record.isBackedUp)
        #expect(!forged.record.userVerificationInitialized)
        forged.record.userVerificationInitialized = true
        forged.signCount = 4
        #expect(try !forged.verify().mayInitializeUserVerification)
    }

    @Test func expectationsComeFromOptions() throws {
        let options = AuthenticationOptions(
            relyingPartyID: "id.example", challenge: ForgedRegistration.challenge,
            allowed: [CredentialDescriptor(id: [1])], userVerification: .discouraged)
        let expected = AuthenticationExpectation(options, isUserKnown: true)
        #expect(expected.allowed == [[1]])
        #expect(expected.userVerification == .discouraged)
        let creation = RegistrationOptions(
            relyingPartyID: "id.example", relyingPartyName: "R",
            user: PasskeyUser(handle: [1], name: "n", displayName: "d"), challenge: ForgedRegistration.challenge,
            algorithms: [.es256])
        #expect(RegistrationExpectation(creation).algorithms == [.es256])
    }
}
