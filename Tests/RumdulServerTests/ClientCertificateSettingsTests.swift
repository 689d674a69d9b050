import DatabaseTesting
import Foundation
import Kernel
import Testing

@testable import RumdulServer

@Suite("Settings for client certificates")
struct ClientCertificateSettingsTests {
    /// A self-signed certificate and its key, made for these tests.
    private static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBiDCCAS2gAwIBAgIUS3H+tUorBUz6uveBJ/K8R9P1hCkwCgYIKoZIzj0EAwIw
        GTEXMBUGA1UEAwwOc2VydmVyLmV4YW1wbGUwHhcNMjYxMTIxMTMzODIzWhcNMzYx
        MTE4MTMzODIzWjAZMRcwFQYDVQQDDA5zZXJ2ZXIuZXhhbXBsZTBZMBMGByqGSM49
        AgEGCCqGSM49AwEHA0IABG+5tlfNL7TF/b7WugrqXQRqlpY6YCfXj9wCqqqaqlcf
        Sftd0tEkwbVeqE7FqRbCh8pZkBqsM62AiEK5dBJiluCjUzBRMB0GA1UdDgQWBBSF
        JEQ58UmutIPizw88fHOPmKz73TAfBgNVHSMEGDAWgBSFJEQ58UmutIPizw88fHOP
        mKz73TAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0kAMEYCIQCriFrD/W3q
        zrqfVC5AmL9Y1WSm4ENMenIVAs2FG2LeeQIhAMFWtj43ekwjn1wX90X290gkwvMg
        AXTh5lfPa6zvoOs0
        -----END CERTIFICATE-----

        """
    private static let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgqK2fzBLJRBiA9AS3
        8LmQI+ySU7MB6BJD5gWnc/4RTS6hRANCAARvubZXzS+0xf2+1roK6l0EapaWOmAn
        14/cAqqqmqpXH0n7XdLRJMG1XqhOxakWwofKWZAarDOtgIhCuXQSYpbg
        -----END PRIVATE KEY-----

        """

    private func configuration(_ settings: [(String, String)]) throws -> Configuration {
        try Configuration.load(file: nil, environment: [:], flags: settings)
    }

    private func code(_ step: () throws -> Void) -> String? {
        do {
            try step()
            return nil
        } catch { return (error as? RumdulError)?.code ?? "\(error)" }
    }

    private func withFiles(_ test: (_ certificate: String, _ key: String) throws -> Void) throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let (certificate, key) = (folder.path + "/cert.pem", folder.path + "/key.pem")
        try Self.certificate.write(toFile: certificate, atomically: false, encoding: .utf8)
        try Self.key.write(toFile: key, atomically: false, encoding: .utf8)
        try test(certificate, key)
    }

    @Test(arguments: [
        ("tls_port", "8443", true), ("tls_port", "0", false), ("tls_port", "65536", false), ("tls_port", "x", false),
        ("client_certificate_header", "X-Client-Cert", true), ("client_certificate_header", "client-cert", true),
        ("client_certificate_header", "", false), ("client_certificate_header", "X Cert", false),
        ("client_certificate_header", "Cookie", false), ("client_certificate_header", "Authorization", false),
    ])
    func ranges(_ name: String, _ value: String, _ good: Bool) {
        #expect(code { _ = try configuration([(name, value)]) } == (good ? nil : "configuration.invalid"))
    }

    @Test func theListenerNeedsBothFiles() throws {
        #expect(try Configuration().tlsListener() == nil)
        try withFiles { certificate, key in
            let port = ("tls_port", "8443")
            let whole = try configuration([port, ("tls_certificate", certificate), ("tls_key", key)])
            let listener = try whole.tlsListener()
            #expect(listener?.port == 8443)
            for settings in [
                [port], [port, ("tls_certificate", certificate)], [port, ("tls_key", key)],
                [port, ("tls_certificate", key), ("tls_key", key)],
                [port, ("tls_certificate", certificate), ("tls_key", certificate)],
                [port, ("tls_certificate", certificate), ("tls_key", key + "x")],
                [("tls_port", "8080"), ("tls_certificate", certificate), ("tls_key", key)],
            ] {
                #expect(code { _ = try configuration(settings).tlsListener() } == "configuration.invalid")
            }
        }
    }

    @Test func rootsAreReadAtTheStart() throws {
        #expect(try Configuration().certificateRoots() == nil)
        try withFiles { certificate, key in
            let name = "client_certificate_roots"
            let roots = try configuration([(name, certificate)]).certificateRoots()
            #expect(roots?.count == 1)
            for path in [key, certificate + "x", ""] {
                #expect(code { _ = try configuration([(name, path)]).certificateRoots() } == "configuration.invalid")
            }
        }
    }

    @Test func theHeaderNeedsATrustedProxy() throws {
        let header = ("client_certificate_header", "X-Client-Cert")
        #expect(try Configuration().trustedCertificateHeader() == nil)
        #expect(code { _ = try configuration([header]).trustedCertificateHeader() } == "configuration.invalid")
        let both = try configuration([header, ("trusted_proxies", "10.0.0.1")])
        #expect(try both.trustedCertificateHeader() == "X-Client-Cert")
    }
}
