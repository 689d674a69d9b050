import Kernel

/// Family and given name in one script. Either may be empty: not every people divides names in two.
public struct NameParts: Sendable, Hashable {
    public var family: String
    public var given: String

    public init(family: String, given: String) {
        self.family = family
        self.given = given
    }

    /// Family name first, as names are said and written in Cambodia.
    public var full: String {
        family.isEmpty ? given : given.isEmpty ? family : "\(family) \(given)"
    }

    var isEmpty: Bool { family.isEmpty && given.isEmpty }
}

/// What a name is to its bearer.
public enum NameKind: String, Sendable, Codable, CaseIterable {
    /// The name in official papers. Every person has one.
    case official
    /// The name at birth, when it differs.
    case birth
    /// Another name that the person is known by.
    case alias
}

/// A name in Khmer script, Latin script, or both. Neither is derived from the other.
public struct PersonName: Sendable, Hashable {
    public var kind: NameKind
    public var khmer: NameParts?
    public var latin: NameParts?

    public init(kind: NameKind = .official, khmer: NameParts?, latin: NameParts?) {
        self.kind = kind
        self.khmer = khmer
        self.latin = latin
    }
}

/// Sex in the codes of ISO/IEC 5218.
public enum Sex: Int, Sendable, Codable, CaseIterable {
    case notKnown = 0
    case male = 1
    case female = 2
    case notApplicable = 9
}
