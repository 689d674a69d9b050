import Accountability
import CivilRegister
import Hummingbird
import Kernel
import KhmerText
import OfficerDesk
import PopulationRegister
import RegisterSearch
import Web

/// The search of the console: one field for numbers and names, one for a date or years, one for a place. What was typed
/// travels in the body, never in an address.
struct SearchRoutes: Sendable {
    let console: RegistrarConsole

    func add(to router: AppRouter) { router.post("/register/search", use: search) }

    private func search(_ request: Request, _ context: AppContext) async throws -> Response {
        let (seat, form) = try await console.desk.form(request, context)
        var views = SearchViews(
            query: String((form["query"] ?? "").prefix(200)), date: String((form["date"] ?? "").prefix(40)),
            place: String((form["place"] ?? "").prefix(60)))
        try await console.searches.require(seat.officer.id, in: console.database)
        guard let query = try await query(&views, seat.officer) else {
            return try await console.homePage(seat, context, search: views)
        }
        do {
            views.found = try await console.civil.find(query, by: seat.officer, traceID: context.traceID)
            let found = try await console.civil.findPersons(query, by: seat.officer, traceID: context.traceID)
            views.persons = found.persons
            views.hasMorePersons = found.hasMore
            for province in console.places.reference.provinces(on: console.ambient.now().dayInCambodia) {
                if let code = province.iso3166 { views.provinces[code] = province.name }
            }
        } catch let error as RumdulError where error.kind == .invalid {
            views.found = nil
            views.notice = error.message
        }
        return try await console.homePage(seat, context, search: views)
    }

    /// What was typed as a query; `nil` when a field was refused.
    private func query(_ views: inout SearchViews, _ officer: Officer) async throws -> RegisterQuery? {
        var query = RegisterQuery(views.query)
        if !Self.isBlank(views.date) {
            if let date = SearchDate(views.date) {
                query.years = date.years
                query.date = date.date
            } else {
                views.errors.append(FieldError("date", ConsoleTexts.searchDateError))
            }
        }
        if !Self.isBlank(views.place) {
            let areas = console.offices(of: officer, .civilRead)
            query.place = try await console.places.searched(
                views.place, near: areas, on: console.ambient.now().dayInCambodia)
            if query.place == nil { views.errors.append(FieldError("place", ConsoleTexts.searchPlaceError)) }
        }
        return views.errors.isEmpty ? query : nil
    }

    private static func isBlank(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { $0.properties.isWhitespace || $0.value == 0x200B }
    }
}
