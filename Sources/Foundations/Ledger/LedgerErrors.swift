import Kernel

extension RumdulError {
    /// The entry has a name or length that the ledger does not take.
    public static let ledgerEntry = RumdulError(
        "ledger.entry", .internal, km: "កំណត់ត្រាសម្រាប់សៀវភៅកំណត់ហេតុមិនត្រឹមត្រូវទេ។",
        en: "The entry cannot be written into the ledger.")

    /// There is no such entry.
    public static let ledgerNotFound = RumdulError(
        "ledger.not_found", .notFound, km: "រកមិនឃើញកំណត់ត្រានេះក្នុងសៀវភៅកំណត់ហេតុទេ។",
        en: "There is no such entry in the ledger.")

    /// No checkpoint covers the entry yet.
    public static let ledgerNotCovered = RumdulError(
        "ledger.not_covered", .conflict, km: "កំណត់ត្រានេះមិនទាន់មានហត្ថលេខាបញ្ជាក់ទេ។ សូមព្យាយាមម្តងទៀតបន្តិចក្រោយ។",
        en: "No signed checkpoint covers this entry yet. Please try again in a moment.", retryAfter: 10)

    /// The sizes of a consistency proof are out of range.
    public static let ledgerRange = RumdulError(
        "ledger.range", .invalid, km: "ចន្លោះលេខរៀងមិនត្រឹមត្រូវទេ។", en: "The range of the ledger is not valid.")

    /// The rows contradict each other or a signed checkpoint: `Ledger.verify` tells where.
    public static func ledgerBroken(_ cause: String) -> RumdulError {
        RumdulError(
            "ledger.broken", .internal, km: "សៀវភៅកំណត់ហេតុត្រូវបានគេកែប្រែ។ សូមដំណើរការការផ្ទៀងផ្ទាត់សៀវភៅកំណត់ហេតុ។",
            en: "The ledger has been tampered with. Run the verification of the ledger.", cause: cause)
    }

    /// The bytes are no checkpoint.
    public static func ledgerCheckpointFormat(_ cause: String) -> RumdulError {
        RumdulError(
            "ledger.checkpoint", .invalid, km: "ចំណុចត្រួតពិនិត្យនេះមិនត្រឹមត្រូវទេ។",
            en: "The checkpoint is not valid.", cause: cause)
    }
}
