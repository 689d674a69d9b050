import Codecs
import HTTPTypes
import Hummingbird
import Kernel
import RelyingParties
import Web

/// The pages between the consent page and the way back: wait for the device, continue.
struct ApprovalRoutes: Sendable {
    let provider: IdentityProvider

    func add(to router: AppRouter) {
        router.get("/authorize/{transaction}", use: wait)
        router.get("/authorize/{transaction}/status", use: status)
        router.get("/authorize/{transaction}/continue", use: proceed)
    }

    private func wait(_ request: Request, _ context: AppContext) async throws -> Response {
        let binding = BrowserBinding(request: request, context: context, ambient: provider.ambient)
        let item = try await provider.approvals.transaction(
            try context.pathParameter("transaction"), browserHash: binding.hash)
        let now = provider.ambient.now()
        if item.status != .pending { return Redirect.found("/authorize/\(item.id)/continue") }
        let client = try await provider.client(item.clientID)
        if item.isUnclaimed, item.isPending(at: now) {
            var page = QRPages.waiting(item, client: client, language: context.language)
            if let script = context.assetPath("qr.js") { page.scripts = [script] }
            return context.show(page)
        }
        let page =
            item.isPending(at: now)
            ? ProviderPages.wait(
                item, client: client, language: context.language,
                requestPage: BrowserName.isPhone(userAgent: request.headers[.userAgent])
                    ? provider.settings.requestPage : nil)
            : ProviderPages.expired(item, language: context.language)
        return context.show(page)
    }

    /// What the waiting page's script asks every second or two.
    private func status(_ request: Request, _ context: AppContext) async throws -> JSONResponse {
        let binding = BrowserBinding(request: request, context: context, ambient: provider.ambient)
        let id = try context.pathParameter("transaction")
        if try QueryParameters.read(request)["await"] == "claim" {
            let item = try await provider.approvals.transaction(id, browserHash: binding.hash)
            let waits = item.isUnclaimed && item.isPending(at: provider.ambient.now())
            return JSONResponse(["state": waits ? "pending" : "done", "next": .string("/authorize/\(id)")])
        }
        return JSONResponse(bytes: try await provider.approvals.waitingState(id, browserHash: binding.hash).json)
    }

    /// Back to the relying party: with a code when the device approved, with an error otherwise.
    private func proceed(_ request: Request, _ context: AppContext) async throws -> Response {
        let binding = BrowserBinding(request: request, context: context, ambient: provider.ambient)
        let item = try await provider.approvals.transaction(
            try context.pathParameter("transaction"), browserHash: binding.hash)
        let client = try await provider.client(item.clientID)
        switch item.status {
        case .pending:
            if item.isPending(at: provider.ambient.now()) { return Redirect.found("/authorize/\(item.id)") }
            return try await refuse(item, .accessDenied, client, request, context)
        case .denied, .reported, .mismatch: return try await refuse(item, .accessDenied, client, request, context)
        case .redeemed where item.request.redirectURI.isEmpty:
            // The device that waited has its tokens already.
            return context.show(ProviderPages.backToDevice(granted: true))
        case .redeemed, .revoked: throw RumdulError.requestStale
        case .approved: break
        }
        let now = provider.ambient.now()
        guard let decided = item.decidedAt, now < decided.adding(seconds: ApprovalService.pickUpLifetime) else {
            throw RumdulError.requestStale
        }
        guard item.meetsEssentialLevel(provider.settings.policy) else {
            return try await refuse(item, try await provider.unmetLevel(of: item), client, request, context)
        }
        if let subject = item.request.subject, let person = item.personID,
            try await provider.people.subject(of: person, sector: client.subjectSector) != subject
        {
            return try await refuse(item, .loginRequired, client, request, context)
        }
        var response = try await provider.completion.respond(item, client: client, request, context)
        if let cookie = try await provider.sessions.cookie(item, binding: binding, context: context) {
            response.headers.append(cookie)
        }
        return response
    }

    private func refuse(
        _ item: Transaction, _ error: OAuthError, _ client: RelyingParty, _ request: Request, _ context: AppContext
    ) async throws -> Response {
        try await provider.completion.refuse(
            .init(
                redirectURI: item.request.redirectURI, mode: item.request.responseMode, state: item.request.state,
                error: error), client: client, request, context)
    }
}
