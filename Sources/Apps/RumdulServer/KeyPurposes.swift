import DCIRegistry
import KeyVault
import RegisterNotifications

/// The purposes whose keys are renewed by age.
enum KeyPurposes {
    static let rotating: [KeyPurpose] = [
        .oidcSigning, .consentReceipt, .ledgerCheckpoint, NotificationService.signing, DCIWriter.signing,
    ]
}
