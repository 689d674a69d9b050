import Codecs
import Database
import Kernel
import KhmerText
import ReferenceData

extension PopulationRegister {
    /// A village that is in the gazetteer; of a commune whose villages are not imported, any number within it.
    func checked(
        _ place: HouseholdPlace, on day: CalendarDate, in connection: any SQLConnection
    ) async throws -> (village: PlaceCode, address: String?) {
        guard let digits = try? KhmerDigits.identifier(place.village, limit: 8), let code = PlaceCode(digits),
            code.level == .village, referenceData.known(code.province, on: day) != nil
        else { throw Self.unknownVillage }
        if try await referenceData.place(code, on: day, in: connection) == nil,
            try await referenceData.children(of: code.parent, on: day, in: connection).isEmpty == false
        {
            throw Self.unknownVillage
        }
        guard let typed = place.address, !typed.isEmpty else { return (code, nil) }
        do {
            let address = try TextInput.clean(typed, limit: 200)
            return (code, address.isEmpty ? nil : address)
        } catch {
            throw RumdulError.householdInvalid([FieldError("address", error.message)])
        }
    }

    private static let unknownVillage = RumdulError.household(
        "village", km: "មិនស្គាល់ភូមិនេះទេ។ សូមសរសេរឈ្មោះ ឬលេខកូដ ៨ ខ្ទង់។",
        en: "This village is not known. Write its name or its code of eight digits.")

    func requireNotBefore(_ day: CalendarDate, _ first: CalendarDate) throws {
        guard day >= first else {
            throw RumdulError.household(
                "day", km: "ថ្ងៃនេះមុនពេលដែលបញ្ជីបានកត់ត្រារួចហើយ។", en: "The register has something later than this day.")
        }
    }

    static func cleanBook(_ book: String?) throws -> String? {
        guard let book, !book.isEmpty else { return nil }
        do {
            let clean = try TextInput.clean(book, limit: 40)
            return clean.isEmpty ? nil : clean
        } catch {
            throw RumdulError.householdInvalid([FieldError("book", error.message)])
        }
    }
}

extension PopulationRegister.PlaceVersion {
    var json: JSONObject {
        var object: JSONObject = [
            "p": .string(village.text), "f": .string(validFrom.description),
            "s": .strings([source.kind, source.reference]),
        ]
        if let address { object["a"] = .string(address) }
        if let validTo { object["t"] = .string(validTo.description) }
        return object
    }

    init(_ json: JSONValue) throws {
        guard let village = json["p"]?.stringValue.flatMap({ PlaceCode($0) }),
            let from = json["f"]?.stringValue.flatMap({ CalendarDate(iso: $0) }),
            let source = json["s"]?.stringsValue, source.count == 2
        else { throw RumdulError.internal("population.household_place") }
        self.init(
            village: village, address: json["a"]?.stringValue, validFrom: from,
            validTo: json["t"]?.stringValue.flatMap { CalendarDate(iso: $0) },
            source: FactSource(kind: source[0], reference: source[1]))
    }
}

extension CalendarDate {
    func adding(days: Int) -> CalendarDate { CalendarDate(daysSinceEpoch: daysSinceEpoch + days) }
}
