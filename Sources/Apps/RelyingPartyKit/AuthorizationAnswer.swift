import Codecs
import JOSE
import Kernel

extension RelyingParty {
    /// The parameters of a callback: those of the query, or those inside a signed answer (JARM, section 2.4).
    func answer(_ query: [String: String]) async throws -> [String: String] {
        guard let response = query["response"] else {
            guard !configuration.protection.requiresSignedResponses else {
                throw RumdulError.authorizationAnswerRefused("not signed")
            }
            return query
        }
        let validator = JWTValidator(
            issuer: configuration.issuer, audiences: [configuration.clientID], algorithms: configuration.algorithms,
            typeRequired: false, clockSkew: configuration.clockSkew, requiredClaims: ["iss", "aud", "exp"],
            soleAudience: true)
        let claims: JSONObject
        do {
            let token =
                RelyingParty.isEncrypted(response)
                ? String(decoding: try decrypt(response), as: UTF8.self) : response
            claims = try await validate(token, by: validator).claims
        } catch let error as RumdulError where error.code.hasPrefix("jose.") {
            throw RumdulError.authorizationAnswerRefused("\(error.code) \(error.cause ?? "")")
        }
        // What stands beside the signed answer in the address is anybody's word and counts for nothing.
        var parameters: [String: String] = [:]
        for name in ["iss", "state", "code", "error"] {
            if let value = claims.string(name) { parameters[name] = value }
        }
        return parameters
    }
}
