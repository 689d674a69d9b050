import Codecs
import Kernel

/// The claims of an access token (RFC 9068, section 2.2). Access tokens are signed and not stored; those of a person name the grant that
/// revokes them.
struct AccessTokenClaims: Sendable, Equatable {
    var subject: String
    var clientID: String
    var audience: [String]
    var scope: [String]
    var issuedAt: Int64
    var expiresAt: Int64
    var identifier: String
    /// The transaction behind the token; `nil` for a client's own token.
    var grantID: String?
    var binding: TokenBinding?
    var acr: String?
    var authTime: Int64?
    var authorizationDetails: String?
    /// Who acts for the subject after a token exchange (RFC 8693, section 4.1).
    var actor: String?
    var organisation: String?

    func payload(issuer: String) -> [UInt8] {
        var writer = JSONWriter(capacity: 512)
        writer.beginObject()
        writer.member("iss", issuer)
        writer.member("sub", subject)
        if audience.count == 1 { writer.member("aud", audience[0]) } else { writer.member("aud", audience) }
        writer.member("client_id", clientID)
        writer.member("exp", expiresAt)
        writer.member("iat", issuedAt)
        writer.member("jti", identifier)
        if !scope.isEmpty { writer.member("scope", scope.joined(separator: " ")) }
        if let acr { writer.member("acr", acr) }
        if let authTime { writer.member("auth_time", authTime) }
        if let grantID { writer.member("grant", grantID) }
        if let binding {
            writer.name("cnf")
            writer.raw(JSON.bytes(binding.confirmation))
        }
        if let authorizationDetails {
            writer.name("authorization_details")
            writer.raw(Array(authorizationDetails.utf8))
        }
        if let actor {
            writer.name("act")
            writer.beginObject()
            writer.member("sub", actor)
            writer.endObject()
        }
        if let organisation { writer.member("organisation", organisation) }
        writer.endObject()
        return writer.bytes
    }

    /// Reads claims whose signature, issuer and type were checked.
    init?(_ claims: JSONObject) {
        guard let subject = claims.string("sub"), let clientID = claims.string("client_id"),
            let audience = claims.strings("aud") ?? claims.string("aud").map({ [$0] }),
            let issuedAt = claims.integer("iat"),
            let expiresAt = claims.integer("exp"), let identifier = claims.string("jti")
        else { return nil }
        self.init(
            subject: subject, clientID: clientID, audience: audience,
            scope: (claims.string("scope") ?? "").words, issuedAt: issuedAt,
            expiresAt: expiresAt, identifier: identifier, grantID: claims.string("grant"),
            binding: claims.object("cnf").flatMap { TokenBinding(confirmation: $0) }, acr: claims.string("acr"),
            authTime: claims.integer("auth_time"),
            authorizationDetails: claims.array("authorization_details").map { JSON.text(.array($0)) },
            actor: claims.object("act")?.string("sub"), organisation: claims.string("organisation"))
    }

    init(
        subject: String, clientID: String, audience: [String], scope: [String], issuedAt: Int64, expiresAt: Int64,
        identifier: String, grantID: String? = nil, binding: TokenBinding? = nil, acr: String? = nil,
        authTime: Int64? = nil, authorizationDetails: String? = nil, actor: String? = nil, organisation: String? = nil
    ) {
        self.subject = subject
        self.clientID = clientID
        self.audience = audience
        self.scope = scope
        self.issuedAt = issuedAt
        self.expiresAt = expiresAt
        self.identifier = identifier
        self.grantID = grantID
        self.binding = binding
        self.acr = acr
        self.authTime = authTime
        self.authorizationDetails = authorizationDetails
        self.actor = actor
        self.organisation = organisation
    }
}

/// The refresh token: transaction and 32 secret bytes; the row keeps only their SHA-256 (RFC 6749, section 10.4).
struct RefreshToken: Sendable {
    var transactionID: String
    var secret: [UInt8]

    var encoded: String? { TransactionIdentifier.bytes(transactionID).map { Base64URL.encode($0 + secret) } }
    var hash: [UInt8] { sha256(secret) }

    init(transactionID: String, secret: [UInt8]) {
        self.transactionID = transactionID
        self.secret = secret
    }

    init?(_ text: String) {
        guard text.utf8.count == 64, let bytes = Base64URL.decode(text), bytes.count == 48 else { return nil }
        transactionID = TransactionIdentifier.text(bytes[..<16])
        secret = Array(bytes[16...])
    }
}
