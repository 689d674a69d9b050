import Kernel

extension ErrorRoom {
    /// Errors of the officers' counter and of activations.
    public static let enrolment = ErrorRoom(
        "Enrolment",
        [
            ErrorEntry(
                .activationInvalid, cause: "The code is unknown, used, or more than 10 minutes old.",
                remedy: "Ask the officer for a new code.", km: "សូមសុំលេខកូដថ្មីពីមន្ត្រី។"),
            ErrorEntry(
                .activationMalformed, cause: "The request is not what docs/device-protocol.md, section 1, describes.",
                remedy: "Update the app.", km: "សូមធ្វើបច្ចុប្បន្នភាពកម្មវិធី។"),
            ErrorEntry(
                .enrolmentNotFound, cause: "The case does not exist, or belongs to another area.",
                remedy: "Search for the person again.", km: "សូមស្វែងរកមនុស្សនោះម្តងទៀត។"),
            ErrorEntry(
                .enrolmentState, cause: "The case went on meanwhile, in another window or at another counter.",
                remedy: "Load the page again and see how it stands.", km: "សូមបើកទំព័រម្តងទៀត ហើយមើលស្ថានភាព។"),
            ErrorEntry(
                .enrolmentChanged, cause: "Another phone took the code's place after the digits were shown.",
                remedy: "Compare the digits on the phone in the person's hand again.",
                km: "សូមប្រៀបធៀបលេខជាមួយទូរស័ព្ទក្នុងដៃម្តងទៀត។"),
            ErrorEntry(
                .enrolmentExpired, cause: "The case or its code has run out.", remedy: "Begin a new enrolment.",
                km: "សូមចាប់ផ្តើមការចុះឈ្មោះថ្មី។"),
            ErrorEntry(
                .enrolmentEvidence, cause: "No evidence is ticked, a number is missing, or it has run out.",
                remedy: "Tick what you have seen and fill in its number.", km: "សូមគូសភស្តុតាងដែលបានឃើញ ហើយបំពេញលេខ។"),
            ErrorEntry(
                .enrolmentQuery, cause: "Neither a code nor a name with a year of birth was entered.",
                remedy: "Enter one of them.", km: "សូមបញ្ចូលលេខកូដ ឬឈ្មោះជាមួយឆ្នាំកំណើត។"),
            ErrorEntry(
                .enrolmentPersonLink, cause: "Links to persons live for some minutes and for one officer.",
                remedy: "Search again.", km: "សូមស្វែងរកម្តងទៀត។"),
            ErrorEntry(
                .enrolmentReason, cause: "No reason was chosen.", remedy: "Choose a reason.",
                km: "សូមជ្រើសរើសហេតុផល។"),
        ] + recovery + assist)
}
