import Accountability
import Database
import Kernel
import KhmerText

/// What an officer searches by.
public enum PersonQuery: Sendable {
    /// A KIDC or VID as typed. A code of a merged record leads to the survivor.
    case code(String)
    /// A full name, family name first, in Khmer script (exact but for spelling habits) or in Latin letters (by
    /// consonants), and one to five years of birth.
    case name(String, birthYears: ClosedRange<Int>)
    /// A phone number as typed.
    case phone(String)
}

/// A person who was found, with as much as an officer needs to know who it is.
public struct FoundPerson: Sendable {
    public let personID: PersonID
    public let attributes: DisclosedAttributes
}

extension PopulationRegister {
    /// What `find` shows of each person.
    public static let findAttributes: [AttributeName] = [.name, .nameLatin, .gender, .birthdate, .addressProvince]

    /// Persons with standing records that fit, at most 50. Identifiers only, which say nothing; the data is behind the
    /// gate.
    ///
    /// Throws `kidc.malformed`, `kidc.check_digit`, `kidc.wrong_range`, `person.search_vague`.
    public func search(_ query: PersonQuery, limit: Int = 20, in connection: any SQLConnection) async throws
        -> [PersonID]
    {
        let limit = min(max(limit, 1), 50)
        switch query {
        case .code(let text):
            if let alias = try? VID(entered: text) {
                let found = try await store.alias(try await tags.alias(alias), in: connection)
                return [found].compactMap(\.self).filter { $0.isUsable(at: ambient.now()) }.map(\.person)
            }
            let code = try KIDC(entered: text)
            return [try await person(kidc: code, followingMerges: true, in: connection)].compactMap(\.self)
        case .phone(let text):
            guard let number = PhoneNumber.e164(text) else { throw RumdulError.searchTooVague }
            return try await store.persons(tag: try await tags.phone(number), limit: limit, in: connection)
        case .name(let name, let years):
            guard years.count <= 5, name.unicodeScalars.count <= 2 * TextInput.nameLimit else {
                throw RumdulError.searchTooVague
            }
            var found: [PersonID] = []
            for tag in try await nameTags(name, years) {
                for person in try await store.persons(tag: tag, limit: limit, in: connection)
                where !found.contains(person) {
                    found.append(person)
                }
            }
            return Array(found.prefix(limit))
        }
    }

    /// Searches and shows who was found: name, sex, birth date and province, each person through the gate with one
    /// access entry. The basis must be a legal provision: nobody consents to being searched.
    ///
    /// - Parameter request: who searches, why and for whom. Subject and attributes are set here.
    /// - Throws: `person.search_basis` and what `search` and the gate throw.
    public func find(
        _ query: PersonQuery, limit: Int = 20, as request: DisclosureRequest, in connection: any SQLConnection
    ) async throws -> [FoundPerson] {
        guard case .statute = request.basis else { throw RumdulError.searchBasis }
        var found: [FoundPerson] = []
        for person in try await search(query, limit: limit, in: connection) {
            var disclosure = request
            disclosure.subject = person
            disclosure.attributes = Self.findAttributes
            found.append(
                FoundPerson(
                    personID: person, attributes: try await gate.disclose(disclosure, from: self, in: connection)))
        }
        return found
    }

    /// Throws `officer.forbidden` unless the officer has the permission where the person lives (or was born, when that
    /// is unknown). Says nothing about the person otherwise.
    public func require(
        _ permission: Permission, of officer: Officer, over person: PersonID, in connection: any SQLConnection
    ) async throws {
        try officer.require(permission, in: try await open(person, in: connection).snapshot.homeArea)
    }

    /// The tags of a name as typed: of a Latin one also with its words turned around, since many write the given name
    /// first.
    private func nameTags(_ name: String, _ years: ClosedRange<Int>) async throws -> [[UInt8]] {
        var result: [[UInt8]] = []
        let isKhmer = name.unicodeScalars.contains { (0x1780...0x17DD).contains($0.value) }
        let words = name.split(separator: " ").prefix(6)
        let turns = isKhmer ? 1 : max(1, words.count)
        for year in years {
            for turn in 0..<turns {
                let turned = (words.dropFirst(turn) + words.prefix(turn)).joined(separator: " ")
                let tag =
                    isKhmer ? try await tags.khmerName(name, year: year) : try await tags.latinName(turned, year: year)
                if let tag, !result.contains(tag) { result.append(tag) }
            }
        }
        guard !result.isEmpty else { throw RumdulError.searchTooVague }
        return result
    }
}
