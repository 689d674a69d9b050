import Kernel

extension ErrorRoom {
    /// Errors of the citizen's pages.
    public static let citizenPortal = ErrorRoom(
        "CitizenPortal",
        [
            ErrorEntry(
                .portalLogin, cause: "The answer belongs to another browser, or the login took too long.",
                remedy: "Start again at `/app`.", km: "សូមចាប់ផ្តើមម្តងទៀតពីទំព័ររបស់អ្នក។"),
            ErrorEntry(
                .loginAgain, cause: "The login on this page is more than a quarter of an hour old.",
                remedy: "Log out, log in again, and add the passkey then.", km: "សូមចាកចេញ រួចចូលម្តងទៀត។"),
            ErrorEntry(
                .portalLevel,
                cause: "The person logged in with a printed code or one sent by message, which prove little.",
                remedy: "Log in with a device or a passkey.", km: "សូមចូលដោយប្រើទូរស័ព្ទ ឬសោចូល។"),
            ErrorEntry(
                .pushTooMany, cause: "Ten browsers of this person are told already.",
                remedy: "Remove one of them at `/app/notifications`.", km: "សូមដកកម្មវិធីរុករកមួយចេញជាមុនសិន។"),
            ErrorEntry(
                .pushOff, cause: "The node has neither `push_contact` nor an https `base_url`.",
                remedy: "Operators: set `push_contact`. People: look at `/app/requests`.",
                km: "សូមមើលសំណើនៅក្នុងកម្មវិធី។"),
            ErrorEntry(
                .proofPending(seconds: 5),
                cause: "The entry is newer than the last signed checkpoint; the next one covers it.",
                remedy: "Ask again after the seconds in `Retry-After`; the page does so by itself.",
                km: "សូមរង់ចាំបន្តិច។ ទំព័រនឹងបើកភស្តុតាងដោយខ្លួនឯង។"),
        ])
}
