import Kernel
import KhmerText
import PopulationRegister
import RecordLinkage
import Synchronization

/// What a dry run has read so far. It writes nothing, so that lines of one file do not meet in the register; here they do:
/// the same entry, the same number, the same person twice where once is the law, and lines that are alike.
final class DryRunMemory: Sendable {
    /// So many lines are compared with those after them; the memory grows by about a kilobyte for each.
    static let mostAlike = 1_000_000
    /// As the register: at most so many lines are looked at, those that share the most keys.
    private static let largestBlock = 200

    private struct State {
        var population: Int?
        var tags: Set<Tag> = []
        var codes: Set<String> = []
        /// Who stands in a line in a part that one has once.
        var parts: Set<String> = []
        var facts: [LinkageRecord] = []
        var blocks: [Int: [Int32]] = [:]
    }

    /// Sixteen bytes without a heap.
    private struct Tag: Hashable {
        let high, low: UInt64

        init(_ bytes: [UInt8]) {
            func word(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
            (high, low) = (word(bytes.prefix(8)), word(bytes.dropFirst(8).prefix(8)))
        }
    }

    private let state = Mutex(State())

    /// How many people the register has, asked once, and how many lines would have entered one since.
    func population(_ count: () async throws -> Int) async throws -> Int {
        if let known = state.withLock({ $0.population.map { [facts = $0.facts.count] in $0 + facts } }) { return known }
        let counted = try await count()
        state.withLock { $0.population = counted }
        return counted
    }

    /// A code of a file of people. Throws `kidc.taken` when it stood in a line before.
    func take(_ code: String) throws {
        guard state.withLock({ $0.codes.insert(code).inserted }) else { throw RumdulError.kidcTaken }
    }

    /// A line that the register would take.
    ///
    /// Throws what the register would after the lines before it: `civil.legacy_taken`, `civil.person`, `civil.marriage`.
    /// - Parameters:
    ///   - outcome: what the register alone says.
    ///   - findsAlike: whether the register compares what is declared.
    func take(
        _ line: CheckedLegacy, _ outcome: ImportOutcome, population: Int, findsAlike: Bool
    ) throws -> ImportOutcome {
        try state.withLock { state in
            let tags = line.tags.map(Tag.init)
            guard !tags.contains(where: state.tags.contains) else { throw RumdulError.civilLegacyTaken }
            let parts = Self.parts(line)
            var outcome = outcome
            let alike = findsAlike ? try Self.compare(line, state, population) : ([], false)
            if alike.1 { outcome = .review }
            // Of a second death that looks like the first, officers decide.
            let isDecided = line.entry.kind.endsLife && outcome == .review
            if !isDecided, let taken = parts.first(where: { state.parts.contains($0.key) }) { throw taken.refusal }
            for (facts, keys) in alike.0 { Self.remember(facts, keys, &state) }
            state.tags.formUnion(tags)
            state.parts.formUnion(parts.map(\.key))
            return outcome
        }
    }

    // MARK: Likeness

    /// What is to be remembered of a line, and whether it waits for two officers because a line before is alike.
    private static func compare(
        _ line: CheckedLegacy, _ state: State, _ population: Int
    ) throws -> ([(LinkageRecord, [String])], Bool) {
        let declaration = line.checked.declaration
        let model = LinkageModel.standard.adapted(population: max(2_000, population))
        if let facts = declaration.linkage, line.entry.kind.family != nil {
            let keys = BlockingKeys.keys(for: facts)
            return ([(facts, keys)], isAlike(facts, keys, model, state))
        }
        guard line.entry.kind == .marriage else { return ([], false) }
        var parties: [(LinkageRecord, [String])] = []
        for role in [ParticipantRole.spouse1, .spouse2] where line.checked.persons[role] == nil {
            let facts = declaration.linkage(of: role)
            if !line.entry.settled.contains(role), isAlike(facts, nameKeys(facts, near: true), model, state) {
                throw RumdulError.civilPerson(role, .alikeInFile)
            }
            parties.append((facts, nameKeys(facts, near: false)))
        }
        return (parties, false)
    }

    private static func isAlike(
        _ facts: LinkageRecord, _ keys: [String], _ model: LinkageModel, _ state: State
    ) -> Bool {
        var shared: [Int32: Int] = [:]
        for key in Set(keys) { for other in state.blocks[key.hashValue] ?? [] { shared[other, default: 0] += 1 } }
        guard !shared.isEmpty else { return false }
        let prepared = PreparedRecord(facts)
        return shared.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(largestBlock).contains { other, _ in
            model.explain(prepared, PreparedRecord(state.facts[Int(other)])).decision != .different
        }
    }

    private static func remember(_ facts: LinkageRecord, _ keys: [String], _ state: inout State) {
        guard state.facts.count < mostAlike else { return }
        let index = Int32(state.facts.count)
        state.facts.append(facts)
        for key in Set(keys) { state.blocks[key.hashValue, default: []].append(index) }
    }

    /// As the population register finds people: the whole name in either script, with the year of birth; those who are
    /// looked for also under the years beside it and an unknown one.
    private static func nameKeys(_ facts: LinkageRecord, near: Bool) -> [String] {
        let year = facts.birthDate?.year
        let years = near ? year.map { [$0, $0 - 1, $0 + 1, 0] } ?? [0] : [year ?? 0]
        let khmer = [facts.name.khmerFamily, facts.name.khmerGiven].compactMap(\.self).joined(separator: " ")
        let latin = [facts.name.latinFamily, facts.name.latinGiven].compactMap(\.self).joined(separator: " ")
        let key = String(String.UnicodeScalarView(KhmerText.key(of: khmer).unicodeScalars.filter { $0 != " " }))
        let skeleton = LatinName.skeleton(latin)
        return years.flatMap { year in
            [key.isEmpty ? nil : "k\(key)|\(year)", skeleton.isEmpty ? nil : "l\(skeleton)|\(year)"].compactMap(\.self)
        }
    }

    // MARK: Once

    /// The parts of a line that a person has once, with what the register says the second time.
    private static func parts(_ line: CheckedLegacy) -> [(key: String, refusal: RumdulError)] {
        let persons = line.checked.persons
        func part(_ role: ParticipantRole, _ refusal: RumdulError) -> (key: String, refusal: RumdulError)? {
            persons[role].map { ("once|\($0.text)", refusal) }
        }
        switch line.entry.kind {
        case .birth, .foundling: return [part(.child, .civilPerson(.child, .bornTwice))].compactMap(\.self)
        case .death, .presumedDeath: return [part(.deceased, .civilPerson(.deceased, .diedTwice))].compactMap(\.self)
        case .marriage:
            return [ParticipantRole.spouse1, .spouse2].compactMap { role in
                part(role, .civilMarriage(.marriedTwice, field: role.field("person")))
            }
        case .divorce, .annulment, .judicialSeparation:
            guard let one = persons[.spouse1], let other = persons[.spouse2] else { return [] }
            let pair = [one.text, other.text].sorted().joined(separator: "|")
            return [("pair|" + pair, .civilMarriage(.endedTwice, field: "spouse2.person"))]
        default: return []
        }
    }
}

extension LocalizedText {
    static let bornTwice = LocalizedText(
        km: "កំណើតរបស់មនុស្សនេះមានក្នុងបន្ទាត់មុនរួចហើយ។", en: "A line before has the birth of this person.")
    static let diedTwice = LocalizedText(
        km: "មរណភាពរបស់មនុស្សនេះមានក្នុងបន្ទាត់មុនរួចហើយ។", en: "A line before has the death of this person.")
    static let marriedTwice = LocalizedText(
        km: "បន្ទាត់មុនមានអាពាហ៍ពិពាហ៍របស់មនុស្សនេះរួចហើយ។", en: "A line before marries this person.")
    static let endedTwice = LocalizedText(
        km: "បន្ទាត់មុនបានបញ្ចប់អាពាហ៍ពិពាហ៍នេះរួចហើយ។", en: "A line before ends or loosens this marriage.")
    static let alikeInFile = LocalizedText(
        km: "មានមនុស្សស្រដៀងគ្នាក្នុងបន្ទាត់មុន។ សូមវាយលេខអត្តសញ្ញាណ ឬបញ្ជាក់ថាជាមនុស្សផ្សេង។",
        en: "Somebody like this stands in a line before. Give the code, or say that it is somebody else.")
}
