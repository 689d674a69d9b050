import CivilRegister
import Codecs
import JOSE
import Kernel

/// A declaration that was made without a line, as its device signed it.
struct OfflineDraft: Sendable {
    /// The thumbprint of the device's key (RFC 7638).
    let device: String
    /// 1, 2, 3 ... in the order in which the device's drafts were made.
    let counter: Int64
    /// What the device's clock said.
    let at: Instant
    let kind: VitalEventKind
    let office: String
    /// Names the request, so that a repeated one changes nothing.
    let key: String
    /// Whether the clerk only wanted it kept as a draft.
    let isDraft: Bool
    let fields: [String: String]

    /// Reads a draft and checks its signature (ES256 over the text's UTF-8 bytes) with the key that stands in it: what it
    /// proves is that all drafts of a device come from one key, unchanged and in order.
    /// - Throws: `register.draft`.
    init(_ text: String, signature: String) throws(RumdulError) {
        do {
            let bytes = Array(text.utf8)
            let object = try JSON.parseObject(bytes, limits: JSONLimits(depth: 4, size: 64 << 10, values: 400))
            guard let jwk = object.object("device"), let signature = Base64URL.decode(signature), signature.count == 64,
                let counter = object.integer("counter"), counter > 0, let at = object.integer("at"),
                let kind = object.string("kind").flatMap({ VitalEventKind(rawValue: $0) }),
                let office = object.string("office"), let key = object.string("key"),
                (16...64).contains(key.utf8.count), let fields = object.object("fields")
            else { throw RumdulError.registerDraft }
            let parsed = try JWK(jwk)
            guard try VerificationKey(parsed).isValid(signature, for: bytes, algorithm: .es256) else {
                throw RumdulError.registerDraft
            }
            var values: [String: String] = [:]
            for member in fields.members {
                guard let value = member.value.stringValue else { throw RumdulError.registerDraft }
                values[member.name] = value
            }
            device = parsed.thumbprintText
            (self.counter, self.at, self.kind) = (counter, Instant(microseconds: at * 1_000), kind)
            (self.office, self.key, self.fields) = (office, key, values)
            isDraft = object.string("wish") == "draft"
        } catch {
            throw .registerDraft
        }
    }
}

extension RumdulError {
    /// A kept draft that its device did not sign, or that is damaged.
    static let registerDraft = RumdulError(
        "register.draft", .invalid, km: "ព្រាងដែលរក្សាទុកនេះខូច ឬមិនមែនមកពីឧបករណ៍នេះទេ។",
        en: "This kept draft is damaged, or does not come from this device.")

    /// A device of another officer.
    static let registerDevice = RumdulError(
        "register.device", .forbidden, km: "ឧបករណ៍នេះជារបស់មន្ត្រីផ្សេង។", en: "This device belongs to another officer.")
}

extension ErrorRoom {
    /// The errors of the registrars' console.
    public static let registrarConsole = ErrorRoom(
        "RegistrarConsole",
        [
            ErrorEntry(
                .registerDraft, cause: "The signature of a kept draft does not fit, or its form is wrong.",
                remedy: "Enter the event again.", km: "សូមបញ្ចូលព្រឹត្តិការណ៍ម្តងទៀត។"),
            ErrorEntry(
                .registerDevice, cause: "The drafts of a browser belong to the officer who used it first.",
                remedy: "Let that officer sign in here and send them.", km: "សូមឱ្យមន្ត្រីនោះចូលប្រើ ហើយផ្ញើវា។"),
        ])
}
