import Codecs
import Crypto
import JOSE
import Kernel

/// What a device must sign, checked without a database: one ES256 verification each.
struct ProofChecker: Sendable {
    /// How far the device's clock may be from ours, seconds in either direction.
    static let window: Int64 = 60

    /// The issuer URL that every token must name as `aud`.
    let audience: String

    /// The claims of an authenticated request (device protocol, section 2).
    struct RequestProof: Sendable {
        let device: String
        let jti: String
        let iat: Int64
        let token: DeviceToken
    }

    /// Reads `DeviceProof <JWS>` and checks everything that needs no key.
    func requestProof(
        authorization: String?, method: String, path: String, body: [UInt8], now: Instant
    ) throws -> RequestProof {
        guard let authorization, let compact = Self.credentials(authorization) else {
            throw RumdulError.deviceProofInvalid.because("no DeviceProof credentials")
        }
        let token = try DeviceToken(compact, type: "rumdul-device+jwt")
        guard let device = token.keyID else { throw RumdulError.deviceProofInvalid.because("kid") }
        let claims = token.claims
        try requireAudience(claims)
        guard let htm = claims.string("htm"), sameCodePoints(htm, method), let htu = claims.string("htu"),
            sameCodePoints(htu, path)
        else { throw RumdulError.deviceProofInvalid.because("htm or htu") }
        let iat = try time(claims, now: now)
        let jti = try identifier(claims, "jti")
        if body.isEmpty {
            guard !claims.has("bh") else { throw RumdulError.deviceProofInvalid.because("bh without a body") }
        } else {
            guard let hash = claims.string("bh").flatMap({ Base64URL.decode($0) }),
                constantTimeEquals(hash, SHA256.hash(data: body).map { $0 })
            else { throw RumdulError.deviceProofInvalid.because("bh") }
        }
        return RequestProof(device: device, jti: jti, iat: iat, token: token)
    }

    /// Checks the signature of a request proof by the device that it names.
    func verify(_ proof: RequestProof, by device: Device) throws {
        try verify(proof.token, key: device.keys.device)
    }

    /// Parses and checks a decision (device protocol, section 4).
    func decision(_ jws: String, by device: Device, now: Instant) throws -> DeviceDecision {
        let token = try DeviceToken(jws, type: "rumdul-decision+jwt")
        let claims = token.claims
        guard let kid = token.keyID, sameCodePoints(kid, device.id), let iss = claims.string("iss"),
            sameCodePoints(iss, device.id)
        else { throw RumdulError.deviceProofInvalid.because("kid or iss") }
        try requireAudience(claims)
        let iat = try time(claims, now: now)
        let decision = DeviceDecision(
            txn: try identifier(claims, "txn"), action: try action(claims),
            clientID: try text(claims, "client_id", 512),
            attributes: try attributes(claims), number: try number(claims), detailsHash: try detailsHash(claims),
            iat: iat,
            jti: try identifier(claims, "jti"), jws: jws)
        if decision.action != .approve {
            guard decision.number == 0, decision.attributes.isEmpty else {
                throw RumdulError.deviceProofInvalid.because("number or attributes without approval")
            }
        }
        try verify(token, key: device.keys.device)
        return decision
    }

    /// Checks the signature of a token.
    func verify(_ token: DeviceToken, key: DeviceKey) throws {
        guard token.isSigned(by: key.verifier) else { throw RumdulError.deviceProofInvalid.because("signature") }
    }

    func requireAudience(_ claims: JSONObject) throws {
        guard let aud = claims.string("aud"), sameCodePoints(aud, audience) else {
            throw RumdulError.deviceProofInvalid.because("aud")
        }
    }

    /// `iat` within the window around now.
    func time(_ claims: JSONObject, now: Instant) throws -> Int64 {
        guard let iat = claims.integer("iat"), iat >= now.seconds - Self.window, iat <= now.seconds + Self.window else {
            throw RumdulError.deviceProofInvalid.because("iat")
        }
        return iat
    }

    private func text(_ claims: JSONObject, _ name: String, _ longest: Int) throws -> String {
        guard let value = claims.string(name), !value.isEmpty, value.utf8.count <= longest else {
            throw RumdulError.deviceProofInvalid.because(name)
        }
        return value
    }

    /// A claim that identifies something: 1...128 visible ASCII characters.
    private func identifier(_ claims: JSONObject, _ name: String) throws -> String {
        let value = try text(claims, name, 128)
        guard value.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else { throw RumdulError.deviceProofInvalid.because(name) }
        return value
    }

    private func action(_ claims: JSONObject) throws -> DecisionAction {
        guard let action = claims.string("action").flatMap(DecisionAction.init(rawValue:)) else {
            throw RumdulError.deviceProofInvalid.because("action")
        }
        return action
    }

    private func number(_ claims: JSONObject) throws -> Int {
        guard let number = claims.integer("number"), (0...99).contains(number) else {
            throw RumdulError.deviceProofInvalid.because("number")
        }
        return Int(number)
    }

    private func attributes(_ claims: JSONObject) throws -> [String] {
        guard let names = claims.strings("attributes"), names.count <= 64,
            names.allSatisfy({ !$0.isEmpty && $0.utf8.count <= 64 && $0.utf8.allSatisfy { $0 > 32 && $0 < 127 } }),
            Set(names).count == names.count
        else { throw RumdulError.deviceProofInvalid.because("attributes") }
        return names
    }

    private func detailsHash(_ claims: JSONObject) throws -> String {
        guard let hash = claims.string("details_hash"), Base64URL.decode(hash)?.count == 32 else {
            throw RumdulError.deviceProofInvalid.because("details_hash")
        }
        return hash
    }

    /// The token after the scheme name, which is case-insensitive (RFC 9110, section 11.1).
    private static func credentials(_ authorization: String) -> String? {
        let scheme = "deviceproof "
        var bytes = authorization.utf8.makeIterator()
        for expected in scheme.utf8 {
            guard let byte = bytes.next(), byte == expected || (byte >= 65 && byte <= 90 && byte + 32 == expected)
            else {
                return nil
            }
        }
        return String(authorization.utf8.dropFirst(scheme.utf8.count))
    }
}
