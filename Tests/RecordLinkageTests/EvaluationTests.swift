import Testing

@testable import RecordLinkage

@Suite("Finding duplicates")
struct EvaluationTests {
    /// The whole measure is in `docs/duplicates.md`; a debug build measures a smaller country.
    static let people: Int = {
        #if DEBUG
            4000
        #else
            20_000
        #endif
    }()

    @Test("recall and precision on countries that the weights were not estimated from", arguments: [2, 3])
    func heldOut(_ seed: UInt64) {
        let entries = SyntheticCountry(seed: seed).register(people: Self.people, duplicates: Self.people / 10)
        let evaluation = LinkageEvaluation(entries, model: .standard)
        let possible = LinkageModel.standard.possible
        let certain = LinkageModel.standard.certain
        print(
            "seed \(seed): \(evaluation.entries) entries, \(evaluation.truePairs) true pairs, \(evaluation.candidates) "
                + "candidates, blocking recall \(evaluation.blockingRecall); possible: recall "
                + "\(evaluation.recall(from: possible)), precision \(evaluation.precision(from: possible)); certain: "
                + "recall \(evaluation.recall(from: certain)), precision \(evaluation.precision(from: certain))")
        #expect(evaluation.recall(from: possible) >= 0.98)
        #expect(evaluation.precision(from: possible) >= 0.95)
        #expect(evaluation.precision(from: certain) >= 0.99)
    }

    @Test("weights estimated from one country find the duplicates of another")
    func estimated() {
        let training = SyntheticCountry(seed: 11).register(people: Self.people / 2, duplicates: Self.people / 20)
        var estimator = WeightEstimator()
        estimator.randomPairs = 60_000
        estimator.rounds = 60
        let first = estimator.estimate(training.map(\.record))
        #expect(first.converged)
        // The classes mean what they are called.
        #expect(first.model.chances(.match)[.givenName, .exact] > 0.85)
        #expect(first.model.chances(.twin)[.givenName, .exact] < 0.2)
        #expect(first.model.chances(.sibling)[.birthDate, .exact] < 0.1)
        let entries = SyntheticCountry(seed: 12).register(people: Self.people / 2, duplicates: Self.people / 20)
        let evaluation = LinkageEvaluation(entries, model: first.model)
        print(
            "estimated: recall \(evaluation.recall(from: first.model.possible)), precision \(evaluation.precision(from: first.model.possible)), "
                + "\(first.rounds) rounds")
        #expect(evaluation.recall(from: first.model.possible) >= 0.96)
        #expect(evaluation.precision(from: first.model.possible) >= 0.93)
    }

    @Test("the same records give the same model")
    func repeatable() {
        let records = SyntheticCountry(seed: 13).register(people: 600, duplicates: 60).map(\.record)
        var estimator = WeightEstimator()
        estimator.randomPairs = 5000
        estimator.rounds = 10
        let first = estimator.estimate(records)
        let second = estimator.estimate(records)
        for one in LinkageClass.allCases {
            #expect(first.model.chances(one) == second.model.chances(one))
            #expect(first.model.perRecord(one) == second.model.perRecord(one))
        }
    }

    @Test("too few records to estimate from are no error")
    func few() {
        #expect(WeightEstimator().estimate([]).pairs == 0)
        #expect(
            WeightEstimator().estimate([person()]).model.score(PreparedRecord(person()), PreparedRecord(person())).total
                .isFinite)
    }

    @Test("no key is common", arguments: [2])
    func blocks(_ seed: UInt64) {
        let entries = SyntheticCountry(seed: seed).register(people: Self.people, duplicates: Self.people / 10)
        for measure in BlockMeasure.measure(entries) {
            print(
                "\(measure.kind): \(measure.strangers) strangers, \(measure.strangersInTenMillion) of ten million, "
                    + "recall \(measure.recall)")
            #expect(measure.strangersInTenMillion < 100)
        }
    }
}
