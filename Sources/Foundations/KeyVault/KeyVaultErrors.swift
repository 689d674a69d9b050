import Kernel

extension RumdulError {
    /// There is no such key, or none that is active for the purpose.
    public static let keyVaultNoKey = RumdulError(
        "keyvault.no_key", .internal, km: "រកមិនឃើញកូនសោដែលត្រូវប្រើទេ។", en: "The key that is needed does not exist.")

    /// The state of the key forbids this, or the step in its life is not allowed.
    public static let keyVaultState = RumdulError(
        "keyvault.state", .conflict, km: "ស្ថានភាពរបស់កូនសោមិនអនុញ្ញាតឱ្យធ្វើដូច្នេះទេ។",
        en: "The state of the key does not allow this.")

    /// The key cannot do this, or the purpose needs another kind of key.
    public static let keyVaultAlgorithm = RumdulError(
        "keyvault.algorithm", .invalid, km: "ប្រភេទកូនសោនេះមិនអាចប្រើសម្រាប់កិច្ចការនេះបានទេ។",
        en: "A key of this kind cannot be used for this.")

    /// Sealed bytes were changed, were made by another key, or belong to another context.
    public static let keyVaultSeal = RumdulError(
        "keyvault.seal", .invalid, km: "ទិន្នន័យដែលបានបិទត្រាមិនត្រឹមត្រូវទេ។", en: "The sealed data is not valid.")

    /// The passphrase or the key file is not the one that the vault was closed with.
    public static let keyVaultSecret = RumdulError(
        "keyvault.secret", .forbidden, km: "ឃ្លាសម្ងាត់ ឬឯកសារកូនសោសម្រាប់បើកឃ្លាំងកូនសោមិនត្រឹមត្រូវទេ។",
        en: "The passphrase or key file does not open this key vault. Check which one belongs to it.")

    /// The file is no key vault, is damaged, or exceeds the limits.
    public static func keyVaultFormat(_ cause: String) -> RumdulError {
        RumdulError(
            "keyvault.format", .invalid, km: "ឯកសារឃ្លាំងកូនសោខូច ឬមិនត្រឹមត្រូវ។ សូមយកច្បាប់ចម្លងបម្រុងមកប្រើវិញ។",
            en: "The key vault file is damaged or is not a key vault. Restore it from a backup.", cause: cause)
    }

    /// Others than the owner may read or write the file.
    public static func keyVaultPermissions(_ cause: String) -> RumdulError {
        RumdulError(
            "keyvault.permissions", .forbidden,
            km: "អ្នកផ្សេងអាចអានឯកសារឃ្លាំងកូនសោបាន។ សូមកំណត់សិទ្ធិឯកសារជា 0600 (chmod 600)។",
            en: "Others may read the key vault file. Restrict it to its owner (chmod 600).", cause: cause)
    }

    /// The file, its folder or its lock cannot be used.
    public static func keyVaultUnavailable(_ cause: String) -> RumdulError {
        RumdulError(
            "keyvault.unavailable", .unavailable, km: "មិនអាចប្រើឃ្លាំងកូនសោបានទេ។ សូមពិនិត្យឯកសារ និងសិទ្ធិ។",
            en: "The key vault cannot be used. Check that its file and folder exist and can be written.", retryAfter: 2,
            cause: cause)
    }
}
