import Testing

@testable import KhmerText

@Suite("Latin names")
struct LatinNameTests {
    @Test(
        "spellings that share a skeleton",
        arguments: [
            ["Sokha", "Sokkha", "Soka", "SOKHA", "Sok Ha"], ["Chheang", "Chhieng", "Tcheang", "Jeang"],
            ["Phorn", "Phon", "Pon"],
            ["Sovann", "Sowan", "Sovan"], ["Panha", "Pagna", "Panhha"], ["Oudom", "Udom"], ["Thida", "Tyda"],
            ["Prak", "Prâk", "Pra\u{302}k"],
            ["Sambath", "Sambat"], ["Bunroeun", "Bun Reun"], ["Đara", "Dara"], ["Virak", "Vireak"],
        ])
    func shared(spellings: [String]) {
        #expect(Set(spellings.map(LatinName.skeleton)).count == 1, "\(spellings.map(LatinName.skeleton))")
    }

    @Test(
        "names that keep their own skeleton",
        arguments: [
            ("Sok", "Chan"), ("Dara", "Tara"), ("Bopha", "Sopha"), ("Vanna", "Channa"), ("Heng", "Leng"), ("An", "Na"),
        ])
    func different(left: String, right: String) {
        #expect(LatinName.skeleton(left) != LatinName.skeleton(right))
    }

    @Test("names without a Latin letter have no skeleton", arguments: ["", "សុខ", "12 ", "-'", "中文"])
    func empty(name: String) {
        #expect(LatinName.skeleton(name) == "")
        #expect(LatinName.fold(name) == "")
    }

    @Test(
        "folds",
        arguments: [
            ("Sophea", "sopia"), ("Sreyneang", "sriniang"), ("Sreynieng", "sriniang"), ("Pisey", "pisi"),
            ("Chhoun", "cun"), ("Ly", "li"), ("Lee", "li"),
        ])
    func folds(name: String, expected: String) {
        #expect(LatinName.fold(name) == expected)
    }

    @Test("similarity knows turned names")
    func similarity() {
        #expect(LatinName.similarity("Sok Dara", "Dara Sok") == 1)
        #expect(LatinName.similarity("Pen Sovan", "Pen Sovann") == 1)
        #expect(LatinName.similarity("Sok", "Chhim") < 0.6)
        #expect(LatinName.similarity("", "") == 1)
    }

    @Test(
        "recall and precision on the romanisation table",
        .enabled(if: SharedData.has("kh_names_with_romanisations.csv")))
    func table() throws {
        let rows = try SharedData.rows("kh_names_with_romanisations.csv")
        var pairs = 0
        var bySkeleton = 0
        var byFold = 0
        for row in rows {
            for variant in row[4].split(separator: ";").map(String.init) {
                pairs += 1
                if LatinName.skeleton(row[3]) == LatinName.skeleton(variant) { bySkeleton += 1 }
                if LatinName.similarity(row[3], variant) >= 0.85 { byFold += 1 }
            }
        }
        let names = Set(rows.map { $0[3] }).sorted()
        var different = 0
        var falseMatches = 0
        for (index, left) in names.enumerated() {
            for right in names[(index + 1)...] {
                different += 1
                if LatinName.skeleton(left) == LatinName.skeleton(right) { falseMatches += 1 }
            }
        }
        print(
            "skeleton \(bySkeleton) and fold \(byFold) of \(pairs), false \(falseMatches) of \(different)"
        )
        #expect(pairs > 400)
        #expect(Double(bySkeleton) >= 0.90 * Double(pairs))
        #expect(Double(byFold) >= 0.85 * Double(pairs))
        #expect(Double(falseMatches) <= 0.005 * Double(different))
    }

    @Test(
        "Levenshtein",
        arguments: [
            ("kitten", "sitting", 3), ("", "", 0), ("a", "", 1), ("សុខ", "សុខា", 1), ("abc", "abc", 0), ("ab", "ba", 2),
            ("abcdef", "azced", 3),
        ])
    func levenshtein(left: String, right: String, expected: Int) {
        #expect(StringDistance.levenshtein(left, right, limit: 9) == expected)
        #expect(StringDistance.levenshtein(left, right, limit: expected) == expected)
        if expected > 0 { #expect(StringDistance.levenshtein(left, right, limit: expected - 1) == nil) }
    }

    @Test("the bounded distance is the full one where it is within bounds")
    func bounded() {
        var generator = SeededGenerator(seed: 21)
        func word() -> [Int] {
            (0..<Int.random(in: 0...9, using: &generator)).map { _ in Int.random(in: 0..<3, using: &generator) }
        }
        for _ in 0..<5_000 {
            let (a, b) = (word(), word())
            let full = naive(a, b)
            for limit in 0...10 {
                #expect(StringDistance.levenshtein(a, b, limit: limit) == (full <= limit ? full : nil))
            }
        }
        #expect(StringDistance.levenshtein([1], [1], limit: -1) == nil)
        #expect(StringDistance.levenshtein([1, 2], [3], limit: .max - 1) == 2)
    }

    private func naive(_ a: [Int], _ b: [Int]) -> Int {
        var row = Array(0...b.count)
        for (i, x) in a.enumerated() {
            var next = [i + 1]
            for (j, y) in b.enumerated() { next.append(min(row[j] + (x == y ? 0 : 1), row[j + 1] + 1, next[j] + 1)) }
            row = next
        }
        return row[b.count]
    }

    @Test(
        "Jaro-Winkler, published examples",
        arguments: [
            ("MARTHA", "MARHTA", 0.9611), ("DIXON", "DICKSONX", 0.8133), ("DWAYNE", "DUANE", 0.84), ("a", "b", 0),
            ("", "a", 0), ("a", "a", 1),
        ])
    func jaroWinkler(left: String, right: String, expected: Double) {
        #expect(abs(StringDistance.jaroWinkler(left, right) - expected) < 0.0001)
        #expect(abs(StringDistance.jaroWinkler(right, left) - expected) < 0.0001)
    }

    @Test("any text goes through")
    func fuzz() {
        var generator = SeededGenerator(seed: 31)
        for _ in 0..<10_000 {
            let text = RandomText.any(&generator)
            let skeleton = LatinName.skeleton(text)
            #expect(skeleton.utf8.allSatisfy { (97...122).contains($0) })
            #expect(LatinName.fold(text).isEmpty == skeleton.isEmpty)
            #expect((0...1.000001).contains(LatinName.similarity(text, RandomText.any(&generator))))
        }
    }
}
