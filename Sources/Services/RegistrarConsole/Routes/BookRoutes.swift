import Accountability
import CivilRegister
import HTTPTypes
import Hummingbird
import Kernel
import NIOCore
import OfficerDesk
import ReferenceData
import Web

/// Old register books: scanned pages, their entries keyed by two officers, and the decision where the two differ.
struct BookRoutes: Sendable {
    let console: RegistrarConsole

    static let path = "/register/books"

    func add(to router: AppRouter) {
        router.get("/register/books", use: list)
        router.post("/register/books", use: upload)
        router.get("/register/books/{page}", use: show)
        router.get("/register/books/{page}/scan", use: scan)
        router.get("/register/books/{page}/key", use: keyNew)
        router.post("/register/books/{page}/key", use: sendKeyed)
        router.get("/register/books/{page}/key/{entry}", use: keyAgain)
        router.get("/register/books/{page}/decide/{entry}", use: dispute)
        router.post("/register/books/{page}/decide/{entry}", use: decide)
    }

    // MARK: Pages

    private func list(_ request: Request, _ context: AppContext) async throws -> Response {
        guard let seat = try await console.desk.seat(request) else { return login }
        return try await list(seat, context)
    }

    private func list(
        _ seat: OfficerDesk.Seat, _ context: AppContext, error: RumdulError? = nil, sent: FormFields = FormFields()
    ) async throws -> Response {
        let pages = try await console.civil.pages(of: seat.officer)
        let office = sent["office"] ?? console.offices(of: seat.officer, .civilKey).first { $0.utf8.count == 6 } ?? ""
        var offices: [String: String] = [:]
        for code in Set(pages.map(\.0.office)) { offices[code] = try await place(code, context.language) }
        let data = BookViews.list(
            pages, officer: seat.officer, office: office, offices: offices, sent: sent, error: error, csrf: seat.csrf,
            language: context.language)
        return show("register/books", data, seat, context, path: Self.path, error: error)
    }

    private func upload(_ request: Request, _ context: AppContext) async throws -> Response {
        let seat = try await console.desk.require(request)
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
            guard let file = form.file("file") else {
                throw RumdulError.civilInvalid([
                    FieldError("file", LocalizedText(km: "សូមជ្រើសរើសឯកសារ។", en: "Choose a file."))
                ])
            }
            let page = try await console.civil.addPage(
                file.bytes, kind: sent["kind"].flatMap(VitalEventKind.init(rawValue:)) ?? .birth,
                office: sent["office"] ?? "", book: sent["book"] ?? "", page: sent["page"] ?? "", by: seat.officer)
            return Redirect.seeOther("\(Self.path)/\(page.id)").logged(outcome: "civil.page_added")
        } catch let error as RumdulError where error.code.hasPrefix("civil.") {
            return try await list(seat, context, error: error, sent: sent).logged(errorCode: error.code)
        }
    }

    private func show(_ request: Request, _ context: AppContext) async throws -> Response {
        guard let seat = try await console.desk.seat(request) else { return login }
        let (page, entries) = try await console.civil.page(try context.pathParameter("page"), by: seat.officer)
        let data = BookViews.page(
            page, entries, place: try await place(page.office, context.language), officer: seat.officer,
            csrf: seat.csrf, language: context.language)
        return show("register/book", data, seat, context, path: "\(Self.path)/\(page.id)")
    }

    /// The scan, in a frame that runs nothing.
    private func scan(_ request: Request, _ context: AppContext) async throws -> Response {
        guard let seat = try await console.desk.seat(request) else { return login }
        let (page, bytes) = try await console.civil.scan(try context.pathParameter("page"), by: seat.officer)
        var headers: HTTPFields = [
            .contentType: page.mediaType.rawValue, .cacheControl: "no-store",
            .contentDisposition: "inline; filename=\"page.\(page.mediaType.fileExtension)\"",
        ]
        headers[.contentSecurityPolicy] = "sandbox; default-src 'none'; img-src 'self'; style-src 'unsafe-inline'"
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    // MARK: Keying

    private func keyNew(_ request: Request, _ context: AppContext) async throws -> Response {
        guard let seat = try await console.desk.seat(request) else { return login }
        let (page, _) = try await console.civil.page(try context.pathParameter("page"), by: seat.officer)
        try seat.officer.require(.civilKey, in: page.office)
        return try await form(page, number: nil, values: [:], seat, context)
    }

    private func keyAgain(_ request: Request, _ context: AppContext) async throws -> Response {
        guard let seat = try await console.desk.seat(request) else { return login }
        let (page, entries) = try await console.civil.page(try context.pathParameter("page"), by: seat.officer)
        try seat.officer.require(.civilKey, in: page.office)
        let id = try context.pathParameter("entry")
        guard let entry = entries.first(where: { $0.id == id }), entry.state == .half else {
            throw RumdulError.civilNotFound
        }
        guard !entry.wasTouched(by: seat.officer.id) else { throw RumdulError.civilSamePerson }
        return try await form(page, number: entry.number, values: [:], seat, context)
    }

    private func sendKeyed(_ request: Request, _ context: AppContext) async throws -> Response {
        let (seat, form) = try await console.desk.form(request, context)
        let (page, _) = try await console.civil.page(try context.pathParameter("page"), by: seat.officer)
        let values = try await values(form, page)
        let number = form["legacy.number"] ?? ""
        do {
            _ = try await console.civil.key(page.id, number: number, values, by: seat.officer)
        } catch let error as RumdulError where error.code.hasPrefix("civil.") && error != .civilNotFound {
            return try await self.form(
                page, number: form["again"] == nil ? nil : number, typed: number, values: values, seat, context,
                error: error
            ).logged(errorCode: error.code)
        }
        return Redirect.seeOther("\(Self.path)/\(page.id)").logged(outcome: "civil.keyed")
    }

    /// - Parameters:
    ///   - number: the number of an entry that was keyed once, or `nil` for a new one.
    ///   - typed: the number as it was sent.
    private func form(
        _ page: BookPage, number: String?, typed: String = "", values: [String: String], _ seat: OfficerDesk.Seat,
        _ context: AppContext, error: RumdulError? = nil
    ) async throws -> Response {
        var data = FormViews.data(
            FormRoutes.Filled(
                kind: page.kind, office: page.office, values: values, path: "\(Self.path)/\(page.id)/key",
                requestKey: ""), errors: error?.fields ?? [], csrf: seat.csrf, language: context.language)
        BookViews.complete(
            &data, page, place: try await place(page.office, context.language), number: number, typed: typed,
            error: error, context.language)
        data["places"] = try await console.places.suggestions(
            page.office, on: console.ambient.now().dayInCambodia, context.language)
        let path = "\(Self.path)/\(page.id)/key"
        return show("register/keying", data, seat, context, path: path, error: error)
    }

    // MARK: Deciding

    private func dispute(_ request: Request, _ context: AppContext) async throws -> Response {
        guard let seat = try await console.desk.seat(request) else { return login }
        return try await dispute(try context.pathParameter("entry"), seat, context)
    }

    private func dispute(
        _ id: String, _ seat: OfficerDesk.Seat, _ context: AppContext, error: RumdulError? = nil,
        sent: FormFields = FormFields()
    ) async throws -> Response {
        let disputed = try await console.civil.disputed(id, by: seat.officer)
        let views = BookViews(records: RecordViews(console: console, language: context.language))
        let place = try await place(disputed.page.office, context.language)
        let data = try await views.dispute(disputed, place: place, error: error, sent: sent, csrf: seat.csrf)
        let path = "\(Self.path)/\(disputed.page.id)/decide/\(id)"
        return show("register/dispute", data, seat, context, path: path, error: error)
    }

    private func decide(_ request: Request, _ context: AppContext) async throws -> Response {
        let (seat, form) = try await console.desk.form(request, context)
        let id = try context.pathParameter("entry")
        let disputed = try await console.civil.disputed(id, by: seat.officer)
        var values = disputed.first.filter { !EventForm.givenByPage.contains($0.key) }
        var typed: [String: String] = [:]
        for field in EventForm.of(disputed.page.kind).fields.map(\.id) {
            switch form["pick." + field] {
            case "first": values[field] = disputed.first[field]
            case "second": values[field] = disputed.second[field]
            case "other": typed[field] = form["other." + field] ?? ""
            default: continue
            }
        }
        let codes = try await FormRoutes(console: console).codes(
            typed.filter { !$0.value.isEmpty }, kind: disputed.page.kind, office: disputed.page.office,
            on: console.ambient.now().dayInCambodia)
        for field in typed.keys { values[field] = codes[field] }
        do {
            let open = disputed.differing.filter { form["pick." + $0] == nil }
            guard open.isEmpty else {
                throw RumdulError.civilInvalid(open.map { FieldError($0, BookViews.pick) })
            }
            _ = try await console.civil.decideKeyed(
                id, values, areNew: form["new"] == "yes", by: seat.officer)
        } catch let error as RumdulError where error.code.hasPrefix("civil.") && error != .civilNotFound {
            return try await dispute(id, seat, context, error: error, sent: form).logged(errorCode: error.code)
        }
        return Redirect.seeOther("\(Self.path)/\(disputed.page.id)").logged(outcome: "civil.keyed_decided")
    }

    // MARK: Within

    private var login: Response { Redirect.found(RegistrarConsole.home + "/login") }

    /// The name of an office's commune.
    private func place(_ code: String, _ language: Language) async throws -> String {
        guard let place = PlaceCode(code) else { return code }
        let known = try await console.places.reference.place(place, on: console.ambient.now().dayInCambodia)
        return known?.fullName[language] ?? code
    }

    /// The fields of a form that are keyed; names of places become codes.
    private func values(_ form: FormFields, _ page: BookPage) async throws -> [String: String] {
        var typed: [String: String] = [:]
        for field in EventForm.of(page.kind).fields where !EventForm.givenByPage.contains(field.id) {
            typed[field.id] = form[field.id]
        }
        return try await FormRoutes(console: console).codes(
            typed, kind: page.kind, office: page.office, on: console.ambient.now().dayInCambodia)
    }

    private func show(
        _ template: String, _ data: [String: Any], _ seat: OfficerDesk.Seat, _ context: AppContext, path: String,
        error: RumdulError? = nil
    ) -> Response {
        var page = console.page(template, title: BookViews.title, data: data, seat: seat)
        page.languageSwitch = .path(path)
        if let script = context.assetPath("register.js") { page.scripts = [script] }
        if let error {
            page.status = .init(code: error.kind == .invalid ? 400 : 409)
            page.mainErrorCode = error.code
        }
        return context.show(page)
    }
}
