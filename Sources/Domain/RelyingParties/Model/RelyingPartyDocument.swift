import Accountability
import Codecs
import Crypto
import JOSE
import Kernel

/// Reads the registration file of a relying party (`rumdul admin relying-party add FILE`) and writes it for the store. Unknown members are errors,
/// so that a misspelt restriction cannot be silently ignored.
public enum RelyingPartyDocument {
    private static let members: Set<String> = [
        "client_id", "client_name", "redirect_uris", "token_endpoint_auth_method", "client_secret_sha256", "jwks",
        "sector_identifier", "id_token_signed_response_alg", "userinfo_signed_response_alg",
        "userinfo_encrypted_response_alg", "userinfo_encrypted_response_enc", "policy_uri", "tos_uri", "contacts",
        "purposes", "first_party",
    ]
    private static let purposeMembers: Set<String> = ["code", "text", "essential", "optional", "valid_days"]

    /// Parses and checks a registration. Throws `relying_party.invalid` with the field that is wrong.
    /// - Parameter allowFirstParty: only the program itself registers first-party clients.
    public static func parse(_ object: JSONObject, allowFirstParty: Bool = false) throws -> RelyingParty {
        try requireKnown(object, members)
        let clientID = try text(object, "client_id", limit: 64)
        guard clientID.utf8.allSatisfy(isIdentifierByte) else {
            throw RumdulError.relyingPartyInvalid(
                "client_id", km: "ប្រើតែ a-z 0-9 . _ -", en: "use a-z, 0-9, '.', '_', '-'")
        }
        let redirectURIs = try texts(object, "redirect_uris", limit: 20)
        guard !redirectURIs.isEmpty, redirectURIs.allSatisfy(RedirectURI.isRegistrable) else {
            throw RumdulError.relyingPartyInvalid(
                "redirect_uris", km: "ត្រូវជា https ពេញលេញ គ្មាន fragment",
                en: "1 to 20 absolute https URIs without fragment or user information (http only on loopback)")
        }
        let methodText = try optionalText(object, "token_endpoint_auth_method", limit: 64) ?? "client_secret_basic"
        guard let method = ClientAuthenticationMethod(rawValue: methodText) else {
            throw RumdulError.relyingPartyInvalid("token_endpoint_auth_method", km: "មិនស្គាល់", en: "unknown method")
        }
        let keys = try keys(object)
        if method == .privateKeyJWT, keys.map({ VerificationKeySet($0).keys.isEmpty }) ?? true {
            throw RumdulError.relyingPartyInvalid("jwks", km: "ត្រូវការកូនសោ", en: "private_key_jwt needs keys")
        }
        let firstParty = try truth(object, "first_party")
        if firstParty, !allowFirstParty {
            throw RumdulError.relyingPartyInvalid("first_party", km: "មិនអនុញ្ញាត", en: "not for outside parties")
        }
        return RelyingParty(
            clientID: clientID, name: try localized(object, "client_name", limit: 80), redirectURIs: redirectURIs,
            authentication: method, secretHash: try secretHash(object), keys: keys,
            sector: try sector(object) ?? RedirectURI.host(redirectURIs[0]) ?? clientID,
            idTokenAlgorithm: try algorithm(object, "id_token_signed_response_alg") ?? .rs256,
            userInfoSignedAlgorithm: try algorithm(object, "userinfo_signed_response_alg"),
            userInfoEncryption: try encryption(object, keys: keys),
            purposes: try purposes(object, encrypted: object.has("userinfo_encrypted_response_alg")),
            policyURI: try webLink(object, "policy_uri"), termsURI: try webLink(object, "tos_uri"),
            contacts: try texts(object, "contacts", limit: 20), firstParty: firstParty,
            host: RedirectURI.host(redirectURIs[0]) ?? clientID)
    }

    private static func requireKnown(_ object: JSONObject, _ members: Set<String>, in place: String = "") throws {
        for name in object.names where !members.contains(name) {
            throw RumdulError.relyingPartyInvalid(place + name, km: "មិនស្គាល់", en: "unknown member")
        }
    }

    /// The party's public keys. A private key in a registration is a mistake that must not be stored.
    private static func keys(_ object: JSONObject) throws -> JWKSet? {
        guard let value = object["jwks"] else { return nil }
        guard let set = value.objectValue.flatMap({ try? JWKSet($0) }), !set.keys.isEmpty else {
            throw RumdulError.relyingPartyInvalid("jwks", km: "មិនត្រឹមត្រូវ", en: "not a JWK set with keys")
        }
        guard set.isPublic else {
            throw RumdulError.relyingPartyInvalid("jwks", km: "ប្រើតែកូនសោសាធារណៈ", en: "public keys only")
        }
        return set
    }

    private static func secretHash(_ object: JSONObject) throws -> [UInt8]? {
        let name = "client_secret_sha256"
        guard object.has(name) else { return nil }
        guard let hash = object.string(name).flatMap({ Base64URL.decode($0) }), hash.count == 32 else {
            throw RumdulError.relyingPartyInvalid(name, km: "មិនត្រឹមត្រូវ", en: "base64url of a SHA-256")
        }
        return hash
    }

    /// The name under which several services of one organisation see the same subjects.
    private static func sector(_ object: JSONObject) throws -> String? {
        let name = "sector_identifier"
        guard let sector = try optionalText(object, name, limit: 255) else { return nil }
        guard sector.utf8.allSatisfy({ isIdentifierByte($0) }) else {
            throw RumdulError.relyingPartyInvalid(name, km: "ត្រូវជាឈ្មោះម៉ាស៊ីន", en: "a host name in lower case")
        }
        return sector
    }

    private static func isIdentifierByte(_ byte: UInt8) -> Bool {
        (97...122).contains(byte) || (48...57).contains(byte) || byte == 45 || byte == 46 || byte == 95
    }

    private static func text(_ object: JSONObject, _ name: String, limit: Int) throws -> String {
        guard let value = object.string(name), !value.isEmpty, value.unicodeScalars.count <= limit else {
            throw RumdulError.relyingPartyInvalid(name, km: "ត្រូវការអត្ថបទ", en: "a text of 1 to \(limit) characters")
        }
        return value
    }

    private static func optionalText(_ object: JSONObject, _ name: String, limit: Int) throws -> String? {
        object.has(name) ? try text(object, name, limit: limit) : nil
    }

    private static func truth(_ object: JSONObject, _ name: String) throws -> Bool {
        guard let value = object[name] else { return false }
        guard let truth = value.boolValue else {
            throw RumdulError.relyingPartyInvalid(name, km: "true ឬ false", en: "true or false")
        }
        return truth
    }

    private static func texts(_ object: JSONObject, _ name: String, limit: Int) throws -> [String] {
        guard let value = object[name] else { return [] }
        guard let texts = value.stringsValue, texts.count <= limit else {
            throw RumdulError.relyingPartyInvalid(name, km: "បញ្ជីអត្ថបទ", en: "a list of at most \(limit) texts")
        }
        return texts
    }

    /// Names and purposes are shown to people, so control characters, bidirectional controls and texts of nothing but
    /// blanks are refused.
    private static func localized(_ object: JSONObject, _ name: String, limit: Int) throws -> LocalizedText {
        guard let pair = object.object(name), let km = pair.string("km"), let en = pair.string("en"),
            isShowable(km, limit: limit), isShowable(en, limit: limit)
        else {
            throw RumdulError.relyingPartyInvalid(
                name, km: "ត្រូវការ km និង en", en: "{\"km\", \"en\"} with 1 to \(limit) visible characters each")
        }
        return LocalizedText(km: km, en: en)
    }

    private static func isShowable(_ text: String, limit: Int) -> Bool {
        let scalars = text.unicodeScalars
        guard !scalars.isEmpty, scalars.count <= limit else { return false }
        let clean = scalars.allSatisfy { scalar in
            switch scalar.value {
            case 0..<0x20, 0x7F..<0xA0, 0xAD, 0x61C, 0x200E, 0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF,
                0xFFF9...0xFFFB, 0xE0000...0xE0FFF:
                false
            default: true
            }
        }
        let seen = scalars.contains { scalar in
            switch scalar.properties.generalCategory {
            case .spaceSeparator, .format, .control, .unassigned, .nonspacingMark: false
            default: true
            }
        }
        return clean && seen
    }

    private static func algorithm(_ object: JSONObject, _ name: String) throws -> JWSAlgorithm? {
        guard object.has(name) else { return nil }
        guard let text = object.string(name), let algorithm = JWSAlgorithm(rawValue: text),
            SigningAlgorithms.offered.contains(algorithm)
        else { throw RumdulError.relyingPartyInvalid(name, km: "មិនស្គាល់", en: "one of ES256, RS256, PS256, EdDSA") }
        return algorithm
    }

    private static func encryption(
        _ object: JSONObject, keys: JWKSet?
    ) throws -> RelyingParty.UserInfoEncryption? {
        let name = "userinfo_encrypted_response_alg"
        let encryptionText = try optionalText(object, "userinfo_encrypted_response_enc", limit: 32)
        guard object.has(name) else {
            guard encryptionText == nil else {
                throw RumdulError.relyingPartyInvalid(
                    name, km: "ខ្វះ", en: "is missing beside userinfo_encrypted_response_enc")
            }
            return nil
        }
        guard let algorithm = object.string(name).flatMap(JWEAlgorithm.init(rawValue:)),
            SigningAlgorithms.keyManagement.contains(algorithm),
            let encryption = JWEEncryption(rawValue: encryptionText ?? JWEEncryption.a256GCM.rawValue),
            SigningAlgorithms.contentEncryption.contains(encryption), let keys,
            ClientEncryptionKey.find(in: keys, for: algorithm) != nil
        else {
            throw RumdulError.relyingPartyInvalid(
                name, km: "មិនត្រឹមត្រូវ", en: "ECDH-ES, ECDH-ES+A256KW or RSA-OAEP-256 with a fitting key in jwks")
        }
        return .init(algorithm: algorithm, encryption: encryption)
    }

    private static func webLink(_ object: JSONObject, _ name: String) throws -> String? {
        guard object.has(name) else { return nil }
        guard let uri = object.string(name), RedirectURI.isRegistrable(uri) else {
            throw RumdulError.relyingPartyInvalid(name, km: "ត្រូវជា https", en: "an https link")
        }
        return uri
    }

    private static func purposes(_ object: JSONObject, encrypted: Bool) throws -> [RegisteredPurpose] {
        guard let list = object.array("purposes"), !list.isEmpty, list.count <= 20 else {
            throw RumdulError.relyingPartyInvalid("purposes", km: "ត្រូវការគោលបំណង", en: "1 to 20 purposes")
        }
        var codes: Set<String> = []
        return try list.map { entry in
            guard let purpose = entry.objectValue else {
                throw RumdulError.relyingPartyInvalid("purposes", km: "មិនត្រឹមត្រូវ", en: "an object each")
            }
            try requireKnown(purpose, purposeMembers, in: "purposes.")
            let code = try text(purpose, "code", limit: 64)
            guard code.utf8.allSatisfy(isIdentifierByte), codes.insert(code).inserted else {
                throw RumdulError.relyingPartyInvalid(
                    "purposes.code", km: "ស្ទួន", en: "a-z, 0-9, '.', '_', '-', once each")
            }
            let essential = try texts(purpose, "essential", limit: 50)
            let optional = try texts(purpose, "optional", limit: 50)
            for name in essential + optional {
                guard let attribute = AttributeCatalogue.description(of: AttributeName(rawValue: name)) else {
                    throw RumdulError.relyingPartyInvalid(
                        "purposes.\(code)", km: "មិនស្គាល់ \(name)", en: "unknown attribute \(name)")
                }
                if attribute.encryptedOnly, !encrypted {
                    throw RumdulError.relyingPartyInvalid(
                        "purposes.\(code)", km: "\(name) ត្រូវការការអ៊ិនគ្រីប", en: "\(name) needs encrypted userinfo")
                }
            }
            guard Set(essential + optional).count == essential.count + optional.count else {
                throw RumdulError.relyingPartyInvalid("purposes.\(code)", km: "ស្ទួន", en: "an attribute is named twice")
            }
            guard let days = purpose.has("valid_days") ? purpose.integer("valid_days") : 90, (1...365).contains(days)
            else {
                throw RumdulError.relyingPartyInvalid("purposes.\(code)", km: "១ ដល់ ៣៦៥", en: "valid_days is 1 to 365")
            }
            return RegisteredPurpose(
                code: code, text: try localized(purpose, "text", limit: 200), essential: essential, optional: optional,
                validDays: Int(days))
        }
    }
}
