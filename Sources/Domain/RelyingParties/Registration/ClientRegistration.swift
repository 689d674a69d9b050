import Codecs
import Database
import JOSE
import Kernel

/// Dynamic client registration and its management (RFC 7591, RFC 7592, OpenID Connect Dynamic Client Registration 1.0). Open registration
/// is not offered: every client comes with an initial access token of the operator's.
///
/// All functions throw ``ClientRegistrationError`` for what the client did wrong.
public struct ClientRegistration: Sendable {
    let registry: RelyingPartyRegistry
    let tokens: InitialAccessTokens
    let fetcher: any DocumentFetcher
    /// The address of the registration endpoint.
    let endpoint: String

    private var store: RelyingPartyStore { registry.store }
    private var database: any Database { registry.database }
    private var ambient: Ambient { registry.ambient }

    /// - Parameter endpoint: the absolute address of the registration endpoint, without a slash at its end.
    public init(registry: RelyingPartyRegistry, fetcher: any DocumentFetcher, endpoint: String) {
        self.registry = registry
        self.fetcher = fetcher
        self.endpoint = endpoint
        tokens = InitialAccessTokens(database: registry.database, ambient: registry.ambient)
    }

    /// What a client is told.
    public struct Answer: Sendable {
        public var clientID: String
        /// The client information response, secrets and tokens included: the body of the HTTP answer.
        public var metadata: JSONObject
        /// The new secret, shown once.
        public var clientSecret: String?
        public var registrationAccessToken: String
    }

    /// Registers a client (RFC 7591, section 3.1): HTTP 201.
    public func register(_ metadata: JSONObject, initialAccessToken: String) async throws -> Answer {
        let now = ambient.now()
        let found = try await database.read { connection in
            try await tokens.find(initialAccessToken, in: connection)
        }
        guard let initial = found, initial.isGood(at: now) else { throw ClientRegistrationError.invalidToken }
        let clientID = "c-" + Hex.encode(ambient.randomBytes(16))
        var party = try RegistrationRules(grants: initial.grants).party(metadata, clientID: clientID)
        try await checkSector(party)
        let secret = party.authentication.usesSecret ? ambient.newSecret() : nil
        party.secretHash = secret.map { sha256(Array($0.utf8)) }
        let access = ambient.newSecret()
        var record = RelyingPartyRecord(
            clientID, RelyingPartyDocument.write(party, names: .tagged, withSecretHash: true), at: now)
        record.registrationTokenHash = sha256(Array(access.utf8))
        record.initialTokenID = initial.id
        try await database.transaction { [record] connection in
            guard try await tokens.use(initial.id, at: now, in: connection) else {
                throw ClientRegistrationError.invalidToken
            }
            try await store.save(record, in: connection)
        }
        return answer(party, record, access, secret: secret)
    }

    /// The registration as it is (RFC 7592, section 2.1).
    public func read(_ clientID: String, registrationAccessToken: String) async throws -> Answer {
        let record = try await proven(clientID, registrationAccessToken)
        return answer(try record.party, record, registrationAccessToken, secret: nil)
    }

    /// Replaces the whole registration; members that are left out return to their defaults (RFC 7592, section 2.2). A client that has
    /// a secret keeps it.
    public func replace(
        _ clientID: String, _ metadata: JSONObject, registrationAccessToken: String
    ) async throws -> Answer {
        let record = try await proven(clientID, registrationAccessToken)
        let before = try record.party
        for name in [
            "registration_access_token", "registration_client_uri", "client_secret_expires_at", "client_id_issued_at",
        ] where metadata.has(name) { throw ClientRegistrationError.metadata("\(name): must not be sent") }
        guard metadata.string("client_id").map({ sameCodePoints($0, clientID) }) ?? false else {
            throw ClientRegistrationError.metadata("client_id: must be the client's own")
        }
        if let secret = metadata["client_secret"] {
            let hash = sha256(Array((secret.stringValue ?? "").utf8))
            guard let known = before.secretHash, constantTimeEquals(hash, known) else {
                throw ClientRegistrationError.metadata("client_secret: is not the present one")
            }
        }
        let grants = try await grants(of: record)
        var party = try RegistrationRules(grants: grants).party(metadata, clientID: clientID)
        try await checkSector(party)
        let keeps = party.authentication.usesSecret && before.secretHash != nil
        let fresh = party.authentication.usesSecret && !keeps ? ambient.newSecret() : nil
        party.secretHash = keeps ? before.secretHash : fresh.map { sha256(Array($0.utf8)) }
        let now = ambient.now()
        let document = RelyingPartyDocument.write(party, names: .tagged, withSecretHash: true)
        let saved = try await database.transaction { connection in
            // Asked again in the transaction of the change: it may have been deleted since.
            guard var current = try await store.record(clientID, in: connection),
                current.state != .deleted, current.revision == record.revision
            else { throw ClientRegistrationError.invalidToken }
            current.document = document
            current.updatedAt = now
            try await store.save(current, in: connection)
            return current
        }
        return answer(party, saved, registrationAccessToken, secret: fresh)
    }

    /// Deletes the client for ever; its tokens die with it (RFC 7592, section 2.3): HTTP 204.
    public func delete(_ clientID: String, registrationAccessToken: String) async throws {
        _ = try await proven(clientID, registrationAccessToken)
        let now = ambient.now()
        let deleted = try await database.transaction { connection in
            try await store.setState(clientID, .deleted, at: now, in: connection)
        }
        guard deleted else { throw ClientRegistrationError.invalidToken }
    }

    // MARK: Checks

    /// The client whose registration access token this is. A suspended client must not change its registration either.
    private func proven(_ clientID: String, _ token: String) async throws -> RelyingPartyRecord {
        let hash = sha256(Array(token.utf8))
        let record = try await database.read { connection in try await store.record(clientID, in: connection) }
        let expected = record?.registrationTokenHash ?? [UInt8](repeating: 0, count: 32)
        guard constantTimeEquals(hash, expected), let record, record.registrationTokenHash != nil,
            record.state == .active
        else { throw ClientRegistrationError.invalidToken }
        return record
    }

    private func grants(of record: RelyingPartyRecord) async throws -> RegistrationGrants {
        guard let id = record.initialTokenID,
            let initial = try await database.read({ connection in try await tokens.find(id: id, in: connection) })
        else { throw ClientRegistrationError.invalidToken }
        return initial.grants
    }

    /// OpenID Connect Dynamic Client Registration 1.0, section 5: the document behind `sector_identifier_uri` is an array that holds
    /// every redirect URI; several hosts without one cannot have pairwise subjects.
    private func checkSector(_ party: RelyingParty) async throws {
        guard let uri = party.sectorIdentifierURI else {
            let hosts = Set(party.redirectURIs.compactMap(RedirectURI.host))
            guard party.subjectType == .public || hosts.count <= 1 else {
                throw ClientRegistrationError.metadata(
                    "sector_identifier_uri: needed for redirect URIs of several hosts")
            }
            return
        }
        let fetched = try? await fetcher.fetchValue(uri, limit: ClientKeys.documentLimit)
        guard let listed = fetched?.0.stringsValue else {
            throw ClientRegistrationError.metadata("sector_identifier_uri: no JSON array of texts is there")
        }
        let known = Set(listed.map { Array($0.utf8) })
        guard party.redirectURIs.allSatisfy({ known.contains(Array($0.utf8)) }) else {
            throw ClientRegistrationError.metadata("sector_identifier_uri: does not list every redirect URI")
        }
    }

    /// RFC 7591 section 3.2.1, RFC 7592 section 3.
    private func answer(
        _ party: RelyingParty, _ record: RelyingPartyRecord, _ access: String, secret: String?
    ) -> Answer {
        var metadata = RelyingPartyDocument.write(party, names: .tagged)
        for name in ["purposes", "risk_acceptance", "public_subject_reason", "register_access"] { metadata[name] = nil }
        metadata["client_id_issued_at"] = .integer(record.createdAt.seconds)
        if let secret { metadata["client_secret"] = .string(secret) }
        if party.authentication.usesSecret { metadata["client_secret_expires_at"] = 0 }
        metadata["registration_client_uri"] = .string("\(endpoint)/\(party.clientID)")
        metadata["registration_access_token"] = .string(access)
        return Answer(
            clientID: party.clientID, metadata: metadata, clientSecret: secret, registrationAccessToken: access)
    }
}

/// What becomes of a client's own words under the operator's grants.
struct RegistrationRules: Sendable {
    let grants: RegistrationGrants

    /// The party that this metadata describes. Members that are unknown, empty or not the client's to set are left out (RFC 7591,
    /// section 2).
    func party(_ metadata: JSONObject, clientID: String) throws(ClientRegistrationError) -> RelyingParty {
        var document = JSONObject()
        for member in metadata.members
        where RelyingPartyDocument.standardMembers.contains(member.name) && !member.value.isNull {
            document[member.name] = member.value
        }
        document["client_id"] = .string(clientID)
        try chooseProfile(&document)
        chooseName(&document, clientID: clientID)
        narrowScope(&document)
        document["purposes"] = .array(grants.purposes.map(RelyingPartyDocument.json))
        document["environment"] = .string(grants.environment.rawValue)
        if let organisation = grants.organisation { document["organisation"] = RelyingPartyDocument.json(organisation) }
        if let risk = grants.riskAcceptance { document["risk_acceptance"] = RelyingPartyDocument.json(risk) }
        if let reason = grants.publicSubjectReason { document["public_subject_reason"] = .string(reason) }
        let party = try parse(document)
        for grant in party.grantTypes where !grants.grantTypes.contains(grant) {
            throw .metadata("grant_types: \(grant) is not allowed with this initial access token")
        }
        return party
    }

    private func parse(_ document: JSONObject) throws(ClientRegistrationError) -> RelyingParty {
        do {
            var party = try RelyingPartyDocument.parse(document)
            party.proofKeyRelaxed =
                grants.proofKeyRelaxed && party.rules.proofKey == .relaxable && party.authentication.isConfidential
            return party
        } catch let error as RumdulError {
            throw ClientRegistrationError(error)
        } catch {
            throw .metadata("the metadata cannot be read")
        }
    }

    /// The client's choice among the granted profiles; without one, that of shared secrets for shared secrets, else the first.
    private func chooseProfile(_ document: inout JSONObject) throws(ClientRegistrationError) {
        if document.has("profile") {
            guard let profile = document.string("profile").flatMap(ClientProfile.init(rawValue:)),
                grants.profiles.contains(profile)
            else { throw .metadata("profile: is not allowed with this initial access token") }
            return
        }
        let method = document.string("token_endpoint_auth_method") ?? "client_secret_basic"
        let usesSecret = ClientAuthenticationMethod(rawValue: method)?.usesSecret ?? false
        let legacy = usesSecret && grants.profiles.contains(.oidcLegacy)
        document["profile"] = .string((legacy ? .oidcLegacy : grants.profiles.first ?? .oidcSecure).rawValue)
    }

    /// Without a name people read the host that they come from (RFC 7591, section 2).
    private func chooseName(_ document: inout JSONObject, clientID: String) {
        guard !["client_name", "client_name#km", "client_name#en"].contains(where: document.has) else { return }
        let first = document.strings("redirect_uris")?.first.flatMap(RedirectURI.host)
        document["client_name"] = .string(String((first ?? clientID).prefix(80)))
    }

    private func narrowScope(_ document: inout JSONObject) {
        guard let asked = document.string("scope") else { return }
        let given = asked.words.filter { grants.scope.contains($0) && !RegisterAccess.isReserved($0) }
        document["scope"] = given.isEmpty ? nil : .string(given.joined(separator: " "))
    }
}
