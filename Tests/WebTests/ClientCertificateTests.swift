import Codecs
import Foundation
import Kernel
import NIOSSL
import Testing

@testable import Web

@Suite("Client certificates") struct ClientCertificateTests {
    private static func client(_ certificate: TestCertificate?, _ version: TLSVersion? = nil) -> TLSConfiguration {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.certificateVerification = .none
        if let certificate {
            tls.certificateChain = [.certificate(certificate.certificate)]
            tls.privateKey = .privateKey(certificate.key)
        }
        if let version {
            tls.minimumTLSVersion = version
            tls.maximumTLSVersion = version
        }
        return tls
    }

    private static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case 48...57, 65...90, 97...122: String(UnicodeScalar(byte))
            default: "%" + Hex.encode([byte]).uppercased()
            }
        }.joined()
    }

    private static func body(_ certificate: TestCertificate?) -> String {
        JSON.text(["der": certificate.map { .string(Base64.encode($0.der)) } ?? .null] as JSONObject)
    }

    @Test(arguments: [TLSVersion.tlsv12, .tlsv13])
    func theCertificateOfTheHandshakeArrives(_ version: TLSVersion) async throws {
        let bank = try TestCertificate("bank.example")
        try await RunningProgram.run { program in
            let answer = try await RawClient.get(
                "/certificate", port: program.securePort, tls: Self.client(bank, version))
            #expect(answer.hasPrefix("HTTP/1.1 200 ") && answer.hasSuffix(Self.body(bank)))
            let other = try TestCertificate("other.example")
            let second = try await RawClient.get(
                "/certificate", port: program.securePort, tls: Self.client(other, version))
            #expect(second.hasSuffix(Self.body(other)))
            let without = try await RawClient.get(
                "/certificate", port: program.securePort, tls: Self.client(nil, version))
            #expect(without.hasPrefix("HTTP/1.1 200 ") && without.hasSuffix(Self.body(nil)))
            let plain = try await RawClient.get("/certificate", port: program.plainPort)
            #expect(plain.hasSuffix(Self.body(nil)))
        }
    }

    @Test func everyRequestOfAConnectionHasItAndNothingIsKeptAfterwards() async throws {
        let bank = try TestCertificate("bank.example")
        try await RunningProgram.run { program in
            let once = "GET /certificate HTTP/1.1\r\nHost: a\r\n"
            let answers = try await RawClient.exchange(
                once + "\r\n" + once + "\r\n" + once + "Connection: close\r\n\r\n", port: program.securePort,
                tls: Self.client(bank))
            #expect(answers.components(separatedBy: Self.body(bank)).count == 4)
            // The server's end of the connection goes a moment after the client's.
            for _ in 0..<1000 where program.certificates.count > 0 { try await Task.sleep(for: .milliseconds(10)) }
            #expect(program.certificates.count == 0)
        }
    }

    /// Over the own listener no header field counts, even from an address that is a trusted proxy's.
    @Test func aForgedHeaderDoesNotArriveOverTLS() async throws {
        let (bank, forged) = (try TestCertificate("bank.example"), try TestCertificate("forged.example"))
        let range = try #require(AddressRange("127.0.0.1"))
        try await RunningProgram.run(proxies: [range], header: "X-Client-Cert") { program in
            let field = ["X-Client-Cert: " + Self.escaped(forged.pem)]
            for certificate in [bank, nil] {
                let answer = try await RawClient.get(
                    "/certificate", fields: field, port: program.securePort, tls: Self.client(certificate))
                #expect(answer.hasSuffix(Self.body(certificate)))
            }
        }
    }

    @Test func aForgedHeaderDoesNotArriveFromOtherAddresses() async throws {
        let forged = try TestCertificate("forged.example")
        let range = try #require(AddressRange("192.0.2.0/24"))
        for (proxies, header) in [([range], "X-Client-Cert"), ([], "X-Client-Cert"), ([range], nil)] {
            try await RunningProgram.run(proxies: proxies, header: header) { program in
                for value in [Self.escaped(forged.pem), ":" + Base64.encode(forged.der) + ":"] {
                    let answer = try await RawClient.get(
                        "/certificate",
                        fields: ["X-Client-Cert: " + value, "Client-Cert: " + value, "X-Forwarded-For: 192.0.2.1"],
                        port: program.plainPort)
                    #expect(answer.hasPrefix("HTTP/1.1 200 ") && answer.hasSuffix(Self.body(nil)))
                }
            }
        }
    }

    @Test func aTrustedProxyTellsTheCertificate() async throws {
        let bank = try TestCertificate("bank.example")
        let range = try #require(AddressRange("127.0.0.0/8"))
        try await RunningProgram.run(proxies: [range], header: "X-Client-Cert") { program in
            func answer(_ fields: String...) async throws -> String {
                try await RawClient.get("/certificate", fields: fields, port: program.plainPort)
            }
            let escaped = Self.escaped(bank.pem)
            #expect(try await answer("X-Client-Cert: " + escaped).hasSuffix(Self.body(bank)))
            #expect(try await answer("x-client-cert: :" + Base64.encode(bank.der) + ":").hasSuffix(Self.body(bank)))
            // Another field, none, an empty one, and one twice: appended by a proxy that should have replaced it.
            #expect(try await answer("Client-Cert: " + escaped).hasSuffix(Self.body(nil)))
            #expect(try await answer().hasSuffix(Self.body(nil)))
            #expect(try await answer("X-Client-Cert: ").hasSuffix(Self.body(nil)))
            let twice = try await answer("X-Client-Cert: " + escaped, "X-Client-Cert: " + escaped)
            #expect(twice.hasSuffix(Self.body(nil)))
            #expect(try await answer("X-Client-Cert: \(escaped), \(escaped)").hasSuffix(Self.body(nil)))
        }
    }

    @Test func oldVersionsAndSuitesAreRefused() async throws {
        try await RunningProgram.run { program in
            for version in [TLSVersion.tlsv1, .tlsv11] {
                await #expect(throws: (any Error).self) {
                    try await RawClient.get("/healthz", port: program.securePort, tls: Self.client(nil, version))
                }
            }
            for suite: NIOTLSCipher in [
                .TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, .TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA,
                .TLS_RSA_WITH_AES_128_GCM_SHA256, .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
            ] {
                var tls = Self.client(nil, .tlsv12)
                tls.cipherSuiteValues = [suite]
                await #expect(throws: (any Error).self) {
                    try await RawClient.get("/healthz", port: program.securePort, tls: tls)
                }
            }
            var good = Self.client(nil, .tlsv12)
            good.cipherSuiteValues = [.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384]
            let answer = try await RawClient.get("/healthz", port: program.securePort, tls: good)
            #expect(answer.hasPrefix("HTTP/1.1 200 "))
            await #expect(throws: (any Error).self) {
                let answer = try await RawClient.get("/healthz", port: program.securePort)
                if !answer.hasPrefix("HTTP/1.1 200 ") { throw ChannelFailure() }
            }
        }
    }

    private struct ChannelFailure: Error {}

    @Test func filesThatCannotBeUsed() throws {
        let (one, two) = (try TestCertificate("a"), try TestCertificate("b"))
        for (certificate, key) in [("", one.keyPEM), (one.pem, ""), (one.pem, two.keyPEM), ("x", "y")] {
            #expect(throws: RumdulError.tls("")) {
                try TLSListener(
                    host: "127.0.0.1", port: 0, certificatePEM: Array(certificate.utf8), keyPEM: Array(key.utf8))
            }
        }
    }

    @Test func forwardedValues() throws {
        let bank = try TestCertificate("bank.example")
        let base64 = Base64.encode(bank.der)
        let good = [
            ":\(base64):", bank.pem, Self.escaped(bank.pem), bank.pem.replacing("\n", with: "%0A"),
            bank.pem.replacing("\n", with: "\t"), "-----BEGIN CERTIFICATE-----\(base64)-----END CERTIFICATE-----",
        ]
        for value in good { #expect(ForwardedCertificate.der(value) == bank.der, "\(value)") }
        let bad = [
            "", ":", "::", ":\(base64)", "\(base64):", base64, ":\(base64):, :\(base64):", bank.pem + bank.pem, "%",
            "%4", "%zz", "-----BEGIN CERTIFICATE-----", "-----BEGIN CERTIFICATE----------END CERTIFICATE-----",
            bank.pem.replacing("CERTIFICATE", with: "PUBLIC KEY"), ":\(base64)\u{20AC}:",
            ":" + String(repeating: "AAAA", count: 10_000) + ":",
        ]
        for value in bad { #expect(ForwardedCertificate.der(value) ?? [] == [], "\(value.prefix(80))") }
    }

    @Test func mutatedForwardedValuesNeverTrap() throws {
        let bank = try TestCertificate("bank.example")
        var generator = Seeded(state: 9440)
        for start in [Self.escaped(bank.pem), ":" + Base64.encode(bank.der) + ":"] {
            for _ in 0..<2000 {
                var bytes = Array(start.utf8)
                for _ in 0..<Int.random(in: 1...4, using: &generator) {
                    let index = Int.random(in: 0..<bytes.count, using: &generator)
                    switch Int.random(in: 0..<4, using: &generator) {
                    case 0: bytes[index] = UInt8.random(in: 0...255, using: &generator)
                    case 1: bytes.remove(at: index)
                    case 2: bytes.removeLast(Int.random(in: 0..<bytes.count, using: &generator))
                    default: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: index)
                    }
                    if bytes.isEmpty { bytes = [37] }
                }
                if let der = ForwardedCertificate.der(String(decoding: bytes, as: UTF8.self)) {
                    #expect(!der.isEmpty || bytes.first == 58)
                }
            }
        }
    }
}
