import Kernel

extension ErrorRoom {
    /// Errors of consents.
    public static let consent = ErrorRoom(
        "Consent",
        [
            ErrorEntry(
                .consentNotActive, cause: "The person withdrew the consent, or its time has run out.",
                remedy: "Ask the person again by a new login.", km: "សូមចូលប្រើសេវាកម្មម្តងទៀត ដើម្បីផ្តល់ការយល់ព្រមថ្មី។"),
            ErrorEntry(
                .consentNotFound, cause: "The consent does not exist, or is somebody else's.",
                remedy: "Open it from your own page.", km: "សូមបើកពីទំព័ររបស់អ្នក។"),
        ])
}
