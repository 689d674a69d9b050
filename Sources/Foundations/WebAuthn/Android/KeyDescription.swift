import Kernel
import SwiftASN1

/// Android's description of a key in the extension 1.3.6.1.4.1.11129.2.1.17 of its certificate (Android "Key and ID
/// attestation", schema of the attestation extension; WebAuthn section 8.4.1).
public struct KeyDescription: Sendable, Hashable {
    /// Where something happened.
    public enum SecurityLevel: Int64, Sendable, Comparable {
        case software = 0
        case trustedEnvironment = 1
        case strongBox = 2

        public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    /// The version of the extension.
    public let version: Int64
    /// Where the attestation was made.
    public let attestationSecurityLevel: SecurityLevel
    public let keyMintVersion: Int64
    /// Where the key lives.
    public let keyMintSecurityLevel: SecurityLevel
    /// What the caller asked to be attested.
    public let challenge: [UInt8]
    public let uniqueID: [UInt8]
    /// What the operating system vouches for.
    public let softwareEnforced: AuthorizationList
    /// What the secure hardware vouches for.
    public let hardwareEnforced: AuthorizationList

    /// Reads the extension's content.
    /// - Throws: `webauthn.key_description`.
    public init(der: [UInt8]) throws(RumdulError) {
        let parts = try DERNode(der: der, .keyDescription).children(.sequence)
        guard parts.count == 8 else { throw .webAuthn(.keyDescription, "\(parts.count) parts instead of 8") }
        version = try parts[0].integer()
        attestationSecurityLevel = try Self.level(parts[1])
        keyMintVersion = try parts[2].integer()
        keyMintSecurityLevel = try Self.level(parts[3])
        challenge = try parts[4].octets()
        uniqueID = try parts[5].octets()
        softwareEnforced = try AuthorizationList(parts[6])
        hardwareEnforced = try AuthorizationList(parts[7])
    }

    /// The description in a certificate; `nil` when there is none.
    /// - Throws: `webauthn.key_description`.
    public init?(certificate: AttestationCertificate) throws(RumdulError) {
        guard let entry = certificate.extension(.androidKeyDescription) else { return nil }
        try self.init(der: entry.value)
    }

    private static func level(_ node: DERNode) throws(RumdulError) -> SecurityLevel {
        guard let level = SecurityLevel(rawValue: try node.enumerated()) else {
            throw .webAuthn(.keyDescription, "an unknown security level")
        }
        return level
    }
}

/// What a key may be used for and how (Android, `AuthorizationList`). Members that are not listed here are skipped.
public struct AuthorizationList: Sendable, Hashable {
    public enum Purpose: Int64, Sendable, Hashable {
        case encrypt = 0
        case decrypt = 1
        case sign = 2
        case verify = 3
        case wrapKey = 5
        case agreeKey = 6
        case attestKey = 7
    }

    public enum Origin: Int64, Sendable, Hashable {
        case generated = 0
        case derived = 1
        case imported = 2
        case unknown = 3
        case securelyImported = 4
    }

    public private(set) var purposes: [Purpose] = []
    /// The key may be used without the person unlocking it.
    public private(set) var noAuthRequired = false
    /// Which kinds of unlocking count (a bit field), if any.
    public private(set) var userAuthType: Int64?
    /// Seconds for which one unlocking serves; `nil` when each use needs its own.
    public private(set) var authTimeout: Int64?
    /// The key may be used by every application.
    public private(set) var allApplications = false
    /// When the key was made, in milliseconds since 1970.
    public private(set) var creationMilliseconds: Int64?
    public private(set) var origin: Origin?
    public private(set) var rootOfTrust: RootOfTrust?
    public private(set) var osVersion: Int64?
    /// Year and month as in 202603.
    public private(set) var osPatchLevel: Int64?
    public private(set) var application: AttestedApplication?

    /// Android's bit for every biometric of its strong class (`HardwareAuthenticatorType.FINGERPRINT`).
    private static let biometric: Int64 = 2

    /// Whether the key works only after a finger or a face, and after nothing else: for each use, or at most so many seconds
    /// before it.
    public func needsBiometric(within seconds: Int64) -> Bool {
        !noAuthRequired && userAuthType == Self.biometric && (0...seconds).contains(authTimeout ?? 0)
    }

    init(_ node: DERNode) throws(RumdulError) {
        var previous: UInt?
        for member in try node.children(.sequence) {
            guard let tag = member.tag else { throw .webAuthn(.keyDescription, "a member without a tag") }
            guard previous != tag else { throw .webAuthn(.keyDescription, "a member twice") }
            previous = tag
            try read(tag, member)
        }
    }

    private mutating func read(_ tag: UInt, _ member: DERNode) throws(RumdulError) {
        switch tag {
        case 1:
            purposes = []
            for entry in try member.tagged(tag).children(.set) {
                guard let purpose = Purpose(rawValue: try entry.integer()) else {
                    throw .webAuthn(.keyDescription, "an unknown purpose")
                }
                purposes.append(purpose)
            }
        case 503: noAuthRequired = true
        case 504: userAuthType = try member.tagged(tag).integer()
        case 505: authTimeout = try member.tagged(tag).integer()
        case 600: allApplications = true
        case 701: creationMilliseconds = try member.tagged(tag).integer()
        case 702:
            guard let value = Origin(rawValue: try member.tagged(tag).integer()) else {
                throw .webAuthn(.keyDescription, "an unknown origin")
            }
            origin = value
        case 704: rootOfTrust = try RootOfTrust(member.tagged(tag))
        case 705: osVersion = try member.tagged(tag).integer()
        case 706: osPatchLevel = try member.tagged(tag).integer()
        case 709: application = try AttestedApplication(member.tagged(tag).octets())
        default: return
        }
    }
}

/// What the device booted (Android, `RootOfTrust`).
public struct RootOfTrust: Sendable, Hashable {
    public enum BootState: Int64, Sendable, Hashable {
        /// Software of the maker, unchanged.
        case verified = 0
        /// Software with a key of the owner.
        case selfSigned = 1
        case unverified = 2
        case failed = 3
    }

    public let verifiedBootKey: [UInt8]
    /// True when the boot loader is locked.
    public let isLocked: Bool
    public let bootState: BootState
    public let verifiedBootHash: [UInt8]?

    init(_ node: DERNode) throws(RumdulError) {
        let parts = try node.children(.sequence)
        guard parts.count == 3 || parts.count == 4 else { throw .webAuthn(.keyDescription, "the root of trust") }
        verifiedBootKey = try parts[0].octets()
        isLocked = try parts[1].boolean()
        guard let state = BootState(rawValue: try parts[2].enumerated()) else {
            throw .webAuthn(.keyDescription, "an unknown boot state")
        }
        bootState = state
        verifiedBootHash = parts.count == 4 ? try parts[3].octets() : nil
    }
}

/// The application that asked for the attestation (Android, `AttestationApplicationId`).
public struct AttestedApplication: Sendable, Hashable {
    /// The packages' names.
    public let packages: [String]
    /// SHA-256 of the certificates that signed them.
    public let signatureDigests: [[UInt8]]

    init(_ der: [UInt8]) throws(RumdulError) {
        let parts = try DERNode(der: der, .keyDescription).children(.sequence)
        guard parts.count == 2 else { throw .webAuthn(.keyDescription, "the application") }
        var packages: [String] = []
        for info in try parts[0].children(.set) {
            guard let name = try info.children(.sequence).first?.octets(),
                let text = String(validating: name, as: UTF8.self)
            else { throw .webAuthn(.keyDescription, "a package's name") }
            packages.append(text)
        }
        var digests: [[UInt8]] = []
        for digest in try parts[1].children(.set) { digests.append(try digest.octets()) }
        self.packages = packages
        signatureDigests = digests
    }
}
