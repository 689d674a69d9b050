import HTTPTypes
import Hummingbird
import Kernel
import ProofOfPossession
import Web

/// Reads the keys that a client shows with a request: DPoP proofs (RFC 9449) and the client certificate (RFC 8705).
struct KeyPresentation: Sendable {
    let validator: DPoPValidator
    let nonces: DPoPNonces
    let requiresNonce: Bool
    let issuer: String
    let ambient: Ambient

    static let proofField = HTTPField.Name("DPoP")
    static let nonceField = HTTPField.Name("DPoP-Nonce")

    /// The keys shown with a request to one of the provider's endpoints. Throws `OAuthError` for a bad proof.
    /// - Parameters:
    ///   - path: of the endpoint, below the issuer.
    ///   - accessToken: the token that comes with the proof, at a protected resource.
    func read(
        _ request: Request, _ context: AppContext, path: String, accessToken: String? = nil
    ) async throws -> PresentedKeys {
        var keys = PresentedKeys()
        if let der = context.clientCertificate {
            keys.certificate = der
            keys.certificateThumbprint = (try? ClientCertificate(der: der))?.x5tS256
        }
        guard let field = Self.proofField, request.headers.contains(field) else { return keys }
        let proofs = request.headers[values: field]
        do {
            let proof = try await validator.validate(
                DPoPRequest(
                    proofs: proofs, method: request.method.rawValue, url: issuer + path, accessToken: accessToken),
                nonce: requiresNonce ? .required(nonces) : .optional(nonces), now: ambient.now())
            keys.proofThumbprint = proof.jkt
            return keys
        } catch let error as DPoPError {
            throw OAuthError(error.code, error.text, status: accessToken == nil ? 400 : 401)
        }
    }

    /// Gives the client the nonce for its next proof (RFC 9449, section 8.2).
    func addNonce(to response: inout Response) async throws {
        guard let field = Self.nonceField else { return }
        response.headers[field] = try await nonces.current()
    }
}
