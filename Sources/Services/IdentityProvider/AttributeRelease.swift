import Accountability
import Codecs
import Consent
import Database
import Kernel
import RelyingParties

/// Releases a person's attributes to a client: one disclosure through the gate, whose access entry is written in the transaction that reads the
/// data and asks the consent.
final class AttributeRelease: Sendable {
    let attributes: any AttributeSource
    let gate: DisclosureGate
    let consents: Consents
    let verification: VerificationFacts
    let ambient: Ambient

    init(
        attributes: any AttributeSource, gate: DisclosureGate, consents: Consents, verification: VerificationFacts,
        ambient: Ambient
    ) {
        self.attributes = attributes
        self.gate = gate
        self.consents = consents
        self.verification = verification
        self.ambient = ambient
    }

    /// What is asked of one channel.
    private struct Channel {
        /// `userinfo` or `id_token`; in the access entry.
        var service: String
        var plain: [String]
        var verified: [VerifiedClaimsRequest]
        var isEncrypted: Bool
    }

    /// The person's claims for userinfo. Throws `consent.not_active`.
    func userInfo(
        _ item: Transaction, to party: RelyingParty, traceID: String, in connection: any SQLConnection
    ) async throws -> JSONObject {
        let plain = item.granted.filter { !item.request.verifiedOnly.contains($0) }
        let channel = Channel(
            service: "userinfo", plain: plain, verified: item.request.verifiedUserInfo,
            isEncrypted: party.userInfoEncryption != nil)
        return try await claims(channel, of: item, to: party, traceID: traceID, in: connection)
    }

    /// The person's claims for the ID token: what was asked there, or everything when no access token is issued with which userinfo could be
    /// asked (OpenID Connect Core 1.0, section 5.4). Throws `consent.not_active`.
    func idToken(
        _ item: Transaction, to party: RelyingParty, traceID: String, in connection: any SQLConnection
    ) async throws -> JSONObject {
        let isEncrypted = party.idTokenEncryption != nil
        let asked =
            item.request.responseType.isIDTokenOnly
            ? item.granted.filter { !item.request.verifiedOnly.contains($0) } : item.request.idTokenAttributes
        let channel = Channel(
            service: "id_token", plain: asked.filter { isEncrypted || !AssuredAttributes.isEncryptedOnly($0) },
            verified: item.request.verifiedIDToken, isEncrypted: isEncrypted)
        guard !channel.plain.isEmpty || !channel.verified.isEmpty else { return [:] }
        return try await claims(channel, of: item, to: party, traceID: traceID, in: connection)
    }

    private func claims(
        _ channel: Channel, of item: Transaction, to party: RelyingParty, traceID: String,
        in connection: any SQLConnection
    ) async throws -> JSONObject {
        var facts: JSONObject = [:]
        var elements: [VerifiedClaimsRequest] = []
        let mayTell = Set(
            channel.verified.flatMap(\.attributes).filter { name in
                item.granted.contains(name) && (channel.isEncrypted || !AssuredAttributes.isEncryptedOnly(name))
            })
        if channel.verified.contains(where: { $0.claims.names.contains(where: mayTell.contains) }),
            let found = try await verification.verification(
                of: item, for: party, namesDocuments: mayTell.contains(AttributeName.documentType.rawValue),
                in: connection)
        {
            facts = found
            elements = channel.verified.compactMap { $0.restricted(to: mayTell) }.filter { isProven($0, by: found) }
        }
        let wanted = channel.plain + elements.flatMap(\.attributes).filter(mayTell.contains)
        let values = try await release(
            wanted, of: item, to: party, service: channel.service, traceID: traceID, in: connection)
        var claims = JSONObject(channel.plain.compactMap { name in values[name].map { (name, $0) } })
        if let number = values[AttributeName.nationalID.rawValue], mayTell.contains(AttributeName.nationalID.rawValue) {
            facts = VerificationFacts.adding(number: number, to: facts)
        }
        let verified = elements.compactMap { verifiedClaims($0, facts: facts, values: values) }
        if let first = verified.first { claims["verified_claims"] = verified.count == 1 ? first : .array(verified) }
        return claims
    }

    /// Whether the verification satisfies the request, so that there is a reason to read the attributes.
    private func isProven(_ element: VerifiedClaimsRequest, by facts: JSONObject) -> Bool {
        let result = VerificationTemplate.lay(
            .object(element.withoutDocumentNumber), over: .object(facts), now: ambient.now())
        if case .value = result { return true }
        return false
    }

    private func verifiedClaims(
        _ element: VerifiedClaimsRequest, facts: JSONObject, values: JSONObject
    ) -> JSONValue? {
        let now = ambient.now()
        let claims = element.claims.members.filter { member in
            values[member.name].map { VerificationTemplate.meets($0, member.value, now: now) } ?? false
        }
        let told = VerificationTemplate.lay(.object(element.verification), over: .object(facts), now: now)
        guard !claims.isEmpty, case .value(let verification) = told else { return nil }
        return [
            "verification": verification,
            "claims": .object(
                JSONObject(claims.compactMap { member in values[member.name].map { (member.name, $0) } })),
        ]
    }

    /// The values of those names that the person granted and the purpose still registers. Throws `consent.not_active`.
    func release(
        _ names: [String], of item: Transaction, to party: RelyingParty, service: String, traceID: String,
        in connection: any SQLConnection
    ) async throws -> JSONObject {
        guard let person = item.personID, let consent = item.consentID,
            let purpose = party.purpose(item.request.purposeCode)
        else { return [:] }
        try await consents.requireActive(consent, in: connection)
        let registered = Set(purpose.essential + purpose.optional)
        let granted = names.filter { item.granted.contains($0) && registered.contains($0) }
        guard !granted.isEmpty else { return [:] }
        let disclosed = try await gate.disclose(
            DisclosureRequest(
                subject: person, actor: .client(party.clientID),
                organisation: Organisation(code: party.clientID, name: party.name),
                system: item.request.assisted == nil ? "openid-provider" : "openid-provider, assisted by an officer",
                service: service, purpose: Purpose(code: purpose.code, text: purpose.text), basis: .consent(consent),
                attributes: granted.map { AttributeName(rawValue: $0) }, traceID: traceID, caseReference: item.id),
            from: attributes, in: connection)
        var values: JSONObject = [:]
        for (name, value) in disclosed.values { values[name.rawValue] = value }
        return values
    }
}
