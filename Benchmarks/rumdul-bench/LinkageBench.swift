import ArgumentParser
import Kernel
import RecordLinkage

/// `rumdul-bench linkage` prints what `docs/duplicates.md` says; with `--weights` the source of the standard weights.
struct Linkage: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "linkage",
        abstract: "Measure record linkage on synthetic countries, or estimate its weights anew.",
        discussion: """
            Example: rumdul-bench linkage --people 20000
            Example: rumdul-bench linkage --weights > Sources/Foundations/RecordLinkage/Model/StandardWeights.swift
            """)

    @Option(name: .long, help: "People of each country; a tenth of them is entered again.") var people = 20_000
    @Option(name: .long, help: "Seeds of the countries that are linked.") var seeds: [UInt64] = [2, 3, 4]
    @Flag(name: .long, help: "Estimate from the country of seed 1 and print the weights as Swift.") var weights = false

    func run() throws {
        if weights {
            let entries = SyntheticCountry(seed: 1).register(people: people, duplicates: people / 10)
            print(WeightEstimator().estimate(entries.map(\.record)).model.source, terminator: "")
            return
        }
        var report = Report()
        report.add(finding())
        let register = SyntheticCountry(seed: seeds.first ?? 2).register(people: people, duplicates: people / 10)
        report.add(blocks(register))
        report.add(speed(register.map(\.record)))
        print(report.markdown)
    }

    private func finding() -> Table {
        let thresholds = [-6, LinkageModel.standardPossible, 0, 5, LinkageModel.standardCertain]
        var rows: [[String]] = []
        for seed in seeds {
            let entries = SyntheticCountry(seed: seed).register(people: people, duplicates: people / 10)
            let evaluation = LinkageEvaluation(entries, model: .standard)
            for threshold in thresholds {
                rows.append([
                    "\(seed)", Figure.count(Double(evaluation.truePairs)), Figure.count(Double(evaluation.candidates)),
                    percent(evaluation.blockingRecall), Figure.decimal(threshold, 0),
                    percent(evaluation.recall(from: threshold)), percent(evaluation.precision(from: threshold)),
                    "\(evaluation.found(.family, from: threshold))", "\(evaluation.found(.stranger, from: threshold))",
                ])
            }
        }
        return Table(
            title: "Duplicates found among \(people) people and \(people / 10) later entries",
            columns: [
                "seed", "true pairs", "candidates", "of the true pairs", "total from", "recall", "precision",
                "wrong: family", "wrong: strangers",
            ], rows: rows)
    }

    private func blocks(_ entries: [SyntheticEntry]) -> Table {
        Table(
            title: "Keys of \(entries.count) entries",
            columns: [
                "kind", "entries that have it", "true pairs that share it", "strangers per entry",
                "of ten million", "largest block",
            ],
            rows: BlockMeasure.measure(entries).map { measure in
                [
                    "\(measure.kind)", percent(measure.coverage), percent(measure.recall),
                    Figure.decimal(measure.strangers, 4), Figure.decimal(measure.strangersInTenMillion, 1),
                    "\(measure.largest)",
                ]
            })
    }

    private func speed(_ records: [LinkageRecord]) -> Table {
        let sample = Array(records.prefix(5000))
        let start = ProcessorTime.own
        let prepared = sample.map { PreparedRecord($0) }
        let middle = ProcessorTime.own
        var keys = 0
        for record in sample { keys += BlockingKeys.keys(for: record).count }
        let beforeScores = ProcessorTime.own
        var sum = 0.0
        let count = 2_000_000
        for index in 0..<count {
            let left = prepared[index % prepared.count]
            sum += LinkageModel.standard.score(left, prepared[(index * 7919 + 1) % prepared.count]).total
        }
        let beforePairs = ProcessorTime.own
        for index in 0..<count {
            // The same entry, and the next one, which is often a brother or sister.
            sum +=
                LinkageModel.standard.score(
                    prepared[index % prepared.count], prepared[(index + index & 1) % prepared.count]
                ).total
        }
        let end = ProcessorTime.own
        precondition(sum.isFinite && keys > 0, "something was measured")
        func row(_ name: String, _ seconds: Double, _ count: Int) -> [String] {
            let each = seconds / Double(count)
            return [name, Figure.decimal(each * 1e6, 2) + " µs", Figure.count(1 / each)]
        }
        return Table(
            title: "Linkage in process", columns: ["", "CPU each", "per CPU-second"],
            rows: [
                row("prepare a record", middle - start, sample.count),
                row("all blocking keys of a record", beforeScores - middle, sample.count),
                row("score two entries drawn at random", beforePairs - beforeScores, count),
                row("score an entry with itself or the next", end - beforePairs, count),
            ])
    }

    private func percent(_ share: Double) -> String { Figure.decimal(share * 100, 2) + " %" }
}
