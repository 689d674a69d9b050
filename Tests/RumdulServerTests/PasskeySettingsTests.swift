import Foundation
import Kernel
import Testing

@testable import RumdulServer

@Suite("Settings of passkeys")
struct PasskeySettingsTests {
    private func configuration(_ settings: (String, String)...) throws -> Configuration {
        try Configuration.load(file: nil, environment: [:], flags: settings)
    }

    private func code(_ work: () throws -> Void) -> String? {
        do { try work() } catch { return (error as? RumdulError)?.code }
        return nil
    }

    @Test func theIssuersHostAndOrigin() throws {
        let related = try configuration(("passkey_related_origins", "https://a.example, https://b.example:8443"))
        let party = try related.passkeyParty(issuer: "https://id.example.kh", now: Instant(seconds: 0))
        #expect(party.id == "id.example.kh" && party.origins.origins == ["https://id.example.kh"])
        #expect(party.origins.relatedOrigins == ["https://a.example", "https://b.example:8443"])
        #expect(party.attestation.demand == .optional)
        let strict = try configuration(("passkey_attestation", "needed"))
        #expect(try strict.passkeyParty(issuer: "https://x.kh", now: Instant(seconds: 0)).attestation.demand == .needed)
    }

    @Test func whatCannotBe() throws {
        #expect(
            code { _ = try configuration(("passkey_related_origins", "http://a.example")) } == "configuration.invalid")
        #expect(
            code { _ = try configuration(("passkey_related_origins", "https://a.example/")) } == "configuration.invalid"
        )
        #expect(code { _ = try configuration(("passkey_attestation", "maybe")) } == "configuration.invalid")
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("nothing.pem")
        try Data("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".utf8).write(to: file)
        for settings in [
            [("passkey_roots", "/nowhere")], [("passkey_roots", file.path)], [("fido_metadata", "/nowhere")],
            [("fido_metadata", file.path), ("fido_metadata_roots", file.path)],
        ] {
            let made = try Configuration.load(file: nil, environment: [:], flags: settings)
            #expect(
                code { _ = try made.passkeyParty(issuer: "https://x.kh", now: Instant(seconds: 0)) }
                    == "configuration.invalid")
        }
    }
}
