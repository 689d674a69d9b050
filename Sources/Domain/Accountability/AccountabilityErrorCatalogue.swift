import Kernel

extension ErrorRoom {
    /// Errors of disclosures, journals and officers.
    public static let accountability = ErrorRoom(
        "Accountability",
        [
            ErrorEntry(
                .disclosureNoBasis, cause: "A disclosure names neither a consent nor a legal provision.",
                remedy: "Ask the person for consent, or name the provision.", km: "សូមសុំការយល់ព្រម ឬបញ្ជាក់មូលដ្ឋានច្បាប់។"),
            ErrorEntry(
                .disclosureNoPurpose, cause: "The purpose has no code or no words.", remedy: "Name the purpose.",
                km: "សូមបញ្ជាក់គោលបំណង។"),
            ErrorEntry(
                .disclosureNoAttributes, cause: "No attribute is named, or too many.",
                remedy: "Name the attributes that the purpose needs.", km: "សូមបញ្ជាក់ទិន្នន័យដែលត្រូវការ។"),
            ErrorEntry(
                .disclosureUnknownAttribute, cause: "An attribute is not in the catalogue.",
                remedy: "Use names from the list of attributes in docs/relying-parties.md."),
            ErrorEntry(
                .disclosureIncomplete, cause: "Organisation, system, service or trace is missing or too long.",
                remedy: "Tell the operators the reference number.", km: "សូមប្រាប់លេខយោងដល់អ្នកប្រតិបត្តិ។"),
            ErrorEntry(
                .accessEntryNotFound, cause: "The entry does not exist, or is about somebody else.",
                remedy: "Open it from your own page.", km: "សូមបើកពីទំព័ររបស់អ្នក។"),
            ErrorEntry(
                .officerForbidden, cause: "The officer's role or area does not cover this.",
                remedy: "Ask an officer of that area, or an administrator for the role.",
                km: "សូមសុំមន្ត្រីនៃតំបន់នោះ ឬសុំតួនាទីពីអ្នកគ្រប់គ្រង។"),
            ErrorEntry(
                .officerSamePerson, cause: "Two officers have to act, and this is the first one again.",
                remedy: "Let another officer take this step.", km: "សូមឱ្យមន្ត្រីម្នាក់ទៀតធ្វើជំហាននេះ។"),
            ErrorEntry(
                .officerCredentials, cause: "Wrong name or password, locked after wrong tries, or disabled.",
                remedy: "Check both; after several tries wait some minutes, or ask an administrator.",
                km: "សូមពិនិត្យឈ្មោះ និងពាក្យសម្ងាត់។ បើសាកច្រើនដង សូមរង់ចាំពីរបីនាទី ឬសួរអ្នកគ្រប់គ្រង។"),
            ErrorEntry(
                .officerNotFound, cause: "No officer has this name or identifier.",
                remedy: "`rumdul admin officer list` names them."),
            ErrorEntry(.officerExists, cause: "An officer has this name.", remedy: "Choose another name."),
            ErrorEntry(
                .officerUsername, cause: "The name has other characters, or is too short or too long.",
                remedy: "Use 3 to 64 of a-z 0-9 . _ -"),
            ErrorEntry(
                .officerPassword, cause: "The password is short, common, or holds the user name.",
                remedy: "Choose a longer one, such as several words."),
            ErrorEntry(
                .officerJurisdiction, cause: "The area is not a place code.",
                remedy: "Give 2 digits for a province, 4 for a district, 6 for a commune, 8 for a village."),
        ])
}
