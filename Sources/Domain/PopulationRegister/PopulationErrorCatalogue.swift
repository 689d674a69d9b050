import Kernel

extension ErrorRoom {
    /// Errors of the population register.
    public static let populationRegister = ErrorRoom(
        "PopulationRegister",
        [
            ErrorEntry(
                .kidcMalformed, cause: "The code is not ten digits.", remedy: "Check the code and type it again.",
                km: "សូមពិនិត្យលេខកូដ ហើយវាយម្តងទៀត។"),
            ErrorEntry(
                .kidcCheckDigit, cause: "The check digit does not fit: a digit is wrong or two are swapped.",
                remedy: "Check the code and type it again.", km: "សូមពិនិត្យលេខកូដ ហើយវាយម្តងទៀត។"),
            ErrorEntry(
                .kidcWrongRange, cause: "A code of invented people in a real system, or the other way round.",
                remedy: "Use a code of this system.", km: "សូមប្រើលេខកូដរបស់ប្រព័ន្ធនេះ។"),
            ErrorEntry(
                .kidcTaken, cause: "An import brings a person under a code that the register knows already.",
                remedy: "See whether it is the same person; a code is never given to anybody else.",
                km: "សូមពិនិត្យថាជាមនុស្សតែម្នាក់ឬទេ។"),
            ErrorEntry(
                .kidcExhausted, cause: "No free code was found.", remedy: "Operators: stop registrations and report it."
            ),
            ErrorEntry(
                .vidMalformed, cause: "The alias is not sixteen digits.", remedy: "Check it and type it again.",
                km: "សូមពិនិត្យលេខជំនួស ហើយវាយម្តងទៀត។"),
            ErrorEntry(
                .vidCheckDigit, cause: "The check digit does not fit.", remedy: "Check the alias and type it again.",
                km: "សូមពិនិត្យលេខជំនួស ហើយវាយម្តងទៀត។"),
            ErrorEntry(
                .vidTooMany, cause: "The person has as many live aliases as allowed.", remedy: "Revoke one.",
                km: "សូមលុបលេខជំនួសមួយ។"),
            ErrorEntry(
                .vidValidity, cause: "The time is too short or too long.", remedy: "Choose another time.",
                km: "សូមជ្រើសរើសរយៈពេលផ្សេង។"),
            ErrorEntry(
                .personNotFound, cause: "The register has no such person.", remedy: "Check the code.",
                km: "សូមពិនិត្យលេខកូដ។"),
            ErrorEntry(
                .personErased, cause: "The person's key was destroyed, and with it all data.",
                remedy: "Nothing brings it back."),
            ErrorEntry(
                .personRetired, cause: "The record was closed, for instance because it was a double.",
                remedy: "Use the record that took its place.", km: "សូមប្រើកំណត់ត្រាដែលជំនួស។"),
            ErrorEntry(
                .personChanged, cause: "Somebody else changed the record after it was read.",
                remedy: "Load it again, then change it.", km: "សូមបើកកំណត់ត្រាម្តងទៀត រួចកែ។"),
            ErrorEntry(
                .personInvalid([]), cause: "Facts were refused; `errors` names each with its reason.",
                remedy: "Correct the facts.", km: "សូមកែព័ត៌មានដែលបានបង្ហាញ។"),
            ErrorEntry(
                .correctionAttribute, cause: "The attribute is unknown, or follows from others.",
                remedy: "Ask about one of those that the page offers.", km: "សូមជ្រើសរើសទិន្នន័យដែលទំព័របង្ហាញ។"),
            ErrorEntry(
                .correctionText([]), cause: "A text is empty, too long, or has characters that cannot be kept.",
                remedy: "Change the texts that `errors` names.", km: "សូមកែអត្ថបទដែលបានបង្ហាញ។"),
            ErrorEntry(
                .correctionUnderWay, cause: "A request about the same attribute is not yet decided.",
                remedy: "Wait for the answer, or take the request back first.",
                km: "សូមរង់ចាំចម្លើយ ឬដកសំណើមុនវិញជាមុនសិន។"),
            ErrorEntry(
                .correctionTooMany, cause: "Three requests wait, or ten were made in thirty days.",
                remedy: "Wait for an answer, or see an officer.", km: "សូមរង់ចាំចម្លើយ ឬទៅជួបមន្ត្រី។"),
            ErrorEntry(
                .correctionNotFound, cause: "No such request of this person, or of people where this officer works.",
                remedy: "Open it from the list."),
            ErrorEntry(
                .correctionState, cause: "Another officer or the person was faster.",
                remedy: "Open it from the list again."),
            ErrorEntry(
                .personMarried, cause: "A marriage of one of them has not ended.",
                remedy: "Register the divorce or death first.", km: "សូមចុះបញ្ជីការលែងលះ ឬមរណភាពជាមុនសិន។"),
            ErrorEntry(
                .searchBasis, cause: "A search by name names no legal provision.", remedy: "Name the provision.",
                km: "សូមបញ្ជាក់មូលដ្ឋានច្បាប់។"),
            ErrorEntry(
                .searchTooVague, cause: "A search by name would find half the country.",
                remedy: "Give a name, or a date, or a commune with a year.",
                km: "សូមបំពេញឈ្មោះ ឬថ្ងៃខែឆ្នាំ ឬឃុំ/សង្កាត់ជាមួយឆ្នាំ។"),
            ErrorEntry(
                .kidcReservationUnknown, cause: "This system reserved no such code under this transaction.",
                remedy: "Send the transaction and code of the answer to `generateUIN`."),
            ErrorEntry(
                .kidcReservationOver, cause: "The code was not confirmed in time, or was given back.",
                remedy: "Reserve another code under a new transaction.", km: "សូមកក់លេខកូដថ្មី។"),
            ErrorEntry(
                .kidcReservationConfirmed, cause: "The person counts already; the facts sent now are others.",
                remedy: "Ask for a correction of the record."),
            ErrorEntry(
                .verifyAnchor, cause: "Sex, places and life alone are guessed too easily to be confirmed.",
                remedy: "Send a name or a birth date to the day as well.",
                km: "សូមផ្ញើឈ្មោះ ឬថ្ងៃខែឆ្នាំកំណើតពេញលេញផង។"),
        ])
}
