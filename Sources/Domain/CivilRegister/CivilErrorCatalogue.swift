import Kernel

extension ErrorRoom {
    /// The errors of the civil register.
    public static let civilRegister = ErrorRoom(
        "CivilRegister",
        [
            ErrorEntry(
                .civilNotFound, cause: "The record does not exist, is sealed, or lies outside the officer's area.",
                remedy: "Search again.", km: "សូមស្វែងរកម្តងទៀត។"),
            ErrorEntry(
                .civilInvalid([]), cause: "Fields are missing or break a rule; `errors` names each.",
                remedy: "Correct the marked fields; nothing that was typed is lost.", km: "សូមកែកន្លែងដែលបានចង្អុល។"),
            ErrorEntry(
                .civilState, cause: "The state table does not allow the action, or another step waits for a decision.",
                remedy: "Load the record and see where it stands.", km: "សូមផ្ទុកកំណត់ត្រាឡើងវិញ។"),
            ErrorEntry(
                .civilChanged, cause: "The sequence number of the request is not the record's.",
                remedy: "Load the record again and repeat the step.", km: "សូមផ្ទុកកំណត់ត្រាឡើងវិញ រួចធ្វើម្តងទៀត។"),
            ErrorEntry(
                .civilSamePerson, cause: "The same officer took the first of two steps.",
                remedy: "Ask a colleague.", km: "សូមសុំសហការី។"),
            ErrorEntry(
                .civilLateApproval, cause: "The event lies further back than the rule pack's limit.",
                remedy: "A provincial approver decides in the queue of late registrations.",
                km: "មន្ត្រីខេត្តសម្រេចក្នុងបញ្ជីចុះបញ្ជីយឺត។"),
            ErrorEntry(
                .civilDuplicateOpen, cause: "Two officers have not decided yet whether it is a duplicate.",
                remedy: "Decide the case first.", km: "សូមសម្រេចករណីនោះជាមុនសិន។"),
            ErrorEntry(
                .civilCourtNeeded, cause: "A field is not on the list of clerical corrections.",
                remedy: "Name the court decision.", km: "សូមបញ្ជាក់លេខសេចក្តីសម្រេចតុលាការ។"),
            ErrorEntry(
                .civilMarriage(
                    LocalizedText(km: "អាពាហ៍ពិពាហ៍នេះមិនអាចចុះបញ្ជីបានទេ។", en: "This marriage cannot be registered."), field: ""),
                cause: "A party is married, dead or too young, or the notice was too short.",
                remedy: "See the marked field.", km: "សូមមើលកន្លែងដែលបានចង្អុល។"),
            ErrorEntry(
                .civilPerson(.person, LocalizedText(km: "បុគ្គលនេះមិនអាចទទួលយកបានទេ។", en: "This person cannot be accepted.")),
                cause: "The person is dead, unknown, too young for the part, or the record is closed.",
                remedy: "Check the code.",
                km: "សូមពិនិត្យលេខកូដ។"),
            ErrorEntry(
                .civilEvidenceType,
                cause: "The file is over 3 MB, no JPEG, PNG or PDF by its first bytes, or the 21st.",
                remedy: "Scan it again with less resolution, as JPEG or PDF.", km: "សូមស្កេនម្តងទៀតជា JPEG ឬ PDF។"),
            ErrorEntry(
                .civilChain, cause: "A row was changed outside the program, or a key is missing.",
                remedy: "Run `rumdul ledger verify` and restore from a backup."),
            ErrorEntry(
                .civilLegacyTaken,
                cause: "A record stands for this entry of the book, or has this registration number.",
                remedy: "Compare the two; an entry is entered once.", km: "សូមប្រៀបធៀបកំណត់ត្រាទាំងពីរ។"),
            ErrorEntry(
                .civilImportUnfinished, cause: "An earlier run of the same file was stopped or killed.",
                remedy: "Run it again with `--resume`: lines that are done are passed over.",
                km: "សូមប្រើ --resume។"),
            ErrorEntry(
                .civilImportHeader([]),
                cause: "The first line names columns that do not exist, or twice, or misses some.",
                remedy: "See docs/import-export.md for the columns.", km: "សូមមើលបញ្ជីជួរឈរក្នុងឯកសារណែនាំ។"),
            ErrorEntry(
                .civilNumbers, cause: "A commune registered 99,999 events of a kind in a year.",
                remedy: "Tell the operators."),
        ])
}
