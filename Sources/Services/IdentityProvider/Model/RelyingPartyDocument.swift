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

    /// Parses and checks a registration. Throws `relying_party.invalid` with the field that is wrong.
    /// - Parameter allowFirstParty: only the program itself registers first-party clients.
    public static func parse(_ object: JSONObject, allowFirstParty: Bool = false) throws -> RelyingParty {
        for name in object.names where !members.contains(name) {
            throw RumdulError.relyingPartyInvalid(name, km: "មិនស្គាល់", en: "unknown member")
        }
        let clientID = try text(object, "client_id", limit: 64)
        guard clientID.utf8.allSatisfy(isIdentifierByte) else {
            throw RumdulError.relyingPartyInvalid("client_id", km: "ប្រើតែ a-z 0-9 . _ -", en: "use a-z, 0-9, '.', '_', '-'")
        }
        let redirectURIs = object.strings("redirect_uris") ?? []
        guard !redirectURIs.isEmpty, redirectURIs.count <= 20, redirectURIs.allSatisfy(RedirectURI.isRegistrable) else {
            throw RumdulError.relyingPartyInvalid(
                "redirect_uris", km: "ត្រូវជា https ពេញលេញ គ្មាន fragment",
                en: "1 to 20 absolute https URIs without fragment or user information (http only on loopback)")
        }
        let methodText = object.string("token_endpoint_auth_method") ?? "client_secret_basic"
        guard let method = ClientAuthenticationMethod(rawValue: methodText) else {
            throw RumdulError.relyingPartyInvalid("token_endpoint_auth_method", km: "មិនស្គាល់", en: "unknown method")
        }
        let keys = try object["jwks"].map { value in
            guard let set = value.objectValue else {
                throw RumdulError.relyingPartyInvalid("jwks", km: "មិនត្រឹមត្រូវ", en: "not an object")
            }
            do { return try JWKSet(set) } catch {
                throw RumdulError.relyingPartyInvalid("jwks", km: "មិនត្រឹមត្រូវ", en: "not a valid JWK set")
            }
        }
        let secretHash = object.string("client_secret_sha256").flatMap { Base64URL.decode($0) }
        if method == .privateKeyJWT, keys == nil {
            throw RumdulError.relyingPartyInvalid("jwks", km: "ត្រូវការកូនសោ", en: "private_key_jwt needs keys")
        }
        let firstParty = object.bool("first_party") ?? false
        if firstParty, !allowFirstParty {
            throw RumdulError.relyingPartyInvalid("first_party", km: "មិនអនុញ្ញាត", en: "not for outside parties")
        }
        return RelyingParty(
            clientID: clientID, name: try localized(object, "client_name", limit: 80), redirectURIs: redirectURIs,
            authentication: method, secretHash: secretHash, keys: keys,
            sector: object.string("sector_identifier") ?? RedirectURI.host(redirectURIs[0]) ?? clientID,
            idTokenAlgorithm: try algorithm(object, "id_token_signed_response_alg") ?? .rs256,
            userInfoSignedAlgorithm: try algorithm(object, "userinfo_signed_response_alg"),
            userInfoEncryption: try encryption(object, keys: keys),
            purposes: try purposes(object, firstParty: firstParty, encrypted: object.has("userinfo_encrypted_response_alg")),
            policyURI: try webLink(object, "policy_uri"), termsURI: try webLink(object, "tos_uri"),
            contacts: object.strings("contacts") ?? [], firstParty: firstParty)
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

    /// Names and purposes are shown to people, so control characters and bidirectional overrides are refused.
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
        return scalars.allSatisfy { scalar in
            switch scalar.value {
            case 0..<0x20, 0x7F..<0xA0, 0x200E, 0x200F, 0x202A...0x202E, 0x2060...0x206F, 0xFEFF, 0xFFF9...0xFFFB: false
            default: true
            }
        }
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
        guard object.has(name) else { return nil }
        guard let algorithm = object.string(name).flatMap(JWEAlgorithm.init(rawValue:)),
            let encryption = JWEEncryption(
                rawValue: object.string("userinfo_encrypted_response_enc") ?? JWEEncryption.a256GCM.rawValue),
            let keys, UserInfoEncryptionKey.find(in: keys, for: algorithm) != nil
        else {
            throw RumdulError.relyingPartyInvalid(
                name, km: "មិនត្រឹមត្រូវ", en: "ECDH-ES, ECDH-ES+A256KW or RSA-OAEP-256 with a fitting key in jwks")
        }
        return .init(algorithm: algorithm, encryption: encryption)
    }

    private static func webLink(_ object: JSONObject, _ name: String) throws -> String? {
        guard let uri = object.string(name) else { return nil }
        guard RedirectURI.isRegistrable(uri) else {
            throw RumdulError.relyingPartyInvalid(name, km: "ត្រូវជា https", en: "an https link")
        }
        return uri
    }

    private static func purposes(
        _ object: JSONObject, firstParty: Bool, encrypted: Bool
    ) throws -> [RegisteredPurpose] {
        guard let list = object.array("purposes"), !list.isEmpty, list.count <= 20 else {
            throw RumdulError.relyingPartyInvalid("purposes", km: "ត្រូវការគោលបំណង", en: "1 to 20 purposes")
        }
        var codes: Set<String> = []
        return try list.map { entry in
            guard let purpose = entry.objectValue else {
                throw RumdulError.relyingPartyInvalid("purposes", km: "មិនត្រឹមត្រូវ", en: "an object each")
            }
            let code = try text(purpose, "code", limit: 64)
            guard code.utf8.allSatisfy(isIdentifierByte), codes.insert(code).inserted else {
                throw RumdulError.relyingPartyInvalid("purposes.code", km: "ស្ទួន", en: "a-z, 0-9, '.', '_', '-', once each")
            }
            let essential = purpose.strings("essential") ?? []
            let optional = purpose.strings("optional") ?? []
            for name in essential + optional {
                guard let attribute = AttributeCatalogue.description(of: AttributeName(rawValue: name)) else {
                    throw RumdulError.relyingPartyInvalid("purposes.\(code)", km: "មិនស្គាល់ \(name)", en: "unknown attribute \(name)")
                }
                if attribute.encryptedOnly, !encrypted {
                    throw RumdulError.relyingPartyInvalid(
                        "purposes.\(code)", km: "\(name) ត្រូវការការអ៊ិនគ្រីប", en: "\(name) needs encrypted userinfo")
                }
            }
            guard Set(essential + optional).count == essential.count + optional.count else {
                throw RumdulError.relyingPartyInvalid("purposes.\(code)", km: "ស្ទួន", en: "an attribute is named twice")
            }
            let days = Int(purpose.integer("valid_days") ?? 90)
            guard (1...365).contains(days) else {
                throw RumdulError.relyingPartyInvalid("purposes.\(code)", km: "១ ដល់ ៣៦៥", en: "valid_days is 1 to 365")
            }
            return RegisteredPurpose(
                code: code, text: try localized(purpose, "text", limit: 200), essential: essential, optional: optional,
                validDays: days)
        }
    }
}
