import Kernel

extension RumdulError {
    /// The engine refused a statement: a wrong text, a wrong type, a constraint other than a unique one. Our own fault.
    /// The cause names the engine's code and the object, never a value.
    public static func databaseStatement(_ cause: String) -> RumdulError {
        RumdulError(
            "database.statement", .internal, km: "មានបញ្ហាខាងក្នុងប្រព័ន្ធ។ សូមព្យាយាមម្តងទៀតនៅពេលក្រោយ។",
            en: "Something went wrong on our side. Please try again later.", cause: cause)
    }

    /// A transaction or read was begun inside another one on the same database and task, which would wait for itself
    /// for ever.
    public static let databaseNested = RumdulError(
        "database.nested", .internal, km: "មានបញ្ហាខាងក្នុងប្រព័ន្ធ។ សូមព្យាយាមម្តងទៀតនៅពេលក្រោយ។",
        en: "Something went wrong on our side. Please try again later.",
        cause: "read or transaction inside a transaction of the same database: pass the connection on instead")

    /// The schema of the database and the program do not belong together.
    public static func databaseMigration(_ cause: String) -> RumdulError {
        RumdulError(
            "database.migration", .internal, km: "ទិន្នន័យនេះមិនត្រូវនឹងកំណែកម្មវិធីនេះទេ។",
            en: "This database does not fit this version of the program.", cause: cause)
    }

    /// The database URL or path cannot be used.
    public static func databaseLocation(_ cause: String) -> RumdulError {
        RumdulError(
            "database.location", .invalid, km: "អាសយដ្ឋានមូលដ្ឋានទិន្នន័យមិនត្រឹមត្រូវទេ។",
            en: "The database location is not valid.", cause: cause)
    }

    /// The transaction was left failed by an earlier statement, or its closure is over.
    static let databaseTransactionFailed = RumdulError.databaseStatement(
        "an earlier statement of this transaction failed: it can only be rolled back (ON CONFLICT avoids that)"
    )
    static let databaseScopeEnded = RumdulError.databaseStatement("a connection was used after its closure ended")
}
