import Codecs
import Kernel

/// A PIN card: a printed secret together with a PIN that the person chose. The authenticator of a person without a phone at
/// an officer's terminal. Paper can be copied, so the card is no proof of possession: with its PIN it reaches the first
/// level, never more.
public struct PINCard: Sendable {
    /// How many wrong PINs in a row lock a card.
    public static let tries = 5

    /// Where a card stands.
    public enum State: String, Sendable, Codable {
        /// Printed; the person has not set a PIN yet.
        case issued
        case active
        /// A newer card took its place.
        case replaced
        /// Ended by an officer.
        case ended
    }

    /// Identifier; also what stands where an approval names its device.
    public let id: String
    public let personID: PersonID
    public let state: State
    /// Wrong PINs since the last right one, 0...5.
    public let failures: Int
    /// How well the person's identity was proven when the card was printed.
    public let ial: IdentityAssuranceLevel
    public let issuedAt: Instant

    /// True after five wrong PINs, until an officer unlocks the card.
    public var isLocked: Bool { failures >= Self.tries }

    static let prefix = "card."

    /// Whether an identifier is a card's and not a device's.
    static func isIdentifier(_ text: String) -> Bool { text.utf8.starts(with: prefix.utf8) }
}

/// What is printed on a card and in its QR code: a number that finds the card, and a secret. Both Crockford base 32.
public struct CardText: Sendable, Equatable {
    /// 8 characters.
    public let number: String
    /// 20 characters, 100 random bits; kept nowhere but on the card.
    let secret: String

    static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
    private static let numberLength = 8
    private static let secretLength = 20

    init(_ ambient: Ambient) {
        func draw(_ count: Int) -> String {
            String(decoding: ambient.randomBytes(count).map { Self.alphabet[Int($0 & 31)] }, as: UTF8.self)
        }
        number = draw(Self.numberLength)
        secret = draw(Self.secretLength)
    }

    /// Reads what was scanned or typed: hyphens and spaces do not count, `O` is zero, `I` and `L` are one. Browsers must read it
    /// just so (`CardScript`), because the secret is the salt of the proof.
    public init?(_ typed: String) {
        guard typed.utf8.count <= 128 else { return nil }
        var read: [UInt8] = []
        for byte in typed.utf8 {
            let upper = (97...122).contains(byte) ? byte - 32 : byte
            switch upper {
            case UInt8(ascii: " "), UInt8(ascii: "-"): continue
            case UInt8(ascii: "O"): read.append(UInt8(ascii: "0"))
            case UInt8(ascii: "I"), UInt8(ascii: "L"): read.append(UInt8(ascii: "1"))
            case let other where Self.alphabet.contains(other): read.append(other)
            default: return nil
            }
        }
        guard read.count == Self.numberLength + Self.secretLength else { return nil }
        number = String(decoding: read.prefix(Self.numberLength), as: UTF8.self)
        secret = String(decoding: read.dropFirst(Self.numberLength), as: UTF8.self)
    }

    /// What the QR code holds.
    public var scanned: String { number + secret }

    /// The same in groups of four, as it is printed.
    public var display: String {
        let bytes = Array(scanned.utf8)
        return stride(from: 0, to: bytes.count, by: 4).map { start in
            String(decoding: bytes[start..<min(start + 4, bytes.count)], as: UTF8.self)
        }.joined(separator: "-")
    }
}

/// A card with its secret in the clear: exists while the page that shows it is made, and never again.
public struct PrintedCard: Sendable {
    public let card: PINCard
    public let text: CardText
}

/// A card and the proof of its PIN, as a browser sent them. The PIN itself never leaves the browser:
/// `proof = PBKDF2-HMAC-SHA-256(PIN, salt = SHA-256("rumdul-card-salt" ‖ secret of the card), 600 000 iterations, 32 bytes)`.
public struct CardAttempt: Sendable {
    /// Bytes of a proof.
    public static let proofLength = 32

    let text: CardText
    let proof: [UInt8]

    /// `nil` for anything but 32 bytes in base64url, digits of a PIN among it.
    public init?(_ text: CardText, proof: String) {
        guard let bytes = Base64URL.decode(proof), bytes.count == Self.proofLength else { return nil }
        self.text = text
        self.proof = bytes
    }
}

/// The answer to one try of a card.
public enum CardCheck: Sendable, Equatable {
    case correct(card: String, person: PersonID)
    /// No such card, another secret, no PIN set yet, or the card has ended. Spends no try.
    case refused
    /// The card is right and the PIN is wrong; so many tries remain, 1...4.
    case wrong(triesLeft: Int)
    /// Locked, by this try or before it. Says nothing about whether the PIN was right.
    case locked
}

extension RumdulError {
    /// There is no such card.
    public static let cardNotFound = RumdulError(
        "card.not_found", .notFound, km: "រកមិនឃើញប័ណ្ណ PIN នេះទេ។", en: "There is no such PIN card.")

    /// The card was shown when it was printed, and cannot be shown again.
    public static let cardShownOnce = RumdulError(
        "card.shown_once", .conflict, km: "ប័ណ្ណនេះត្រូវបានបង្ហាញម្តងរួចហើយ។ សូមបោះពុម្ពប័ណ្ណថ្មី។",
        en: "The card was shown once already. Print a new one.")

    /// The card is unknown, has ended, or is not this person's.
    public static let cardRefused = RumdulError(
        "card.refused", .forbidden, km: "ប័ណ្ណនេះមិនត្រូវបានទទួលយកទេ។ សូមស្កេនម្តងទៀត ឬសុំប័ណ្ណថ្មី។",
        en: "This card was not accepted. Scan it again, or ask for a new one.")

    /// The PIN of the card is wrong.
    public static let cardPINWrong = RumdulError(
        "card.pin_wrong", .forbidden, km: "លេខ PIN មិនត្រឹមត្រូវ។", en: "The PIN is wrong.")

    /// Five wrong PINs; an officer must unlock the card.
    public static let cardPINLocked = RumdulError(
        "card.pin_locked", .forbidden, km: "ប័ណ្ណនេះត្រូវបានចាក់សោ។ សូមទៅការិយាល័យចុះឈ្មោះដើម្បីដោះសោ។",
        en: "This card is locked. An enrolment office unlocks it.")

    /// The PIN that was chosen is easy to guess, no six digits, or was typed differently the second time: browsers say so. The
    /// server, which sees no PIN, when the proof is missing or malformed.
    public static let cardPINUnusable = RumdulError(
        "card.pin_unusable", .invalid, km: "លេខ PIN ត្រូវមាន ៦ ខ្ទង់ មិនងាយទាយ ហើយវាយដូចគ្នាពីរដង។",
        en: "A PIN has six digits, is not easy to guess, and is typed the same twice.")
}

extension ErrorRoom {
    /// Errors of PIN cards.
    static let cards = [
        ErrorEntry(
            .cardNotFound, cause: "The card does not exist, or is somebody else's.",
            remedy: "Search for the person again.", km: "សូមស្វែងរកមនុស្សនោះម្តងទៀត។"),
        ErrorEntry(
            .cardShownOnce, cause: "The page was loaded again: the secret is on the card alone.",
            remedy: "Print a new card; it ends the old one.", km: "សូមបោះពុម្ពប័ណ្ណថ្មី។ ប័ណ្ណចាស់នឹងលែងប្រើបាន។"),
        ErrorEntry(
            .cardRefused, cause: "The card is unknown, has ended, has no PIN yet, or is somebody else's.",
            remedy: "Scan it again; an enrolment office prints a new one.", km: "សូមស្កេនម្តងទៀត ឬទៅការិយាល័យចុះឈ្មោះ។"),
        ErrorEntry(
            .cardPINWrong, cause: "The PIN is wrong; `tries_left` says how many remain.",
            remedy: "Type the PIN again with care.", km: "សូមវាយលេខ PIN ម្តងទៀតដោយប្រុងប្រយ័ត្ន។"),
        ErrorEntry(
            .cardPINLocked, cause: "Five wrong PINs in a row.",
            remedy: "Visit an enrolment office to have it unlocked.",
            km: "សូមទៅការិយាល័យចុះឈ្មោះដើម្បីដោះសោ។"),
        ErrorEntry(
            .cardPINUnusable,
            cause:
                "Not six digits, one digit six times, a straight run, two different PINs, or no proof of a PIN in the form.",
            remedy: "Choose another PIN and type it twice.", km: "សូមជ្រើសរើសលេខ PIN ផ្សេង ហើយវាយពីរដង។"),
    ]
}
