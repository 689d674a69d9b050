import CivilRegister
import HTTPTypes
import Hummingbird
import Kernel
import NIOCore
import PopulationRegister
import Web

/// OSIA data access 1.3.0, operation `readDocument`: a numbered extract of an event of civil status as the offices print it.
struct DocumentRoutes: Sendable {
    let api: CivilRegisterAPI

    func add(to router: AppRouter) {
        router.get(
            "/v1/persons/{uin}/document", use: api.osia(by: .documentRead, .civilDocumentRead, handle: read))
    }

    private func read(_ client: RegisterClient, _ request: Request, _ context: AppContext) async throws -> Response {
        // The document prints the codes of those whom the event is about.
        guard client.attributes.contains(.kidc) else { throw RumdulError.apiNotGranted }
        let query = try QueryParameters.read(request)
        guard let name = query["doctype"] else { throw RumdulError.missingParameter("doctype") }
        guard let kinds = OSIADocuments.kinds[name] else {
            throw RumdulError.apiBody("doctype", km: "មិនស្គាល់", en: "There is no such type of documents.")
        }
        guard let format = query["format"] else { throw RumdulError.missingParameter("format") }
        guard format == "pdf" else { throw RumdulError.unsupportedMedia(expected: "pdf") }
        guard let code = try? KIDC(entered: try context.pathParameter("uin")), code.range == api.people.codes else {
            throw RumdulError.personNotFound
        }
        let second = try query["secondaryUin"].map { try KIDC(entered: $0) }
        for one in [code, second].compactMap(\.self) {
            try await api.guesses.take(client.id, one.digits, in: api.database)
        }
        try await api.documents.require(client.id, in: api.database)
        let reader = SystemReader(
            client.request(service: "osia.readDocument", traceID: context.traceID), areas: client.areas,
            seesCodes: true, seesCauses: false)
        let found = try await api.civil.document(
            CertificateWish(.code(code), kinds: kinds, second: second.map { .code($0) }), by: reader
        ) { try await api.printer.pdf($0) }
        guard let found else { throw RumdulError.civilNotFound }
        for _ in [code, second].compactMap(\.self) { try await api.guesses.hit(client.id, in: api.database) }
        return Self.response(found.number, found.bytes, boundary: "rumdul-" + api.ambient.newID())
    }

    /// `multipart/mixed` (RFC 2046, section 5.1) with one part, as OSIA has it.
    private static func response(_ number: String, _ document: [UInt8], boundary: String) -> Response {
        var body = ByteBuffer()
        body.writeString(
            "--\(boundary)\r\nContent-Type: application/pdf\r\n"
                + "Content-Disposition: attachment; name=\"documents\"; filename=\"\(number).pdf\"\r\n\r\n")
        body.writeBytes(document)
        body.writeString("\r\n--\(boundary)--\r\n")
        return Response(
            status: .ok,
            headers: [.contentType: "multipart/mixed; boundary=\(boundary)", .cacheControl: "no-store"],
            body: .init(byteBuffer: body)
        ).logged(outcome: "civil.document_read")
    }
}

/// The types of documents. OSIA leaves the names to each country.
public enum OSIADocuments {
    /// What whoever asks for a type may get. Of whom one is a child by law (adoption, recognition, legitimation) is told at
    /// the offices alone.
    static let kinds: [String: Set<VitalEventKind>] = [
        "birth": [.birth, .foundling], "death": [.death, .presumedDeath], "marriage": [.marriage],
        "divorce": [.divorce], "annulment": [.annulment], "judicialSeparation": [.judicialSeparation],
        "nameChange": [.nameChange], "sexCorrection": [.sexCorrection], "nationalityChange": [.nationalityChange],
    ]

    /// Their names, for the description of the interface.
    public static let names = kinds.keys.sorted()
}
