import Accountability
import Codecs
import Kernel
import RelyingParties
import Web

/// The details object of the device protocol, section 3: what the person reads on the device and what the device's signature covers.
enum TransactionDetails {
    static func build(
        request: AuthorizationRequest, client: RelyingParty, purpose: RegisteredPurpose, acr: String, origin: String,
        createdAt: Instant, expiresAt: Instant
    ) -> JSONObject {
        let attributes: [JSONValue] = request.attributes.map { name in
            let label = AttributeText(name).label
            return [
                "name": .string(name), "km": .string(label.km), "en": .string(label.en),
                "essential": .bool(request.essential.contains(name)),
            ]
        }
        var details: JSONObject = [
            "kind": "login", "client_id": .string(client.clientID),
            "client_name": ["km": .string(client.name.km), "en": .string(client.name.en)],
            "client_host": .string(shownHost(request, client)),
            "purpose": ["code": .string(purpose.code), "km": .string(purpose.text.km), "en": .string(purpose.text.en)],
            "attributes": .array(attributes), "valid_until": .integer(validUntil(purpose, from: createdAt).seconds),
            "acr": .string(acr), "origin": .string(origin), "created_at": .integer(createdAt.seconds),
            "expires_at": .integer(expiresAt.seconds),
        ]
        if let text = request.authorizationDetails,
            let rich = try? AuthorizationDetails(text, allowed: client.authorizationDetailTypes)
        {
            details["authorization_details"] = .array(
                rich.lines.map { ["km": .string($0.km), "en": .string($0.en)] })
        }
        if let mark = request.assisted { details["assisted"] = .object(mark.json) }
        return details
    }

    /// The host that the person returns to: that of the redirect URI in use, or the registered one where no browser returns.
    static func shownHost(_ request: AuthorizationRequest, _ client: RelyingParty) -> String {
        RedirectURI.host(request.redirectURI) ?? client.host
    }

    /// When a consent given now for this purpose ends.
    static func validUntil(_ purpose: RegisteredPurpose, from now: Instant) -> Instant {
        now.adding(seconds: Int64(purpose.validDays) * 86_400)
    }

    /// A few words on the browser, from a fixed vocabulary.
    static func origin(userAgent: String?) -> String { BrowserName.words(userAgent: userAgent) }
}
