import Kernel

/// Checks the entries of one stream as they come by, against each other and against signed heads. Pure; holds a window
/// of rows and nothing else, however long the stream is.
///
/// A row is judged when the rows on both sides of it are known, because a broken link alone does not tell which of the
/// two rows is the wrong one.
struct StreamVerifier {
    /// Rows that are known on either side of the row that is judged; also how far a moved row is recognised.
    static let reach: Int64 = 64
    /// Wrong rows whose own place is searched for in full; later ones are only compared with the displacement seen
    /// last.
    private static let searches = 5000

    private struct Row {
        let sequence: Int64
        let previous: [UInt8]
        let hash: [UInt8]
        /// The content has the hash.
        let isSound: Bool
        /// The place at which the content would have the hash.
        let movedFrom: Int64?
    }

    let stream: String
    private(set) var findings: [LedgerFinding] = []
    private(set) var uncheckedHeads = 0
    private(set) var lastSequence: Int64 = 0

    private var window: [Row] = []
    /// The next row in the window to be judged.
    private var next = 0
    /// Rows that were found at another place: their own place and hash.
    private var moved: [Int64: [UInt8]] = [:]
    private var lastDisplacement: Int64?
    private var searched = 0
    /// The next sequence that should come.
    private var expected: Int64 = 1
    /// The last row that was found to be wrong.
    private var lastCulprit: Int64?
    /// `nil` once a leaf is not known any more.
    private var tree: CompactRange? = CompactRange()
    private var heads: [(head: StreamHead, checkpoint: Int64)] = []
    private var nextHead = 0
    private var provenSize: Int64 = 0
    private var findingsAtProof = 0

    init(stream: String) { self.stream = stream }

    /// Takes signed heads, in the order of their sizes, before the rows that they cover.
    mutating func expect(_ head: StreamHead, checkpoint: Int64) { heads.append((head, checkpoint)) }

    /// Takes the next row in the order of sequences.
    mutating func take(_ record: LedgerRecord) {
        guard (1..<Ledger.maximumSequence).contains(record.sequence) else {
            report(.inserted, record.sequence)
            return
        }
        lastSequence = max(lastSequence, record.sequence)
        let isSound = record.contentHash == record.hash
        let movedFrom = isSound ? nil : place(of: record)
        if let movedFrom { moved[movedFrom] = record.hash }
        window.append(
            Row(
                sequence: record.sequence, previous: record.previousHash, hash: record.hash, isSound: isSound,
                movedFrom: movedFrom))
        // A second row behind the judged one at least, and the whole reach in sequences.
        while next + 2 < window.count, window[window.count - 1].sequence - window[next].sequence >= Self.reach {
            judge()
        }
        trim()
    }

    /// Judges what is left, and looks for entries that the last heads cover but that are not there.
    mutating func finish() {
        while next < window.count { judge() }
        guard nextHead < heads.count, let last = heads.last, last.head.size >= expected else {
            uncheckedHeads += heads.count - nextHead
            return
        }
        missing(expected..<(last.head.size + 1), checkpoint: last.checkpoint)
        uncheckedHeads += heads.count - nextHead
    }

    /// The findings so far, which are then forgotten.
    mutating func takeFindings() -> [LedgerFinding] {
        defer {
            findingsAtProof -= findings.count
            findings = []
        }
        return findings
    }

    // MARK: - One row

    private mutating func judge() {
        let row = window[next]
        let before = next > 0 ? window[next - 1] : nil
        let after = next + 1 < window.count ? window[next + 1] : nil
        defer { next += 1 }
        guard row.sequence >= expected else {
            report(.inserted, row.sequence)
            return
        }
        if row.sequence > expected { gap(upTo: row) }
        let isCulprit = row.isSound ? judgeSound(row, before, after) : judgeUnsound(row)
        if isCulprit { lastCulprit = row.sequence }
        push(leaf(of: row, isCulprit: isCulprit, after: after))
        expected = row.sequence + 1
    }

    /// Whether a row whose content has its hash is nevertheless in the wrong, because its neighbours say so.
    private mutating func judgeSound(_ row: Row, _ before: Row?, _ after: Row?) -> Bool {
        if let original = moved[row.sequence], original != row.hash {
            report(.inserted, row.sequence)
            return true
        }
        let linksBack = links(before, row)
        let linksForward = after.map { links(row, $0) } ?? true
        if !linksBack, !linksForward || before == nil {
            report(.replaced, row.sequence)
            return true
        }
        if !linksForward, let after {
            // A signed head over this row, or the original of the next row elsewhere, shows that the next row is the
            // wrong one.
            if isProven(row) { return false }
            if let original = moved[after.sequence], original != after.hash { return false }
            // So does a break on the next row's other side.
            let second = next + 2 < window.count ? window[next + 2] : nil
            if let second, !links(after, second) { return false }
            report(.replaced, row.sequence)
            return true
        }
        if !linksBack, let before, before.sequence <= provenSize, before.sequence != lastCulprit {
            report(isCovered(row.sequence) ? .replaced : .inserted, row.sequence)
            return true
        }
        return false
    }

    /// Whether a signed head covers everything up to this row, as it is.
    private func isProven(_ row: Row) -> Bool {
        if row.sequence <= provenSize { return true }
        guard var tree, nextHead < heads.count, heads[nextHead].head.size == row.sequence else { return false }
        guard tree.size == row.sequence - 1 else { return false }
        tree.append(row.hash)
        return tree.root == heads[nextHead].head.root
    }

    private mutating func judgeUnsound(_ row: Row) -> Bool {
        guard let own = row.movedFrom else {
            report(moved[row.sequence] == nil ? .edited : .inserted, row.sequence)
            return true
        }
        if window.contains(where: { $0.sequence == own && $0.isSound && $0.hash == row.hash }) {
            // The original is still in its place: this is a copy.
            report(.inserted, row.sequence)
            return true
        }
        if moved[row.sequence] == nil, row.sequence < own || isCovered(row.sequence) {
            missing(row.sequence..<row.sequence + 1, checkpoint: nil)
        }
        findings.append(
            LedgerFinding(.reordered, stream: stream, sequence: row.sequence, displacement: row.sequence - own))
        return true
    }

    /// Whether a signed head is waiting that covers a place: then an entry was written there.
    private func isCovered(_ sequence: Int64) -> Bool { heads.last.map { $0.head.size >= sequence } ?? false }

    private func links(_ left: Row?, _ right: Row) -> Bool {
        guard right.isSound else { return true }
        guard let left else { return right.sequence != 1 || right.previous == EntryHash.zero }
        guard left.sequence + 1 == right.sequence, left.isSound else { return true }
        return right.previous == left.hash
    }

    // MARK: - The tree

    /// The hash that the entry had when it was written, as far as it can be told.
    private func leaf(of row: Row, isCulprit: Bool, after: Row?) -> [UInt8]? {
        if let original = moved[row.sequence] { return original }
        if !isCulprit { return row.hash }
        if let after, after.sequence == row.sequence + 1 {
            if after.isSound { return after.previous }
            return after.previous == row.hash ? row.hash : nil
        }
        return row.movedFrom == nil && after == nil ? row.hash : nil
    }

    private mutating func gap(upTo row: Row) {
        missing(expected..<row.sequence, checkpoint: nil)
        for sequence in expected..<row.sequence {
            if tree == nil { break }
            push(moved[sequence] ?? (sequence == row.sequence - 1 && row.isSound ? row.previous : nil))
        }
        expected = row.sequence
    }

    private mutating func push(_ leaf: [UInt8]?) {
        guard let leaf else {
            tree = nil
            return
        }
        guard tree != nil else { return }
        tree?.append(leaf)
        guard let tree else { return }
        while nextHead < heads.count, heads[nextHead].head.size <= tree.size {
            let (head, checkpoint) = heads[nextHead]
            guard head.size == tree.size, head.root == tree.root else {
                if findings.count == findingsAtProof {
                    findings.append(
                        LedgerFinding(
                            .rewritten, stream: stream, sequence: provenSize + 1, through: head.size,
                            checkpoint: checkpoint))
                }
                self.tree = nil
                return
            }
            nextHead += 1
            provenSize = head.size
            findingsAtProof = findings.count
        }
    }

    // MARK: - Reporting

    private mutating func report(_ kind: LedgerFinding.Kind, _ sequence: Int64) {
        findings.append(LedgerFinding(kind, stream: stream, sequence: sequence))
    }

    /// Entries that are not there, without those that were found elsewhere.
    private mutating func missing(_ range: Range<Int64>, checkpoint: Int64?) {
        var start: Int64?
        // What was found elsewhere is few; the range may be long.
        let elsewhere = moved.keys.filter { range.contains($0) }.sorted()
        start = range.lowerBound
        for found in elsewhere + [range.upperBound] {
            if let first = start, first < found {
                findings.append(
                    LedgerFinding(
                        .deleted, stream: stream, sequence: first, through: found - 1, checkpoint: checkpoint))
            }
            start = found + 1
        }
    }

    /// The place at which a wrong row would be right, near to where it is.
    private mutating func place(of record: LedgerRecord) -> Int64? {
        if let lastDisplacement, record.contentHash(asSequence: record.sequence - lastDisplacement) == record.hash {
            return record.sequence - lastDisplacement
        }
        guard searched < Self.searches else { return nil }
        searched += 1
        for distance in 1...Self.reach {
            for displacement in [distance, -distance] where record.sequence - displacement >= 1 {
                if record.contentHash(asSequence: record.sequence - displacement) == record.hash {
                    lastDisplacement = displacement
                    return record.sequence - displacement
                }
            }
        }
        return nil
    }

    /// Forgets what is out of reach.
    private mutating func trim() {
        guard next > 4 * Int(Self.reach) else { return }
        let drop = next - Int(Self.reach)
        window.removeFirst(drop)
        next -= drop
        let oldest = expected - 2 * Self.reach
        if moved.count > 4 * Int(Self.reach) { moved = moved.filter { $0.key >= oldest } }
        if nextHead > 1024 {
            heads.removeFirst(nextHead)
            nextHead = 0
        }
    }
}
