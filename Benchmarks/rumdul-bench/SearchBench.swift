import ArgumentParser
import Database
import DemoWorld
import Foundation
import Kernel
import PopulationRegister
import RegisterSearch
import RumdulServer

/// `rumdul-bench search`: how fast a register fills with its search index, how large it is, how fast and how surely
/// people are found by code and by names with one slip.
struct Search: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search", abstract: "Measure the officers' search on registers of growing size.",
        discussion: "Example: rumdul-bench search --people 1000000 --postgres-people 100000")

    @Option(name: .long, help: "The most people on SQLite: 10000, 100000 or 1000000; 0 leaves it out.")
    var people = 100_000
    @Option(name: .long, help: "The most people on PostgreSQL.") var postgresPeople = 100_000
    @Option(name: .long, help: "Searches of each kind.") var searches = 500
    @Option(name: .long, help: "Folder of PostgreSQL's programs; without them only SQLite is measured.")
    var postgresBin = "/usr/lib/postgresql/15/bin"
    @Option(name: .long, help: "Folder for temporary files.") var folder = "/tmp"

    func run() async throws {
        let scratch = try Scratch(in: folder)
        defer { scratch.remove() }
        let cluster =
            postgresPeople > 0 && Cluster.isInstalled(postgresBin)
            ? try Cluster(programs: postgresBin, folder: scratch.path) : nil
        defer { cluster?.stop() }
        var report = Report()
        if people > 0 {
            try await measure("SQLite", largest: people, folder: scratch.path + "/sqlite", database: nil, &report)
        }
        if let cluster {
            try await measure(
                "PostgreSQL", largest: postgresPeople, folder: scratch.path + "/pg",
                database: try await cluster.makeDatabase("search"), &report)
        }
        print(report.markdown)
    }

    private func measure(
        _ name: String, largest: Int, folder: String, database: String?, _ report: inout Report
    ) async throws {
        var configuration = Configuration()
        configuration.dataDirectory = folder
        configuration.database = database
        configuration.syntheticPeople = true
        let node = try await Node.open(configuration)
        var run = SearchRun(node: node, name: name, searches: searches)
        do {
            for size in [10_000, 100_000, 1_000_000] where size <= largest { try await run.grow(to: size, &report) }
        } catch {
            await node.close()
            throw error
        }
        await node.close()
    }
}

/// One register that grows.
private struct SearchRun {
    let node: Node
    let name: String
    let searches: Int
    private var codes: [KIDC] = []
    private var identifiers: [PersonID] = []

    init(node: Node, name: String, searches: Int) {
        self.node = node
        self.name = name
        self.searches = searches
    }

    mutating func grow(to size: Int, _ report: inout Report) async throws {
        let country = try await SyntheticCountry.on(node.reference, seed: 5)
        let from = codes.count
        var seconds = 0.0
        let processor = ProcessorTime.own
        for start in stride(from: from, to: size, by: 1_000) {
            let drafts = country.people(start..<start + 1_000)
            let before = ContinuousClock.now
            let entered = try await node.register.register(many: drafts, by: .system("bench"))
            seconds += before.duration(to: .now).seconds
            codes += entered.map(\.kidc)
            identifiers += entered.map(\.personID)
        }
        let used = ProcessorTime.own - processor
        let count = Double(size - from)
        let (index, whole) = try await bytes()
        report.add(
            Table(
                title: "\(name), \(Figure.count(Double(size))) people: filling, in transactions of 1,000",
                columns: [
                    "people a second by the clock", "CPU each", "index, bytes a person",
                    "whole register, bytes a person",
                ],
                rows: [
                    [
                        Figure.count(count / seconds), Figure.microseconds(used / count),
                        Figure.count(index / Double(size)), Figure.count(whole / Double(size)),
                    ]
                ]))
        report.add(try await searching(country, size))
    }

    /// Bytes of the search index with its own indexes, and of everything.
    private func bytes() async throws -> (index: Double, whole: Double) {
        let isSQLite = node.database.dialect == .sqlite
        return try await node.database.read { connection in
            func number(_ sql: String) async throws -> Double {
                Double(try await connection.first(sql)?.int64(0) ?? 0)
            }
            if isSQLite {
                return (
                    try await number("SELECT SUM(pgsize) FROM dbstat WHERE name LIKE '%population_search%'"),
                    try await number("SELECT SUM(pgsize) FROM dbstat")
                )
            }
            return (
                try await number(
                    "SELECT pg_total_relation_size('population_search') + pg_total_relation_size('population_search_subjects')"
                ),
                try await number("SELECT pg_database_size(current_database())")
            )
        }
    }

    // MARK: Searching

    private func searching(_ country: SyntheticCountry, _ size: Int) async throws -> Table {
        var rows = [try await row("by code") { .code(codes[$0 &* 7_919_993 % codes.count].digits) }]
        for (script, isKhmer) in [("Khmer", true), ("Latin", false)] {
            func asked(_ number: Int, _ change: (PersonDraft, inout SearchQuery) -> Void) -> PersonQuery {
                let draft = country.person(number &* 7_919_993 % size)
                let name = isKhmer ? draft.names.first?.khmer?.full : draft.names.first?.latin?.full
                var random = BenchRandom(state: UInt64(number))
                var query = SearchQuery(name: Slip.slipped(name ?? "", isKhmer: isKhmer, &random))
                change(draft, &query)
                return .details(query)
            }
            rows.append(
                try await row("\(script) with a slip, year ± 1") { number in
                    asked(number) { draft, query in
                        let year = draft.birth.date?.year ?? 0
                        query.years = year - 1...year + 1
                    }
                })
            rows.append(
                try await row("\(script) with a slip, district") { number in
                    asked(number) { draft, query in
                        query.place = draft.residence.first.map { .init(code: $0.place.text) }
                    }
                })
            rows.append(try await row("\(script) with a slip, nothing else") { number in asked(number) { _, _ in } })
        }
        return Table(
            title: "\(name), \(Figure.count(Double(size))) people: \(searches) searches one after the other",
            columns: [
                "", "p50", "p99", "the right person among the first 20", "among the first 50", "answers of 50 or more",
            ],
            rows: rows)
    }

    private func row(_ title: String, _ query: (Int) -> PersonQuery) async throws -> [String] {
        var times: [Double] = []
        var first = 0
        var found = 0
        var full = 0
        for number in 0..<searches {
            let asked = query(number)
            let person = identifiers[number &* 7_919_993 % identifiers.count]
            let before = ContinuousClock.now
            // A name in this script that a slip leaves nothing of cannot be searched, and counts as not found.
            if case .details(let query) = asked, !query.isPrecise {
                times.append(0)
                continue
            }
            let answer = try await node.database.read { connection in
                try await node.register.answer(asked, limit: 50, in: connection)
            }
            times.append(before.duration(to: .now).seconds)
            let persons = answer.persons.map(\.id)
            if persons.prefix(20).contains(person) { first += 1 }
            if persons.contains(person) { found += 1 }
            if answer.hasMore || persons.count == 50 { full += 1 }
        }
        times.sort()
        func share(_ count: Int) -> String { Figure.decimal(100 * Double(count) / Double(searches), 1) + " %" }
        return [
            title, Figure.milliseconds(times[times.count / 2]), Figure.milliseconds(times[times.count * 99 / 100]),
            share(first), share(found), share(full),
        ]
    }
}

/// SplitMix64: the same slips in every run.
private struct BenchRandom: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// One slip of the finger behind the first letter: a character that is wrong, missing or too many, or two exchanged.
private enum Slip {
    private static let khmer =
        Array("កខគឃងចឆជញដតថទធនបផពភមយរលវសហឡអ".unicodeScalars) + (0x17B6...0x17C5).compactMap(Unicode.Scalar.init)
    private static let latin = Array("abcdefghiklmnoprstuvy".unicodeScalars)

    static func slipped(_ name: String, isKhmer: Bool, _ random: inout BenchRandom) -> String {
        var scalars = Array(name.unicodeScalars)
        let places = scalars.indices.filter { $0 > 0 && scalars[$0] != " " && scalars[$0 - 1] != " " }
        guard let place = places.randomElement(using: &random),
            let letter = (isKhmer ? khmer : latin).randomElement(using: &random)
        else { return name }
        switch Int.random(in: 0..<4, using: &random) {
        case 0: scalars[place] = letter
        case 1: scalars.remove(at: place)
        case 2: scalars.insert(letter, at: place)
        default: scalars.swapAt(place - 1, place)
        }
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }
}
