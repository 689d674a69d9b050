import Database
import Kernel
import RecordLinkage

/// What the index knows of a query's answer: subjects that may fit, the likeliest first, to be opened and rated.
public struct SearchCandidates: Sendable {
    /// Subjects in groups; each group is likelier than the next.
    public var groups: [[String]]
    /// More subjects share tags with the query than are looked at: a year or a place would make the answer whole.
    public var isCut: Bool
}

extension SearchIndex {
    /// The most subjects of one answer.
    public static let most = 200
    /// The most rows of the table that are read for one step of a search.
    static let mostRows = 8_000

    /// Subjects that may fit. Reads only the index. Throws the errors of `KeyVault.mac`.
    /// - Parameter enough: so many in the groups of right letters are enough; the further steps are left out.
    public func candidates(
        _ query: SearchQuery, enough: Int, in connection: any SQLConnection
    ) async throws -> SearchCandidates {
        var collector = Collector(query: query)
        for step in try await steps(query) {
            if collector.count >= enough && step.isFurther { break }
            let rows = try await rows(step, query, in: connection)
            if rows.count >= Self.mostRows { collector.isCut = true }
            collector.take(rows, step)
        }
        let chosen = collector.chosen(Self.most)
        var names: [Int: String] = [:]
        for chunk in chosen.groups.flatMap(\.self).chunked(64) {
            // Few sizes, so that few statements are prepared.
            let size = chunk.count > 8 ? 64 : chunk.count > 1 ? 8 : 1
            let padded = chunk + Array(repeating: chunk[0], count: size - chunk.count)
            let places = (1...size).map { "$\($0)" }.joined(separator: ", ")
            for row in try await connection.query(
                "SELECT number, subject FROM \(prefix)_search_subjects WHERE number IN (\(places))", padded)
            {
                names[try row.int(0)] = try row.string(1)
            }
        }
        return SearchCandidates(groups: chosen.groups.map { $0.compactMap { names[$0] } }, isCut: chosen.isCut)
    }

    // MARK: Steps

    /// Tags that are looked up together.
    struct Step: Sendable {
        var tags: [(tag: KeyedTag, marks: [UInt32])]
        /// Only rows with the same marks.
        var sameMarks: Bool
        /// The group of what is found with the same marks, and with others.
        var groups: (same: Int, other: Int)
        /// Only when the steps before found little.
        var isFurther: Bool
    }

    private func steps(_ query: SearchQuery) async throws -> [Step] {
        guard let name = query.name else { return try await stepsWithoutName(query) }
        let script = NameScript(of: name)
        var whole: [(KeyedTag, [UInt32])] = []
        var near: [(KeyedTag, [UInt32])] = []
        var seen: Set<[UInt32]> = []
        for spelling in query.spellings {
            let form = NameForm(spelling, script)
            guard !form.letters.isEmpty else { continue }
            if seen.insert(form.letters).inserted {
                whole.append((try await keyed(SearchKey.name(form.letters, script)), form.marks))
            }
            for letters in form.variants where letters != form.letters && seen.insert(letters).inserted {
                near.append((try await keyed(SearchKey.name(letters, script)), form.marks))
            }
        }
        var given: [(KeyedTag, [UInt32])] = []
        for word in Set(query.name.map { $0.split(separator: " ").prefix(5).map(String.init) } ?? []).sorted() {
            let form = NameForm(word, script)
            guard form.letters.count > 1 else { continue }
            given.append((try await keyed(SearchKey.given(form.letters, script)), form.marks))
        }
        var steps = [
            Step(tags: whole, sameMarks: false, groups: (0, 1), isFurther: false),
            Step(tags: near, sameMarks: true, groups: (1, 1), isFurther: false),
            Step(tags: near, sameMarks: false, groups: (1, 2), isFurther: true),
        ]
        // One word alone is perhaps a given name; of several, each may be the one that is right.
        let isAlone = query.spellings.count == 1
        steps.append(Step(tags: given, sameMarks: !isAlone, groups: (isAlone ? 1 : 3, 3), isFurther: !isAlone))
        if script == .latin { steps.append(try await slippedSounds(query, seen)) }
        return steps.filter { !$0.tags.isEmpty }
    }

    /// A slip inside `ch` or `th` turns one consonant into two others: the typed letters without each one of them.
    private func slippedSounds(_ query: SearchQuery, _ seen: Set<[UInt32]>) async throws -> Step {
        var tags: [(KeyedTag, [UInt32])] = []
        var seen = seen
        let typed = Array((query.name ?? "").unicodeScalars.prefix(40))
        for index in typed.indices where typed[index] != " " {
            var shorter = typed
            shorter.remove(at: index)
            let form = NameForm(latin: String(String.UnicodeScalarView(shorter)))
            for letters in form.variants where !letters.isEmpty && seen.insert(letters).inserted {
                tags.append((try await keyed(SearchKey.name(letters, .latin)), form.marks))
            }
        }
        return Step(tags: Array(tags.prefix(96)), sameMarks: false, groups: (2, 2), isFurther: true)
    }

    private func stepsWithoutName(_ query: SearchQuery) async throws -> [Step] {
        var keys: [[UInt8]] = []
        if let date = query.date, date.month != nil {
            // Who knows less than was asked for fits too.
            keys.append(SearchKey.date(date))
            keys.append(SearchKey.date(LinkageDate(year: date.year)))
            if date.day != nil {
                keys.append(SearchKey.date(LinkageDate(year: date.year, month: date.month)))
            } else {
                keys += (1...31).map { SearchKey.date(LinkageDate(year: date.year, month: date.month, day: $0)) }
            }
        } else if let place = query.place, place.code.utf8.count >= 6 {
            keys.append(SearchKey.place(place.code))
        }
        var tags: [(KeyedTag, [UInt32])] = []
        for key in keys { tags.append((try await keyed(key), [])) }
        return tags.isEmpty ? [] : [Step(tags: tags, sameMarks: false, groups: (0, 0), isFurther: false)]
    }

    // MARK: Rows

    /// The rows of a step. Years, marks and districts that are few are looked up with the tag; the rest is left out here.
    private func rows(
        _ step: Step, _ query: SearchQuery, in connection: any SQLConnection
    ) async throws -> [SearchRow] {
        let years = query.years.flatMap { $0.count <= 6 ? Array($0) + [0] : nil }
        let districts = query.districts.flatMap { $0.count == 1 ? $0 : nil }
        var wanted: [[Int]] = []
        for (keyed, marks) in step.tags {
            for year in years ?? [0] {
                for district in districts ?? [0] {
                    wanted.append([
                        Int(keyed.tag), Int(keyed.code(year, .year)), Int(keyed.code(marks: marks)),
                        Int(keyed.code(district, .place)),
                    ])
                }
            }
        }
        var conditions = ["s.tag = w.tag"]
        if years != nil { conditions.append("s.year = w.year") }
        if step.sameMarks { conditions.append("s.marks = w.marks") }
        if districts != nil { conditions.append("(s.home = w.place OR s.born = w.place)") }
        var found: [SearchRow] = []
        for chunk in wanted.chunked(256) {
            let size = [1, 8, 32, 256].first { chunk.count <= $0 } ?? 256
            let values = (0..<size).map { "($\(4 * $0 + 1), $\(4 * $0 + 2), $\(4 * $0 + 3), $\(4 * $0 + 4))" }
            let padded = Array((chunk + Array(repeating: chunk[0], count: size - chunk.count)).joined())
            let rows = try await connection.query(
                """
                WITH w (tag, year, marks, place) AS (VALUES \(values.joined(separator: ", ")))
                SELECT DISTINCT s.tag, s.number, s.year, s.marks, s.home, s.born FROM w CROSS JOIN \(prefix)_search s
                WHERE \(conditions.joined(separator: " AND ")) LIMIT \(Self.mostRows)
                """, padded)
            for row in rows {
                found.append(
                    SearchRow(
                        tag: try row.int64(0), number: try row.int(1),
                        year: Int16(truncatingIfNeeded: try row.int64(2)),
                        home: Int16(truncatingIfNeeded: try row.int64(4)),
                        born: Int16(truncatingIfNeeded: try row.int64(5)),
                        marks: Int16(truncatingIfNeeded: try row.int64(3))))
            }
            if found.count >= Self.mostRows { break }
        }
        return found
    }
}

extension SearchQuery {
    /// The districts that a subject must have one of, as codes of the index's columns; `nil` for any.
    var districts: [Int]? {
        guard let place else { return nil }
        return place.districts.map { SearchFacts.district($0) }
    }

    /// The districts that a subject must belong to; `nil` for any.
    var homes: [Int]? { within.map { $0.map { SearchFacts.district($0) } } }
}

/// Gathers rows into candidates.
private struct Collector {
    let query: SearchQuery
    var isCut = false
    private var best: [Int: (group: Int, shared: Int)] = [:]
    /// How many have the right letters or the right marks.
    private(set) var count = 0

    init(query: SearchQuery) { self.query = query }

    mutating func take(_ rows: [SearchRow], _ step: SearchIndex.Step) {
        let tags = Dictionary(step.tags.map { ($0.tag.tag, $0) }) { first, _ in first }
        struct Codes {
            var years: Set<Int16>?
            var districts: Set<Int16>?
            var homes: Set<Int16>?
            var marks: Int16
        }
        var codes: [Int64: Codes] = [:]
        for row in rows {
            guard let (keyed, marks) = tags[row.tag] else { continue }
            let known =
                codes[row.tag]
                ?? Codes(
                    years: query.years.map { years in
                        // Whoever asks for centuries asks for all.
                        Set(([0] + years.prefix(300)).map { keyed.code($0, .year) })
                    },
                    districts: query.districts.map { Set($0.map { keyed.code($0, .place) }) },
                    homes: query.homes.map { Set($0.map { keyed.code($0, .place) }) }, marks: keyed.code(marks: marks))
            codes[row.tag] = known
            if let years = known.years, !years.contains(row.year) { continue }
            if let districts = known.districts, !districts.contains(row.home), !districts.contains(row.born) {
                continue
            }
            if let homes = known.homes, !homes.contains(row.home) { continue }
            let group = row.marks == known.marks ? step.groups.same : step.groups.other
            if let before = best[row.number] {
                best[row.number] = (min(before.group, group), before.shared + 1)
            } else {
                best[row.number] = (group, 1)
                if group <= 1 { count += 1 }
            }
        }
    }

    /// So many, in their groups; of one group those that share most tags first.
    func chosen(_ limit: Int) -> (groups: [[Int]], isCut: Bool) {
        let sorted = best.sorted { left, right in
            (left.value.group, -left.value.shared, left.key) < (right.value.group, -right.value.shared, right.key)
        }
        var groups: [[Int]] = [[], [], [], []]
        for (number, value) in sorted.prefix(limit) { groups[value.group].append(number) }
        return (groups.filter { !$0.isEmpty }, isCut || sorted.count > limit)
    }
}
