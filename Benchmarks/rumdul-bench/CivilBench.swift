import Accountability
import CivilRegister
import Foundation
import Kernel
import PopulationRegister
import RumdulServer

/// Births from declaration to registration, in this process, with ledger, signatures and duplicate search; then how long
/// one declaration and one search by name take.
struct CivilBench {
    let births: Int
    let concurrency: Int

    /// What one register showed.
    struct Run: Sendable {
        var database: String
        var births: Int
        var seconds: Double
        var processor: Double
        var databaseProcessor: Double?
        /// Of the step `register` alone, all clerks together.
        var registerSeconds: Double
        var declared: [Double]
        var searched: [Double]
    }

    /// Ten communes of one district.
    private static func office(_ number: Int) -> String { "0811\(String(String(101 + number % 10).suffix(2)))" }

    func measure(on name: String, folder: String, database: String?, cluster: Cluster?) async throws -> Run {
        var configuration = Configuration()
        configuration.dataDirectory = folder
        configuration.database = database
        configuration.syntheticPeople = true
        configuration.databaseConnections = max(configuration.databaseConnections, concurrency + 2)
        let node = try await Node.open(configuration)
        do {
            let run = try await measure(node, name, cluster)
            await node.close()
            return run
        } catch {
            await node.close()
            throw error
        }
    }

    private func measure(_ node: Node, _ name: String, _ cluster: Cluster?) async throws -> Run {
        try await addCommunes(node)
        let clerk = officer("clerk", .registrar), verifier = officer("verifier", .districtVerifier)
        let before = (ContinuousClock.now, ProcessorTime.own, cluster?.processorSeconds)
        let verified = try await inParallel(births) { number -> String? in
            let declared = try await node.civil.declare(
                .birth, Self.birth(number), office: Self.office(number), by: CivilStep(clerk))
            guard declared.state == .declared else { return nil }
            return try await node.civil.verify(declared.id, by: CivilStep(verifier)).id
        }.compactMap(\.self)
        let middle = ContinuousClock.now
        _ = try await inParallel(verified.count) { number in
            try await node.civil.register(verified[number], by: CivilStep(clerk)).id
        }
        let end = ContinuousClock.now
        let processor = ProcessorTime.own - before.1
        let used = cluster.flatMap { cluster in before.2.map { cluster.processorSeconds - $0 } }
        return Run(
            database: name, births: verified.count, seconds: before.0.duration(to: end).seconds, processor: processor,
            databaseProcessor: used, registerSeconds: middle.duration(to: end).seconds,
            declared: try await times(500) { number in
                _ = try await node.civil.declare(
                    .birth, Self.birth(births + number), office: Self.office(number), by: CivilStep(clerk))
            },
            searched: try await times(500) { number in
                _ = try await node.civil.find(
                    Self.name(number * 7_919 % births), by: clerk, traceID: "bench")
            })
    }

    /// The seconds of each of so many steps, one after the other.
    private func times(_ count: Int, _ body: (Int) async throws -> Void) async throws -> [Double] {
        var seconds: [Double] = []
        for number in 0..<count {
            let start = ContinuousClock.now
            try await body(number)
            seconds.append(start.duration(to: .now).seconds)
        }
        return seconds.sorted()
    }

    private func inParallel<Value: Sendable>(
        _ count: Int, _ body: @escaping @Sendable (Int) async throws -> Value
    ) async throws -> [Value] {
        try await withThrowingTaskGroup(of: [Value].self) { group in
            for worker in 0..<concurrency {
                group.addTask {
                    var values: [Value] = []
                    for number in stride(from: worker, to: count, by: concurrency) {
                        values.append(try await body(number))
                    }
                    return values
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }

    private func officer(_ name: String, _ role: Role) -> Officer {
        Officer(
            id: "bench-" + name, username: name, displayName: LocalizedText(km: name, en: name),
            organisation: Organisation(code: "bench", name: LocalizedText(km: "ការវាស់", en: "Benchmark")),
            grants: [Grant(role, in: .national)], state: .active)
    }

    /// The gazetteer knows the communes, as an operator's does.
    private func addCommunes(_ node: Node) async throws {
        var list = "code,level,parent_code,unit_en,unit_km,unit_latin,name_km,name_latin,name_ungegn\n"
        for number in 0..<10 {
            list +=
                "\(Self.office(number)),commune,0811,Commune,ឃុំ,Khum,ទី\(number + 1),Ti \(number + 1),Ti \(number + 1)\n"
        }
        let report = try await node.reference.importGazetteer(Array(list.utf8))
        guard report.refused.isEmpty else { throw RumdulError.bench("the communes were refused: \(report.refused)") }
    }

    // MARK: Made-up births

    private static let families = ["សុខ", "ចាន់", "គឹម", "លី", "ហេង", "អ៊ុក", "ទេព", "ឈួន", "មាស", "ប៊ុន", "កែវ", "នួន"]
    private static let syllables = [
        "សុ", "ពិ", "វិ", "ដា", "រ៉ា", "នី", "ភា", "ចន្ទ", "ស្រី", "មុំ", "រិទ្ធ", "បុល", "ធី", "លី", "ណា", "កុសល",
    ]

    private static func name(_ number: Int) -> String {
        let family = families[number % families.count]
        let given = syllables[number / 12 % 16] + syllables[number / 192 % 16] + syllables[number / 3_072 % 16]
        return "\(family) \(given)"
    }

    private static func birth(_ number: Int) -> [String: String] {
        let parts = name(number).split(separator: " ").map(String.init)
        let mother = name(number &* 31 &+ 17).split(separator: " ").map(String.init)
        let today = Instant.systemNow().dayInCambodia
        return [
            "child.family_km": parts[0], "child.given_km": parts[1], "child.sex": number % 2 == 0 ? "1" : "2",
            "event.date": CalendarDate(daysSinceEpoch: today.daysSinceEpoch - number % 29).description,
            "event.place": office(number), "mother.family_km": mother[0],
            "mother.given_km": mother[1], "mother.birthdate": String(1_985 + number % 18), "father.unknown": "unknown",
            "informant.relation": "mother", "informant.given_km": mother[1],
        ]
    }

    // MARK: Tables

    static func table(_ runs: [Run]) -> Table {
        Table(
            title: "Births from declaration to registration: 4 signed actions, ledger, code, duplicate search",
            columns: [
                "", "births a second by the clock", "CPU each", "births per CPU-second", "`register` alone, a second",
                "PostgreSQL CPU each",
            ],
            rows: runs.map { run in
                let count = Double(run.births)
                return [
                    run.database, Figure.count(count / run.seconds), Figure.milliseconds(run.processor / count),
                    Figure.count(count / run.processor), Figure.count(count / run.registerSeconds),
                    run.databaseProcessor.map { Figure.milliseconds($0 / count) } ?? "in process",
                ]
            })
    }

    static func timesTable(_ runs: [Run]) -> Table {
        func at(_ share: Double, _ sorted: [Double]) -> String {
            sorted.isEmpty ? "–" : Figure.milliseconds(sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))])
        }
        return Table(
            title: "One after the other, by the clock",
            columns: ["", "declaration with duplicate search, p50", "p99", "search by name in Khmer, p50", "p99"],
            rows: runs.map { run in
                [
                    "\(run.database), \(Figure.count(Double(run.births))) births", at(0.5, run.declared),
                    at(0.99, run.declared),
                    at(0.5, run.searched), at(0.99, run.searched),
                ]
            })
    }
}
