import Codecs
import Crypto
import Testing

@testable import Ledger

@Suite struct MerkleTreeTests {
    /// The definition of RFC 9162 section 2.1.1, by recursion.
    static func root(_ leaves: ArraySlice<[UInt8]>) -> [UInt8] {
        guard let first = leaves.first else { return Array(SHA256.hash(data: [UInt8]())) }
        if leaves.count == 1 { return first }
        var split = 1
        while split * 2 < leaves.count { split *= 2 }
        let middle = leaves.startIndex + split
        return Array(SHA256.hash(data: [1] + root(leaves[..<middle]) + root(leaves[middle...])))
    }

    static func leaves(_ count: Int) -> [[UInt8]] {
        (0..<count).map { Array(SHA256.hash(data: [0, UInt8($0 & 255), UInt8($0 >> 8)])) }
    }

    /// The test vectors of the Certificate Transparency implementations: leaves "", 00, 10, 2021, 3031, 40414243, ...
    @Test func knownRoots() throws {
        let inputs = [
            "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
        ]
        let expected = [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ]
        var range = CompactRange()
        #expect(range.root == MerkleTree.emptyRoot)
        for (input, root) in zip(inputs, expected) {
            let data = try #require(input.isEmpty ? [] : Hex.decode(input))
            range.append(Array(SHA256.hash(data: [0] + data)))
            #expect(Hex.encode(range.root) == root)
        }
    }

    @Test func compactRangeIsTheTree() {
        let leaves = Self.leaves(600)
        var range = CompactRange()
        var nodes: [String: [UInt8]] = [:]
        for (index, leaf) in leaves.enumerated() {
            range.append(leaf) { level, place, hash in nodes["\(level)/\(place)"] = hash }
            if index < 140 || index % 53 == 0 { #expect(range.root == Self.root(leaves[...index])) }
        }
        for level in 1...9 {
            for place in 0..<(600 >> level) {
                #expect(nodes["\(level)/\(place)"] == Self.root(leaves[(place << level)..<((place + 1) << level)]))
            }
        }
        #expect(nodes.count == (1...9).reduce(0) { $0 + 600 >> $1 })
    }

    @Test func inclusionProofsAgainstBruteForce() {
        let leaves = Self.leaves(70)
        for size in 1...70 {
            let root = Self.root(leaves[..<size])
            for index in 0..<size {
                let path = MerkleTree.inclusionRanges(index: Int64(index), size: Int64(size)).map { range in
                    Self.root(leaves[Int(range.lowerBound)..<Int(range.upperBound)])
                }
                func check(_ leaf: [UInt8], _ index: Int, _ size: Int, _ path: [[UInt8]], _ root: [UInt8]) -> Bool {
                    MerkleTree.verifyInclusion(
                        leaf: leaf, index: Int64(index), size: Int64(size), path: path, root: root)
                }
                #expect(check(leaves[index], index, size, path, root))
                #expect(!check(leaves[(index + 1) % 70], index, size, path, root))
                #expect(!check(leaves[index], index, size, path, leaves[0].map { $0 ^ 1 }))
                #expect(!check(leaves[index], index, size, path + [root], root))
                if !path.isEmpty { #expect(!check(leaves[index], index, size, Array(path.dropLast()), root)) }
                #expect(!check(leaves[index], index + size, size, path, root))
            }
        }
    }

    @Test func consistencyProofsAgainstBruteForce() {
        let leaves = Self.leaves(70)
        for newSize in 1...70 {
            let newRoot = Self.root(leaves[..<newSize])
            for oldSize in 1...newSize {
                let oldRoot = Self.root(leaves[..<oldSize])
                let ranges = MerkleTree.consistencyRanges(oldSize: Int64(oldSize), newSize: Int64(newSize))
                let path = ranges.map { range in
                    Self.root(leaves[Int(range.lowerBound)..<Int(range.upperBound)])
                }
                func check(_ oldRoot: [UInt8], _ newRoot: [UInt8], _ path: [[UInt8]]) -> Bool {
                    MerkleTree.verifyConsistency(
                        oldSize: Int64(oldSize), oldRoot: oldRoot, newSize: Int64(newSize), newRoot: newRoot,
                        path: path)
                }
                #expect(check(oldRoot, newRoot, path))
                #expect(!check(oldRoot.map { $0 ^ 1 }, newRoot, path))
                #expect(!check(oldRoot, newRoot.map { $0 ^ 1 }, path))
                #expect(!check(oldRoot, newRoot, path + [newRoot]))
                if !path.isEmpty { #expect(!check(oldRoot, newRoot, Array(path.dropLast()))) }
            }
        }
        #expect(!MerkleTree.verifyConsistency(oldSize: 0, oldRoot: [], newSize: 1, newRoot: [], path: []))
    }

    @Test func subtreesCoverTheirRange() {
        for (range, expected) in [
            (Int64(0)..<Int64(7), ["2/0", "1/2", "0/6"]), (8..<16, ["3/1"]), (8..<11, ["1/4", "0/10"]),
            (4..<5, ["0/4"]),
        ] {
            #expect(MerkleTree.subtrees(of: range).map { "\($0.level)/\($0.place)" } == expected)
        }
    }
}
