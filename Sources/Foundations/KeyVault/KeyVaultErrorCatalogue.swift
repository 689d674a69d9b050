import Kernel

extension ErrorRoom {
    /// Errors of the key vault.
    public static let keyVault = ErrorRoom(
        "KeyVault",
        [
            ErrorEntry(
                .keyVaultNoKey, cause: "The vault has no active key of the purpose, or never had the one named.",
                remedy: "Operators: `rumdul admin keys list`; restore the vault that belongs to the database."),
            ErrorEntry(
                .keyVaultState, cause: "A key was to go backwards in its life, or is not active.",
                remedy: "Look at the key's state: `rumdul admin keys list`."),
            ErrorEntry(
                .keyVaultAlgorithm, cause: "A key was asked for something that its algorithm cannot do.",
                remedy: "Name an algorithm that the purpose uses."),
            ErrorEntry(
                .keyVaultSeal, cause: "Sealed data was changed, or belongs to another vault or place.",
                remedy: "Start the action again. Operators: does the vault belong to this database?",
                km: "សូមចាប់ផ្តើមសកម្មភាពនេះម្តងទៀត។"),
            ErrorEntry(
                .keyVaultSecret, cause: "The passphrase or key file is another one.",
                remedy: "Give the one that was made with the vault."),
            ErrorEntry(
                .keyVaultFormat(""), cause: "The file was cut off, changed, or is something else.",
                remedy: "Restore it from a backup."),
            ErrorEntry(
                .keyVaultPermissions(""), cause: "Others than the owner may read or write the file.",
                remedy: "`chmod 600` the file."),
            ErrorEntry(
                .keyVaultUnavailable(""), cause: "The file, its folder or its lock cannot be opened.",
                remedy: "Check that file and folder exist, belong to the service's user, and that the disk has room."),
        ])
}
