import Codecs
import Crypto
import Kernel

/// Where one request for a person's approval stands.
enum TransactionStatus: String, Sendable {
    /// Waits for the device. Past its end it is expired, whatever the column says.
    case pending
    /// The device signed an approval; a code may be redeemed once.
    case approved
    case denied
    /// Denied with "this was not me".
    case reported
    /// The wrong number was picked: over.
    case mismatch
    /// The code was exchanged for tokens.
    case redeemed
    /// The code came twice, or the consent went: the tokens are dead.
    case revoked
}

/// One request for approval: what is asked, of whom, from which browser, and what became of it.
struct Transaction: Sendable {
    var id: String
    var clientID: String
    /// `nil` for a decoy: an identifier that belongs to nobody gets the same page and the same wait.
    var personID: PersonID?
    var status: TransactionStatus
    var createdAt: Instant
    var expiresAt: Instant
    /// SHA-256 of the browser's cookie: only the browser that started may go on (session fixation).
    var browserHash: [UInt8]
    let sharedRequest: Shared<AuthorizationRequest>
    /// What the device shows and signs, as JSON text: most requests that read a transaction need none of it.
    var detailsText: String
    var detailsHash: String
    /// The two-digit number that the browser shows.
    var number: Int
    /// The three numbers that the device offers.
    var numbers: [Int]
    var deviceID: String?
    var decidedAt: Instant?
    var granted: [String]
    var consentID: String?
    var factors: Set<AuthenticationFactor>
    var acr: String?
    /// The session that this authorization belongs to: its own approval's, or the one that single sign-on found.
    var sessionID: String?
    /// Until when this approval holds its browser session open; `nil` when it opened none or the session has ended.
    var sessionEndsAt: Instant?
    /// The key that this grant's tokens are bound to.
    var binding: TokenBinding?
    var refresh: RefreshState?

    /// What the row keeps of a refresh token: one row for a grant's whole chain.
    struct RefreshState: Sendable {
        /// SHA-256 of the token's secret.
        var hash: [UInt8]
        /// SHA-256 of the secret before the last rotation.
        var previous: [UInt8]?
        var rotatedAt: Instant?
        var endsAt: Instant
    }

    /// What was asked.
    var request: AuthorizationRequest { sharedRequest.value }

    /// The session's identifier inside this provider.
    var session: String { sessionID ?? id }

    /// What the device shows and signs.
    var details: JSONObject { (try? JSON.parseObject(Array(detailsText.utf8))) ?? [:] }

    /// Whether the level reached satisfies a request that called its `acr` essential (OpenID Connect Core 1.0, section 5.5.1.1).
    func meetsEssentialLevel(_ policy: AssurancePolicy) -> Bool {
        guard request.acrEssential, !request.acrValues.isEmpty else { return true }
        guard let acr else { return false }
        return request.acrValues.contains { policy.satisfies(acr, requested: $0) }
    }

    /// Whether a device has yet to read its QR code.
    var isUnclaimed: Bool { request.startsByQR && personID == nil }

    /// The status as it counts at one moment.
    func isPending(at now: Instant) -> Bool { status == .pending && now < expiresAt }
}

/// Two-digit numbers for number matching: one shown in the browser, two more to choose among on the device.
enum MatchingNumbers {
    /// A number and three sorted, different choices that contain it, all 10...99.
    static func draw(_ ambient: Ambient) -> (number: Int, choices: [Int]) {
        var choices: Set<Int> = []
        while choices.count < 3 { choices.insert(10 + Int(ambient.uniform(below: 90))) }
        let sorted = choices.sorted()
        return (sorted[Int(ambient.uniform(below: 3))], sorted)
    }
}

/// Identifiers of transactions in their 16-byte form, for codes and tokens.
enum TransactionIdentifier {
    /// The bytes of a lower-case UUID text, or `nil`.
    static func bytes(_ text: String) -> [UInt8]? {
        guard text.utf8.count == 36 else { return nil }
        let digits = text.utf8.filter { $0 != UInt8(ascii: "-") }
        return Hex.decode(String(decoding: digits, as: UTF8.self)).flatMap { $0.count == 16 ? $0 : nil }
    }

    /// The UUID text of 16 bytes.
    static func text(_ bytes: some Collection<UInt8>) -> String {
        let hex = Array(Hex.encode(Array(bytes)).utf8)
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for (index, byte) in hex.enumerated() {
            if index == 8 || index == 12 || index == 16 || index == 20 { text.append(45) }
            text.append(byte)
        }
        return String(decoding: text, as: UTF8.self)
    }
}

/// SHA-256 as bytes.
func sha256(_ bytes: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: bytes)) }
