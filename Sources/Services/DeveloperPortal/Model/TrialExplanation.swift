import Accountability
import Kernel

/// What each member of an answer means, in plain words.
enum TrialExplanation {
    /// The words for a member of the ID token or of userinfo.
    static func text(_ name: String) -> LocalizedText {
        if let known = members[name] { return known }
        if let attribute = AttributeCatalogue.description(of: AttributeName(rawValue: name)) {
            return LocalizedText(
                km: "\(attribute.label.km)៖ \(attribute.summary.km)",
                en: "\(attribute.label.en): \(attribute.summary.en)")
        }
        return LocalizedText(km: "សមាជិកបន្ថែម", en: "A further member; see docs/relying-parties.md")
    }

    private static let members: [String: LocalizedText] = [
        "iss": LocalizedText(
            km: "អ្នកចេញសញ្ញាសម្ងាត់។ ត្រូវតែដូចអាសយដ្ឋានម៉ាស៊ីនមេនេះ។", en: "Who issued it. Must be exactly this server's issuer."),
        "sub": LocalizedText(
            km: "បុគ្គលនេះសម្រាប់សេវារបស់អ្នកតែមួយ។ សេវាផ្សេងឃើញលេខផ្សេង។",
            en: "The person, for your sector alone; another service sees another value. Keep iss and sub as the key."),
        "aud": LocalizedText(
            km: "សេវារបស់អ្នក។ បដិសេធសញ្ញាដែលសម្រាប់អ្នកផ្សេង។", en: "Your client. Refuse a token for anybody else."),
        "exp": LocalizedText(
            km: "ពេលផុតកំណត់ (វិនាទី Unix)។", en: "When it ends, in Unix seconds. Check it once, at the login."),
        "iat": LocalizedText(km: "ពេលចេញ (វិនាទី Unix)។", en: "When it was issued, in Unix seconds."),
        "auth_time": LocalizedText(
            km: "ពេលដែលបុគ្គលបានអនុម័តលើឧបករណ៍។", en: "When the person approved on the device; compare with your max_age."),
        "nonce": LocalizedText(
            km: "តម្លៃដែលអ្នកបានផ្ញើ។ ត្រូវតែដូចគ្នា។", en: "What you sent in the request; must be the same."),
        "acr": LocalizedText(
            km: "កម្រិតនៃការធានាដែលសម្រេចបាន។", en: "The level of assurance reached. Decide by it, not by habit."),
        "amr": LocalizedText(
            km: "កត្តាដែលបានបញ្ជាក់ (PIN ឧបករណ៍ ...)។", en: "The factors that were proven: PIN, possession, kind of key."),
        "at_hash": LocalizedText(
            km: "ភ្ជាប់សញ្ញានេះទៅ access token។", en: "Ties this token to the access token that came with it."),
        "c_hash": LocalizedText(km: "ភ្ជាប់សញ្ញានេះទៅ code។", en: "Ties this token to the code."),
        "s_hash": LocalizedText(km: "ភ្ជាប់សញ្ញានេះទៅ state។", en: "Ties this token to your state."),
        "sid": LocalizedText(
            km: "វគ្គប្រើប្រាស់ សម្រាប់ការចាកចេញ (logout)។", en: "The session, for back-channel logout; yours alone."),
        "txn": LocalizedText(
            km: "លេខប្រតិបត្តិការ សម្រាប់សួរអ្នកប្រតិបត្តិ។", en: "The transaction: name it when you ask the operators."),
        "device_assurance": LocalizedText(
            km: "កូនសោក្នុងផ្នែករឹង ឬកម្មវិធី។", en: "Whether the device's key lies in hardware or in software."),
    ]

    /// Where a claim comes from.
    static let idToken = LocalizedText(km: "ID token", en: "ID token")
    static let userInfo = LocalizedText(km: "/userinfo", en: "/userinfo")
    static let sealed = LocalizedText(
        km: "/userinfo អ៊ិនគ្រីបសម្រាប់កូនសោរបស់អ្នកតែប៉ុណ្ណោះ", en: "/userinfo, encrypted for your key only: not shown here")
    static let withheld = LocalizedText(
        km: "បុគ្គលមិនបានផ្តល់", en: "nowhere: the person withheld it, or the register has no value")
}
