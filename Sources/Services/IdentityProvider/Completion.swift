import Database
import Hummingbird
import Kernel
import KeyVault
import RelyingParties
import Web

/// Ends an authorization: issues what the response type asks for and sends it back (OpenID Connect Core 1.0, sections 3.1.2.5, 3.2.2.5, 3.3.2.5).
final class Completion: Sendable {
    let database: any Database
    let vault: any KeyVault
    let tokens: TokenService
    let sender: ResponseSender
    let pushed: PushedRequestStore
    let settings: ProviderSettings
    let ambient: Ambient
    let events: any ClientEventSink

    init(
        database: any Database, vault: any KeyVault, tokens: TokenService, sender: ResponseSender,
        pushed: PushedRequestStore, settings: ProviderSettings, ambient: Ambient,
        events: any ClientEventSink = NoClientEvents()
    ) {
        self.database = database
        self.vault = vault
        self.tokens = tokens
        self.sender = sender
        self.pushed = pushed
        self.settings = settings
        self.ambient = ambient
        self.events = events
    }

    /// The authorization response of an approved transaction.
    func respond(
        _ item: Transaction, client: RelyingParty, _ request: Request, _ context: AppContext
    ) async throws -> Response {
        guard !item.request.redirectURI.isEmpty else {
            return context.show(ProviderPages.backToDevice(granted: true))
        }
        try await spend(item)
        let type = item.request.responseType
        var parameters: [(String, String?)] = []
        var code: String?
        if type.code {
            code = try await AuthorizationCode(transactionID: item.id, issuedAt: ambient.now()).encoded(vault: vault)
            parameters.append(("code", code))
        }
        if type.isFrontChannel {
            parameters += try await frontChannel(item, client: client, code: code, traceID: context.traceID)
        }
        parameters += [("state", item.request.state), ("iss", settings.issuer)]
        return try await sender.send(
            AuthorizationResponse(parameters), to: item.request.redirectURI, mode: item.request.responseMode,
            client: client, after: request, context: context)
    }

    /// Tokens that travel through the browser.
    private func frontChannel(
        _ item: Transaction, client: RelyingParty, code: String?, traceID: String
    ) async throws -> [(String, String?)] {
        let type = item.request.responseType
        let answer = try await tokens.frontChannel(item, party: client, code: code, traceID: traceID)
        var parameters: [(String, String?)] = []
        if type.token {
            parameters += [
                ("access_token", answer.accessToken), ("token_type", TokenBinding.tokenType(nil)),
                ("expires_in", String(answer.expiresIn)),
            ]
        }
        if type.idToken { parameters.append(("id_token", answer.idToken)) }
        return parameters
    }

    /// A pushed request or a request object serves one authorization; this one may be answered again (a reload).
    private func spend(_ item: Transaction) async throws {
        let identifiers = [item.request.pushedID, item.request.objectID].compactMap(\.self)
        guard !identifiers.isEmpty else { return }
        let now = ambient.now()
        let isOurs = try await database.transaction { connection in
            for id in identifiers {
                guard try await self.pushed.spend(id, for: item.id, now: now, in: connection) else { return false }
            }
            return true
        }
        guard isOurs else { throw RumdulError.requestStale }
    }

    /// An error that the relying party hears.
    func refuse(
        _ refusal: AuthorizationRequest.Refusal, client: RelyingParty, _ request: Request, _ context: AppContext
    ) async throws -> Response {
        events.refused(
            ClientRefusal(
                clientID: client.clientID, endpoint: "/authorize", code: refusal.error.error,
                description: refusal.error.description, traceID: context.traceID, at: ambient.now()))
        guard !refusal.redirectURI.isEmpty else {
            return context.show(ProviderPages.backToDevice(granted: false))
        }
        return try await sender.send(
            .error(refusal.error, state: refusal.state, issuer: settings.issuer), to: refusal.redirectURI,
            mode: refusal.mode, client: client, after: request, context: context
        ).logged(errorCode: "oauth.\(refusal.error.error)")
    }
}
