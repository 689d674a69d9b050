import Codecs
import HTTPTypes
import Hummingbird
import Kernel
import Web

/// "Notifications": in which browsers the person is told that something waits.
struct PushRoutes: Sendable {
    let portal: CitizenPortal
    let csrf: CSRF

    func add(to router: AppRouter) {
        router.get("/app/notifications", use: list)
        router.get("/app/push/key", use: key)
        router.post("/app/push", use: subscribe)
        router.post("/app/push/remove", use: remove)
    }

    private func list(_ request: Request, _ context: AppContext) async throws -> Response {
        let notice = try QueryParameters.read(request)["done"].flatMap(NotificationViews.notice)
        guard let (session, person) = try await portal.signedIn(request) else {
            return context.show(PortalViews.welcome(notice: notice, language: context.language), at: nil)
        }
        let browsers = try await portal.app.notifications?.browsers(of: person)
        return context.show(
            NotificationViews.list(browsers, notice: notice, csrf: session.csrfToken, language: context.language),
            at: .notifications)
    }

    /// The key for `PushManager.subscribe`. It is public.
    private func key(_ request: Request, _ context: AppContext) async throws -> Response {
        guard let notifications = portal.app.notifications else { throw RumdulError.pushOff }
        return JSONResponse(
            ["applicationServerKey": .string(try await notifications.applicationServerKey())],
            headers: [.cacheControl: "public, max-age=300"]
        ).response
    }

    /// The form field `subscription` holds the JSON of the browser's `PushSubscription`.
    private func subscribe(_ request: Request, _ context: AppContext) async throws -> Response {
        let (form, person) = try await checked(request, context)
        _ = try await portal.requireAuthenticator(request)
        guard let notifications = portal.app.notifications else { throw RumdulError.pushOff }
        try await notifications.subscribe(
            Array(try form.required("subscription").utf8), person: person,
            browser: BrowserName.words(userAgent: request.headers[.userAgent]))
        return Redirect.seeOther("/app/notifications?done=push-on")
    }

    /// By `id`, as in the list, or by the browser's own `endpoint`. Again is no error.
    private func remove(_ request: Request, _ context: AppContext) async throws -> Response {
        let (form, person) = try await checked(request, context)
        guard let notifications = portal.app.notifications else { throw RumdulError.pushOff }
        if let endpoint = form["endpoint"] {
            try await notifications.remove(endpoint: endpoint, person: person)
        } else if let id = form["id"] {
            try await notifications.remove(id, person: person)
        }
        return Redirect.seeOther("/app/notifications?done=push-off")
    }

    private func checked(_ request: Request, _ context: AppContext) async throws -> (FormFields, PersonID) {
        let form = try await FormBody.read(request, context: context)
        let session = try await portal.requireSession(request)
        try csrf.verify(form, request, session: session)
        return (form, PersonID(session.subject ?? ""))
    }
}
