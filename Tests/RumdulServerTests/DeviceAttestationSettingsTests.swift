import Foundation
import Kernel
import Testing

@testable import RumdulServer

@Suite("Settings of device attestation")
struct DeviceAttestationSettingsTests {
    private func configuration(_ settings: [(String, String)]) throws -> Configuration {
        try Configuration.load(file: nil, environment: [:], flags: settings)
    }

    private func code(_ work: () throws -> Void) -> String? {
        do { try work() } catch { return (error as? RumdulError)?.code }
        return nil
    }

    @Test func softwareIsCappedUnlessTheOperatorSaysOtherwise() throws {
        let plain = try configuration([]).attestationRules()
        #expect(!plain.trustsSoftware && plain.acceptsSoftware && plain.android == nil && plain.apps.isEmpty)
        let other = try configuration([("software_devices", "trusted"), ("key_attestation", "needed")])
            .attestationRules()
        #expect(other.trustsSoftware && !other.acceptsSoftware)
    }

    @Test func everySettingCanComeFromTheEnvironment() throws {
        let settings = Configuration.attestationSettings.map(\.name)
        #expect(settings.allSatisfy { !$0.hasPrefix("device_") }, "RUMDUL_DEVICE_* belongs to another tool")
        let made = try Configuration.load(
            file: nil, environment: ["RUMDUL_ANDROID_VERIFIED_BOOT": "false", "RUMDUL_APPLE_DEVELOPMENT": "true"],
            flags: [])
        #expect(!made.deviceAttestation.androidVerifiedBoot && made.deviceAttestation.appleDevelopment)
    }

    @Test func signersAreDigests() throws {
        let digest = String(repeating: "AB", count: 32)
        let colons = Array(repeating: "ab", count: 32).joined(separator: ":")
        let made = try configuration([("android_signers", digest + ", " + colons)])
        #expect(made.deviceAttestation.androidSigners == [digest.lowercased(), digest.lowercased()])
        for (name, value) in [
            ("android_signers", "ab"), ("android_signers", "xyz"), ("software_devices", "maybe"),
            ("key_attestation", "maybe"), ("android_level", "software"), ("android_patch_level", "2026"),
            ("android_verified_boot", "perhaps"), ("apple_development", "perhaps"),
        ] {
            #expect(code { _ = try configuration([(name, value)]) } == "configuration.invalid", "\(name)")
        }
    }

    /// Roots alone would let any app of anybody attest.
    @Test func rootsNeedTheApplicationsTheyAreFor() throws {
        let signer = String(repeating: "ab", count: 32)
        for settings in [
            [("android_roots", "/nowhere")],
            [("android_roots", "/nowhere"), ("android_packages", "kh.gov.camdigikey")],
            [("android_roots", "/nowhere"), ("android_signers", signer)],
            [("android_roots", "/nowhere"), ("android_packages", "a"), ("android_signers", signer)],
            [("apple_roots", "/nowhere")], [("apple_roots", "/nowhere"), ("apple_apps", "ABCDE12345.kh")],
        ] {
            let made = try configuration(settings)
            #expect(code { _ = try made.attestationRules() } == "configuration.invalid")
        }
    }
}
