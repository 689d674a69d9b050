import Authenticators
import CitizenPortal
import CivilRegister
import Codecs
import Foundation
import Kernel
import Outbound
import PopulationRegister
import StatisticsPages
import Web

/// The settings of one process: defaults < file < environment (`RUMDUL_*`) < flags. Unknown keys are errors, and secrets never stand here: they
/// come from files or the key vault.
public struct Configuration: Sendable, Equatable {
    /// Services that one process can run.
    public enum Service: String, Sendable, CaseIterable {
        /// The OpenID Provider and the device API.
        case identity
        /// The enrolment console and activations.
        case enrolment
        /// The registrars' console.
        case registration
        /// The citizen's pages.
        case citizen
        /// The developers' and operators' pages.
        case developers
        /// Vital statistics for everybody.
        case statistics
    }

    /// Address to listen on.
    public var host = "127.0.0.1"
    /// Port to listen on; 0 picks a free one. 0...65535.
    public var port = 8080
    /// Public base URL and issuer; by default `http://<host>:<port>`.
    public var baseURL: String?
    /// Folder of the embedded database and the key file.
    public var dataDirectory = "data"
    /// `sqlite:PATH` or `postgresql://...`; by default `rumdul.sqlite` in the data folder.
    public var database: String?
    /// The encrypted file of the key vault; by default `vault.keys` in the data folder.
    public var vaultFile: String?
    /// File that holds the vault's 32-byte key; by default `vault.secret` in the data folder, made on the first start.
    public var vaultKeyFile: String?
    /// File that holds a passphrase for the vault instead of a key file.
    public var vaultPassphraseFile: String?
    public var services = Set(Service.allCases)
    /// CSV file that says where networks are, roughly; `nil` for none.
    public var placeFile: String?
    /// Addresses of reverse proxies whose `X-Forwarded-*` headers are believed.
    public var trustedProxies: [String] = []
    /// Port of a listener of its own that speaks TLS and asks for client certificates, 1...65535; `nil` for none.
    public var tlsPort: Int?
    /// PEM file with the TLS listener's certificate and its intermediate authorities.
    public var tlsCertificate: String?
    /// PEM file with the TLS listener's private key.
    public var tlsKey: String?
    /// Header field in which the trusted proxies tell the client's certificate; `nil` when they tell none.
    public var clientCertificateHeader: String?
    /// PEM file with the authorities whose client certificates are believed (`tls_client_auth`).
    public var clientCertificateRoots: String?
    /// `trace`, `debug`, `info`, `notice`, `warning`, `error`.
    public var logLevel = "notice"
    /// Whether codes of the synthetic range (leading 0) are issued and accepted: a demonstration, never production.
    public var syntheticPeople = false
    /// Which registrations the statistics show: `month` (those of whole months) or `now`.
    public var statisticsReleases = StatisticsPages.Releases.month
    /// Connections to PostgreSQL, 1...200.
    public var databaseConnections = 8
    /// Seconds between ledger checkpoints when there is something new, 1...3600.
    public var checkpointSeconds = 5
    /// Logins that one network address may begin in a minute, 1...1000000.
    public var loginsPerMinute = 60
    /// Seconds between the signal to end, from which the node says that it is not ready, and the end of its listeners, 0...300.
    public var drainSeconds = 0
    /// Days for which finished login transactions are kept, 1...3650.
    public var transactionRetentionDays = 30
    /// Which registrations wait for a system outside, and how long.
    public var externalChecks = ExternalChecks()
    /// How many days a code that another system reserved is held until it is confirmed.
    public var codeReservationDays = PopulationRegister.reservationDays
    /// Addresses and ranges that may read `/metrics`.
    public var metricsFrom: [String] = ["127.0.0.0/8", "::1"]
    /// Origins of other domains that may use the same passkeys (WebAuthn Level 3, section 5.11).
    public var passkeyRelatedOrigins: [String] = []
    /// How much attestation a passkey must bring: `optional`, `trusted` (what comes with certificates must lead to a root),
    /// `needed` (only authenticators that lead to a root).
    public var passkeyAttestation = "optional"
    /// PEM file with the makers' roots for attestation; `nil` when only the metadata's count.
    public var passkeyRoots: String?
    /// The BLOB of FIDO's Metadata Service 3, as downloaded; `nil` for none.
    public var fidoMetadata: String?
    /// PEM file with the roots that may sign the BLOB.
    public var fidoMetadataRoots: String?
    /// Hosts and blocks of addresses that the server may ask besides public ones over https: `OutboundRule`.
    public var outboundAllow: [String] = []
    /// PEM file of authorities that are trusted for requests of the server, besides the system's.
    public var outboundRoots: String?
    /// Seconds that a whole request of the server may last, 1...30.
    public var outboundTimeout = 3
    /// Whom push services may write to about our messages: `mailto:` or https; by default `base_url` where it is https, else nothing is sent.
    public var pushContact: String?
    /// Hosts and blocks of addresses that push messages may go to besides public ones over https: for tests and private push services.
    public var pushAllow: [String] = []
    /// Native apps that open addresses of ours.
    public var appLinks = AppLinks()
    /// How many devices of a person may be active, and how long levels are held after lost ones were replaced.
    public var deviceRules = DeviceRules.standard
    /// Whose word on device keys is believed.
    public var deviceAttestation = DeviceAttestationSettings()
    /// Address that takes text messages as JSON by POST; `nil` when codes by message are not offered.
    public var messageGatewayURL: String?
    /// File that holds the bearer token of the message gateway.
    public var messageGatewaySecretFile: String?
    /// File that text messages are written to instead of being sent: for development.
    public var messageGatewayFile: String?

    public init() {}

    /// One setting: its name in the file (`snake_case`; the environment variable is `RUMDUL_` and the name in capitals).
    struct Setting: Sendable {
        var name: String
        var assign: @Sendable (inout Configuration, String) throws -> Void
    }

    private static let settings: [Setting] =
        attestationSettings + [
            Setting(name: "host") { $0.host = $1 },
            Setting(name: "port") { $0.port = try number($1, "port", 0...65535) },
            Setting(name: "base_url") { $0.baseURL = try baseURL($1) },
            Setting(name: "data_directory") { $0.dataDirectory = $1 },
            Setting(name: "database") { $0.database = $1 },
            Setting(name: "vault_file") { $0.vaultFile = $1 },
            Setting(name: "vault_key_file") { $0.vaultKeyFile = $1 },
            Setting(name: "vault_passphrase_file") { $0.vaultPassphraseFile = $1 },
            Setting(name: "services") { $0.services = try services($1) },
            Setting(name: "trusted_proxies") { $0.trustedProxies = try proxies($1) },
            Setting(name: "tls_port") { $0.tlsPort = try number($1, "tls_port", 1...65535) },
            Setting(name: "tls_certificate") { $0.tlsCertificate = $1 },
            Setting(name: "tls_key") { $0.tlsKey = $1 },
            Setting(name: "client_certificate_header") { $0.clientCertificateHeader = try headerName($1) },
            Setting(name: "client_certificate_roots") { $0.clientCertificateRoots = $1 },
            Setting(name: "log_level") { $0.logLevel = try logLevel($1) },
            Setting(name: "synthetic_people") { $0.syntheticPeople = try truth($1, "synthetic_people") },
            Setting(name: "statistics_releases") { $0.statisticsReleases = try statisticsReleases($1) },
            Setting(name: "database_connections") {
                $0.databaseConnections = try number($1, "database_connections", 1...200)
            },
            Setting(name: "checkpoint_seconds") {
                $0.checkpointSeconds = try number($1, "checkpoint_seconds", 1...3600)
            },
            Setting(name: "logins_per_minute") {
                $0.loginsPerMinute = try number($1, "logins_per_minute", 1...1_000_000)
            },
            Setting(name: "drain_seconds") { $0.drainSeconds = try number($1, "drain_seconds", 0...300) },
            Setting(name: "external_checks") { $0.externalChecks.kinds = try checkedKinds($1) },
            Setting(name: "external_check_hours") {
                $0.externalChecks.hours = try number($1, "external_check_hours", 1...8760)
            },
            Setting(name: "code_reservation_days") {
                $0.codeReservationDays = try number($1, "code_reservation_days", 1...3650)
            },
            Setting(name: "transaction_retention_days") {
                $0.transactionRetentionDays = try number($1, "transaction_retention_days", 1...3650)
            },
            Setting(name: "metrics_from") { $0.metricsFrom = try proxies($1, "metrics_from") },
            Setting(name: "passkey_related_origins") { $0.passkeyRelatedOrigins = try origins($1) },
            Setting(name: "passkey_attestation") { $0.passkeyAttestation = try attestation($1) },
            Setting(name: "passkey_roots") { $0.passkeyRoots = $1 },
            Setting(name: "fido_metadata") { $0.fidoMetadata = $1 },
            Setting(name: "fido_metadata_roots") { $0.fidoMetadataRoots = $1 },
            Setting(name: "outbound_allow") { $0.outboundAllow = try outboundRules($1) },
            Setting(name: "devices_per_person") {
                $0.deviceRules.mostActive = try number($1, "devices_per_person", 1...20)
            },
            Setting(name: "recovery_hold_hours") {
                $0.deviceRules.holdSeconds = Int64(try number($1, "recovery_hold_hours", 1...720)) * 3600
            },
            Setting(name: "duress_pin") { $0.deviceRules.allowsDuressPIN = try truth($1, "duress_pin") },
            Setting(name: "device_rules_version") { $0.deviceRules.version = $1 },
            Setting(name: "message_gateway_url") { $0.messageGatewayURL = $1 },
            Setting(name: "message_gateway_secret_file") { $0.messageGatewaySecretFile = $1 },
            Setting(name: "message_gateway_file") { $0.messageGatewayFile = $1 },
            Setting(name: "place_file") { $0.placeFile = $1 },
            Setting(name: "outbound_roots") { $0.outboundRoots = $1 },
            Setting(name: "push_contact") { $0.pushContact = $1 },
            Setting(name: "push_allow") { $0.pushAllow = try outboundRules($1, "push_allow") },
            Setting(name: "app_android_package") { $0.appLinks.androidPackage = try androidPackage($1) },
            Setting(name: "app_android_certificates") { $0.appLinks.androidCertificates = try androidCertificates($1) },
            Setting(name: "app_apple_ids") { $0.appLinks.appleApps = try appleApps($1) },
            Setting(name: "outbound_timeout") { $0.outboundTimeout = try number($1, "outbound_timeout", 1...30) },
        ]

    /// Names that may stand in the file, for `--help` and the documentation.
    public static var names: [String] { settings.map(\.name) }

    /// Applies one setting by name. Throws `configuration.unknown_key`, `configuration.invalid`.
    public mutating func set(_ name: String, _ value: String) throws {
        guard let setting = Self.settings.first(where: { $0.name == name }) else {
            throw RumdulError.configurationUnknown(name)
        }
        try setting.assign(&self, value)
    }

    /// Reads defaults, file, environment and flags, in this order.
    /// - Parameters:
    ///   - file: path of a JSON object whose members are settings, or `nil`.
    ///   - environment: only `RUMDUL_*` is looked at; `RUMDUL_DEVICE_*`, `RUMDUL_TESTS` and `RUMDUL_LANG` belong to other tools.
    ///   - flags: settings from the command line.
    public static func load(
        file: String?, environment: [String: String], flags: [(String, String)]
    ) throws -> Configuration {
        var configuration = Configuration()
        if let file {
            guard let data = FileManager.default.contents(atPath: file) else {
                throw RumdulError.configurationInvalid("config", "the file \(file) cannot be read")
            }
            for member in try JSON.parseObject([UInt8](data)).members {
                try configuration.set(member.name, try text(member.value, member.name))
            }
        }
        for (key, value) in environment.sorted(by: { $0.key < $1.key }) where key.hasPrefix("RUMDUL_") {
            if key.hasPrefix("RUMDUL_DEVICE_") || key == "RUMDUL_TESTS" || key == "RUMDUL_LANG" { continue }
            try configuration.set(key.dropFirst("RUMDUL_".count).lowercased(), value)
        }
        for (name, value) in flags { try configuration.set(name, value) }
        return configuration
    }

    private static func text(_ value: JSONValue, _ name: String) throws -> String {
        switch value {
        case .string(let text): return text
        case .integer(let number): return String(number)
        case .bool(let truth): return truth ? "true" : "false"
        case .array:
            guard let strings = value.stringsValue else { break }
            return strings.joined(separator: ",")
        default: break
        }
        throw RumdulError.configurationInvalid(name, "not a text, number, truth value or list of texts")
    }

    static func list(_ text: String) -> [String] {
        text.split(separator: ",").map { part in
            String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }
    }

    private static func proxies(_ text: String, _ name: String = "trusted_proxies") throws -> [String] {
        let proxies = list(text)
        guard proxies.allSatisfy({ AddressRange($0) != nil }) else {
            throw RumdulError.configurationInvalid(name, "addresses or ranges such as 10.0.0.0/8")
        }
        return proxies
    }

    /// A field that has another meaning is refused: its value would be taken for a certificate.
    private static func headerName(_ text: String) throws -> String {
        let taken = ["authorization", "cookie", "dpop", "host", "forwarded", "x-forwarded-for", "content-length"]
        guard WebSettings.isHeaderName(text), !taken.contains(text.lowercased()) else {
            throw RumdulError.configurationInvalid(
                "client_certificate_header", "the name of a header field such as X-Client-Cert")
        }
        return text
    }

    private static func outboundRules(_ text: String, _ name: String = "outbound_allow") throws -> [String] {
        let entries = list(text)
        guard entries.allSatisfy({ OutboundRule($0) != nil }) else {
            throw RumdulError.configurationInvalid(
                name, "[http://]host or block, with an optional :port or :*, such as 10.0.0.0/8:8443")
        }
        return entries
    }

    private static func origins(_ text: String) throws -> [String] {
        let origins = list(text)
        for origin in origins {
            guard origin.hasPrefix("https://"), (try? baseURL(origin)) != nil else {
                throw RumdulError.configurationInvalid(
                    "passkey_related_origins", "https origins without a slash at the end")
            }
        }
        return origins
    }

    private static func attestation(_ text: String) throws -> String {
        guard attestationDemands[text] != nil else {
            throw RumdulError.configurationInvalid(
                "passkey_attestation", "one of " + attestationDemands.keys.sorted().joined(separator: ", "))
        }
        return text
    }

    /// Kinds of events that a district verifies: only these wait after their verification.
    private static func checkedKinds(_ text: String) throws -> Set<VitalEventKind> {
        let verified = RulePack.cambodia2026.verifiedKinds
        return Set(
            try list(text).map { name in
                guard let kind = VitalEventKind(rawValue: name), verified.contains(kind) else {
                    throw RumdulError.configurationInvalid(
                        "external_checks", verified.map(\.rawValue).sorted().joined(separator: ", "))
                }
                return kind
            })
    }

    private static func statisticsReleases(_ text: String) throws -> StatisticsPages.Releases {
        guard let releases = StatisticsPages.Releases(rawValue: text) else {
            throw RumdulError.configurationInvalid("statistics_releases", "month or now")
        }
        return releases
    }

    private static func logLevel(_ text: String) throws -> String {
        let levels = ["trace", "debug", "info", "notice", "warning", "error"]
        guard levels.contains(text) else {
            throw RumdulError.configurationInvalid("log_level", "one of " + levels.joined(separator: ", "))
        }
        return text
    }

    static func number(_ text: String, _ name: String, _ range: ClosedRange<Int>) throws -> Int {
        guard let value = Int(text), range.contains(value) else {
            throw RumdulError.configurationInvalid(name, "a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    static func truth(_ text: String, _ name: String) throws -> Bool {
        switch text {
        case "true", "1": return true
        case "false", "0": return false
        default: throw RumdulError.configurationInvalid(name, "true or false")
        }
    }

    private static func baseURL(_ text: String) throws -> String {
        let authority = text.hasPrefix("https://") ? text.dropFirst(8) : text.dropFirst(7)
        let allowed = text.hasPrefix("https://") || text.hasPrefix("http://")
        let clean = authority.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"/?#@\\\"<>".utf8.contains($0) }
        guard allowed, !authority.isEmpty, !authority.hasPrefix(":"), clean else {
            throw RumdulError.configurationInvalid("base_url", "scheme and host, without a slash at the end")
        }
        let host = authority.prefix { $0 != ":" }
        guard text.hasPrefix("https://") || ["127.0.0.1", "localhost"].contains(host) || authority.hasPrefix("[::1]")
        else {
            throw RumdulError.configurationInvalid("base_url", "https, except on the loopback interface")
        }
        return text
    }

    private static func services(_ text: String) throws -> Set<Service> {
        let services = list(text).map(Service.init(rawValue:))
        guard !services.isEmpty, !services.contains(nil) else {
            throw RumdulError.configurationInvalid(
                "services", "one or more of " + Service.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return Set(services.compactMap { $0 })
    }
}

extension Configuration {
    /// Where the database lies.
    public var databaseLocation: String { database ?? dataDirectory + "/rumdul.sqlite" }
    /// Where the key vault lies.
    public var vaultPath: String { vaultFile ?? dataDirectory + "/vault.keys" }
    /// Where the vault's key file lies.
    public var vaultKeyPath: String { vaultKeyFile ?? dataDirectory + "/vault.secret" }
}

extension RumdulError {
    static func configurationUnknown(_ name: String) -> RumdulError {
        RumdulError(
            "configuration.unknown_key", .invalid, km: "មិនស្គាល់ការកំណត់ «\(name)» ទេ។",
            en: "There is no setting \"\(name)\". Known: " + Configuration.names.joined(separator: ", "))
    }

    static func configurationInvalid(_ name: String, _ reason: String) -> RumdulError {
        RumdulError(
            "configuration.invalid", .invalid, km: "ការកំណត់ «\(name)» មិនត្រឹមត្រូវ៖ \(reason)",
            en: "The setting \"\(name)\" is not valid: \(reason).")
    }
}
