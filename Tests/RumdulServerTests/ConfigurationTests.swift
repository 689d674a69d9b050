import DatabaseTesting
import Foundation
import Kernel
import Testing

@testable import RumdulServer

@Suite("Configuration")
struct ConfigurationTests {
    private func load(
        _ json: String? = nil, _ environment: [String: String] = [:], _ flags: [(String, String)] = []
    ) throws -> Configuration {
        guard let json else { return try Configuration.load(file: nil, environment: environment, flags: flags) }
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let path = folder.path + "/config.json"
        try json.write(toFile: path, atomically: false, encoding: .utf8)
        return try Configuration.load(file: path, environment: environment, flags: flags)
    }

    private func code(_ json: String? = nil, _ environment: [String: String] = [:], _ flags: [(String, String)] = [])
        -> String?
    {
        do {
            _ = try load(json, environment, flags)
            return nil
        } catch { return (error as? RumdulError)?.code ?? "\(error)" }
    }

    @Test func laterSourcesWin() throws {
        let file = #"{"port": 1000, "host": "10.0.0.1", "log_level": "info", "services": ["identity"]}"#
        #expect(try load().port == 8080)
        #expect(try load(file).port == 1000)
        #expect(try load(file, ["RUMDUL_PORT": "2000"]).port == 2000)
        let all = try load(file, ["RUMDUL_PORT": "2000", "RUMDUL_LOG_LEVEL": "debug"], [("port", "3000")])
        #expect(all.port == 3000 && all.logLevel == "debug" && all.host == "10.0.0.1" && all.services == [.identity])
        #expect(try load(nil, [:], [("port", "1"), ("port", "2")]).port == 2)
        #expect(try load().services == Set(Configuration.Service.allCases))
    }

    @Test func unknownKeysAreErrors() {
        #expect(code(#"{"prot": 1}"#) == "configuration.unknown_key")
        #expect(code(#"{"Port": 1}"#) == "configuration.unknown_key")
        #expect(code(nil, ["RUMDUL_PROT": "1"]) == "configuration.unknown_key")
        #expect(code(nil, [:], [("prot", "1")]) == "configuration.unknown_key")
        #expect(code(nil, ["RUMDUL_": "1"]) == "configuration.unknown_key")
        // Others' variables are theirs.
        #expect(
            code(
                nil,
                ["PORT": "x", "RUMDUL_DEVICE_STORE": "x", "RUMDUL_TESTS": "x", "RUMDUL_LANG": "x", "rumdul_port": "x"])
                == nil)
    }

    @Test(arguments: [
        ("port", "0", true), ("port", "65535", true), ("port", "65536", false), ("port", "-1", false),
        ("port", "", false),
        ("port", "8080 ", false), ("port", "0x50", false), ("database_connections", "0", false),
        ("database_connections", "200", true), ("database_connections", "201", false),
        ("checkpoint_seconds", "0", false),
        ("checkpoint_seconds", "3600", true), ("checkpoint_seconds", "3601", false), ("logins_per_minute", "0", false),
        ("logins_per_minute", "1000000", true), ("transaction_retention_days", "0", false),
        ("transaction_retention_days", "3651", false), ("synthetic_people", "true", true),
        ("synthetic_people", "0", true),
        ("synthetic_people", "yes", false), ("synthetic_people", "", false), ("services", "identity,citizen", true),
        ("services", "identity, citizen", true), ("services", "identity,portal", false), ("services", "", false),
        ("services", ",", false), ("log_level", "trace", true), ("log_level", "verbose", false),
        ("log_level", "", false),
        ("trusted_proxies", "10.0.0.0/8,::1", true), ("trusted_proxies", "", true),
        ("trusted_proxies", "10.0.0.0/33", false), ("metrics_from", "10.1.0.0/16,::1", true),
        ("metrics_from", "monitor.example", false),
        ("trusted_proxies", "proxy.example", false), ("base_url", "https://id.example", true),
        ("base_url", "http://127.0.0.1:8080", true), ("base_url", "http://[::1]:1", true),
        ("base_url", "https://id.example/", false),
        ("base_url", "https://", false), ("base_url", "http://", false), ("base_url", "https://:443", false),
        ("base_url", "https://id.example/path", false), ("base_url", "https://id.example?x", false),
        ("base_url", "https://user@id.example", false), ("base_url", "https://id.example#", false),
        ("base_url", "id.example", false),
        ("base_url", "ftp://id.example", false), ("base_url", "https://id.example\r\nX: y", false),
        ("base_url", "https://i d", false), ("outbound_timeout", "1", true), ("outbound_timeout", "30", true),
        ("outbound_timeout", "0", false), ("outbound_timeout", "31", false), ("outbound_allow", "", true),
        ("push_allow", "http://127.0.0.0/8:*", true), ("push_allow", "10.0.0.1/8", false),
        ("outbound_allow", "rp.internal, 10.0.0.0/8:8443,http://[::1]:*", true), ("outbound_allow", "*", false),
        ("outbound_allow", "10.0.0.1/8", false), ("outbound_allow", "rp.internal,https://rp.internal/", false),
    ])
    func ranges(_ name: String, _ value: String, _ good: Bool) {
        #expect(code(nil, [:], [(name, value)]) == (good ? nil : "configuration.invalid"))
        #expect(code(nil, ["RUMDUL_" + name.uppercased(): value]) == (good ? nil : "configuration.invalid"))
    }

    @Test func files() {
        #expect(
            code(#"{"port": "9000", "trusted_proxies": ["10.0.0.1", "10.0.0.2"], "synthetic_people": true}"#) == nil)
        for bad in [
            #"{"port": 1.5}"#, #"{"port": null}"#, #"{"port": {}}"#, #"{"services": [1]}"#, #"{"port": 70000}"#,
        ] {
            #expect(code(bad) == "configuration.invalid", "\(bad)")
        }
        for bad in ["", "[]", "{", #"{"port":1,"port":2}"#, #"{"port":1}x"#] { #expect(code(bad) != nil, "\(bad)") }
        do {
            _ = try Configuration.load(file: "/nonexistent/file.json", environment: [:], flags: [])
            Issue.record("read a file that is not there")
        } catch { #expect((error as? RumdulError)?.code == "configuration.invalid") }
    }

    @Test func paths() throws {
        var configuration = Configuration()
        configuration.dataDirectory = "/srv/rumdul"
        #expect(configuration.databaseLocation == "/srv/rumdul/rumdul.sqlite")
        #expect(
            configuration.vaultPath == "/srv/rumdul/vault.keys"
                && configuration.vaultKeyPath == "/srv/rumdul/vault.secret")
        for name in Configuration.names { #expect(name.utf8.allSatisfy { (97...122).contains($0) || $0 == 95 }) }
    }
}
