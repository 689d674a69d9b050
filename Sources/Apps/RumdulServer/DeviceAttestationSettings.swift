import Authenticators
import Codecs
import Foundation
import Kernel
import WebAuthn

/// The settings of device attestation (docs/operating.md). Files are read at the start.
public struct DeviceAttestationSettings: Sendable, Equatable {
    /// `capped`, or `trusted`: software devices count as if hardware vouched for them.
    public var softwareDevices = "capped"
    /// `optional`, or `needed`: no device without trusted attestation.
    public var demand = "optional"
    /// PEM file with Google's roots of Android Key Attestation.
    public var androidRoots: String?
    /// Names of the packages that may ask.
    public var androidPackages: [String] = []
    /// SHA-256 of the certificates that sign them, in hexadecimal.
    public var androidSigners: [String] = []
    /// `tee` or `strongbox`.
    public var androidLevel = "tee"
    /// Whether the boot loader must be locked and the system the maker's.
    public var androidVerifiedBoot = true
    /// The least patch level of the system, as in 202601.
    public var androidPatchLevel: Int?
    /// Google's status list of revoked certificates, as downloaded.
    public var androidStatusList: String?
    /// PEM file with Apple's App Attest root.
    public var appleRoots: String?
    /// The apps: team, dot, bundle.
    public var appleApps: [String] = []
    /// Whether keys of Apple's development environment are accepted.
    public var appleDevelopment = false

    public init() {}

    /// Whether software devices count as hardware.
    public var trustsSoftware: Bool { softwareDevices == "trusted" }
}

extension Configuration {
    static let attestationSettings: [Setting] = [
        Setting(name: "software_devices") {
            $0.deviceAttestation.softwareDevices = try choice($1, "software_devices", ["capped", "trusted"])
        },
        Setting(name: "key_attestation") {
            $0.deviceAttestation.demand = try choice($1, "key_attestation", ["optional", "needed"])
        },
        Setting(name: "android_roots") { $0.deviceAttestation.androidRoots = $1 },
        Setting(name: "android_packages") { $0.deviceAttestation.androidPackages = list($1) },
        Setting(name: "android_signers") { $0.deviceAttestation.androidSigners = try digests($1) },
        Setting(name: "android_level") {
            $0.deviceAttestation.androidLevel = try choice($1, "android_level", ["tee", "strongbox"])
        },
        Setting(name: "android_verified_boot") {
            $0.deviceAttestation.androidVerifiedBoot = try truth($1, "android_verified_boot")
        },
        Setting(name: "android_patch_level") {
            $0.deviceAttestation.androidPatchLevel = try number($1, "android_patch_level", 201_501...209_912)
        },
        Setting(name: "android_status_list") { $0.deviceAttestation.androidStatusList = $1 },
        Setting(name: "apple_roots") { $0.deviceAttestation.appleRoots = $1 },
        Setting(name: "apple_apps") { $0.deviceAttestation.appleApps = list($1) },
        Setting(name: "apple_development") {
            $0.deviceAttestation.appleDevelopment = try truth($1, "apple_development")
        },
    ]

    /// Whose word on device keys this node believes.
    /// - Throws: `configuration.invalid` for files that cannot be read, and for roots without the applications they are for:
    ///   any app of anybody could attest then.
    func attestationRules() throws -> AttestationRules {
        let settings = deviceAttestation
        return AttestationRules(
            android: try androidRequirements(), apps: try appleApps(), acceptsSoftware: settings.demand == "optional",
            trustsSoftware: settings.trustsSoftware)
    }

    private func androidRequirements() throws -> AndroidKeyRequirements? {
        let settings = deviceAttestation
        guard let roots = settings.androidRoots else { return nil }
        guard !settings.androidPackages.isEmpty, !settings.androidSigners.isEmpty else {
            throw RumdulError.configurationInvalid("android_roots", "only with android_packages and android_signers")
        }
        return AndroidKeyRequirements(
            roots: try Self.certificates(roots, "android_roots"),
            leastLevel: settings.androidLevel == "strongbox" ? .strongBox : .trustedEnvironment,
            needsVerifiedBoot: settings.androidVerifiedBoot,
            leastPatchLevel: settings.androidPatchLevel.map(Int64.init), packages: Set(settings.androidPackages),
            signers: Set(settings.androidSigners.compactMap(Hex.decode)),
            revokedSerials: try settings.androidStatusList.map(Self.revoked) ?? [])
    }

    private func appleApps() throws -> [AppAttest] {
        let settings = deviceAttestation
        guard let path = settings.appleRoots else { return [] }
        guard !settings.appleApps.isEmpty else {
            throw RumdulError.configurationInvalid("apple_roots", "only with apple_apps")
        }
        let roots = try Self.certificates(path, "apple_roots")
        return settings.appleApps.map { app in
            AppAttest(
                applicationID: app, roots: roots,
                environments: settings.appleDevelopment ? [.production, .development] : [.production])
        }
    }

    /// The serial numbers of Google's status list (`{"entries": {"<serial>": {"status": "REVOKED", ...}}}`). Whatever stands
    /// there is revoked or suspended.
    private static func revoked(_ path: String) throws -> Set<String> {
        guard let data = FileManager.default.contents(atPath: path), data.count <= 1 << 26,
            let list = try? JSON.parse(
                [UInt8](data), limits: JSONLimits(depth: 8, size: data.count, values: 1 << 20)),
            let entries = list["entries"]?.objectValue
        else { throw RumdulError.configurationInvalid("android_status_list", "the path of Google's status list") }
        return Set(
            entries.members.map { member in
                // The list writes numbers without leading zeros, certificates whole bytes.
                let digits = String(member.name.lowercased().drop { $0 == "0" })
                return digits.utf8.count.isMultiple(of: 2) ? digits : "0" + digits
            })
    }

    private static func choice(_ text: String, _ name: String, _ values: [String]) throws -> String {
        guard values.contains(text) else {
            throw RumdulError.configurationInvalid(name, "one of " + values.joined(separator: ", "))
        }
        return text
    }

    private static func digests(_ text: String) throws -> [String] {
        let digests = list(text).map { $0.lowercased().replacing(":", with: "") }
        guard digests.allSatisfy({ Hex.decode($0)?.count == 32 }) else {
            throw RumdulError.configurationInvalid("android_signers", "SHA-256 digests in hexadecimal")
        }
        return digests
    }
}
