import Codecs
import Kernel

/// The `claims` parameter, read (OpenID Connect Core 1.0, section 5.5).
struct ClaimsRequest: Sendable, Equatable {
    /// Attribute names asked of userinfo, without language tags.
    var userInfo: [String] = []
    /// Attribute names asked in the ID token itself.
    var idToken: [String] = []
    /// Wanted `acr` values, best first.
    var acrValues: [String] = []
    /// Whether a lower `acr` must fail.
    var acrEssential = false
    /// Verified claims asked of userinfo and in the ID token (OpenID Connect for Identity Assurance 1.0, section 6).
    var verifiedUserInfo: [VerifiedClaimsRequest] = []
    var verifiedIDToken: [VerifiedClaimsRequest] = []
    /// The one `sub` that may log in (section 5.5.1, member `value`).
    var subject: String?

    /// Members of the ID token that are no attributes of the person and need no asking.
    private static let protocolClaims: Set<String> = [
        "sub", "acr", "amr", "auth_time", "iss", "aud", "exp", "iat", "nonce", "azp", "sid", "at_hash", "c_hash", "txn",
        "device_assurance", verifiedClaims,
    ]
    private static let verifiedClaims = "verified_claims"
    static let maximumSize = 8192

    /// - Throws: `invalid_request` for anything but an object of objects within the limits.
    init(_ text: String) throws(OAuthError) {
        guard text.utf8.count <= Self.maximumSize,
            let object = try? JSON.parse(text, limits: JSONLimits(depth: 12, size: Self.maximumSize)).objectValue
        else { throw .invalidRequest("claims is not a JSON object of at most 8192 bytes") }
        if let members = try Self.members(object, "userinfo") {
            userInfo = Self.names(members)
            verifiedUserInfo = try VerifiedClaimsRequest.elements(members[Self.verifiedClaims])
            subject = members["sub"]?.objectValue?.string("value")
        }
        guard let members = try Self.members(object, "id_token") else { return }
        idToken = Self.names(members)
        verifiedIDToken = try VerifiedClaimsRequest.elements(members[Self.verifiedClaims])
        if let value = members["sub"]?.objectValue?.string("value") {
            guard subject == nil || subject == value else {
                throw .invalidRequest("claims asks for two different subjects")
            }
            subject = value
        }
        if let request = members["acr"]?.objectValue {
            acrValues = (request.strings("values") ?? request.string("value").map { [$0] } ?? []).prefix(10).map(\.self)
            acrEssential = request.bool("essential") ?? false
        }
    }

    private static func members(_ object: JSONObject, _ name: String) throws(OAuthError) -> JSONObject? {
        guard let value = object[name], !value.isNull else { return nil }
        guard let members = value.objectValue, members.count <= 60 else {
            throw .invalidRequest("claims.\(name) is not an object of at most 60 members")
        }
        for member in members.members where !member.value.isNull && member.name != verifiedClaims {
            guard member.value.objectValue != nil else {
                throw .invalidRequest("a member of claims.\(name) is neither null nor an object")
            }
        }
        return members
    }

    private static func names(_ members: JSONObject) -> [String] {
        var seen: Set<String> = []
        return members.names.map { String(Substring($0.utf8.prefix { $0 != UInt8(ascii: "#") })) }
            .filter { !protocolClaims.contains($0) && seen.insert($0).inserted }
    }
}
