import Accountability
import Codecs
import Consent
import Database
import Kernel
import RelyingParties

/// Releases a person's attributes to a client: one disclosure through the gate, whose access entry is written in the transaction that reads the
/// data and asks the consent.
struct AttributeRelease: Sendable {
    let attributes: any AttributeSource
    let gate: DisclosureGate
    let consents: Consents

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
                organisation: Organisation(code: party.clientID, name: party.name), system: "openid-provider",
                service: service, purpose: Purpose(code: purpose.code, text: purpose.text), basis: .consent(consent),
                attributes: granted.map { AttributeName(rawValue: $0) }, traceID: traceID, caseReference: item.id),
            from: attributes, in: connection)
        var values: JSONObject = [:]
        for (name, value) in disclosed.values { values[name.rawValue] = value }
        return values
    }

    /// Those attributes asked in the ID token that may stand in it: identifying numbers only when the token is encrypted.
    static func forIDToken(_ item: Transaction, party: RelyingParty) -> [String] {
        item.request.idTokenAttributes.filter { name in
            party.idTokenEncryption != nil
                || !(AttributeCatalogue.description(of: AttributeName(rawValue: name))?.encryptedOnly ?? true)
        }
    }
}
