import Codecs
import Database
import Kernel

/// A new officer.
public struct OfficerDraft: Sendable {
    public var username: String
    public var displayName: LocalizedText
    public var organisation: Organisation
    public var grants: [Grant]

    public init(username: String, displayName: LocalizedText, organisation: Organisation, grants: [Grant]) {
        self.username = username
        self.displayName = displayName
        self.organisation = organisation
        self.grants = grants
    }
}

/// Who may work with the system, and with which rights. Every change is audited.
public struct OfficerDirectory: Sendable {
    /// The tables of this module.
    public static let migrations = OfficerStore.migrations

    /// Failures after which an account waits.
    static let freeFailures = 5
    /// The first wait in seconds; it doubles with each failure.
    static let firstWait: Int64 = 30
    /// The longest wait in seconds.
    static let longestWait: Int64 = 3600

    private let database: any Database
    private let audit: AuditTrail
    private let ambient: Ambient
    private let hash: PasswordHash
    private let store = OfficerStore()

    public init(database: any Database, audit: AuditTrail, ambient: Ambient) {
        self.init(database: database, audit: audit, ambient: ambient, cost: .standard)
    }

    init(database: any Database, audit: AuditTrail, ambient: Ambient, cost: PasswordHash.Cost) {
        self.database = database
        self.audit = audit
        self.ambient = ambient
        hash = PasswordHash(cost: cost)
    }

    /// Enters an officer with a password. Throws `officer.username`, `officer.password`, `officer.jurisdiction`,
    /// `officer.exists`.
    public func create(_ draft: OfficerDraft, password: String, by actor: Actor) async throws -> Officer {
        guard let username = Self.canonical(draft.username) else { throw RumdulError.officerUsername }
        try Self.check(password, for: username)
        try draft.grants.forEach(Self.check)
        return try await create(
            draft, username, stored: try await hash.make(password, salt: ambient.randomBytes(16)), by: actor)
    }

    /// As `create`, with the password as a directory stored it before (`scrypt$...`). Throws `officer.username`,
    /// `officer.password` when it is no such text.
    public func create(_ draft: OfficerDraft, storedPassword: String, by actor: Actor) async throws -> Officer {
        guard let username = Self.canonical(draft.username) else { throw RumdulError.officerUsername }
        guard !hash.isOutdated(storedPassword) else { throw RumdulError.officerPassword }
        try draft.grants.forEach(Self.check)
        return try await create(draft, username, stored: storedPassword, by: actor)
    }

    private func create(
        _ draft: OfficerDraft, _ username: String, stored: String, by actor: Actor
    ) async throws -> Officer {
        let officer = Officer(
            id: ambient.newID(), username: username, displayName: draft.displayName, organisation: draft.organisation,
            grants: draft.grants, state: .active)
        let (store, audit, now) = (store, audit, ambient.now())
        try await database.transaction { connection in
            try await store.insert(officer, password: stored, at: now, in: connection)
            try await audit.record(
                action: "officer.created", actor: actor, subject: officer.id,
                details: ["grants": .array(officer.grants.map(Self.json))], in: connection)
        }
        return officer
    }

    /// The officer of a name and password. The failure is counted before the password is looked at and taken back
    /// afterwards, so that many guesses at once do not slip through. Unknown names cost the same work as known ones.
    ///
    /// Throws `officer.credentials`, whatever the reason.
    public func authenticate(username: String, password: String) async throws -> Officer {
        let name = Self.canonical(username)
        let (store, now) = (store, ambient.now())
        let login = try await database.transaction { connection -> OfficerStore.Login? in
            guard let name, let login = try await store.login(username: name, in: connection), login.state == .active,
                login.lockedUntil.map({ $0 <= now }) ?? true
            else { return nil }
            let failures = login.failures + 1
            try await store.setFailures(
                login.id, failures, lockedUntil: Self.lockedUntil(failures: failures, now: now), in: connection)
            return login
        }
        let known = password.utf8.count <= 512 ? password : ""
        guard try await hash.verify(known, stored: login?.password), let login else {
            throw RumdulError.officerCredentials
        }
        let renewed = hash.isOutdated(login.password) ? try await hash.make(known, salt: ambient.randomBytes(16)) : nil
        let officer = try await database.transaction { connection in
            if let renewed { _ = try await store.setPassword(login.id, renewed, in: connection) }
            try await store.setFailures(login.id, 0, lockedUntil: nil, in: connection)
            return try await store.officer(id: login.id, in: connection)
        }
        guard let officer, officer.state == .active else { throw RumdulError.officerCredentials }
        return officer
    }

    /// An officer by identifier, or `nil`.
    public func officer(_ id: String) async throws -> Officer? {
        let store = store
        return try await database.read { try await store.officer(id: id, in: $0) }
    }

    /// Officers by user name, after a given one; at most 200.
    public func officers(after username: String = "", limit: Int = 50) async throws -> [Officer] {
        let store = store
        return try await database.read {
            try await store.officers(after: username, limit: min(max(limit, 1), 200), in: $0)
        }
    }

    /// Stops an officer from logging in. Throws `officer.not_found`.
    public func disable(_ id: String, by actor: Actor) async throws { try await setState(id, .disabled, by: actor) }

    /// Lets an officer log in again. Throws `officer.not_found`.
    public func enable(_ id: String, by actor: Actor) async throws { try await setState(id, .active, by: actor) }

    /// Replaces a password and ends a lock. Throws `officer.not_found`, `officer.password`.
    public func setPassword(_ id: String, _ password: String, by actor: Actor) async throws {
        guard let officer = try await officer(id) else { throw RumdulError.officerNotFound }
        try Self.check(password, for: officer.username)
        let stored = try await hash.make(password, salt: ambient.randomBytes(16))
        let (store, audit) = (store, audit)
        try await database.transaction { connection in
            guard try await store.setPassword(id, stored, in: connection) else { throw RumdulError.officerNotFound }
            try await audit.record(action: "officer.password_set", actor: actor, subject: id, in: connection)
        }
    }

    /// Gives an officer a role in a jurisdiction. Throws `officer.not_found`, `officer.jurisdiction`.
    public func add(_ grant: Grant, to id: String, by actor: Actor) async throws {
        try Self.check(grant)
        let (store, audit, now) = (store, audit, ambient.now())
        try await database.transaction { connection in
            guard try await store.officer(id: id, in: connection) != nil else { throw RumdulError.officerNotFound }
            try await store.add(grant, to: id, at: now, in: connection)
            try await audit.record(
                action: "officer.granted", actor: actor, subject: id, details: ["grant": Self.json(grant)],
                in: connection)
        }
    }

    /// Takes a role away. Throws `officer.not_found` when the officer does not have it.
    public func remove(_ grant: Grant, from id: String, by actor: Actor) async throws {
        let (store, audit) = (store, audit)
        try await database.transaction { connection in
            guard try await store.remove(grant, from: id, in: connection) else { throw RumdulError.officerNotFound }
            try await audit.record(
                action: "officer.grant_removed", actor: actor, subject: id, details: ["grant": Self.json(grant)],
                in: connection)
        }
    }

    /// Says who an officer is as a person, so that the officer cannot act for themselves where that matters. Throws
    /// `officer.not_found`.
    public func link(_ id: String, to person: PersonID, by actor: Actor) async throws {
        let (store, audit, now) = (store, audit, ambient.now())
        try await database.transaction { connection in
            guard try await store.officer(id: id, in: connection) != nil else { throw RumdulError.officerNotFound }
            try await store.link(id, to: person, at: now, in: connection)
            try await audit.record(action: "officer.linked", actor: actor, subject: id, in: connection)
        }
    }

    /// Who an officer is as a person; `nil` when nobody said.
    public func person(of id: String) async throws -> PersonID? {
        let store = store
        return try await database.read { try await store.person(of: id, in: $0) }
    }

    private func setState(_ id: String, _ state: OfficerState, by actor: Actor) async throws {
        let (store, audit) = (store, audit)
        try await database.transaction { connection in
            guard try await store.setState(id, state, in: connection) else { throw RumdulError.officerNotFound }
            try await audit.record(
                action: state == .active ? "officer.enabled" : "officer.disabled", actor: actor, subject: id,
                in: connection)
        }
    }

    /// Until when an account waits after so many failures in a row.
    static func lockedUntil(failures: Int, now: Instant) -> Instant? {
        guard failures >= freeFailures else { return nil }
        return now.adding(seconds: min(firstWait << min(failures - freeFailures, 16), longestWait))
    }

    /// A user name in lower case, or `nil` when it has other characters than `a-z 0-9 . _ -` or another length than 3
    /// to 64.
    static func canonical(_ username: String) -> String? {
        guard (3...64).contains(username.utf8.count) else { return nil }
        var bytes: [UInt8] = []
        for byte in username.utf8 {
            switch byte {
            case 65...90: bytes.append(byte + 32)
            case 97...122, 48...57, 45, 46, 95: bytes.append(byte)
            default: return nil
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Throws `officer.password` for a password of less than 12 characters or more than 512 bytes, one of few different
    /// characters, or one that contains the user name.
    static func check(_ password: String, for username: String) throws {
        guard password.unicodeScalars.count >= 12, password.utf8.count <= 512, Set(password.unicodeScalars).count >= 5,
            !password.lowercased().contains(username)
        else { throw RumdulError.officerPassword }
    }

    private static func check(_ grant: Grant) throws {
        if case .area(let code) = grant.jurisdiction, !Jurisdiction.isPlaceCode(code) {
            throw RumdulError.officerJurisdiction
        }
    }

    private static func json(_ grant: Grant) -> JSONValue {
        var area = "KH"
        if case .area(let code) = grant.jurisdiction { area = code }
        return ["role": .string(grant.role.rawValue), "area": .string(area)]
    }
}
