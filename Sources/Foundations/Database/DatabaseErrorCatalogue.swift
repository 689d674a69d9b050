import Kernel

extension ErrorRoom {
    /// Errors of the database.
    public static let database = ErrorRoom(
        "Database",
        [
            ErrorEntry(
                .databaseUnique, cause: "Another request has just written the same thing.",
                remedy: "Load the page again and look whether it is there already.",
                km: "សូមបើកទំព័រម្តងទៀត ហើយពិនិត្យមើលថាមានរួចហើយឬនៅ។"),
            ErrorEntry(
                .databaseUnavailable, cause: "The database cannot be reached, is full, or is overloaded.",
                remedy: "Try again. Operators: look at the database server and its disk.",
                km: "សូមព្យាយាមម្តងទៀតបន្តិចក្រោយ។"),
            ErrorEntry(
                .databaseStatement(""), cause: "The engine refused a statement: a fault of the program.",
                remedy: "Tell the operators the reference number.", km: "សូមប្រាប់លេខយោងដល់អ្នកប្រតិបត្តិ។"),
            ErrorEntry(
                .databaseNested, cause: "A transaction was begun inside another one: a fault of the program.",
                remedy: "Tell the operators the reference number.", km: "សូមប្រាប់លេខយោងដល់អ្នកប្រតិបត្តិ។"),
            ErrorEntry(
                .databaseMigration(""), cause: "A newer version of the program has used this database.",
                remedy: "Start the version that belongs to the database, or a newer one."),
            ErrorEntry(
                .databaseLocation(""), cause: "The setting `database` is neither a path nor a PostgreSQL address.",
                remedy: "Write `postgresql://user@host/name`, or leave it out for a file in the data folder."),
        ])
}
