import Codecs
import JOSE
import Kernel

/// Reads the registration of a relying party (`rumdul admin relying-party add FILE`) and writes it. Unknown members are errors, so that a
/// misspelt restriction cannot be silently ignored; dynamic registration drops them before (RFC 7591, section 2).
public enum RelyingPartyDocument {
    /// Members that any client may send (the registration standards').
    static let standardMembers: Set<String> = [
        "client_name", "client_name#km", "client_name#en", "redirect_uris", "response_types", "grant_types",
        "application_type", "contacts", "logo_uri", "client_uri", "policy_uri", "tos_uri", "jwks", "jwks_uri",
        "sector_identifier_uri", "subject_type", "id_token_signed_response_alg", "id_token_encrypted_response_alg",
        "id_token_encrypted_response_enc", "userinfo_signed_response_alg", "userinfo_encrypted_response_alg",
        "userinfo_encrypted_response_enc", "introspection_signed_response_alg", "request_object_signing_alg",
        "token_endpoint_auth_method", "token_endpoint_auth_signing_alg", "default_max_age", "require_auth_time",
        "default_acr_values", "initiate_login_uri", "request_uris", "scope", "software_id", "software_version",
        "require_pushed_authorization_requests", "require_signed_request_object", "authorization_signed_response_alg",
        "authorization_encrypted_response_alg", "authorization_encrypted_response_enc", "authorization_details_types",
        "dpop_bound_access_tokens", "tls_client_certificate_bound_access_tokens", "tls_client_auth_subject_dn",
        "tls_client_auth_san_dns", "tls_client_auth_san_uri", "tls_client_auth_san_ip", "tls_client_auth_san_email",
        "backchannel_token_delivery_mode", "backchannel_client_notification_endpoint",
        "backchannel_authentication_request_signing_alg", "backchannel_user_code_parameter",
        "post_logout_redirect_uris", "backchannel_logout_uri", "backchannel_logout_session_required",
        "frontchannel_logout_uri", "frontchannel_logout_session_required", "profile",
    ]

    /// Members that only the operator sets.
    static let operatorMembers: Set<String> = [
        "client_id", "client_secret_sha256", "sector_identifier", "public_subject_reason", "purposes", "first_party",
        "resources", "organisation", "environment", "risk_acceptance", "ciba_trusted", "require_pkce",
        "token_exchange", "register_access",
    ]

    private static let members = standardMembers.union(operatorMembers)

    /// Parses and checks a registration. Throws `relying_party.invalid` with the field that is wrong.
    /// - Parameter allowFirstParty: only the program itself registers first-party clients.
    public static func parse(_ object: JSONObject, allowFirstParty: Bool = false) throws -> RelyingParty {
        let reader = DocumentReader(object: object)
        try reader.requireKnown(members)
        var party = try identity(reader)
        party.firstParty = try reader.truth("first_party")
        if party.firstParty, !allowFirstParty {
            throw reader.invalid("first_party", km: "មិនអនុញ្ញាត", "not for outside parties")
        }
        try readAuthentication(reader, into: &party)
        try readRequests(reader, into: &party)
        try readBackchannel(reader, into: &party)
        try readTokenExchange(reader, into: &party)
        try readRegisterAccess(reader, into: &party)
        try readAnswers(reader, into: &party)
        try readSubjects(reader, into: &party)
        try readLogout(reader, into: &party)
        try readPresentation(reader, into: &party)
        party.purposes = try purposes(reader, encrypted: party.userInfoEncryption != nil)
        return party
    }

    /// Names, profile and redirect URIs: what all the rest builds on.
    private static func identity(_ reader: DocumentReader) throws -> RelyingParty {
        let clientID = try reader.identifier("client_id", limit: 64)
        let application = try reader.choice("application_type", ApplicationType.self) ?? .web
        let (responses, grants) = try flows(reader)
        let redirectURIs = try redirectURIs(reader, application, required: !responses.isEmpty)
        let method =
            try reader.choice("token_endpoint_auth_method", ClientAuthenticationMethod.self) ?? .clientSecretBasic
        // A shared secret without a named profile can only mean the profile that knows shared secrets.
        let profile =
            try reader.choice("profile", ClientProfile.self) ?? (method.usesSecret ? .oidcLegacy : .oidcSecure)
        guard profile.rules.authenticationMethods.contains(method) else {
            throw reader.invalid(
                "token_endpoint_auth_method", km: "មិនអនុញ្ញាត", "not allowed in profile \(profile.rawValue)")
        }
        let host = redirectURIs.first.flatMap(RedirectURI.host) ?? clientID
        var party = RelyingParty(
            ClientMetadata(
                clientID: clientID, name: try reader.taggedText("client_name", limit: 80), profile: profile,
                applicationType: application, host: host, authentication: method, idTokenAlgorithm: .rs256,
                authorizationResponseAlgorithm: .rs256, sector: host))
        (party.responseTypes, party.grantTypes, party.redirectURIs) = (responses, grants, redirectURIs)
        party.environment = try reader.choice("environment", ClientEnvironment.self) ?? .production
        party.organisation = try organisation(reader)
        return party
    }

    private static func redirectURIs(
        _ reader: DocumentReader, _ application: ApplicationType, required: Bool
    ) throws -> [String] {
        let uris = try reader.texts("redirect_uris", limit: 20)
        let good = application == .native ? RedirectURI.isRegistrableNative : RedirectURI.isRegistrable
        guard !uris.isEmpty || !required, Set(uris).count == uris.count, uris.allSatisfy(good) else {
            throw reader.invalid(
                "redirect_uris", km: "ត្រូវជា https ពេញលេញ គ្មាន fragment",
                "1 to 20 absolute https URIs without fragment or user information (http only on loopback)")
        }
        return uris
    }

    /// Response types and grant types, each by default what the other needs (RFC 7591, section 2.1).
    private static func flows(_ reader: DocumentReader) throws -> (responses: [String], grants: [String]) {
        var grants = try reader.words("grant_types", limit: 7)
        guard grants.allSatisfy({ GrantType(rawValue: $0) != nil }) else {
            throw reader.invalid(
                "grant_types", km: "មិនស្គាល់", "some of \(GrantType.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        var responses = try reader.texts("response_types", limit: 8).map { text in
            guard let canonical = canonicalResponseType(text) else {
                throw reader.invalid("response_types", km: "មិនស្គាល់", "words of code, id_token, token; not token alone")
            }
            return canonical
        }
        guard Set(responses).count == responses.count else {
            throw reader.invalid("response_types", km: "ស្ទួន", "one is named twice")
        }
        if !reader.has("response_types"), !reader.has("grant_types") || grants.contains("authorization_code") {
            responses = ["code"]
        }
        let needed = Set(responses.flatMap(neededGrants))
        if !reader.has("grant_types") {
            grants = GrantType.allCases.map(\.rawValue).filter(needed.contains)
        }
        guard needed.isSubset(of: grants), !grants.isEmpty, grants != ["refresh_token"],
            !grants.contains("authorization_code") || needed.contains("authorization_code")
        else {
            throw reader.invalid("grant_types", km: "មិនត្រូវនឹង response_types", "do not fit response_types")
        }
        return (responses, grants)
    }

    private static func neededGrants(_ responseType: String) -> [String] {
        let words = responseType.split(separator: " ")
        return (words.contains("code") ? ["authorization_code"] : [])
            + (words.contains { $0 != "code" } ? ["implicit"] : [])
    }

    /// The words of a response type in the registered order, or `nil` when it is none.
    static func canonicalResponseType(_ text: String) -> String? {
        let words = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        let known = ["code", "id_token", "token"].filter(words.contains)
        guard known.count == words.count, known != ["token"], !known.isEmpty else { return nil }
        return known.joined(separator: " ")
    }

    static func organisation(_ reader: DocumentReader) throws -> ClientOrganisation? {
        guard reader.has("organisation") else { return nil }
        guard let object = reader.object.object("organisation") else {
            throw reader.invalid("organisation", km: "មិនត្រឹមត្រូវ", "{\"code\", \"name\"}")
        }
        let inner = DocumentReader(object: object)
        try inner.requireKnown(["code", "name"], in: "organisation.")
        do {
            return ClientOrganisation(
                code: try inner.identifier("code", limit: 64), name: try inner.localized("name", limit: 120))
        } catch {
            throw reader.invalid("organisation", km: "មិនត្រឹមត្រូវ", "code (a-z 0-9 . _ -) and name {\"km\", \"en\"}")
        }
    }
}
