import Codecs
import Crypto
import Kernel

/// What a member may do.
public enum MemberRole: String, Sendable, CaseIterable {
    /// Invites and removes people, and all that developers do.
    case owner
    /// Registers and changes clients.
    case developer
}

/// An organisation that runs relying parties.
public struct DeveloperOrganisation: Sendable, Equatable {
    public var id: String
    /// 3 to 40 of `a-z 0-9 -`, unique; stands in the registrations of its clients.
    public var code: String
    public var name: LocalizedText
    public var createdAt: Instant

    /// Whether a text can be a code: 3 to 40 of `a-z 0-9 -`, beginning and ending with a letter or digit.
    static func isCode(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        let clean = bytes.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }
        return (3...40).contains(bytes.count) && clean && bytes.first != 45 && bytes.last != 45
    }
}

/// A person's place in an organisation. The name is what the person calls themselves here: the portal reads no register.
public struct Membership: Sendable, Equatable {
    public var organisation: DeveloperOrganisation
    public var personID: PersonID
    public var role: MemberRole
    public var displayName: String
    public var joinedAt: Instant

    /// Names the member on pages: the person's own identifier never leaves the system.
    var handle: String {
        let text = Array((organisation.id + " " + personID.text).utf8)
        return Hex.encode(Array(SHA256.hash(data: text)).prefix(12))
    }

    /// Throws `developer.owner_required`.
    func requireOwner() throws {
        guard role == .owner else { throw RumdulError.ownerRequired }
    }
}
