import Codecs
import Database
import Kernel
import Ledger
import WebAuthn

/// The passkeys of all persons: registering them, using them, their life. Every change is audited with the person as its
/// subject.
public final class Passkeys: Sendable {
    /// What became of a use. A refusal is a result and not a thrown error where something must be kept.
    public enum Use: Sendable {
        case accepted(Passkey, Authentication)
        case refused(RumdulError)
    }

    /// Who we are to authenticators.
    public let relyingParty: RelyingParty
    private let ledger: Ledger
    private let ambient: Ambient
    private let limit: Int
    private let effects: any AuthenticatorEffects
    private let store = PasskeyStore()

    /// - Parameters:
    ///   - limit: how many living passkeys a person may have.
    ///   - effects: what follows elsewhere when one ends.
    public init(
        relyingParty: RelyingParty, ledger: Ledger, ambient: Ambient, limit: Int = 20,
        effects: any AuthenticatorEffects = NoAuthenticatorEffects()
    ) {
        self.effects = effects
        self.relyingParty = relyingParty
        self.ledger = ledger
        self.ambient = ambient
        self.limit = limit
    }

    /// The relying party of an https address: its host, its origin. Passkeys need a domain: on a bare address there are none.
    /// - Parameter relatedOrigins: origins of other domains that may use the same passkeys (section 5.11).
    public static func relyingParty(of issuer: String, relatedOrigins: [String] = []) -> RelyingParty {
        let bytes = issuer.utf8
        let start = issuer.firstRange(of: "://")?.upperBound ?? issuer.startIndex
        let end = bytes[start...].firstIndex(of: UInt8(ascii: "/")) ?? bytes.endIndex
        let authority = issuer[start..<end]
        let host = authority.utf8.first == UInt8(ascii: "[") ? "" : authority.prefix { $0 != ":" }
        return RelyingParty(
            id: String(host), name: "CamDigiKey",
            origins: OriginPolicy(origins: [String(issuer[..<end])], relatedOrigins: relatedOrigins))
    }

    /// Whether browsers offer passkeys at this relying party's address: a domain name, not an IP address.
    public var isAvailable: Bool {
        let labels = relyingParty.id.split(separator: ".")
        return !labels.isEmpty && !labels.allSatisfy { $0.utf8.allSatisfy { (48...57).contains($0) } }
    }

    // MARK: Registration

    /// What the browser needs to make a passkey for this person, who has proven who they are.
    /// - Parameter label: how authenticators list the account; nothing personal.
    /// - Throws: `passkey.limit`.
    public func registrationOptions(
        for person: PersonID, label: String, in connection: any SQLConnection
    ) async throws -> RegistrationOptions {
        let known = try await store.passkeys(of: person, in: connection).filter { $0.state != .revoked }
        guard known.count < limit else { throw RumdulError.passkeyLimit }
        let handle = try await store.handle(of: person, new: ambient.randomBytes(32), in: connection)
        let options = RegistrationOptions(
            relyingPartyID: relyingParty.id, relyingPartyName: relyingParty.name,
            user: PasskeyUser(handle: handle, name: label, displayName: label),
            challenge: RegistrationOptions.newChallenge(ambient), excluded: known.map(\.descriptor),
            attestation: .direct)
        try await store.keep(
            challenge: options.challenge, until: ambient.now().adding(seconds: Self.registrationLifetime), of: person,
            in: connection)
        return options
    }

    /// Seconds for which a registration may take.
    static let registrationLifetime: Int64 = 300

    /// The challenge that was given out to this person, once. Commit before the answer is checked, so that a wrong answer uses
    /// it up too. Throws `passkey.stale`.
    public func takeChallenge(of person: PersonID, in connection: any SQLConnection) async throws -> [UInt8] {
        guard let challenge = try await store.takeChallenge(of: person, now: ambient.now(), in: connection) else {
            throw RumdulError.passkeyStale
        }
        return challenge
    }

    /// Registers what the browser made. Throws `webauthn.*`, `passkey.limit`, `device.name_invalid`.
    /// - Parameter challenge: what ``takeChallenge(of:in:)`` gave.
    public func register(
        _ json: JSONObject, challenge: [UInt8], person: PersonID, name: String, ial: IdentityAssuranceLevel,
        in connection: any SQLConnection
    ) async throws -> Passkey {
        let now = ambient.now()
        let registration = try relyingParty.verify(
            RegistrationResponse(json: json),
            RegistrationExpectation(challenge: challenge, extensions: ["credProps"]), at: now)
        let known = try await store.passkeys(of: person, in: connection).filter { $0.state != .revoked }
        guard known.count < limit else { throw RumdulError.passkeyLimit }
        let passkey = Passkey(
            id: Passkey.prefix + ambient.newID(), personID: person, name: try DeviceName.checked(name),
            kind: PasskeyKind(registration), aaguid: registration.aaguid,
            attestation: registration.attestation.format, state: .active, ial: ial, createdAt: now, lastUsedAt: nil,
            credential: registration.credential)
        guard try await store.insert(passkey, in: connection) else {
            throw RumdulError.webAuthn(.credentialRegistered, "the credential identifier is known")
        }
        try await audit(
            "passkey.registered", passkey,
            ["kind": .string(passkey.kind.rawValue), "attestation": .string(passkey.attestation)], in: connection)
        try await effects.added(.passkey, to: person, in: connection)
        return passkey
    }

    // MARK: Use

    /// Checks an assertion against its passkey. Whoever calls commits the transaction and then answers a refusal, so that a
    /// passkey that may be copied stays blocked. Throws `webauthn.*` for an assertion that is wrong in itself.
    /// - Parameters:
    ///   - challenge: what was to be signed; accepted once by the caller.
    ///   - person: the only person whose passkeys count, or `nil` for a discoverable credential of anybody.
    public func use(
        _ json: JSONObject, challenge: [UInt8], person: PersonID? = nil, in connection: any SQLConnection
    ) async throws -> Use {
        let response = try AuthenticationResponse(json: json)
        guard var passkey = try await store.passkey(credential: response.id, in: connection),
            passkey.state == .active, person == nil || passkey.personID == person,
            let handle = try await store.knownHandle(of: passkey.personID, in: connection)
        else { return .refused(.passkeyRefused) }
        let expected = AuthenticationExpectation(challenge: challenge, isUserKnown: person != nil, extensions: [])
        let authentication: Authentication
        do {
            authentication = try relyingParty.verify(
                response, expected, credential: passkey.credential, userHandle: handle)
        } catch {
            guard error.code == WebAuthnCheck.backupEligibility.code,
                relyingParty.isSignature(response, of: passkey.credential)
            else { throw error }
            try await note(.passkeyBackupEligibility, passkey, in: connection)
            return .refused(error)
        }
        if case .possibleClone(let stored, let received) = authentication.counter {
            try await store.setState(passkey.id, .blocked, in: connection)
            try await audit(
                "passkey.clone_suspected", passkey,
                ["stored": .integer(Int64(stored)), "received": .integer(Int64(received))], in: connection)
            try await note(
                .passkeyCounter, passkey, ["stored": .integer(Int64(stored)), "received": .integer(Int64(received))],
                in: connection)
            try await effects.ended(passkey.id, of: passkey.personID, in: connection)
            return .refused(.passkeyCloned)
        }
        let oldCount = passkey.credential.signCount
        passkey.credential.update(with: authentication)
        guard try await store.use(passkey, from: oldCount, at: ambient.now(), in: connection) else {
            return .refused(.passkeyRefused)
        }
        return .accepted(passkey, authentication)
    }

    /// Whose active passkey an assertion names, proven or not; `nil` when unknown. Throws `webauthn.*` for what is none.
    public func owner(of json: JSONObject, in connection: any SQLConnection) async throws -> PersonID? {
        let response = try AuthenticationResponse(json: json)
        guard let passkey = try await store.passkey(credential: response.id, in: connection), passkey.state == .active
        else { return nil }
        return passkey.personID
    }

    // MARK: Life

    /// Whether a passkey may be used now: one narrow read.
    public func isActive(_ id: String, in connection: any SQLConnection) async throws -> Bool {
        try await store.state(id, in: connection) == .active
    }

    /// One passkey in any state, or `nil`.
    public func passkey(_ id: String, in connection: any SQLConnection) async throws -> Passkey? {
        try await store.passkey(id, in: connection)
    }

    /// All of a person's passkeys in any state, newest first.
    public func passkeys(of person: PersonID, in connection: any SQLConnection) async throws -> [Passkey] {
        try await store.passkeys(of: person, in: connection)
    }

    /// Ends a passkey for ever; repeating it changes nothing. Throws `passkey.not_found` for another person's.
    /// - Parameter by: `self`, or the officer's identifier; for the audit.
    public func revoke(
        _ id: String, of person: PersonID, by: String, in connection: any SQLConnection
    ) async throws {
        guard let passkey = try await store.passkey(id, in: connection), passkey.personID == person else {
            throw RumdulError.passkeyNotFound
        }
        guard passkey.state != .revoked else { return }
        try await store.setState(id, .revoked, in: connection)
        try await audit("passkey.revoked", passkey, ["by": .string(by)], in: connection)
        try await effects.ended(id, of: person, in: connection)
    }

    /// Gives a passkey another name. Throws `passkey.not_found`, `device.name_invalid`.
    public func rename(
        _ id: String, of person: PersonID, to name: String, in connection: any SQLConnection
    ) async throws {
        let name = try DeviceName.checked(name)
        guard let passkey = try await store.passkey(id, in: connection), passkey.personID == person else {
            throw RumdulError.passkeyNotFound
        }
        try await store.rename(id, to: name, in: connection)
        try await audit("passkey.renamed", passkey, ["by": "self"], in: connection)
    }

    private func note(
        _ kind: RiskEvent.Kind, _ passkey: Passkey, _ detail: JSONObject = [:], in connection: any SQLConnection
    ) async throws {
        try await RiskEventStore().note(
            kind, authenticator: passkey.id, person: passkey.personID, detail: detail, id: ambient.newID(),
            at: ambient.now(), in: connection)
    }

    private func audit(
        _ kind: String, _ passkey: Passkey, _ more: JSONObject, in connection: any SQLConnection
    ) async throws {
        var payload: JSONObject = ["passkey": .string(passkey.id)]
        for member in more.members { payload[member.name] = member.value }
        try await ledger.append(
            LedgerEntry(
                stream: Ledger.shard("audit", by: passkey.personID.text), kind: kind, subject: passkey.personID.text,
                payload: .object(payload)), in: connection)
    }
}
