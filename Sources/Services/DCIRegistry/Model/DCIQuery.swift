import CivilRegister
import Codecs
import Kernel
import KhmerText
import PopulationRegister
import ReferenceData

/// What one search asks: a code or a registration number, or facts of a person, perhaps of one to whom something happened.
struct DCIQuery: Sendable {
    enum Identifier: Sendable {
        case person(PersonIdentifier)
        case registration(String)
    }

    var identifier: Identifier?
    var claims = PersonClaims()
    var phone: String?
    /// The event that the people are asked for by; `nil` for people as such.
    var event: DCIEventType?
    /// Days between which the event certainly lies.
    var from: CalendarDate?
    var to: CalendarDate?
    let isKhmer: Bool
    let pageSize: Int
    let page: Int

    /// The greatest page and how many there can be.
    static let pageLimit = 20

    /// `search_criteria`. Throws `dci.criteria`, `dci.sort`, `dci.pagination`, `kidc.*`.
    init(_ criteria: JSONObject, isKhmer: Bool) throws(RumdulError) {
        self.isKhmer = isKhmer
        (pageSize, page) = try Self.pagination(criteria)
        if let version = criteria["version"], version != "1.0.0", version != "" {
            throw .dciCriteria(km: "version", en: "version is 1.0.0")
        }
        guard criteria["sort"].map({ $0.isNull || $0 == [] }) ?? true else { throw .dciSort }
        event = try Self.event(criteria)
        guard let query = criteria["query"] else { throw .dciCriteria(km: "query", en: "query is missing") }
        switch criteria.string("query_type") {
        case "idtype-value":
            try take(
                identifier: query["type"]?.stringValue ?? query["identifier_type"]?.stringValue,
                query["value"] ?? query["identifier_value"])
        case "predicate": for predicate in try DCIPredicate.list(query) { try take(predicate) }
        case "expression": for predicate in try DCIPredicate.expression(query) { try take(predicate) }
        default: throw .dciCriteria(km: "query_type", en: "query_type is idtype-value, predicate or expression")
        }
        guard phone == nil || identifier == nil else {
            throw .dciCriteria(km: "phone_number", en: "phone_number does not go with an identifier")
        }
        if let event, !DCIEventType.searchable.contains(event) {
            throw .dciCriteria(km: "reg_event_type", en: "people of this event are told of at the offices only")
        }
    }

    private static func event(_ criteria: JSONObject) throws(RumdulError) -> DCIEventType? {
        guard let text = criteria.string("reg_event_type"), !text.isEmpty else { return nil }
        guard let event = DCIEventType(text) else {
            throw .dciCriteria(km: "reg_event_type", en: "reg_event_type is not a vital event of the standard")
        }
        return event
    }

    private static func pagination(_ criteria: JSONObject) throws(RumdulError) -> (Int, Int) {
        guard criteria.has("pagination"), criteria["pagination"]?.isNull == false else { return (10, 1) }
        guard let object = criteria.object("pagination"), let size = object.integer("page_size"),
            (1...Int64(pageLimit)).contains(size), !object.has("page_number") || object.integer("page_number") != nil,
            case let page = object.integer("page_number") ?? 1, (1...50).contains(page)
        else { throw .dciPagination }
        return (Int(size), Int(page))
    }

    // MARK: Criteria

    private mutating func take(identifier type: String?, _ value: JSONValue?) throws(RumdulError) {
        let name = (type ?? "").split(separator: ":").last.map(String.init) ?? ""
        let text = try DCIPredicate.text(value)
        guard identifier == nil else { throw .dciCriteria(km: "លេខសម្គាល់ពីរ", en: "one identifier for each search") }
        if name == "UIN" {
            do {
                identifier = .person(try PersonIdentifier(entered: text))
            } catch let error as RumdulError { throw error } catch { throw .dciCriteria(km: name, en: name) }
            return
        }
        guard let kind = DCIEventType.allCases.first(where: { $0.identifierType == name }) else {
            throw .dciCriteria(km: "ប្រភេទលេខសម្គាល់", en: "the identifier is UIN, BRN, DRN or MRN")
        }
        try concerns(kind)
        identifier = .registration(text)
    }

    /// The events that are meant. Throws `dci.criteria` when two differ.
    private mutating func concerns(_ other: DCIEventType) throws(RumdulError) {
        guard event == nil || event == other else {
            throw .dciCriteria(km: "reg_event_type", en: "the criteria are of two kinds of events")
        }
        event = other
    }

    /// Attributes are named as in the standard's person; the standard's own examples of query attributes (UIN, YOB, DOB) are
    /// understood too.
    private mutating func take(_ predicate: DCIPredicate) throws(RumdulError) {
        let value = predicate.value
        switch predicate.attribute {
        case "UIN", "BRN", "DRN", "MRN":
            try equal(predicate)
            try take(identifier: predicate.attribute, .string(value))
        case "surname", "name.surname": try name(predicate, latin: .familyName, khmer: .familyNameKhmer)
        case "given_name", "name.given_name": try name(predicate, latin: .givenName, khmer: .givenNameKhmer)
        case "birth_date", "birthdate", "DOB", "YOB": try birth(predicate)
        case "sex":
            try equal(predicate)
            guard let sex = ["male": Sex.male, "female": .female][value] else {
                throw .dciCriteria(km: "sex", en: "sex is male or female")
            }
            claims.sex = sex
        case "birth_place":
            try equal(predicate)
            guard let place = PlaceCode(value) else {
                throw .dciCriteria(km: "birth_place", en: "birth_place is the code of a place, 2 to 8 digits")
            }
            claims.birthplace = place
        case "phone_number":
            try equal(predicate)
            phone = value
        case "death_date":
            try concerns(.death)
            try days(predicate)
        case "marriage_date":
            try concerns(.marriage)
            try days(predicate)
        case "divorce_date":
            try concerns(.divorce)
            try days(predicate)
        default:
            throw .dciCriteria(
                km: "មិនស្គាល់ attribute_name",
                en: "there is no such attribute to search by")
        }
    }

    private func equal(_ predicate: DCIPredicate) throws(RumdulError) {
        guard predicate.sign == .eq else { throw .dciCriteria(km: "operator", en: "only dates have an order; use eq") }
    }

    private mutating func name(
        _ predicate: DCIPredicate, latin: PersonClaims.Field, khmer: PersonClaims.Field
    ) throws(RumdulError) {
        try equal(predicate)
        let text: String
        do { text = try TextInput.clean(predicate.value) } catch {
            throw .dciCriteria(km: "ឈ្មោះ", en: "a name has at most 100 characters")
        }
        let field = text.unicodeScalars.contains { (0x1780...0x17FF).contains($0.value) } ? khmer : latin
        guard claims.nameParts[field] == nil else { throw .dciCriteria(km: "ឈ្មោះពីរដង", en: "a name comes twice") }
        claims.nameParts[field] = text
    }

    private mutating func birth(_ predicate: DCIPredicate) throws(RumdulError) {
        guard let date = PartialDate(iso: DCIDateTime.day(predicate.value)) else {
            throw .dciCriteria(km: "birth_date", en: "a date is YYYY, YYYY-MM or YYYY-MM-DD")
        }
        let order: PersonClaims.BirthBound.Order
        switch predicate.sign {
        case .eq:
            guard claims.birthdate == nil else { throw .dciCriteria(km: "birth_date", en: "birth_date comes twice") }
            claims.birthdate = date
            return
        case .gt: order = .after
        case .ge: order = .notBefore
        case .lt: order = .before
        case .le: order = .notAfter
        }
        claims.birthBounds.append(.init(order, date))
    }

    private mutating func days(_ predicate: DCIPredicate) throws(RumdulError) {
        guard let date = PartialDate(iso: DCIDateTime.day(predicate.value)) else {
            throw .dciCriteria(km: predicate.attribute, en: "a date is YYYY, YYYY-MM or YYYY-MM-DD")
        }
        func next(_ day: CalendarDate, _ step: Int) -> CalendarDate {
            CalendarDate(daysSinceEpoch: day.daysSinceEpoch + step)
        }
        func narrow(_ lower: CalendarDate?, _ upper: CalendarDate?) {
            if let lower { from = from.map { max($0, lower) } ?? lower }
            if let upper { to = to.map { min($0, upper) } ?? upper }
        }
        switch predicate.sign {
        case .eq: narrow(date.earliest, date.latest)
        case .gt: narrow(next(date.latest, 1), nil)
        case .ge: narrow(date.earliest, nil)
        case .lt: narrow(nil, next(date.earliest, -1))
        case .le: narrow(nil, date.latest)
        }
    }

    /// Full names in either script, as far as they are claimed.
    var fullNames: [String] {
        [(PersonClaims.Field.familyNameKhmer, PersonClaims.Field.givenNameKhmer), (.familyName, .givenName)].compactMap
        {
            let full = [claims.nameParts[$0.0], claims.nameParts[$0.1]].compactMap(\.self).joined(separator: " ")
            return full.isEmpty ? nil : full
        }
    }
}
