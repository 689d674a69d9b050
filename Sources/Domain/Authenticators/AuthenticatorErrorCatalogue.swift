import Kernel

extension ErrorRoom {
    /// Errors of devices, PINs and proofs.
    public static let authenticators = ErrorRoom(
        "Authenticators",
        [
            ErrorEntry(
                .deviceProofInvalid,
                cause: "The proof is malformed, of another key, more than 60 s old, or seen before.",
                remedy: "Sign a new proof for each request (docs/device-protocol.md); set the device's clock.",
                km: "សូមពិនិត្យម៉ោងរបស់ឧបករណ៍ ហើយព្យាយាមម្តងទៀត។"),
            ErrorEntry(
                .deviceNotActive, cause: "The device waits for the officer, or was blocked or revoked.",
                remedy: "Visit an enrolment office.", km: "សូមទៅការិយាល័យចុះឈ្មោះ។"),
            ErrorEntry(
                .devicePINWrong, cause: "The PIN's signature does not verify; `tries_left` says how many remain.",
                remedy: "Type the PIN again with care.", km: "សូមវាយលេខសម្ងាត់ម្តងទៀតដោយប្រុងប្រយ័ត្ន។"),
            ErrorEntry(
                .devicePINLocked, cause: "Five wrong tries.", remedy: "Visit an enrolment office to have it unlocked.",
                km: "សូមទៅការិយាល័យចុះឈ្មោះដើម្បីដោះសោ។"),
            ErrorEntry(
                .passkeyNotFound, cause: "The passkey does not exist, or is somebody else's.",
                remedy: "Open it from your own page.", km: "សូមបើកពីទំព័ររបស់អ្នក។"),
            ErrorEntry(
                .passkeyRefused,
                cause: "The passkey is not registered here, is blocked or removed, or did not sign rightly.",
                remedy: "Log in with your phone, and register the passkey again on your own page.",
                km: "សូមចូលដោយទូរស័ព្ទ រួចចុះឈ្មោះសោចូលម្តងទៀតនៅទំព័ររបស់អ្នក។"),
            ErrorEntry(
                .passkeyStale, cause: "More than five minutes passed, or the answer was sent before.",
                remedy: "Press the button again.", km: "សូមចុចប៊ូតុងម្តងទៀត។"),
            ErrorEntry(
                .passkeyLimit, cause: "A person has at most 20 passkeys.",
                remedy: "Remove those that are no longer used.",
                km: "សូមលុបសោដែលលែងប្រើ។"),
            ErrorEntry(
                .passkeyCloned, cause: "The authenticator's counter went back, as it does when a key was copied.",
                remedy: "Log in with your phone, remove the passkey, and register a new one.",
                km: "សូមចូលដោយទូរស័ព្ទ លុបសោនេះ រួចចុះឈ្មោះសោថ្មី។"),
            ErrorEntry(
                .deviceNotFound, cause: "The device does not exist, or is somebody else's.",
                remedy: "Open it from your own page.", km: "សូមបើកពីទំព័ររបស់អ្នក។"),
            ErrorEntry(
                .deviceKeyRefused, cause: "A key is not on P-256, came twice, or belonged to a device before.",
                remedy: "Make new keys and begin again.", km: "សូមដំឡើងកម្មវិធីម្តងទៀត ហើយសុំលេខកូដថ្មី។"),
            ErrorEntry(
                .deviceNameInvalid, cause: "The name is empty, too long, or holds unusable characters.",
                remedy: "Give a name of 1 to 64 characters.", km: "សូមដាក់ឈ្មោះពី ១ ដល់ ៦៤ តួអក្សរ។"),
            ErrorEntry(
                .deviceTransition, cause: "Somebody changed the device in the meantime, or it was revoked for good.",
                remedy: "Load the page again.", km: "សូមបើកទំព័រម្តងទៀត។"),
            ErrorEntry(
                .deviceBusy, cause: "Too many requests at once.", remedy: "Try again after `Retry-After` seconds.",
                km: "សូមរង់ចាំបន្តិច រួចព្យាយាមម្តងទៀត។"),
        ] + codes + cards + deviceSafety + duress + attestation)
}
