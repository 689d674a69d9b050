import CivilRegister
import Kernel
import KhmerText
import ReferenceData
import RegisterSearch

/// Places as registrars type and read them: a code, or the name of a village of the office's commune.
struct PlaceBook: Sendable {
    let reference: ReferenceData

    /// Codes and names near an office: its villages, itself, its district's other communes.
    func suggestions(_ office: String, on day: CalendarDate, _ language: Language) async throws -> [[String: Any]] {
        guard let commune = PlaceCode(office) else { return [] }
        var places = try await reference.children(of: commune, on: day)
        if let own = try await reference.place(commune, on: day) { places.insert(own, at: 0) }
        places += try await reference.children(of: commune.parent, on: day).filter { $0.code != commune }
        return places.prefix(80).map { ["value": $0.code.text, "text": $0.name[language]] }
    }

    /// The code behind what was typed: digits stay; a name is looked up among the office's villages, then itself, then its
    /// neighbours, by its Khmer key or its Latin letters, with or without the word for its kind. Anything else comes back
    /// as it was, to be refused.
    func code(_ typed: String, office: String, on day: CalendarDate) async throws -> String {
        if let digits = try? KhmerDigits.identifier(typed, limit: 8), PlaceCode(digits) != nil { return digits }
        guard let commune = PlaceCode(office) else { return typed }
        let own = [try await reference.place(commune, on: day)].compactMap(\.self)
        let circles = [
            try await reference.children(of: commune, on: day), own,
            try await reference.children(of: commune.parent, on: day),
        ]
        let wanted = Set(
            ["", "ភូមិ", "ឃុំ", "សង្កាត់"].filter { typed.utf8.starts(with: $0.utf8) }.map {
                KhmerText.key(of: String(decoding: typed.utf8.dropFirst($0.utf8.count), as: UTF8.self)).utf8.map(\.self)
            })
        let fold = LatinName.fold(typed)
        for circle in circles {
            let found = circle.filter { place in
                wanted.contains(KhmerText.key(of: place.name.km).utf8.map(\.self))
                    || (!fold.isEmpty && LatinName.fold(place.name.en) == fold)
            }
            if found.count == 1 { return found[0].code.text }
        }
        return typed
    }

    /// The place that an officer searches by: a code, or a name, looked up from near to far: around the officer's area, in
    /// its province, among all districts and provinces. `nil` when no place, or more than one, is called so.
    func searched(_ typed: String, near areas: [String], on day: CalendarDate) async throws -> SearchQuery.Place? {
        if let digits = try? KhmerDigits.identifier(typed, limit: 8), let code = PlaceCode(digits) {
            return try await whole(code, on: day)
        }
        let wanted = Self.keys(typed)
        let fold = LatinName.fold(typed)
        for circle in try await circles(areas.compactMap { PlaceCode($0) }, on: day) {
            let found = Set(
                circle.filter { place in
                    wanted.contains(KhmerText.key(of: place.name.km).utf8.map(\.self))
                        || (!fold.isEmpty && LatinName.fold(place.name.en).utf8.elementsEqual(fold.utf8))
                }.map(\.code))
            if found.count == 1, let code = found.first { return try await whole(code, on: day) }
            if found.count > 1 { return nil }
        }
        return nil
    }

    private func circles(_ areas: [PlaceCode], on day: CalendarDate) async throws -> [[Place]] {
        var circles: [[Place]] = []
        for area in areas.prefix(8) {
            // A village often has the name of its commune, and a commune that of its district: the wider one is meant.
            if let own = try await reference.place(area, on: day) { circles.append([own]) }
            for level in [PlaceLevel.commune, .district, .province] where area.level.rawValue >= level.rawValue {
                circles.append(try await reference.children(of: area.ancestor(level), on: day))
            }
        }
        let provinces = reference.provinces(on: day)
        circles.append(provinces)
        var districts: [Place] = []
        for province in provinces { districts += try await reference.children(of: province.code, on: day) }
        circles.append(districts)
        return circles
    }

    /// With the districts of a province.
    private func whole(_ code: PlaceCode, on day: CalendarDate) async throws -> SearchQuery.Place {
        guard code.level == .province else { return .init(code: code.text) }
        let districts = try await reference.children(of: code, on: day).map(\.code.text)
        return .init(code: code.text, districts: [code.text] + districts)
    }

    /// The Khmer keys of a name, with and without the word for its kind.
    private static func keys(_ typed: String) -> Set<[UInt8]> {
        Set(
            ["", "ភូមិ", "ឃុំ", "សង្កាត់", "ស្រុក", "ក្រុង", "ខណ្ឌ", "ខេត្ត", "រាជធានី"]
                .filter { typed.utf8.starts(with: $0.utf8) }.map {
                    KhmerText.key(of: String(decoding: typed.utf8.dropFirst($0.utf8.count), as: UTF8.self))
                        .utf8.map(\.self)
                })
    }

    /// A place in words, smallest first, as it is written here.
    func words(_ code: String, on day: CalendarDate, _ language: Language) async throws -> String {
        guard let place = PlaceCode(code) else { return code }
        var path: [Place] = []
        for level in PlaceLevel.allCases where level.rawValue <= place.level.rawValue {
            if let found = try await reference.place(place.ancestor(level), on: day) { path.append(found) }
        }
        return path.isEmpty ? code : path.formattedAddress[language]
    }
}
