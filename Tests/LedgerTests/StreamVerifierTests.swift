import Kernel
import Testing

@testable import Ledger

/// The pure part of the verification against random chains and random damage.
@Suite struct StreamVerifierTests {
    private func chain(_ count: Int64) -> [LedgerRecord] {
        var previous = EntryHash.zero
        return (1...count).map { sequence in
            var record = LedgerRecord(
                stream: "s", sequence: sequence, at: Instant(seconds: sequence), kind: "k", subject: nil,
                payload: Array("{\"n\":\(sequence)}".utf8), previousHash: previous, hash: [])
            record.hash = record.contentHash
            previous = record.hash
            return record
        }
    }

    private func heads(_ chain: [LedgerRecord], at sizes: [Int64]) -> [StreamHead] {
        var range = CompactRange()
        var heads: [StreamHead] = []
        for record in chain {
            range.append(record.hash)
            if sizes.contains(range.size) { heads.append(StreamHead(stream: "s", size: range.size, root: range.root)) }
        }
        return heads
    }

    private func verify(_ rows: [LedgerRecord], _ heads: [StreamHead]) -> LedgerReport {
        var verifier = StreamVerifier(stream: "s")
        for (index, head) in heads.enumerated() { verifier.expect(head, checkpoint: Int64(index + 1)) }
        for row in rows.sorted(by: { $0.sequence < $1.sequence }) { verifier.take(row) }
        verifier.finish()
        var report = LedgerReport()
        for finding in verifier.takeFindings() { report.add(finding) }
        report.uncheckedHeads = verifier.uncheckedHeads
        return report
    }

    @Test func soundChainsHaveNoFindings() {
        for count in [1, 2, 3, 63, 64, 65, 130, 1000] as [Int64] {
            let chain = chain(count)
            let report = verify(chain, heads(chain, at: Array(1...count)))
            #expect(report.isIntact && report.uncheckedHeads == 0)
            #expect(verify(chain, []).isIntact)
        }
    }

    /// One random change to a chain that heads cover is always found, and in its place.
    @Test func everyChangeIsFound() {
        let chain = chain(400)
        let heads = heads(chain, at: [17, 90, 91, 256, 400])
        var generator = SeededGenerator(seed: 21)
        for _ in 0..<600 {
            var rows = chain
            // Often right at a head, where the root and the links speak at once.
            let edges = [15, 16, 17, 89, 90, 91, 255]
            var index = Int.random(in: 0..<rows.count, using: &generator)
            if Bool.random(using: &generator) { index = edges[index % edges.count] }
            let sequence = Int64(index + 1)
            var expected: [String]
            switch Int.random(in: 0..<5, using: &generator) {
            case 0:
                rows[index].payload.append(32)
                expected = ["edited \(sequence)"]
            case 1:
                rows.remove(at: index)
                expected = ["deleted \(sequence)"]
            case 2:
                let other = min(399, index + Int.random(in: 1...60, using: &generator))
                if other == index { continue }
                rows[index].sequence = Int64(other + 1)
                rows[other].sequence = sequence
                expected = ["reordered \(sequence)", "reordered \(other + 1)"]
            case 3:
                let count = min(400 - index, Int.random(in: 2...30, using: &generator))
                rows.removeSubrange(index..<index + count)
                expected = ["deleted \(sequence)-\(index + count)"]
            default:
                rows[index].payload.append(32)
                rows[index].hash = rows[index].contentHash
                expected = ["replaced \(sequence)"]
                // The last one has no follower who names it: the root does.
                if index == 399 { expected = ["rewritten 257-400"] }
            }
            #expect(verify(rows, heads).summary == expected)
        }
    }

    /// Random damage of any kind never traps, and never goes unnoticed when a head covers it.
    @Test func randomDamageIsNoticed() {
        let chain = chain(150)
        let heads = heads(chain, at: [1, 30, 150])
        var generator = SeededGenerator(seed: 22)
        for _ in 0..<3000 {
            var rows = chain
            for _ in 0...Int.random(in: 0..<5, using: &generator) {
                let index = Int.random(in: 0..<rows.count, using: &generator)
                switch Int.random(in: 0..<7, using: &generator) {
                case 0: rows[index].kind = "x"
                case 1: rows[index].hash = EntryHash.zero
                case 2: rows[index].previousHash = []
                case 3: rows.remove(at: index)
                case 4: rows[index].sequence = Int64.random(in: -5...200, using: &generator)
                case 5: rows[index].sequence = Bool.random(using: &generator) ? .max : .min
                default:
                    rows[index].kind = "y"
                    rows[index].hash = rows[index].contentHash
                }
            }
            let changed = Set(rows) != Set(chain)
            #expect(verify(rows, heads).isIntact == !changed)
        }
    }

    /// A chain that was hashed again from some place on is only betrayed by the root, which tells where it can have
    /// begun.
    @Test func rewrittenChainsAreFound() {
        let chain = chain(300)
        let sizes: [Int64] = [40, 128, 200, 300]
        let heads = heads(chain, at: sizes)
        var generator = SeededGenerator(seed: 23)
        for _ in 0..<100 {
            let start = Int.random(in: 0..<300, using: &generator)
            var rows = chain
            rows[start].kind = "forged"
            for index in start..<300 {
                if index > start { rows[index].previousHash = rows[index - 1].hash }
                rows[index].hash = rows[index].contentHash
            }
            let report = verify(rows, heads)
            let end = sizes.first { $0 > Int64(start) } ?? 0
            let begin = (sizes.last { $0 <= Int64(start) } ?? 0) + 1
            #expect(report.summary == ["rewritten \(begin)-\(end)"])
        }
    }
}
