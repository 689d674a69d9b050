import Codecs
import Crypto
import JOSE
import Kernel
import Synchronization

/// Makes DPoP proofs (RFC 9449, section 4.2) and remembers the nonce that each server gave last.
final class ProofMaker: Sendable {
    private static let mostServers = 64

    private let producer: JWSProducer
    private let ambient: Ambient
    private let nonces = Mutex<[String: String]>([:])
    /// The thumbprint of the key (RFC 7638): `dpop_jkt`.
    let thumbprint: String

    /// - Throws: `rp.configuration` for a key that is not public, or not of the algorithm it signs with.
    init(_ key: any ProofKey, ambient: Ambient) throws(RumdulError) {
        guard let bare = try? JWK(key.publicKey.material), !bare.isSecret, bare.publicKey == bare,
            (try? VerificationKey(bare))?.algorithms.contains(key.algorithm) == true
        else { throw RumdulError.relyingPartyConfiguration("proofKey") }
        producer = JWSProducer(signer: Unnamed(key: key), type: "dpop+jwt", additional: ["jwk": .object(bare.json)])
        thumbprint = bare.thumbprintText
        self.ambient = ambient
    }

    /// A proof for one request.
    /// - Parameter accessToken: the token that goes with the request to a resource.
    /// - Throws: what the key throws.
    func proof(_ method: String, _ url: String, accessToken: String? = nil) async throws -> String {
        var claims: JSONObject = [
            "jti": .string(ambient.newSecret(bytes: 16)), "htm": .string(method),
            "htu": .string(String(url.prefix { $0 != "?" && $0 != "#" })), "iat": .integer(ambient.now().seconds),
        ]
        if let accessToken {
            claims["ath"] = .string(Base64URL.encode(Array(SHA256.hash(data: Array(accessToken.utf8)))))
        }
        if let nonce = nonces.withLock({ $0[Self.origin(url)] }) { claims["nonce"] = .string(nonce) }
        return try await producer.sign(claims)
    }

    /// Keeps the nonce for the next proof to this server (section 8.2).
    func take(nonce: String?, from url: String) {
        // `nonce` of section 8.1: printable ASCII without quote and backslash.
        guard let nonce, (1...1024).contains(nonce.utf8.count),
            nonce.utf8.allSatisfy({ $0 > 32 && $0 < 127 && $0 != 34 && $0 != 92 })
        else { return }
        nonces.withLock { nonces in
            if nonces.count >= Self.mostServers { nonces.removeAll() }
            nonces[Self.origin(url)] = nonce
        }
    }

    /// Scheme, host and port: a nonce of one server is never shown to another.
    private static func origin(_ url: String) -> String {
        guard let mark = url.firstRange(of: "://") else { return url }
        return (url[..<mark.upperBound] + url[mark.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" })
            .lowercased()
    }

    /// The key without its name: the proof carries the key itself.
    private struct Unnamed: JWSSigner {
        let key: any ProofKey
        var algorithm: JWSAlgorithm { key.algorithm }
        var keyID: String { "" }
        func sign(_ input: [UInt8]) async throws -> [UInt8] { try await key.sign(input) }
    }
}

extension RelyingParty {
    /// Sends a request to the provider with a proof, and once more when the server wants its nonce in it (RFC 9449,
    /// section 8). `make` builds each attempt anew, because a client assertion serves once.
    func sendToProvider(_ make: () async throws -> OIDCRequest) async throws -> OIDCResponse {
        guard let prover = try prover.get() else { return try await transport.send(try await make()) }
        let first = try await proven(try await make(), by: prover)
        guard first.status == 400 || first.status == 401, first.nonce != nil,
            (try? JSON.parseObject(first.body))?.string("error") == "use_dpop_nonce"
        else { return first }
        return try await proven(try await make(), by: prover)
    }

    private func proven(_ request: OIDCRequest, by prover: ProofMaker) async throws -> OIDCResponse {
        var request = request
        request.headers.append(("dpop", try await prover.proof(request.method, request.url)))
        let response = try await transport.send(request)
        prover.take(nonce: response.nonce, from: request.url)
        return response
    }

    /// Sends a request to a resource server with the login's access token: as Bearer token, or with a proof of the key it
    /// is bound to (RFC 9449, section 7), which is repeated once with the server's nonce when it wants one (section 9).
    /// - Parameter request: to an address that you trust with the token; without an `authorization` field of its own.
    /// - Throws: `rp.configuration`, `rp.unreachable`.
    public func send(_ request: OIDCRequest, with login: Login) async throws -> OIDCResponse {
        guard login.isBound else {
            var request = request
            request.headers.append(("authorization", "Bearer " + login.accessToken))
            return try await transport.send(request)
        }
        guard let prover = try prover.get() else { throw RumdulError.relyingPartyConfiguration("proofKey") }
        let first = try await attempt(request, token: login.accessToken, by: prover)
        guard first.status == 401, first.nonce != nil, first.wantsNonce else { return first }
        return try await attempt(request, token: login.accessToken, by: prover)
    }

    private func attempt(_ request: OIDCRequest, token: String, by prover: ProofMaker) async throws -> OIDCResponse {
        var request = request
        let proof = try await prover.proof(request.method, request.url, accessToken: token)
        request.headers += [("authorization", "DPoP " + token), ("dpop", proof)]
        let response = try await transport.send(request)
        prover.take(nonce: response.nonce, from: request.url)
        return response
    }
}

extension OIDCResponse {
    /// `DPoP-Nonce`.
    var nonce: String? { header("dpop-nonce") }

    /// Whether a challenge asks for a proof with a nonce.
    fileprivate var wantsNonce: Bool {
        headers.contains { name, value in
            guard name == "www-authenticate", value.utf8.count <= 8192 else { return false }
            return AuthenticationChallenges.parse(value)?.contains {
                $0.scheme == "dpop" && $0.parameters["error"] == "use_dpop_nonce"
            } == true
        }
    }
}
