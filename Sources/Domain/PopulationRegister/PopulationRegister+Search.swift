import Accountability
import Database
import Kernel
import KeyVault
import KhmerText
import RecordLinkage
import RegisterSearch

/// What an officer searches by.
public enum PersonQuery: Sendable {
    /// A KIDC or VID as typed. A code of a merged record leads to the survivor.
    case code(String)
    /// A name in Khmer or Latin script, perhaps with a slip, and one to five years of birth.
    case name(String, birthYears: ClosedRange<Int>)
    /// A name, a date or years of birth, a place where the person lives or was born.
    case details(SearchQuery)
    /// A phone number as typed.
    case phone(String)
}

/// A person who was found, with as much as an officer needs to know who it is.
public struct FoundPerson: Sendable {
    public let personID: PersonID
    public let nearness: Nearness
    public let attributes: DisclosedAttributes
}

/// Who may be meant, nearest first.
public struct SearchAnswer: Sendable {
    /// `home` is the place that decides which officers may act; it is never shown.
    public var persons: [(id: PersonID, nearness: Nearness, home: String?)]
    /// Others fit too, or may: a year, a date or a place would tell them apart. Says nothing about how many.
    public var hasMore: Bool
}

extension PopulationRegister {
    /// What `find` shows of each person.
    public static let findAttributes: [AttributeName] = [.name, .nameLatin, .gender, .birthdate, .addressProvince]

    /// Persons with standing records that fit, at most 50, nearest first. Identifiers only, which say nothing; the data is
    /// behind the gate.
    ///
    /// Throws `kidc.malformed`, `kidc.check_digit`, `kidc.wrong_range`, `person.search_vague`.
    public func search(_ query: PersonQuery, limit: Int = 20, in connection: any SQLConnection) async throws
        -> [PersonID]
    {
        try await answer(query, limit: limit, in: connection).persons.map(\.id)
    }

    /// As `search`, with how near each one is.
    /// - Parameter areas: place codes, in one of which the person must live (or was born, when that is unknown); `nil`
    ///   for the whole country. Who lives elsewhere is not counted either.
    public func answer(
        _ query: PersonQuery, limit: Int = 20, areas: [String]? = nil, in connection: any SQLConnection
    ) async throws -> SearchAnswer {
        let limit = min(max(limit, 1), 50)
        switch query {
        case .code(let text):
            return try await answer(try await byCode(text, in: connection), areas, limit, in: connection)
        case .phone(let text):
            guard let number = PhoneNumber.e164(text) else { throw RumdulError.searchTooVague }
            let found = try await store.persons(tag: try await tags.phone(number), limit: limit, in: connection)
            return try await answer(found, areas, limit, in: connection)
        case .name(let name, let years):
            guard years.count <= 5, name.unicodeScalars.count <= 2 * TextInput.nameLimit else {
                throw RumdulError.searchTooVague
            }
            let query = SearchQuery(name: name, years: years)
            guard query.name != nil else { throw RumdulError.searchTooVague }
            return try await details(query, limit: limit, areas: areas, in: connection)
        case .details(let query):
            return try await details(query, limit: limit, areas: areas, in: connection)
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
        for (person, nearness, _) in try await answer(query, limit: limit, in: connection).persons {
            var disclosure = request
            disclosure.subject = person
            disclosure.attributes = Self.findAttributes
            found.append(
                FoundPerson(
                    personID: person, nearness: nearness,
                    attributes: try await gate.disclose(disclosure, from: self, in: connection)))
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

    // MARK: Within

    private func byCode(_ text: String, in connection: any SQLConnection) async throws -> [PersonID] {
        if let alias = try? VID(entered: text) {
            let found = try await store.alias(try await tags.alias(alias), in: connection)
            return [found].compactMap(\.self).filter { $0.isUsable(at: ambient.now()) }.map(\.person)
        }
        let code = try KIDC(entered: text)
        return [try await person(kidc: code, followingMerges: true, in: connection)].compactMap(\.self)
    }

    private func answer(
        _ persons: [PersonID], _ areas: [String]?, _ limit: Int, in connection: any SQLConnection
    ) async throws -> SearchAnswer {
        let found = try await opened(persons, in: connection).filter { $0.snapshot.livesIn(areas) }
        return SearchAnswer(
            persons: found.prefix(limit).map { ($0.row.id, .exact, $0.snapshot.homeArea) }, hasMore: found.count > limit
        )
    }

    /// Candidates from the index, opened group by group until there are enough, and rated by what the record says.
    private func details(
        _ query: SearchQuery, limit: Int, areas: [String]?, in connection: any SQLConnection
    ) async throws -> SearchAnswer {
        guard query.isPrecise, (query.name?.unicodeScalars.count ?? 0) <= 2 * TextInput.nameLimit else {
            throw RumdulError.searchTooVague
        }
        var query = query
        query.within = areas.flatMap { codes in codes.allSatisfy { $0.utf8.count >= 4 } ? codes : nil }
        let candidates = try await index.candidates(query, enough: limit, in: connection)
        var rated: [(id: PersonID, nearness: Nearness, home: String?)] = []
        for group in candidates.groups where rated.count <= limit {
            for person in try await opened(group.map { PersonID($0) }, in: connection)
            where person.row.record == .active && person.snapshot.livesIn(areas) {
                if let nearness = query.rate(person.snapshot.searchFacts) {
                    rated.append((person.row.id, nearness, person.snapshot.homeArea))
                }
            }
        }
        if rated.count < limit { try await addEarlierNames(query, areas, to: &rated, in: connection) }
        rated.sort { ($0.nearness, $0.id.text) < ($1.nearness, $1.id.text) }
        return SearchAnswer(
            persons: Array(rated.prefix(limit)), hasMore: rated.count > limit || (candidates.isCut && !rated.isEmpty))
    }

    /// Whose name was corrected since is found by the old one too, when it is typed as it was.
    private func addEarlierNames(
        _ query: SearchQuery, _ areas: [String]?, to rated: inout [(id: PersonID, nearness: Nearness, home: String?)],
        in connection: any SQLConnection
    ) async throws {
        guard let name = query.name, let years = query.years, years.count <= 5 else { return }
        var others: [PersonID] = []
        for year in years {
            let tag =
                NameScript(of: name) == .khmer
                ? try await tags.khmerName(name, year: year) : try await tags.latinName(name, year: year)
            guard let tag else { continue }
            for person in try await store.persons(tag: tag, limit: 20, in: connection)
            where !others.contains(person) && !rated.contains(where: { $0.id == person }) {
                others.append(person)
            }
        }
        var nameless = query
        nameless.name = nil
        for person in try await opened(others, in: connection)
        where person.snapshot.livesIn(areas) && nameless.rate(person.snapshot.searchFacts) != nil {
            rated.append((person.row.id, .earlier, person.snapshot.homeArea))
        }
    }

    /// Several records in the clear, in the order asked for; erased ones are left out.
    private func opened(_ persons: [PersonID], in connection: any SQLConnection) async throws -> [OpenPerson] {
        guard !persons.isEmpty else { return [] }
        let rows = Dictionary(try await store.persons(persons, in: connection).map { ($0.id, $0) }) { $1 }
        var result: [OpenPerson] = []
        for person in persons {
            guard let row = rows[person], let wrapped = row.dataKey, let sealed = row.snapshot else { continue }
            let key = try await envelope.dataKey(wrapped)
            let bytes = try key.open(sealed, context: Envelope.context(person: person, field: "snapshot"))
            result.append(OpenPerson(row: row, key: key, snapshot: try PersonSnapshot(bytes: bytes)))
        }
        return result
    }
}
