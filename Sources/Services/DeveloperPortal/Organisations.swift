import Codecs
import Crypto
import Database
import Kernel
import RelyingParties

/// Organisations: who belongs to them and how people come in.
struct Organisations: Sendable {
    let database: any Database
    let registry: RelyingPartyRegistry
    let ambient: Ambient
    let store = OrganisationStore()

    /// Seconds for which an invitation code is good.
    static let invitationLifetime: Int64 = 86_400
    /// Organisations that one person may make.
    static let perPerson = 10

    /// Makes an organisation with this person as its owner. Throws `web.invalid_fields` when the code is taken,
    /// `developer.limit`.
    func create(
        code: String, name: LocalizedText, displayName: String, by person: PersonID
    ) async throws -> DeveloperOrganisation {
        // A code that operators gave to somebody else is not to be had here.
        let known = try await registry.page(RelyingPartyQuery(organisation: code, limit: 1))
        let now = ambient.now()
        let organisation = DeveloperOrganisation(id: ambient.newID(), code: code, name: name, createdAt: now)
        let refusal = try await database.transaction { connection -> RumdulError? in
            let portalHas = try await store.isTaken(code, in: connection)
            guard !portalHas, known.records.isEmpty else { return Self.taken }
            guard try await store.count(madeBy: person, in: connection) < Self.perPerson else {
                return .developerLimit
            }
            try await store.insert(organisation, by: person, in: connection)
            try await store.add(
                Membership(
                    organisation: organisation, personID: person, role: .owner, displayName: displayName,
                    joinedAt: now), in: connection)
            return nil
        }
        if let refusal { throw refusal }
        return organisation
    }

    private static let taken = RumdulError.invalidOrganisationCode(
        LocalizedText(km: "លេខកូដនេះមានគេប្រើហើយ។", en: "This code is taken."))

    func memberships(of person: PersonID) async throws -> [Membership] {
        try await database.read { try await store.memberships(of: person, in: $0) }
    }

    /// The person's place in an organisation. Throws `developer.organisation_not_found` for other people's.
    func membership(of person: PersonID, in organisation: String) async throws -> Membership {
        let found = try await database.read { try await store.membership(of: person, in: organisation, $0) }
        guard let found else { throw RumdulError.organisationNotFound }
        return found
    }

    func members(of organisation: String) async throws -> [Membership] {
        try await database.read { try await store.members(of: organisation, in: $0) }
    }

    /// An invitation code, shown this once: 20 characters in four groups, good for a day, for one person.
    /// Throws `developer.owner_required`.
    func invite(_ role: MemberRole, by owner: Membership) async throws -> String {
        try owner.requireOwner()
        let code = Self.newCode(ambient)
        let end = ambient.now().adding(seconds: Self.invitationLifetime)
        try await database.transaction { connection in
            try await store.invite(
                Self.hash(code), to: owner.organisation.id, role: role, by: owner.personID, until: end,
                in: connection)
        }
        return code
    }

    /// Joins the organisation of an invitation code. Throws `developer.invitation`.
    func join(code: String, displayName: String, by person: PersonID) async throws -> DeveloperOrganisation {
        let (hash, now) = (Self.hash(code), ambient.now())
        let joined = try await database.transaction { connection -> DeveloperOrganisation? in
            guard let found = try await store.useInvitation(hash, at: now, in: connection) else { return nil }
            try await store.add(
                Membership(
                    organisation: found.organisation, personID: person, role: found.role, displayName: displayName,
                    joinedAt: now), in: connection)
            return found.organisation
        }
        guard let joined else { throw RumdulError.invitationInvalid }
        return joined
    }

    /// Removes a member; anybody may leave. Throws `developer.owner_required`, `developer.last_owner`,
    /// `developer.organisation_not_found`.
    func remove(_ person: PersonID, by actor: Membership) async throws {
        if person != actor.personID { try actor.requireOwner() }
        let id = actor.organisation.id
        let refusal = try await database.transaction { connection -> RumdulError? in
            guard let leaving = try await store.membership(of: person, in: id, connection) else {
                return .organisationNotFound
            }
            if leaving.role == .owner, try await store.owners(of: id, in: connection) < 2 { return .lastOwner }
            _ = try await store.remove(person, from: id, in: connection)
            return nil
        }
        if let refusal { throw refusal }
    }

    /// 99 random bits in letters that nobody confuses.
    private static func newCode(_ ambient: Ambient) -> String {
        let alphabet = Array("abcdefghjkmnpqrstuvwxyz23456789".utf8)
        let letters = (0..<20).map { _ in alphabet[Int(ambient.uniform(below: UInt64(alphabet.count)))] }
        return stride(from: 0, to: 20, by: 5).map { String(decoding: letters[$0..<$0 + 5], as: UTF8.self) }
            .joined(separator: "-")
    }

    /// SHA-256 of the code without spaces and hyphens, in lower case.
    private static func hash(_ code: String) -> [UInt8] {
        let plain = code.lowercased().utf8.filter { $0 != 45 && $0 != 32 }.prefix(64)
        return Array(SHA256.hash(data: Array(plain)))
    }
}

extension RumdulError {
    static func invalidOrganisationCode(_ reason: LocalizedText) -> RumdulError {
        .invalidFields([FieldError("code", reason)])
    }
}

/// Who may log in at sandbox clients: the members of the organisation that answers for the client.
public struct OrganisationMembers: Sendable {
    private let database: any Database
    private let store = OrganisationStore()

    public init(database: any Database) { self.database = database }

    /// Whether a person belongs to the client's organisation.
    public func contains(_ person: PersonID, of client: RelyingParty) async throws -> Bool {
        guard let code = client.organisation?.code else { return false }
        return try await database.read { try await store.isMember(person, ofCode: code, in: $0) }
    }
}
