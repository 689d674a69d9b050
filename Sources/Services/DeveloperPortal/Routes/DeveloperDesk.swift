import Codecs
import Crypto
import Hummingbird
import Kernel
import Web

/// Who sits at the developers' pages.
struct DeveloperDesk: Sendable {
    /// A developer at work.
    struct Seat: Sendable {
        let person: PersonID
        let session: Session

        var csrf: String { session.csrfToken }
    }

    let portal: DeveloperPortal
    let sessions: SessionStore
    let csrf: CSRF

    /// Bytes of a form: key sets are pasted into it.
    private static let formLimit = 128 << 10

    func seat(_ request: Request) async throws -> Seat? {
        guard let session = try await sessions.load(request), let subject = session.subject else { return nil }
        return Seat(person: PersonID(subject), session: session)
    }

    /// Throws `web.session_required`.
    func require(_ request: Request) async throws -> Seat {
        guard let seat = try await seat(request) else { throw RumdulError.sessionRequired }
        return seat
    }

    /// The developer who sent a form, with its fields. Throws `web.session_required`, `web.csrf`, and what
    /// `FormBody.read` throws.
    func form(_ request: Request, _ context: AppContext) async throws -> (Seat, FormFields) {
        let seat = try await require(request)
        let form = try await FormBody.read(request, context: context, limit: Self.formLimit)
        try csrf.verify(form, request, session: seat.session)
        return (seat, form)
    }

    /// A developer's page, or the door for those who are not logged in.
    func page(
        _ request: Request, _ show: (Seat) async throws -> Response
    ) async throws -> Response {
        guard let seat = try await seat(request) else { return Redirect.found("/developers") }
        return try await show(seat)
    }

    /// The base64url SHA-256 of a PKCE verifier (RFC 7636, section 4.2).
    static func challenge(_ verifier: String) -> String {
        Base64URL.encode(Array(SHA256.hash(data: Array(verifier.utf8))))
    }
}
