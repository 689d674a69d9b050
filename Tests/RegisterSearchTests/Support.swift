import Database
import DatabaseTesting
import Kernel
import KeyVault
import KhmerText
import RecordLinkage
import Synchronization

@testable import RegisterSearch

/// An index on a fresh database, with the facts of its subjects beside it.
struct IndexWorld: Sendable {
    let database: any Database
    let index: SearchIndex

    static func with(
        _ kind: DatabaseKind, _ test: @escaping @Sendable (IndexWorld) async throws -> Void
    ) async throws {
        let migrations = ModuleMigrations("test", [SearchIndex.migration(prefix: "test")])
        try await TestDatabases.with(kind, migrations: [migrations]) { database in
            let vault = try FileKeyVault.ephemeral(ambient: .system)
            try await test(IndexWorld(database: database, index: SearchIndex(prefix: "test", vault: vault)))
        }
    }

    func put(_ subjects: [String: SearchFacts]) async throws {
        var entries: [(String, SearchIndex.Entries)] = []
        for (subject, facts) in subjects { entries.append((subject, try await index.entries(facts))) }
        for start in stride(from: 0, to: entries.count, by: 1_000) {
            let chunk = Array(entries[start..<min(start + 1_000, entries.count)])
            try await database.transaction { [index] in try await index.put(chunk, in: $0) }
        }
    }

    func candidates(_ query: SearchQuery, enough: Int = 20) async throws -> SearchCandidates {
        try await database.read { [index] in try await index.candidates(query, enough: enough, in: $0) }
    }

    func rows(_ condition: String = "1 = 1") async throws -> Int {
        try await database.read {
            try await $0.first("SELECT COUNT(*) FROM test_search WHERE \(condition)")?.int(0) ?? 0
        }
    }
}

extension SearchFacts {
    /// What a register would know of an invented person.
    init(_ record: LinkageRecord) {
        self.init(names: [record.name], date: record.birthDate, home: record.residence, born: record.birthPlace)
    }
}

/// One slip of the finger in a name: a wrong, missing or extra character, or two in the wrong order.
struct Slips {
    private static let khmer =
        Array("កខគឃងចឆជញដតថទធនបផពភមយរលវសហឡអ".unicodeScalars) + (0x17B6...0x17C5).compactMap(Unicode.Scalar.init)
    private static let latin = Array("abcdefghiklmnoprstuvy".unicodeScalars)

    static func slipped(_ name: String, using random: inout SplitMix64) -> String {
        var scalars = Array(name.unicodeScalars)
        let letters = NameScript(of: name) == .khmer ? khmer : latin
        let places = scalars.indices.filter { scalars[$0] != " " && $0 > 0 }
        guard let place = places.randomElement(using: &random), let letter = letters.randomElement(using: &random)
        else {
            return name
        }
        switch Int.random(in: 0..<4, using: &random) {
        case 0: scalars[place] = letter
        case 1: scalars.remove(at: place)
        case 2: scalars.insert(letter, at: place)
        default:
            guard scalars[place - 1] != " " else { return name }
            scalars.swapAt(place - 1, place)
        }
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }
}
