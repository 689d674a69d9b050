import CitizenPortal
import Kernel
import Testing

@testable import RumdulServer

@Suite("Settings of native apps")
struct AppLinkSettingsTests {
    static let digest = Array(repeating: "0A", count: 32).joined(separator: ":")

    private func links(_ settings: (String, String)...) throws -> AppLinks {
        try Configuration.load(file: nil, environment: [:], flags: settings).appLinks
    }

    private func isRefused(_ name: String, _ value: String) -> Bool {
        do {
            _ = try links((name, value))
            return false
        } catch { return (error as? RumdulError)?.code == "configuration.invalid" }
    }

    @Test func whatIsRightIsKept() throws {
        let links = try links(
            ("app_android_package", "kh.gov.camdigikey"),
            ("app_android_certificates", Self.digest.lowercased() + ", " + Self.digest),
            ("app_apple_ids", "ABCDE12345.kh.gov.camdigikey"))
        #expect(links.androidPackage == "kh.gov.camdigikey")
        #expect(links.androidCertificates == [Self.digest, Self.digest])
        #expect(links.appleApps == ["ABCDE12345.kh.gov.camdigikey"])
    }

    @Test func whatPhonesWouldNotTakeIsRefused() {
        for text in ["", "camdigikey", "kh..app", "kh.1app", "kh.app/x", ".kh.app"] {
            #expect(isRefused("app_android_package", text), "\(text)")
        }
        for text in [
            "", "0A:0B", String(Self.digest.dropLast()), Self.digest + ":0A", Self.digest.replacing("0A", with: "0G"),
        ] {
            #expect(isRefused("app_android_certificates", text), "\(text)")
        }
        for text in ["", "kh.gov.camdigikey", "ABCDE1234.kh.app", "abcde12345.kh.app", "ABCDE12345.", "ABCDE12345.a b"]
        {
            #expect(isRefused("app_apple_ids", text), "\(text)")
        }
    }
}
