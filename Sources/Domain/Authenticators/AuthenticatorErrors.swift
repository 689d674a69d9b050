import Kernel

extension RumdulError {
    /// The proof or the decision is malformed, not signed by this device, too old, or seen before. One answer for all
    /// of it.
    public static let deviceProofInvalid = RumdulError(
        "device.proof_invalid", .unauthenticated, km: "ភស្តុតាងរបស់ឧបករណ៍មិនត្រឹមត្រូវ ឬហួសសុពលភាព។",
        en: "The proof of the device is not valid or is too old."
    )
    .challenging("DeviceProof")

    /// The device is pending, blocked or revoked.
    public static let deviceNotActive = RumdulError(
        "device.not_active", .forbidden, km: "ឧបករណ៍នេះមិនកំពុងដំណើរការទេ។ សូមទាក់ទងការិយាល័យចុះឈ្មោះ។",
        en: "This device is not active. Please visit an enrolment office.")

    /// The PIN signature does not verify.
    public static let devicePINWrong = RumdulError(
        "device.pin_wrong", .forbidden, km: "លេខសម្ងាត់មិនត្រឹមត្រូវ។", en: "The PIN is wrong.")

    /// Five wrong tries; an officer must unlock.
    public static let devicePINLocked = RumdulError(
        "device.pin_locked", .forbidden, km: "លេខសម្ងាត់ត្រូវបានចាក់សោ។ សូមទៅការិយាល័យចុះឈ្មោះដើម្បីដោះសោ។",
        en: "The PIN is locked. An officer must unlock it.")

    /// There is no such device.
    public static let deviceNotFound = RumdulError(
        "device.not_found", .notFound, km: "រកមិនឃើញឧបករណ៍នេះទេ។", en: "There is no such device.")

    /// The keys are unusable: not on P-256, device key and PIN key the same, or the key is registered already.
    public static let deviceKeyRefused = RumdulError(
        "device.key_refused", .invalid, km: "កូនសោរបស់ឧបករណ៍មិនអាចទទួលយកបានទេ។",
        en: "The keys of the device cannot be accepted.")

    /// The name or platform is empty, too long or holds characters that no name has.
    public static let deviceNameInvalid = RumdulError(
        "device.name_invalid", .invalid, km: "ឈ្មោះឧបករណ៍ត្រូវមានពី ១ ដល់ ៦៤ តួអក្សរ។",
        en: "The name of the device needs 1 to 64 characters.")

    /// The device may not go from its state to the wanted one.
    public static let deviceTransition = RumdulError(
        "device.transition", .conflict, km: "ឧបករណ៍នេះមិនអាចប្តូរទៅស្ថានភាពនោះបានទេ។",
        en: "The device cannot go to that state from where it is.")

    /// More proofs than this process can remember within their time.
    public static let deviceBusy = RumdulError(
        "device.busy", .unavailable, km: "ប្រព័ន្ធកំពុងមមាញឹក។ សូមព្យាយាមម្តងទៀត។",
        en: "The system is busy. Please try again.", retryAfter: 5)
}
