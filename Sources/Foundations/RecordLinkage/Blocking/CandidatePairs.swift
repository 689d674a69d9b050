/// All pairs of some records that share a blocking key, each pair once, under the first kind of key that it shares.
public struct CandidatePairs: Sendable {
    /// How many kinds of keys there are.
    let width: Int
    /// For each record and kind the number of its block, from 1; 0 for none.
    private var blockOf: [UInt32]
    /// For each kind its blocks in the order of their first record.
    private var blocks: [[[UInt32]]]
    /// Blocks with more records are left out, because their pairs grow with the square. No name and year of a register
    /// reaches it; a hostile import could.
    public let largestBlock: Int

    /// - Parameters:
    ///   - records: the records; pairs are given by their indices.
    ///   - largestBlock: the most records of a block that is looked at.
    public init(_ records: [LinkageRecord], largestBlock: Int = 20_000) {
        self.init(records, kinds: BlockingKeys.Kind.allCases.count, largestBlock: largestBlock) {
            BlockingKeys.kindsAndKeys(for: $0).map { ($0.kind.number, $0.key) }
        }
    }

    /// Pairs under other keys: for each record some kinds, by number from 0, with their keys.
    init(
        _ records: [LinkageRecord], kinds: Int, largestBlock: Int = 20_000,
        keys: (LinkageRecord) -> [(kind: Int, key: String)]
    ) {
        self.largestBlock = largestBlock
        width = kinds
        blockOf = Array(repeating: 0, count: records.count * kinds)
        blocks = Array(repeating: [], count: kinds)
        // By bytes: Khmer keys are never compared as strings.
        var numbers: [[UInt8]: UInt32] = [:]
        for (index, record) in records.enumerated() {
            for (kind, key) in keys(record) where kind < kinds {
                let bytes = Array(key.utf8)
                let number = numbers[bytes] ?? UInt32(blocks[kind].count + 1)
                if Int(number) > blocks[kind].count {
                    numbers[bytes] = number
                    blocks[kind].append([])
                }
                blocks[kind][Int(number) - 1].append(UInt32(index))
                blockOf[index * kinds + kind] = number
            }
        }
    }

    /// The sizes of the blocks of a kind, in the order of their first record.
    public func blockSizes(_ kind: BlockingKeys.Kind) -> [Int] {
        blocks[kind.number].map(\.count)
    }

    /// The pairs within the blocks of one kind, whether or not an earlier kind has them too.
    func visit(within kind: Int, _ body: (Int, Int) -> Void) {
        for block in blocks[kind] where block.count > 1 && block.count <= largestBlock {
            for second in 1..<block.count {
                for first in 0..<second { body(Int(block[first]), Int(block[second])) }
            }
        }
    }

    /// Visits each pair once: the lower index, the higher index, the first kind that both share.
    public func visit(_ body: (Int, Int, BlockingKeys.Kind) -> Void) {
        visitNumbered { left, right, kind in body(left, right, BlockingKeys.Kind.allCases[kind]) }
    }

    /// The same with the number of the kind.
    func visitNumbered(_ body: (Int, Int, Int) -> Void) {
        for kind in 0..<width {
            visit(within: kind) { left, right in
                if !sharesEarlier(left, right, than: kind) { body(left, right, kind) }
            }
        }
    }

    private func sharesEarlier(_ left: Int, _ right: Int, than kind: Int) -> Bool {
        for earlier in 0..<kind {
            let block = blockOf[left * width + earlier]
            if block != 0, block == blockOf[right * width + earlier],
                blocks[earlier][Int(block) - 1].count <= largestBlock
            {
                return true
            }
        }
        return false
    }
}
