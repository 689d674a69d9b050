import CivilRegister
import Kernel
import KhmerText
import ReferenceData

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
