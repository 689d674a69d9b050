import Kernel

/// What protects a device key, as far as it was attested. What is only claimed counts as software.
public enum KeyProtection: String, Sendable, Codable, CaseIterable {
    /// A file or memory; also everything that nobody vouched for.
    case software
    /// The trusted environment of an Android device's processor.
    case trustedEnvironment = "tee"
    /// A security chip of its own in an Android device.
    case strongBox = "strongbox"
    /// Apple's Secure Enclave, as a genuine app on a genuine device says.
    case secureEnclave = "secure_enclave"

    /// Hardware or software.
    public var storage: KeyStorage { self == .software ? .software : .hardware }

    /// What people read on the pages of devices.
    public var label: LocalizedText {
        switch self {
        case .software: LocalizedText(km: "សោក្នុងកម្មវិធី", en: "Key in software")
        case .trustedEnvironment: LocalizedText(km: "សោក្នុងផ្នែករឹងសុវត្ថិភាព (TEE)", en: "Key in secure hardware (TEE)")
        case .strongBox: LocalizedText(km: "សោក្នុងបន្ទះឈីបសុវត្ថិភាព (StrongBox)", en: "Key in a security chip (StrongBox)")
        case .secureEnclave: LocalizedText(km: "សោក្នុង Secure Enclave", en: "Key in the Secure Enclave")
        }
    }
}

/// What a device key needs before it signs.
public enum KeyUnlock: String, Sendable, Codable, CaseIterable {
    /// Nothing, or nothing that is known.
    case none
    /// A finger or a face: for each use, or at most ``longest`` seconds before it.
    case biometric

    /// How many seconds one unlocking may serve.
    public static let longest: Int64 = 60
}

/// What is known of a device key when it is bound.
public struct KeyProof: Sendable, Hashable {
    public var protection: KeyProtection
    public var unlock: KeyUnlock
    /// The key that vouched for it, where it is another one (App Attest). It vouches once.
    var voucher: String?

    public init(_ protection: KeyProtection, unlock: KeyUnlock = .none) {
        self.protection = protection
        self.unlock = unlock
    }

    /// Nobody vouched.
    public static let software = KeyProof(.software)
}

extension Device {
    /// The factors that one signature of the device key proves. What a software device says of a finger or a face is only its
    /// word.
    /// - Parameter trustsSoftware: the operator takes software devices at their word.
    public func factors(trustsSoftware: Bool) -> Set<AuthenticationFactor> {
        var factors: Set<AuthenticationFactor> = [.possession, keyStorage.factor]
        if key.unlock == .biometric, keyStorage == .hardware || trustsSoftware { factors.insert(.biometric) }
        return factors
    }
}

extension Device {
    /// What follows from the key's protection for the levels that the device reaches, where that is not plain.
    public func levelNote(trustsSoftware: Bool) -> LocalizedText? {
        guard keyStorage == .software else { return nil }
        return trustsSoftware
            ? LocalizedText(
                km: "ប្រព័ន្ធសាកល្បងនេះទុកចិត្តសោក្នុងកម្មវិធីដូចផ្នែករឹង។",
                en: "This trial system trusts software keys as if they were hardware.")
            : LocalizedText(
                km: "សោក្នុងកម្មវិធីមិនអាចឡើងលើសកម្រិត ២ ទេ។",
                en: "A key in software reaches level 2 (AAL2) at most.")
    }
}
