import HTTPTypes
import Hummingbird
import Kernel
import Web

/// "Where am I logged in": the browsers of the person, and the way to end each from here. The first POST asks, the second
/// one ends.
struct LoginRoutes: Sendable {
    let portal: CitizenPortal
    let csrf: CSRF

    static let path = "/app/sessions"

    func add(to router: AppRouter) {
        router.get("/app/sessions", use: list)
        router.post("/app/sessions/{id}/end", use: end)
        router.post("/app/sessions/end", use: endAll)
    }

    private func list(_ request: Request, _ context: AppContext) async throws -> Response {
        let notice = try QueryParameters.read(request)["done"].flatMap(PortalViews.notice)
        guard let session = try await portal.session(request), let subject = session.subject else {
            return context.show(PortalViews.welcome(notice: notice, language: context.language), at: nil)
        }
        let logins = try await portal.logins.open(of: PersonID(subject))
        return context.show(
            LoginViews.list(
                logins, own: session.data.string(CitizenPortal.loginMember), notice: notice, csrf: session.csrfToken,
                language: context.language), at: .logins)
    }

    private func end(_ request: Request, _ context: AppContext) async throws -> Response {
        let (form, session, person) = try await checked(request, context)
        let id = try context.pathParameter("id")
        let own = session.data.string(CitizenPortal.loginMember)
        guard form["confirm"] == "yes" else {
            // The same answer for another person's session as for none.
            guard let login = try await portal.logins.open(of: person).first(where: { $0.id == id }) else {
                return Redirect.seeOther(Self.path + "?done=session-gone")
            }
            return context.show(
                LoginViews.confirm([login], id: id, own: own, csrf: session.csrfToken, language: context.language),
                at: .logins)
        }
        guard try await portal.logins.end(id, of: person) else {
            return Redirect.seeOther(Self.path + "?done=session-gone")
        }
        return Redirect.seeOther(Self.path + "?done=session-ended")
    }

    private func endAll(_ request: Request, _ context: AppContext) async throws -> Response {
        let (form, session, person) = try await checked(request, context)
        guard form["confirm"] == "yes" else {
            return context.show(
                LoginViews.confirm(
                    try await portal.logins.open(of: person), id: nil,
                    own: session.data.string(CitizenPortal.loginMember), csrf: session.csrfToken,
                    language: context.language), at: .logins)
        }
        try await portal.endAllLogins(of: person)
        return Redirect.seeOther("/app?done=sessions-ended").setting(try await portal.sessions.end(session))
    }

    private func checked(
        _ request: Request, _ context: AppContext
    ) async throws -> (FormFields, Session, PersonID) {
        let form = try await FormBody.read(request, context: context)
        let session = try await portal.requireSession(request)
        try csrf.verify(form, request, session: session)
        return (form, session, PersonID(session.subject ?? ""))
    }
}
