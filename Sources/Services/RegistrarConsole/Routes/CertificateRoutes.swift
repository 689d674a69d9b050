import Accountability
import CivilRegister
import Crypto
import HTTPTypes
import Hummingbird
import Kernel
import NIOCore
import OfficerDesk
import Typesetting
import Web

/// Certificates: issuing one, printing one.
struct CertificateRoutes: Sendable {
    let console: RegistrarConsole

    func add(to router: AppRouter) {
        router.post("/register/records/{id}/certificates", use: issue)
        router.get("/register/certificates/{number}", use: show)
    }

    private func issue(_ request: Request, _ context: AppContext) async throws -> Response {
        let (seat, form) = try await console.desk.form(request, context)
        let id = try context.pathParameter("id")
        guard let kind = form["kind"].flatMap(CertificateKind.init(rawValue:)) else {
            throw RumdulError.missingParameter("kind")
        }
        let draft = try await console.civil.draftCertificate(
            of: id, kind, by: seat.officer, traceID: context.traceID)
        let document = try await console.paper.pdf(draft)
        _ = try await console.civil.issue(
            draft, document: document, by: CivilStep(seat.officer, transactionID: form["request_key"]))
        return Redirect.seeOther("/register/records/\(id)#certificates").logged(outcome: "civil.certified")
    }

    private func show(_ request: Request, _ context: AppContext) async throws -> Response {
        guard let seat = try await console.desk.seat(request) else {
            return Redirect.found(RegistrarConsole.home + "/login")
        }
        let number = try context.pathParameter("number")
        let draft = try await console.civil.certificate(number, by: seat.officer, traceID: context.traceID)
        let document = try await console.paper.pdf(draft)
        return Response(
            status: .ok,
            headers: [
                .contentType: "application/pdf", .cacheControl: "no-store",
                .contentDisposition: "inline; filename=\"\(number).pdf\"",
            ], body: .init(byteBuffer: ByteBuffer(bytes: document)))
    }
}
