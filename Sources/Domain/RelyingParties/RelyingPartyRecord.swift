import Codecs
import Kernel

/// A registration as it is stored.
public struct RelyingPartyRecord: Sendable {
    public var clientID: String
    /// The registration; the secret's hash is taken out before it leaves this module.
    public var document: JSONObject
    public var state: RelyingPartyState
    /// Grows with each change.
    public var revision: Int64
    /// SHA-256 of the registration access token (RFC 7592); `nil` for the operator's registrations.
    var registrationTokenHash: [UInt8]?
    /// The initial access token with which it was registered.
    public var initialTokenID: String?
    /// When its owner asked to leave the sandbox.
    public var requestedProductionAt: Instant?
    public var createdAt: Instant
    public var updatedAt: Instant

    /// The registration read. Throws `relying_party.invalid` when an older version of the program allowed more.
    public var party: RelyingParty {
        get throws { try RelyingPartyDocument.parse(document, allowFirstParty: true) }
    }

    func withoutSecrets() -> RelyingPartyRecord {
        var record = self
        record.document["client_secret_sha256"] = nil
        record.registrationTokenHash = nil
        return record
    }
}

/// Which registrations a list shows.
public struct RelyingPartyQuery: Sendable {
    /// Beginnings of words of identifier, name or organisation, all of which must be there; Khmer names are found from any syllable.
    public var text: String
    /// One state; without it all but the deleted.
    public var state: RelyingPartyState?
    public var environment: ClientEnvironment?
    /// An organisation's code.
    public var organisation: String?
    /// The cursor: ``RelyingPartyPage/next`` of the page before.
    public var after: String?
    /// 1...200.
    public var limit: Int

    public init(
        _ text: String = "", state: RelyingPartyState? = nil, environment: ClientEnvironment? = nil,
        organisation: String? = nil, after: String? = nil, limit: Int = 50
    ) {
        self.text = text
        self.state = state
        self.environment = environment
        self.organisation = organisation
        self.after = after
        self.limit = limit
    }
}

/// One page of a list.
public struct RelyingPartyPage: Sendable {
    public var records: [RelyingPartyRecord]
    /// The cursor of the next page; `nil` after the last.
    public var next: String?
}

/// How registrations are found by words.
enum SearchWords {
    /// The words under which a registration is found: words of its names in lower case, and Khmer names from each syllable on, since
    /// Khmer is written without spaces.
    static func index(_ party: RelyingParty) -> Set<String> {
        var texts = [party.clientID, party.name.km, party.name.en]
        if let organisation = party.organisation {
            texts += [organisation.code, organisation.name.km, organisation.name.en]
        }
        var words: Set<String> = [cut(party.clientID)]
        for text in texts {
            for word in split(text) {
                words.insert(cut(word))
                for start in syllables(word) { words.insert(cut(String(word[start...]))) }
            }
        }
        return words
    }

    /// The words of a search, at most four.
    static func query(_ text: String) -> [String] {
        let words = text.split(separator: " ").flatMap { split(String($0)) }
        return words.prefix(4).map(cut)
    }

    private static func split(_ text: String) -> [String] {
        text.lowercased().unicodeScalars.split { scalar in
            switch scalar.properties.generalCategory {
            case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
                .spacingMark, .decimalNumber:
                false
            default: true
            }
        }.map { String(String.UnicodeScalarView($0)) }
    }

    /// The beginnings of Khmer syllables inside a word: consonants and independent vowels that are no subscript.
    private static func syllables(_ word: String) -> [String.Index] {
        let scalars = word.unicodeScalars
        var previous: UInt32 = 0
        var found: [String.Index] = []
        for index in scalars.indices {
            let value = scalars[index].value
            if (0x1780...0x17B3).contains(value), previous != 0x17D2, index != scalars.startIndex {
                found.append(index)
            }
            previous = value
        }
        return found
    }

    private static func cut(_ word: String) -> String {
        String(String.UnicodeScalarView(word.unicodeScalars.prefix(24)))
    }
}
