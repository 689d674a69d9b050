import DemoWorld
import Foundation
import Kernel
import PopulationRegister
import RumdulServer

/// Fills a register step by step, in this process; at each size, how fast people are entered and found.
struct RegisterBench {
    let largest: Int
    private static let sizes = [10_000, 100_000, 1_000_000]
    private static let lookups = 20_000

    init(largest: Int) { self.largest = largest }

    /// One size of the register.
    struct Step: Sendable {
        var database: String
        var size: Int
        /// People entered since the step before.
        var entered: Int
        var enteredSeconds: Double
        var enteredProcessor: Double
        var enteredDatabase: Double?
        /// Of one look-up.
        var lookupProcessor: Double
        var lookupDatabase: Double?
        var lookupSeconds: Double
    }

    func measure(on name: String, folder: String, database: String?, cluster: Cluster?) async throws -> [Step] {
        var configuration = Configuration()
        configuration.dataDirectory = folder
        configuration.database = database
        configuration.syntheticPeople = true
        let node = try await Node.open(configuration)
        var steps: [Step] = []
        var codes: [KIDC] = []
        do {
            var size = 0
            for target in RegisterBench.sizes where target <= largest {
                steps.append(try await step(node, name, from: size, to: target, &codes, cluster))
                size = target
            }
        } catch {
            await node.close()
            throw error
        }
        await node.close()
        return steps
    }

    private func step(
        _ node: Node, _ name: String, from: Int, to target: Int, _ codes: inout [KIDC], _ cluster: Cluster?
    ) async throws -> Step {
        let country = try await SyntheticCountry.on(node.reference, seed: 5)
        var seconds = 0.0
        var processor = 0.0
        let database = cluster?.processorSeconds
        for start in stride(from: from, to: target, by: 1000) {
            let drafts = country.people(start..<start + 1000)
            let before = (ContinuousClock.now, ProcessorTime.own)
            let entered = try await node.register.register(many: drafts, by: .system("bench"))
            seconds += before.0.duration(to: .now).seconds
            processor += ProcessorTime.own - before.1
            codes += entered.map(\.kidc)
        }
        let filled = cluster?.processorSeconds
        // Scattered over all that were ever entered, the same ones in every run.
        let wanted = (0..<RegisterBench.lookups).map { codes[$0 &* 7_919_993 % codes.count] }
        for code in wanted.prefix(2000) { _ = try await node.register.person(kidc: code) }
        let before = (ContinuousClock.now, ProcessorTime.own, cluster?.processorSeconds)
        for code in wanted {
            guard try await node.register.person(kidc: code) != nil else { throw RumdulError.bench("person not found") }
        }
        let count = Double(wanted.count)
        func difference(_ end: Double?, _ start: Double?) -> Double? { end.flatMap { end in start.map { end - $0 } } }
        return Step(
            database: name, size: target, entered: target - from, enteredSeconds: seconds, enteredProcessor: processor,
            enteredDatabase: difference(filled, database), lookupProcessor: (ProcessorTime.own - before.1) / count,
            lookupDatabase: difference(cluster?.processorSeconds, before.2).map { $0 / count },
            lookupSeconds: before.0.duration(to: .now).seconds / count)
    }

    static func peopleTable(_ steps: [Step]) -> Table {
        Table(
            title: "People registered, in transactions of 1,000",
            columns: ["", "per second by the clock", "per CPU-second", "CPU each", "PostgreSQL CPU each"],
            rows: steps.map { step in
                let count = Double(step.entered)
                return [
                    "\(step.database), up to \(Figure.count(Double(step.size)))",
                    Figure.count(count / step.enteredSeconds), Figure.count(count / step.enteredProcessor),
                    Figure.microseconds(step.enteredProcessor / count),
                    step.enteredDatabase.map { Figure.microseconds($0 / count) } ?? "in process",
                ]
            })
    }

    static func lookupTable(_ steps: [Step]) -> Table {
        Table(
            title: "KIDC look-up, one after the other",
            columns: [
                "", "CPU each", "per CPU-second", "of the look-up among 10,000", "PostgreSQL CPU each", "time each",
            ],
            rows: steps.map { step in
                let smallest = steps.first { $0.database == step.database }?.lookupProcessor ?? step.lookupProcessor
                return [
                    "\(step.database), \(Figure.count(Double(step.size))) people",
                    Figure.microseconds(step.lookupProcessor), Figure.count(1 / step.lookupProcessor),
                    Figure.percent(smallest / step.lookupProcessor),
                    step.lookupDatabase.map(Figure.microseconds) ?? "in process",
                    Figure.microseconds(step.lookupSeconds),
                ]
            })
    }
}
