import CivilRegister
import HTTPTypes
import Hummingbird
import Kernel
import NIOCore
import OfficerDesk
import Web

/// Scanned papers of a record: adding one, looking at one.
struct EvidenceRoutes: Sendable {
    let console: RegistrarConsole

    func add(to router: AppRouter) {
        router.post("/register/records/{id}/evidence", use: attach)
        router.get("/register/records/{id}/evidence/{evidence}", use: show)
    }

    private func attach(_ request: Request, _ context: AppContext) async throws -> Response {
        let id = try context.pathParameter("id")
        let seat = try await console.desk.require(request)
        let records = RecordRoutes(console: console)
        var sent = FormFields()
        do {
            let form: MultipartForm
            do {
                form = try await MultipartForm.read(request, context: context, limit: Evidence.largest + (64 << 10))
            } catch let error as RumdulError where error == .tooLarge {
                throw RumdulError.civilEvidenceSize
            }
            sent = form.fields
            try console.desk.verify(sent, request, seat)
            guard let kind = form.fields["kind"].flatMap(EvidenceKind.init(rawValue:)) else {
                throw RumdulError.civilInvalid([
                    FieldError("kind", LocalizedText(km: "សូមជ្រើសរើសប្រភេទឯកសារ។", en: "Choose what the paper is."))
                ])
            }
            guard let file = form.file("file") else {
                throw RumdulError.civilInvalid([
                    FieldError("file", LocalizedText(km: "សូមជ្រើសរើសឯកសារ។", en: "Choose a file."))
                ])
            }
            _ = try await console.civil.attach(file.bytes, kind: kind, to: id, by: CivilStep(seat.officer))
        } catch let error as RumdulError where error.code.hasPrefix("civil.") && error != .civilNotFound {
            return try await records.show(id, seat, context, error: error, sent: sent).logged(errorCode: error.code)
        }
        return Redirect.seeOther("/register/records/\(id)#evidence").logged(outcome: "civil.evidence_attached")
    }

    /// The file for looking at, in a frame that runs nothing.
    private func show(_ request: Request, _ context: AppContext) async throws -> Response {
        guard let seat = try await console.desk.seat(request) else {
            return Redirect.found(RegistrarConsole.home + "/login")
        }
        let (evidence, bytes) = try await console.civil.evidence(
            try context.pathParameter("evidence"), of: try context.pathParameter("id"), by: seat.officer,
            traceID: context.traceID)
        var headers: HTTPFields = [
            .contentType: evidence.mediaType.rawValue, .cacheControl: "no-store",
            .contentDisposition: "inline; filename=\"evidence.\(evidence.mediaType.fileExtension)\"",
        ]
        headers[.contentSecurityPolicy] = "sandbox; default-src 'none'; img-src 'self'; style-src 'unsafe-inline'"
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}
