import Codecs
import HTTPTypes
import Hummingbird
import Kernel
import Web

/// What the endpoints that clients call directly have in common: a form, the client's proof of itself, OAuth errors as JSON.
struct ClientEndpoint: Sendable {
    let keys: KeyPresentation
    let errorBase: String
    let ambient: Ambient
    var events: any ClientEventSink = NoClientEvents()

    typealias Handler = @Sendable (ClientRequest, Request, AppContext) async throws -> Response

    /// A route handler around `handle`: reads the form and the keys, and turns errors into answers (RFC 6749 section 5.2).
    func handler(
        path: String, handle: @escaping Handler
    ) -> @Sendable (Request, AppContext) async throws -> Response {
        { request, context in
            let hasProof = KeyPresentation.proofField.map { request.headers.contains($0) } ?? false
            let authorization = request.headers[values: .authorization]
            var response: Response
            var client: ClientRequest?
            do {
                let fields = try await FormBody.read(
                    request, context: context, limit: 64 << 10, repeatable: AuthorizationParameters.repeatable)
                let parameters = AuthorizationParameters(fields)
                var sent = ClientRequest(
                    form: parameters.all, resources: parameters.resources, authorization: authorization.first,
                    traceID: context.traceID)
                client = sent
                guard authorization.count <= 1 else { throw OAuthError.invalidClient }
                sent.keys = try await keys.read(request, context, path: path)
                response = try await handle(sent, request, context)
            } catch {
                response = try answer(error, context: context, basic: !authorization.isEmpty)
                note(error, clientID: client?.claimedID, path: path, context: context)
            }
            if hasProof { try await keys.addNonce(to: &response) }
            return response
        }
    }

    /// Bad bodies of our own vocabulary become `invalid_request`.
    func answer(_ error: any Error, context: AppContext, basic: Bool) throws -> Response {
        switch error {
        case let error as OAuthError:
            var response = body(error, context: context)
            if error.status == 401, basic { response.headers[.wwwAuthenticate] = "Basic realm=\"token\"" }
            return response
        case let error as RumdulError where [.invalid, .tooLarge, .unsupportedMedia].contains(error.kind):
            let status = error.kind == .tooLarge ? 413 : 400
            return body(OAuthError("invalid_request", error.message.en, status: status), context: context)
        case let error as RumdulError where error.kind == .unavailable:
            return body(OAuthError("temporarily_unavailable", error.message.en, status: 503), context: context)
        default: throw error
        }
    }

    /// Tells the client's own log of a refusal.
    func note(_ error: any Error, clientID: String?, path: String, context: AppContext) {
        guard let clientID else { return }
        let refused = error as? OAuthError
        events.refused(
            ClientRefusal(
                clientID: clientID, endpoint: path, code: refused?.error ?? "invalid_request",
                description: refused?.description ?? (error as? RumdulError)?.message.en ?? "",
                traceID: context.traceID, at: ambient.now()))
    }

    func body(_ error: OAuthError, context: AppContext) -> Response {
        var writer = JSONWriter(capacity: 200)
        writer.beginObject()
        writer.member("error", error.error)
        writer.member("error_description", error.description)
        writer.member("error_uri", errorBase + "/errors/oauth." + error.error)
        writer.member("trace_id", context.traceID)
        writer.endObject()
        return JSONResponse(
            bytes: writer.bytes, status: .init(code: error.status), headers: [.cacheControl: "no-store"]
        )
        .response.logged(errorCode: "oauth.\(error.error)")
    }
}
