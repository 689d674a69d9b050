import Codecs
import JOSE
import Kernel

extension RelyingPartyDocument {
    static func readAuthentication(_ reader: DocumentReader, into party: inout RelyingParty) throws {
        try readKeys(reader, into: &party)
        party.secretHash = try secretHash(reader)
        party.assertionAlgorithm = try reader.algorithm(
            "token_endpoint_auth_signing_alg", among: party.rules.assertionAlgorithms)
        try readCertificate(reader, into: &party)
        party.dpopBoundTokens = try reader.truth("dpop_bound_access_tokens")
        party.certificateBoundTokens = try reader.truth("tls_client_certificate_bound_access_tokens")
        if party.dpopBoundTokens, party.certificateBoundTokens {
            throw reader.invalid(
                "dpop_bound_access_tokens", km: "ជ្រើសរើសតែមួយ", "a token is bound to one key: DPoP or certificate")
        }
    }

    /// The party's public keys. A private key in a registration is a mistake that must not be stored.
    private static func readKeys(_ reader: DocumentReader, into party: inout RelyingParty) throws {
        party.keysURI = try reader.httpsLink("jwks_uri")
        if let value = reader.object["jwks"] {
            guard party.keysURI == nil else {
                throw reader.invalid("jwks", km: "ជ្រើសរើសតែមួយ", "jwks or jwks_uri, not both")
            }
            guard let set = value.objectValue.flatMap({ try? JWKSet($0) }), !set.keys.isEmpty else {
                throw reader.invalid("jwks", km: "មិនត្រឹមត្រូវ", "not a JWK set with keys")
            }
            guard set.isPublic else {
                throw reader.invalid("jwks", km: "ប្រើតែកូនសោសាធារណៈ", "public keys only")
            }
            party.keys = set
        }
        guard party.keysURI == nil else { return }
        if party.authentication == .privateKeyJWT, party.keys.map({ VerificationKeySet($0).keys.isEmpty }) ?? true {
            throw reader.invalid("jwks", km: "ត្រូវការកូនសោ", "private_key_jwt needs keys")
        }
    }

    private static func secretHash(_ reader: DocumentReader) throws -> [UInt8]? {
        let name = "client_secret_sha256"
        guard reader.has(name) else { return nil }
        guard let hash = reader.object.string(name).flatMap({ Base64URL.decode($0) }), hash.count == 32 else {
            throw reader.invalid(name, km: "មិនត្រឹមត្រូវ", "base64url of a SHA-256")
        }
        return hash
    }

    /// RFC 8705, sections 2.1.2 and 2.2.
    private static func readCertificate(_ reader: DocumentReader, into party: inout RelyingParty) throws {
        let named = CertificateSubject.kinds.filter { reader.has($0.name) }
        guard party.authentication == .tlsClientAuth else {
            if let first = named.first {
                throw reader.invalid(first.name, km: "មិនត្រូវការ", "only for tls_client_auth")
            }
            if party.authentication == .selfSignedTLSClientAuth, party.keysURI == nil,
                !(party.keys?.keys.contains { $0.additional.has("x5c") } ?? false)
            {
                throw reader.invalid("jwks", km: "ត្រូវការ x5c", "self_signed_tls_client_auth needs a key with x5c")
            }
            return
        }
        guard named.count == 1 else {
            throw reader.invalid(
                "tls_client_auth_subject_dn", km: "ត្រូវការតែមួយ",
                "exactly one tls_client_auth_subject_dn or tls_client_auth_san_ member")
        }
        let value = try reader.text(named[0].name, limit: 512)
        guard value.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }) else {
            throw reader.invalid(named[0].name, km: "មិនត្រឹមត្រូវ", "without control characters")
        }
        party.certificateSubject = named[0].make(value)
    }

    static func readRequests(_ reader: DocumentReader, into party: inout RelyingParty) throws {
        let rules = party.rules
        try readProofKey(reader, into: &party)
        party.riskAcceptance = try riskAcceptance(reader)
        try checkResponseTypes(reader, party)
        if !party.authentication.isConfidential {
            let confidential: [GrantType] = [.clientCredentials, .ciba, .tokenExchange]
            guard !party.grantTypes.contains(where: { confidential.map(\.rawValue).contains($0) }) else {
                throw reader.invalid("grant_types", km: "មិនអនុញ្ញាត", "a public client cannot prove itself for them")
            }
        }
        party.pushedRequestRequired = try reader.truth("require_pushed_authorization_requests")
        party.signedRequestObjectRequired = try reader.truth("require_signed_request_object")
        party.requestObjectAlgorithm = try reader.algorithm(
            "request_object_signing_alg", among: rules.requestObjectAlgorithms)
        let requestURIs = try reader.texts("request_uris", limit: 20)
        guard requestURIs.allSatisfy({ RedirectURI.isHTTPS(String($0.prefix { $0 != "#" })) && $0.utf8.count <= 512 })
        else { throw reader.invalid("request_uris", km: "ត្រូវជា https", "absolute https URIs") }
        party.requestURIs = requestURIs
        party.scope = try scope(reader)
        party.resources = try reader.webLinks("resources", limit: 20)
        party.authorizationDetailTypes = try reader.words("authorization_details_types", limit: 20)
        party.defaultMaximumAge = try reader.integer("default_max_age", in: 0...31_536_000)
        party.requiresAuthTime = try reader.truth("require_auth_time")
        party.defaultACRValues = try reader.words("default_acr_values", limit: 10)
        party.initiateLoginURI = try reader.httpsLink("initiate_login_uri")
    }

    private static func readProofKey(_ reader: DocumentReader, into party: inout RelyingParty) throws {
        guard reader.has("require_pkce"), try !reader.truth("require_pkce") else { return }
        guard party.rules.proofKey == .relaxable, party.authentication.isConfidential else {
            throw reader.invalid(
                "require_pkce", km: "មិនអនុញ្ញាត", "only a confidential client of profile oidc-legacy goes without PKCE")
        }
        party.proofKeyRelaxed = true
    }

    /// Scope values are words of RFC 6749, section 3.3, in one text (RFC 7591, section 2).
    private static func scope(_ reader: DocumentReader) throws -> [String] {
        guard let text = try reader.optionalText("scope", limit: 1024) else { return [] }
        let words = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        let clean = words.allSatisfy { word in
            !word.isEmpty && word.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x5C }
        }
        guard clean, Set(words).count == words.count else {
            throw reader.invalid("scope", km: "មិនត្រឹមត្រូវ", "different scope values with one space between them")
        }
        return words
    }

    static func riskAcceptance(_ reader: DocumentReader) throws -> RiskAcceptance? {
        guard reader.has("risk_acceptance") else { return nil }
        let wrong = reader.invalid(
            "risk_acceptance", km: "មិនត្រឹមត្រូវ", "{\"response_types\", \"by\", \"reason\", \"date\"}")
        guard let object = reader.object.object("risk_acceptance") else { throw wrong }
        let inner = DocumentReader(object: object)
        try inner.requireKnown(["response_types", "by", "reason", "date"], in: "risk_acceptance.")
        let types = try inner.texts("response_types", limit: 8).compactMap(canonicalResponseType)
        guard !types.isEmpty, types.count == object.array("response_types")?.count,
            let by = try inner.optionalShownText("by", limit: 120),
            let reason = try inner.optionalShownText("reason", limit: 1000),
            let date = object.string("date").flatMap({ CalendarDate(iso: $0) })
        else { throw wrong }
        return RiskAcceptance(responseTypes: types, by: by, reason: reason, date: date)
    }

    /// A response type must be one of the profile, and one that puts tokens into URLs must have been accepted by name.
    private static func checkResponseTypes(_ reader: DocumentReader, _ party: RelyingParty) throws {
        for type in party.responseTypes where !party.rules.responseTypes.contains(type) {
            guard party.rules.responseTypesAtRisk.contains(type) else {
                throw reader.invalid(
                    "response_types", km: "មិនអនុញ្ញាត", "\(type) is not allowed in profile \(party.profile.rawValue)")
            }
            guard party.riskAcceptance?.responseTypes.contains(type) ?? false else {
                throw reader.invalid("risk_acceptance", km: "ត្រូវការ", "\(type) needs a recorded acceptance of the risk")
            }
        }
        // OpenID Connect Dynamic Client Registration 1.0, section 2: no loopback for web clients that get tokens in the browser.
        let frontChannel = party.responseTypes.contains { $0.split(separator: " ").contains { $0 != "code" } }
        if frontChannel, party.applicationType == .web, !party.redirectURIs.allSatisfy({ $0.hasPrefix("https://") }) {
            throw reader.invalid("redirect_uris", km: "ត្រូវជា https", "https for tokens in the browser")
        }
    }

    /// CIBA Core 1.0, section 4. Push delivery is not offered.
    static func readBackchannel(_ reader: DocumentReader, into party: inout RelyingParty) throws {
        party.isTrustedForBackchannel = try reader.truth("ciba_trusted")
        let mode = try reader.choice("backchannel_token_delivery_mode", BackchannelAuthentication.Delivery.self)
        let endpoint = try reader.httpsLink("backchannel_client_notification_endpoint")
        let algorithm = try reader.algorithm(
            "backchannel_authentication_request_signing_alg", among: party.rules.requestObjectAlgorithms)
        let userCode = try reader.truth("backchannel_user_code_parameter")
        guard party.grantTypes.contains(GrantType.ciba.rawValue) else {
            guard mode == nil, endpoint == nil, algorithm == nil, !userCode, !party.isTrustedForBackchannel else {
                throw reader.invalid("grant_types", km: "ខ្វះ CIBA", "backchannel members need the CIBA grant type")
            }
            return
        }
        guard let mode else {
            throw reader.invalid("backchannel_token_delivery_mode", km: "ត្រូវការ", "poll or ping is required")
        }
        guard (mode == .ping) == (endpoint != nil) else {
            throw reader.invalid(
                "backchannel_client_notification_endpoint", km: "សម្រាប់ ping", "required for ping, and only for ping")
        }
        party.backchannelAuthentication = BackchannelAuthentication(
            delivery: mode, notificationEndpoint: endpoint, requestAlgorithm: algorithm, userCode: userCode)
    }
}
