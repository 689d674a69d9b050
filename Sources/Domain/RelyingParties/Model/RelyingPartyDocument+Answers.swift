import Accountability
import Codecs
import JOSE
import Kernel

extension RelyingPartyDocument {
    static func readAnswers(_ reader: DocumentReader, into party: inout RelyingParty) throws {
        let allowed = party.rules.responseAlgorithms
        let standard = allowed.first ?? .es256
        party.idTokenAlgorithm = try reader.algorithm("id_token_signed_response_alg", among: allowed) ?? standard
        party.userInfoSignedAlgorithm = try reader.algorithm("userinfo_signed_response_alg", among: allowed)
        party.introspectionAlgorithm = try reader.algorithm("introspection_signed_response_alg", among: allowed)
        party.authorizationResponseAlgorithm =
            try reader.algorithm("authorization_signed_response_alg", among: allowed) ?? standard
        let (keys, uri) = (party.keys, party.keysURI)
        party.idTokenEncryption = try reader.encryption("id_token_encrypted", keys: keys, keysURI: uri)
        party.userInfoEncryption = try reader.encryption("userinfo_encrypted", keys: keys, keysURI: uri)
        party.authorizationResponseEncryption = try reader.encryption(
            "authorization_encrypted", keys: keys, keysURI: uri)
    }

    /// The sector is the host of `sector_identifier_uri`, or the operator's word, or the first redirect URI's host.
    static func readSubjects(_ reader: DocumentReader, into party: inout RelyingParty) throws {
        party.sectorIdentifierURI = try reader.httpsLink("sector_identifier_uri")
        if let uri = party.sectorIdentifierURI {
            guard !reader.has("sector_identifier"), let host = RedirectURI.host(uri) else {
                throw reader.invalid(
                    "sector_identifier", km: "ជ្រើសរើសតែមួយ", "sector_identifier or sector_identifier_uri, not both")
            }
            party.sector = host
        } else if let sector = try reader.optionalText("sector_identifier", limit: 255) {
            guard sector.utf8.allSatisfy(DocumentReader.isIdentifierByte) else {
                throw reader.invalid("sector_identifier", km: "ត្រូវជាឈ្មោះម៉ាស៊ីន", "a host name in lower case")
            }
            party.sector = sector
        }
        party.publicSubjectReason = try reader.optionalShownText("public_subject_reason", limit: 1000)
        party.subjectType = try reader.choice("subject_type", SubjectType.self) ?? .pairwise
        if party.subjectType == .public, party.publicSubjectReason == nil {
            throw reader.invalid("subject_type", km: "ត្រូវការហេតុផល", "public needs a public_subject_reason")
        }
    }

    static func readLogout(_ reader: DocumentReader, into party: inout RelyingParty) throws {
        let back = try reader.httpsLink("backchannel_logout_uri")
        let front = try reader.webLink("frontchannel_logout_uri")
        party.logout = ClientLogout(
            postLogoutRedirectURIs: try reader.webLinks("post_logout_redirect_uris", limit: 20), backchannelURI: back,
            backchannelSessionRequired: try reader.truth("backchannel_logout_session_required"), frontchannelURI: front,
            frontchannelSessionRequired: try reader.truth("frontchannel_logout_session_required"))
        // Front-Channel Logout 1.0, section 2: the same host as a redirect URI.
        if let front, !party.redirectURIs.contains(where: { RedirectURI.host($0) == RedirectURI.host(front) }) {
            throw reader.invalid(
                "frontchannel_logout_uri", km: "ម៉ាស៊ីនខុសគ្នា", "on the host of a redirect URI")
        }
    }

    static func readPresentation(_ reader: DocumentReader, into party: inout RelyingParty) throws {
        party.logoURI = try reader.webLink("logo_uri")
        party.clientURI = try reader.webLink("client_uri")
        party.policyURI = try reader.webLink("policy_uri")
        party.termsURI = try reader.webLink("tos_uri")
        party.contacts = try reader.texts("contacts", limit: 20)
        guard party.contacts.allSatisfy({ $0.utf8.count <= 254 }) else {
            throw reader.invalid("contacts", km: "វែងពេក", "at most 254 bytes each")
        }
        party.softwareID = try reader.optionalShownText("software_id", limit: 128)
        party.softwareVersion = try reader.optionalShownText("software_version", limit: 128)
    }

    private static let purposeMembers: Set<String> = ["code", "text", "essential", "optional", "valid_days"]

    /// - Parameter encrypted: whether userinfo is encrypted, which identifiers need.
    static func purposes(_ reader: DocumentReader, encrypted: Bool) throws -> [RegisteredPurpose] {
        guard let list = reader.object.array("purposes"), !list.isEmpty, list.count <= 20 else {
            throw reader.invalid("purposes", km: "ត្រូវការគោលបំណង", "1 to 20 purposes")
        }
        var codes: Set<String> = []
        return try list.map { entry in
            guard let object = entry.objectValue else {
                throw reader.invalid("purposes", km: "មិនត្រឹមត្រូវ", "an object each")
            }
            let purpose = try purpose(DocumentReader(object: object), encrypted: encrypted)
            guard codes.insert(purpose.code).inserted else {
                throw reader.invalid("purposes.code", km: "ស្ទួន", "a-z, 0-9, '.', '_', '-', once each")
            }
            return purpose
        }
    }

    private static func purpose(_ reader: DocumentReader, encrypted: Bool) throws -> RegisteredPurpose {
        try reader.requireKnown(purposeMembers, in: "purposes.")
        let code = try reader.identifier("code", limit: 64, as: "purposes.code")
        let field = "purposes.\(code)"
        let essential = try reader.texts("essential", limit: 50)
        let optional = try reader.texts("optional", limit: 50)
        for name in essential + optional {
            guard let attribute = AttributeCatalogue.description(of: AttributeName(rawValue: name)) else {
                throw reader.invalid(field, km: "មិនស្គាល់ \(name)", "unknown attribute \(name)")
            }
            if attribute.encryptedOnly, !encrypted {
                throw reader.invalid(field, km: "\(name) ត្រូវការការអ៊ិនគ្រីប", "\(name) needs encrypted userinfo")
            }
        }
        guard Set(essential + optional).count == essential.count + optional.count else {
            throw reader.invalid(field, km: "ស្ទួន", "an attribute is named twice")
        }
        guard let days = reader.has("valid_days") ? reader.object.integer("valid_days") : 90, (1...365).contains(days)
        else { throw reader.invalid(field, km: "១ ដល់ ៣៦៥", "valid_days is 1 to 365") }
        return RegisteredPurpose(
            code: code, text: try reader.localized("text", limit: 200), essential: essential, optional: optional,
            validDays: Int(days))
    }
}
