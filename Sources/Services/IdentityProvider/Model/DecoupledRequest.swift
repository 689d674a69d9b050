import Kernel
import RelyingParties

extension AuthorizationRequest {
    /// A checked request that no browser brings to the client: CIBA (OpenID CIBA Core 1.0, section 7.1) and the
    /// device grant (RFC 8628, section 3.1). The same checks as at the authorization endpoint, without those of
    /// response type, redirect and PKCE.
    /// - Throws: the error that the standard of each parameter names.
    init(decoupled parameters: AuthorizationParameters, client: RelyingParty, policy: AssurancePolicy)
        throws(OAuthError)
    {
        var parameters = parameters
        // Scope values are judged as those of a code flow.
        parameters["response_type"] = ResponseType.code.text
        let check = RequestChecks(parameters: parameters, client: client, policy: policy)
        let scope = try check.scope()
        guard let purpose = client.purpose(parameters["purpose"]) else {
            throw .invalidRequest("purpose is not registered for this client")
        }
        let claims = try parameters["claims"].map { text throws(OAuthError) in try ClaimsRequest(text) }
        self.init(withoutBrowser: client.clientID, purposeCode: purpose.code)
        ask(scope: scope, claims: claims, purpose: purpose)
        (acrValues, acrEssential) = try check.assurance(claims)
        subject = claims?.subject
        resources = try check.resources()
        authorizationDetails = try check.authorizationDetails()
        objectID = parameters.objectID
    }
}
