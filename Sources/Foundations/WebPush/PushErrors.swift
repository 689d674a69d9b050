import Kernel

extension RumdulError {
    /// What a browser sent is no push subscription.
    public static func pushSubscription(_ cause: String) -> RumdulError {
        RumdulError(
            "push.subscription", .invalid, km: "ការជាវសេចក្តីជូនដំណឹងរបស់កម្មវិធីរុករកនេះមិនអាចអានបានទេ។",
            en: "The browser's push subscription cannot be read.", cause: cause)
    }

    /// The address of the push service is malformed or must not be reached.
    public static func pushEndpoint(_ cause: String) -> RumdulError {
        RumdulError(
            "push.endpoint", .invalid, km: "សេវាជូនដំណឹងរបស់កម្មវិធីរុករកនេះមិនអាចប្រើបានទេ។",
            en: "The push service of this browser cannot be used.", cause: cause)
    }

    /// The contact that push services are told is neither an e-mail address nor an https page.
    public static let pushContact = RumdulError(
        "push.contact", .invalid, km: "ទំនាក់ទំនងសម្រាប់សេវាជូនដំណឹងត្រូវតែជា mailto: ឬ https://។",
        en: "The contact for push services must be a mailto: or an https:// address.")
}
