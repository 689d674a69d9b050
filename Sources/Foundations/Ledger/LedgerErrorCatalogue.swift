import Kernel

extension ErrorRoom {
    /// Errors of the ledger.
    public static let ledger = ErrorRoom(
        "Ledger",
        [
            ErrorEntry(
                .ledgerEntry, cause: "The program wrote a name or a length that the ledger does not take.",
                remedy: "Tell the operators the reference number.", km: "សូមប្រាប់លេខយោងដល់អ្នកប្រតិបត្តិ។"),
            ErrorEntry(
                .ledgerNotFound, cause: "The stream is shorter, or there is no such stream.",
                remedy: "Check stream and number.", km: "សូមពិនិត្យលេខកំណត់ត្រា។"),
            ErrorEntry(
                .ledgerNotCovered, cause: "The entry is newer than the last signed checkpoint.",
                remedy: "Try again after the seconds in `Retry-After`.", km: "សូមរង់ចាំបន្តិច រួចព្យាយាមម្តងទៀត។"),
            ErrorEntry(
                .ledgerRange, cause: "A consistency proof needs 1 ≤ from ≤ to ≤ the length of the stream.",
                remedy: "Correct the sizes."),
            ErrorEntry(
                .ledgerBroken(""),
                cause: "Rows contradict each other or a signed checkpoint: somebody changed the database.",
                remedy: "Operators: run `rumdul ledger verify`, keep the database as it is, and report an incident."),
            ErrorEntry(
                .ledgerCheckpointFormat(""), cause: "The text is no checkpoint, or no key of this vault signed it.",
                remedy: "Give the statement exactly as `rumdul ledger checkpoint` printed it."),
        ])
}
