import Codecs
import DeviceKit
import Foundation
import JOSE
import Kernel
import Testing

@Suite struct EnrolmentTests {
    @Test func bothSidesComputeTheSameComparisonCode() async throws {
        let world = World()
        let result = try await world.authenticator.enrol(
            world.activation(), name: "ទូរស័ព្ទ", pin: PIN("284913"), platform: "test/1")
        #expect(result.deviceID == "device-1")
        #expect(result.expiresAt == World.start.adding(seconds: 600))
        #expect(await result.comparisonCode == world.server.comparisonCode)
        let record = try await world.authenticator.enrolment()
        #expect(record.name == "ទូរស័ព្ទ" && record.issuer.text == World.issuer && record.enrolledAt == World.start)
        #expect(try await world.authenticator.status().state == .pending)
        await world.server.set(state: "active")
        let status = try await world.authenticator.status()
        #expect(status.state == .active && status.pinTriesLeft == 5 && !status.isPINLocked && status.ial == .ial2)
    }

    @Test(arguments: KeyUnlock.allCases) func aProgramSaysThatItIsAProgram(_ unlock: KeyUnlock) async throws {
        let world = World()
        let authenticator = Authenticator(
            folder: world.folder.path, transport: world.server, attester: SoftwareAttester(unlock: unlock),
            ambient: world.ambient)
        let result = try await authenticator.enrol(
            world.activation(), name: "x", pin: PIN("284913"), platform: "test/1")
        #expect(result.keyProtection == "software")
        let sent = try #require(await world.server.requests.first)
        let expected: JSONObject = ["format": "software", "unlock": .string(unlock.rawValue)]
        #expect(try JSON.parseObject(sent.body).object("attestation") == expected)
    }

    /// Computed with Python's hashlib; the keys are the generator of P-256 and its double.
    @Test(arguments: [
        (KeyUnlock.none, "Gc2tB0e1iuPybetYeRpWg1RZs9OO4vxkyundBnGEe0w"),
        (.biometric, "_l5meOoRyfizbo6ZJrXA4hos3PD-dSoQxu5ffqV7Vpk"),
    ])
    func whatAnAppAttestKeySigns(_ unlock: KeyUnlock, _ hash: String) throws {
        func key(_ x: String, _ y: String) throws -> JWK {
            try JWK(["kty": "EC", "crv": "P-256", "x": .string(x), "y": .string(y)])
        }
        let request = AttestationRequest(
            issuer: try ServerURL("https://id.example"), codeHash: "Q7UO6wJ7n9DvaSEqyhLckiJcioTmL4NDDuTgJ-eeAaA",
            deviceKey: try key(
                "axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY", "T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU"),
            pinKey: try key(
                "fPJ7GI0DT36KUjgDBLUaw8CJaeJ38hs1pgtI_EdmmXg", "B3dVENuO0EApPZrGn3Qw27p9reY86YIpngS3nSJ4c9E"))
        #expect(Base64URL.encode(request.appleClientDataHash(unlock)) == hash)
    }

    /// Computed with Python's hashlib.
    @Test(arguments: [
        ("AAAAAAAAAAAAAAAAAAAAAA", "538581"), ("AQEBAQEBAQEBAQEBAQEBAQ", "341493"),
        ("AgICAgICAgICAgICAgICAg", "307760"),
        ("AAAAAAAAAAAAAAAAAAAAgA", "008889"),
    ])
    func comparisonCodeVectors(_ nonce: String, _ code: String) {
        #expect(
            Authenticator.comparisonCode(
                deviceThumbprint: "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs",
                pinThumbprint: "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I", serverNonce: nonce) == code)
    }

    @Test(arguments: ["K7QM-4XRP-2W", "k7qm4xrp2w", " K7QM 4XRP 2W ", "K7QM-៤XRP-២W"])
    func codesAsPeopleTypeThem(_ text: String) throws {
        #expect(try ActivationCode(text).display == "K7QM-4XRP-2W")
    }

    @Test func crockfordLookAlikes() throws {
        #expect(try ActivationCode("oOiIlL0011") == ActivationCode("0011110011"))
    }

    @Test(arguments: ["", "K7QM-4XRP-2", "K7QM-4XRP-2WX", "K7QM-4XRP-2U", "K7QM_4XRP_2W", "ក7QM4XRP2W"])
    func otherCodesAreRefused(_ text: String) {
        #expect(throws: RumdulError.activationCodeMalformed) { try ActivationCode(text) }
    }

    @Test func theQRNamesIssuerAndCode() throws {
        let activation = try Activation(qr: "https://id.example/device/v1/activations#code=K7QM-4XRP-2W\n")
        #expect(activation.issuer.text == "https://id.example" && activation.code.display == "K7QM-4XRP-2W")
        let nested = try Activation(qr: "https://id.example:8443/idp/device/v1/activations#code=K7QM4XRP2W")
        #expect(nested.issuer.text == "https://id.example:8443/idp" && nested.issuer.path == "/idp")
    }

    @Test(arguments: [
        "", "K7QM-4XRP-2W", "https://id.example/device/v1/activations", "https://id.example/#code=K7QM-4XRP-2W",
        "http://id.example/device/v1/activations#code=K7QM-4XRP-2W",
        "https://user@id.example/device/v1/activations#code=K7QM-4XRP-2W",
        "https://id.example/device/v1/activations?x=1#code=K7QM-4XRP-2W",
        "https://id.example/device/v1/activations#code=K7QM-4XRP-2W#x",
        "javascript://id.example/device/v1/activations#code=K7QM-4XRP-2W",
    ])
    func otherQRsAreRefused(_ text: String) async {
        let code = await code { _ = try Activation(qr: text) }
        #expect(code == "activation.qr_malformed" || code == "device.server_url")
    }

    @Test(arguments: [
        "https://id.example", "https://id.example/", "http://localhost:8080", "http://127.0.0.1:1",
        "http://[::1]:65535/x",
    ])
    func serverAddresses(_ text: String) throws {
        #expect(!(try ServerURL(text)).text.hasSuffix("/"))
    }

    @Test(arguments: [
        "id.example", "http://id.example", "http://localhost.example", "https://", "https://:80", "https://a b",
        "https://a/?q", "https://a/#f", "https://a@b", "https://a:0", "https://a:65536", "https://a:", "https://[::1",
        "https://[x]", "ftp://a", "https://a\\b", "https://a\n", "http://127.0.0.1@evil.example", "https://ខ្មែរ.kh",
    ])
    func otherAddressesAreRefused(_ text: String) {
        #expect(throws: RumdulError.serverURL) { try ServerURL(text) }
    }

    @Test func aWrongCodeLeavesNothingBehind() async throws {
        let world = World()
        let refused = await code {
            _ = try await world.authenticator.enrol(
                world.activation("ZZZZ-ZZZZ-ZZ"), name: "x", pin: PIN("284913"), platform: "test/1")
        }
        #expect(refused == "activation.invalid")
        #expect(await code { _ = try await world.authenticator.enrolment() } == "device.not_enrolled")
        #expect(!FileManager.default.fileExists(atPath: world.folder.path + "/keys.json"))
        // The device can start anew.
        _ = try await world.authenticator.enrol(world.activation(), name: "x", pin: PIN("284913"), platform: "test/1")
    }

    @Test func aSecondEnrolmentDoesNotReplaceTheFirst() async throws {
        let world = World()
        let authenticator = try await world.ready()
        let before = try await authenticator.enrolment()
        let refused = await code {
            _ = try await authenticator.enrol(
                world.activation("0123456789"), name: "x", pin: PIN("284913"), platform: "test/1")
        }
        #expect(refused == "device.already_enrolled")
        #expect(try await authenticator.enrolment() == before)
        #expect(try await world.authenticator.status().deviceID == "device-1")
    }

    @Test func weakPINAndBadNamesAreRefusedBeforeAnythingIsSent() async throws {
        let world = World()
        let weak = await code {
            _ = try await world.authenticator.enrol(world.activation(), name: "x", pin: PIN("123456"), platform: "t")
        }
        #expect(weak == "device.pin_weak")
        for name in ["", String(repeating: "a", count: 65), "a\u{1B}[2J"] {
            let refused = await code {
                _ = try await world.authenticator.enrol(
                    world.activation(), name: name, pin: PIN("284913"), platform: "t")
            }
            #expect(refused == "device.name_invalid")
        }
        #expect(await world.server.requests.isEmpty)
    }

    @Test func twoPersonsInTwoFolders() async throws {
        let server = World().server
        let ambient = Ambient(now: { World.start }, randomBytes: secureRandomBytes)
        let folders = [TemporaryFolder(), TemporaryFolder()]
        for (folder, code) in zip(folders, [World.code, "0123456789"]) {
            _ = try await Authenticator(folder: folder.path, transport: server, ambient: ambient).enrol(
                World().activation(code), name: "x", pin: PIN("284913"), platform: "test/1")
        }
        for (folder, id) in zip(folders, ["device-1", "device-2"]) {
            let status = try await Authenticator(folder: folder.path, transport: server, ambient: ambient).status()
            #expect(status.deviceID == id)
        }
    }

    @Test func requestsGoToTheServerButNameTheIssuer() async throws {
        let world = World()
        _ = try await world.authenticator.enrol(
            world.activation(), server: ServerURL("http://127.0.0.1:8080"), name: "x", pin: PIN("284913"), platform: "t"
        )
        _ = try await world.authenticator.status()
        let urls = await world.server.requests.map(\.url)
        #expect(urls == ["http://127.0.0.1:8080/device/v1/activations", "http://127.0.0.1:8080/device/v1/self"])
    }
}
