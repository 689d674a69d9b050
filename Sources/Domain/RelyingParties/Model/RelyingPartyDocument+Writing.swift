import Codecs
import JOSE
import Kernel

extension RelyingPartyDocument {
    /// How names are written.
    public enum NameForm: Sendable {
        /// `{"km", "en"}`, as operators write it.
        case pair
        /// `client_name`, `client_name#km`, `client_name#en` (RFC 7591, section 2.2).
        case tagged
    }

    /// The registration with its defaults spelt out; ``parse(_:allowFirstParty:)`` gives the same party back. The secret's hash is left
    /// out unless asked for.
    public static func write(
        _ party: RelyingParty, names: NameForm = .pair, withSecretHash: Bool = false
    ) -> JSONObject {
        var object: JSONObject = ["client_id": .string(party.clientID)]
        switch names {
        case .pair: object["client_name"] = pair(party.name)
        case .tagged:
            object["client_name"] = .string(party.name.en)
            object["client_name#km"] = .string(party.name.km)
            object["client_name#en"] = .string(party.name.en)
        }
        object["profile"] = .string(party.profile.rawValue)
        object["application_type"] = .string(party.applicationType.rawValue)
        object["environment"] = .string(party.environment.rawValue)
        if let organisation = party.organisation {
            object["organisation"] = json(organisation)
        }
        if party.firstParty { object["first_party"] = true }
        if withSecretHash, let hash = party.secretHash { object.set("client_secret_sha256", Base64URL.encode(hash)) }
        writeAuthentication(party, into: &object)
        writeRequests(party, into: &object)
        writeAnswers(party, into: &object)
        writeLogout(party, into: &object)
        writePresentation(party, into: &object)
        object["purposes"] = .array(party.purposes.map(json))
        return object
    }

    private static func pair(_ text: LocalizedText) -> JSONValue { ["km": .string(text.km), "en": .string(text.en)] }

    static func json(_ purpose: RegisteredPurpose) -> JSONValue {
        [
            "code": .string(purpose.code), "text": pair(purpose.text), "essential": .strings(purpose.essential),
            "optional": .strings(purpose.optional), "valid_days": .integer(Int64(purpose.validDays)),
        ]
    }

    static func json(_ organisation: ClientOrganisation) -> JSONValue {
        ["code": .string(organisation.code), "name": pair(organisation.name)]
    }

    static func json(_ risk: RiskAcceptance) -> JSONValue {
        [
            "response_types": .strings(risk.responseTypes), "by": .string(risk.by), "reason": .string(risk.reason),
            "date": .string(risk.date.description),
        ]
    }

    private static func writeAuthentication(_ party: RelyingParty, into object: inout JSONObject) {
        object.set("token_endpoint_auth_method", party.authentication.rawValue)
        object.set("token_endpoint_auth_signing_alg", party.assertionAlgorithm?.rawValue)
        if let keys = party.keys { object["jwks"] = .object(keys.publicJSON) }
        object.set("jwks_uri", party.keysURI)
        if let member = party.certificateSubject?.member { object.set(member.name, member.value) }
        object.set("dpop_bound_access_tokens", party.dpopBoundTokens)
        object.set("tls_client_certificate_bound_access_tokens", party.certificateBoundTokens)
    }

    private static func writeRequests(_ party: RelyingParty, into object: inout JSONObject) {
        object["redirect_uris"] = .strings(party.redirectURIs)
        object["response_types"] = .strings(party.responseTypes)
        object["grant_types"] = .strings(party.grantTypes)
        if let risk = party.riskAcceptance { object["risk_acceptance"] = json(risk) }
        if party.proofKeyRelaxed { object["require_pkce"] = false }
        if !party.scope.isEmpty { object.set("scope", party.scope.joined(separator: " ")) }
        object.set("resources", party.resources)
        object.set("authorization_details_types", party.authorizationDetailTypes)
        object.set("require_pushed_authorization_requests", party.pushedRequestRequired)
        object.set("require_signed_request_object", party.signedRequestObjectRequired)
        object.set("request_object_signing_alg", party.requestObjectAlgorithm?.rawValue)
        object.set("request_uris", party.requestURIs)
        if let age = party.defaultMaximumAge { object["default_max_age"] = .integer(age) }
        object.set("require_auth_time", party.requiresAuthTime)
        object.set("default_acr_values", party.defaultACRValues)
        object.set("initiate_login_uri", party.initiateLoginURI)
        object.set("ciba_trusted", party.isTrustedForBackchannel)
        if let policy = party.tokenExchange { object["token_exchange"] = .object(policy.json) }
        if let access = party.registerAccess { object["register_access"] = .object(access.json) }
        if let backchannel = party.backchannelAuthentication {
            object.set("backchannel_token_delivery_mode", backchannel.delivery.rawValue)
            object.set("backchannel_client_notification_endpoint", backchannel.notificationEndpoint)
            object.set("backchannel_authentication_request_signing_alg", backchannel.requestAlgorithm?.rawValue)
            object.set("backchannel_user_code_parameter", backchannel.userCode)
        }
    }

    private static func writeAnswers(_ party: RelyingParty, into object: inout JSONObject) {
        object.set("id_token_signed_response_alg", party.idTokenAlgorithm.rawValue)
        object.set("userinfo_signed_response_alg", party.userInfoSignedAlgorithm?.rawValue)
        object.set("introspection_signed_response_alg", party.introspectionAlgorithm?.rawValue)
        object.set("authorization_signed_response_alg", party.authorizationResponseAlgorithm.rawValue)
        for (prefix, encryption) in [
            ("id_token_encrypted", party.idTokenEncryption), ("userinfo_encrypted", party.userInfoEncryption),
            ("authorization_encrypted", party.authorizationResponseEncryption),
        ] {
            object.set(prefix + "_response_alg", encryption?.algorithm.rawValue)
            object.set(prefix + "_response_enc", encryption?.encryption.rawValue)
        }
        object.set("subject_type", party.subjectType.rawValue)
        object.set("public_subject_reason", party.publicSubjectReason)
        object.set("sector_identifier_uri", party.sectorIdentifierURI)
        if party.sectorIdentifierURI == nil, party.sector != party.host {
            object.set("sector_identifier", party.sector)
        }
    }

    private static func writeLogout(_ party: RelyingParty, into object: inout JSONObject) {
        object.set("post_logout_redirect_uris", party.logout.postLogoutRedirectURIs)
        object.set("backchannel_logout_uri", party.logout.backchannelURI)
        object.set("backchannel_logout_session_required", party.logout.backchannelSessionRequired)
        object.set("frontchannel_logout_uri", party.logout.frontchannelURI)
        object.set("frontchannel_logout_session_required", party.logout.frontchannelSessionRequired)
    }

    private static func writePresentation(_ party: RelyingParty, into object: inout JSONObject) {
        object.set("logo_uri", party.logoURI)
        object.set("client_uri", party.clientURI)
        object.set("policy_uri", party.policyURI)
        object.set("tos_uri", party.termsURI)
        object.set("contacts", party.contacts)
        object.set("software_id", party.softwareID)
        object.set("software_version", party.softwareVersion)
    }
}

extension JSONObject {
    fileprivate mutating func set(_ name: String, _ text: String?) { if let text { self[name] = .string(text) } }

    fileprivate mutating func set(_ name: String, _ truth: Bool) { if truth { self[name] = true } }

    fileprivate mutating func set(_ name: String, _ texts: [String]) {
        if !texts.isEmpty { self[name] = .strings(texts) }
    }
}
