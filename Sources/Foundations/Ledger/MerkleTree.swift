import Crypto
import Kernel

/// The Merkle tree of RFC 9162 section 2.1 over leaf hashes. Pure.
public enum MerkleTree {
    /// The root of the empty tree: SHA-256 of nothing.
    public static let emptyRoot = Array(SHA256.hash(data: [UInt8]()))

    /// The hash of an inner node: SHA-256(0x01 || left || right).
    public static func node(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = [1]
        bytes.reserveCapacity(1 + left.count + right.count)
        bytes += left
        bytes += right
        return Array(SHA256.hash(data: bytes))
    }

    /// Checks an inclusion proof (RFC 9162 section 2.1.3.2).
    /// - Parameters:
    ///   - leaf: the leaf hash.
    ///   - index: the place of the leaf from 0.
    ///   - size: the size of the tree.
    public static func verifyInclusion(
        leaf: [UInt8], index: Int64, size: Int64, path: [[UInt8]], root: [UInt8]
    ) -> Bool {
        guard index >= 0, index < size else { return false }
        var fn = index
        var sn = size - 1
        var hash = leaf
        for sibling in path {
            guard sn > 0 else { return false }
            if fn & 1 == 1 || fn == sn {
                hash = node(sibling, hash)
                while fn & 1 == 0, fn != 0 {
                    fn >>= 1
                    sn >>= 1
                }
            } else {
                hash = node(hash, sibling)
            }
            fn >>= 1
            sn >>= 1
        }
        return sn == 0 && constantTimeEquals(hash, root)
    }

    /// Checks that the tree of size `newSize` begins with the tree of size `oldSize` (RFC 9162 section 2.1.4.2).
    public static func verifyConsistency(
        oldSize: Int64, oldRoot: [UInt8], newSize: Int64, newRoot: [UInt8], path: [[UInt8]]
    ) -> Bool {
        guard oldSize > 0, oldSize <= newSize else { return false }
        if oldSize == newSize { return path.isEmpty && constantTimeEquals(oldRoot, newRoot) }
        var rest = path[...]
        // When the old tree is a complete subtree, its root is the first hash and is left out of the proof.
        let first = oldSize & (oldSize - 1) == 0 ? oldRoot : rest.popFirst()
        guard let first, !rest.isEmpty else { return false }
        var fn = oldSize - 1
        var sn = newSize - 1
        while fn & 1 == 1 {
            fn >>= 1
            sn >>= 1
        }
        var old = first
        var new = first
        for sibling in rest {
            guard sn > 0 else { return false }
            if fn & 1 == 1 || fn == sn {
                old = node(sibling, old)
                new = node(sibling, new)
                while fn & 1 == 0, fn != 0 {
                    fn >>= 1
                    sn >>= 1
                }
            } else {
                new = node(new, sibling)
            }
            fn >>= 1
            sn >>= 1
        }
        return sn == 0 && constantTimeEquals(old, oldRoot) && constantTimeEquals(new, newRoot)
    }

    /// The ranges of leaves whose hashes make up the inclusion proof of a leaf, in the order of the path.
    static func inclusionRanges(index: Int64, size: Int64) -> [Range<Int64>] {
        var ranges: [Range<Int64>] = []
        var low: Int64 = 0
        var high = size
        while high - low > 1 {
            let middle = low + split(high - low)
            if index < middle {
                ranges.append(middle..<high)
                high = middle
            } else {
                ranges.append(low..<middle)
                low = middle
            }
        }
        return ranges.reversed()
    }

    /// The ranges of leaves whose hashes make up the consistency proof between two sizes, in the order of the path.
    static func consistencyRanges(oldSize: Int64, newSize: Int64) -> [Range<Int64>] {
        var ranges: [Range<Int64>] = []
        var low: Int64 = 0
        var high = newSize
        var isOldRoot = true
        while oldSize < high {
            let middle = low + split(high - low)
            if oldSize <= middle {
                ranges.append(middle..<high)
                high = middle
            } else {
                ranges.append(low..<middle)
                low = middle
                isOldRoot = false
            }
        }
        if !isOldRoot { ranges.append(low..<high) }
        return ranges.reversed()
    }

    /// The complete subtrees of a range that starts at a multiple of a power of two not below its length, left to
    /// right.
    static func subtrees(of range: Range<Int64>) -> [(level: Int, place: Int64)] {
        var result: [(Int, Int64)] = []
        var start = range.lowerBound
        while start < range.upperBound {
            let rest = UInt64(range.upperBound - start)
            let level = 63 - rest.leadingZeroBitCount
            result.append((level, start >> Int64(level)))
            start += 1 << Int64(level)
        }
        return result
    }

    /// The hash over subtrees from left to right.
    static func fold(_ subtrees: [[UInt8]]) -> [UInt8] {
        guard var hash = subtrees.last else { return emptyRoot }
        for left in subtrees.dropLast().reversed() { hash = node(left, hash) }
        return hash
    }

    /// The largest power of two below a number of at least 2.
    private static func split(_ count: Int64) -> Int64 { 1 << Int64(63 - UInt64(count - 1).leadingZeroBitCount) }
}

/// The right edge of a growing tree: the roots of its complete subtrees, largest first. Adding a leaf costs one hash on
/// average and the root a logarithm of the size, whatever lies in the tree.
struct CompactRange: Sendable, Hashable {
    private(set) var size: Int64 = 0
    private(set) var peaks: [[UInt8]] = []

    init() {}

    /// From the roots of the complete subtrees of a tree of this size.
    init(size: Int64, peaks: [[UInt8]]) {
        self.size = size
        self.peaks = peaks
    }

    var root: [UInt8] { MerkleTree.fold(peaks) }

    /// Adds a leaf hash and tells about every complete subtree of at least two leaves that it closes.
    mutating func append(
        _ leaf: [UInt8], completed: (_ level: Int, _ place: Int64, _ hash: [UInt8]) -> Void = { _, _, _ in }
    ) {
        var hash = leaf
        var level = 0
        var bits = size
        size += 1
        while bits & 1 == 1 {
            hash = MerkleTree.node(peaks.removeLast(), hash)
            level += 1
            bits >>= 1
            completed(level, (size >> Int64(level)) - 1, hash)
        }
        peaks.append(hash)
    }
}
