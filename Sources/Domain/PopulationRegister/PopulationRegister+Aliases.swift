import Accountability
import Codecs
import Database
import Kernel

extension PopulationRegister {
    /// How many live aliases of one kind a person may have.
    static let liveAliases = 10

    /// Gives out an alias. Writes the audit entry `person.alias_issued`.
    ///
    /// - Parameters:
    ///   - expiresAt: needed for temporary and one-time aliases; a perpetual one has none.
    ///   - maximumUses: how often it may be used; `nil` for no limit; always 1 for a one-time alias.
    /// - Throws: `vid.validity`, `vid.too_many`, `person.not_found`, `person.retired`, `kidc.exhausted`.
    public func issueVID(
        for person: PersonID, _ kind: VIDKind, expiresAt: Instant? = nil, maximumUses: Int? = nil, by actor: Actor,
        in connection: any SQLConnection
    ) async throws -> VID {
        let now = ambient.now()
        let uses = kind == .oneTime ? 1 : maximumUses
        guard kind == .perpetual ? expiresAt == nil : expiresAt.map({ now < $0 }) ?? false,
            uses.map({ $0 >= 1 }) ?? true
        else { throw RumdulError.vidValidity }
        guard let state = try await state(of: person, in: connection) else { throw RumdulError.personNotFound }
        guard state.record == .active else { throw RumdulError.personRetired }
        // Two requests at once may not both take the last place.
        try await connection.lock("population:alias:" + person.text)
        guard try await store.liveAliases(of: person, kind, at: now, in: connection) < Self.liveAliases else {
            throw RumdulError.vidTooMany
        }
        let row = AliasRow(person: person, kind: kind, isLive: true, expiresAt: expiresAt, usesLeft: uses)
        for _ in 0..<Self.draws {
            let alias = VID.draw(ambient)
            guard try await store.insertAlias(try await tags.alias(alias), row, at: now, in: connection) else {
                continue
            }
            try await audit.record(
                action: "person.alias_issued", actor: actor, subject: person.text,
                details: ["kind": .string(kind.rawValue)],
                in: connection)
            return alias
        }
        throw RumdulError.kidcExhausted
    }

    /// The person of a live alias, without using it up; `nil` when it is unknown, expired, used up or revoked.
    public func person(vid: VID) async throws -> PersonID? {
        let tag = try await tags.alias(vid)
        let now = ambient.now()
        return try await database.read { connection in
            guard let alias = try await store.alias(tag, in: connection), alias.isUsable(at: now) else { return nil }
            return alias.person
        }
    }

    /// Takes one use of an alias and says whose it is; `nil` as for `person(vid:)`. Of two uses at once of a one-time
    /// alias only one wins.
    public func use(_ vid: VID, in connection: any SQLConnection) async throws -> PersonID? {
        try await store.useAlias(try await tags.alias(vid), at: ambient.now(), in: connection)
    }

    /// Ends an alias of a person; it is never given out again. Writes the audit entry `person.alias_revoked`; `false`
    /// when there is no such live alias.
    @discardableResult
    public func revoke(_ vid: VID, of person: PersonID, by actor: Actor, in connection: any SQLConnection) async throws
        -> Bool
    {
        guard try await store.revokeAlias(try await tags.alias(vid), of: person, in: connection) else { return false }
        try await audit.record(action: "person.alias_revoked", actor: actor, subject: person.text, in: connection)
        return true
    }
}
