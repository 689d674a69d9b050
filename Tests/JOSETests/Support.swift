import Codecs
import Foundation
import Testing

/// A generator that gives the same numbers on every run (SplitMix64), so that a failure can be repeated.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) } }

    /// The bytes with one to four random changes: a byte replaced, a bit turned, a byte put in, a byte taken out, a
    /// cut.
    mutating func mutate(_ bytes: [UInt8]) -> [UInt8] {
        var result = bytes
        for _ in 0..<Int.random(in: 1...4, using: &self) where !result.isEmpty {
            let index = Int.random(in: 0..<result.count, using: &self)
            switch Int.random(in: 0..<6, using: &self) {
            case 0: result[index] = UInt8.random(in: 0...255, using: &self)
            case 1: result[index] ^= 1 << UInt8.random(in: 0..<8, using: &self)
            case 2: result.insert(UInt8.random(in: 0...255, using: &self), at: index)
            case 3: result.remove(at: index)
            case 4: result.insert(contentsOf: result[index...].prefix(8), at: index)
            default: result.removeLast(min(result.count, Int.random(in: 1...4, using: &self)))
            }
        }
        return result
    }
}

/// Outside test vectors, which lie beside the package.
enum Vectors {
    static let folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("shared/vectors")

    static let present = FileManager.default.fileExists(atPath: folder.path)

    static func bytes(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: folder.appendingPathComponent(path)))
    }

    static func json(_ path: String) throws -> JSONValue {
        try JSON.parse(bytes(path), limits: JSONLimits(depth: 64, size: 1 << 26, values: 1 << 24))
    }
}

/// Counts what a vector file came to: how many cases were checked, and which were left out, with the reason.
struct Tally {
    /// How many cases of each file are left out, so that the number cannot grow unseen. The reasons stand at the place
    /// where a case is left out and are printed with the case's numbers.
    static let leftOut: [String: Int] = [
        "hmac_sha256": 90, "aes_wrap": 27, "rsa_oaep_2048_sha256_mgf1sha256": 8, "rsa_oaep_2048_sha1_mgf1sha1": 7,
        "ecdh_secp256r1_ecpoint": 9, "json_web_signature (JWS)": 8, "json_web_encryption (JWE)": 15,
    ]

    let file: String
    private(set) var checked = 0
    private var skipped: [(reason: String, cases: [Int64])] = []

    init(_ file: String) { self.file = file }

    mutating func check() { checked += 1 }

    mutating func skip(_ identifier: Int64, because reason: String) {
        if let index = skipped.firstIndex(where: { $0.reason == reason }) {
            skipped[index].cases.append(identifier)
        } else {
            skipped.append((reason, [identifier]))
        }
    }

    var skippedCount: Int { skipped.reduce(0) { $0 + $1.cases.count } }

    /// Prints one line for the file and one for each reason.
    func report() {
        #expect(skippedCount == Tally.leftOut[file] ?? 0, "\(file)")
        print("vectors \(file): \(checked) checked, \(skippedCount) left out")
        for (reason, cases) in skipped { print("  left out \(cases.count) (tcId \(cases)): \(reason)") }
    }
}

/// One case of a Wycheproof file together with its group.
struct WycheproofCase {
    let group: JSONObject
    let test: JSONObject
    var id: Int64 { test.integer("tcId") ?? -1 }
    var isValid: Bool { test.string("result") == "valid" }
    var isAcceptable: Bool { test.string("result") == "acceptable" }
    var flags: [String] { test.strings("flags") ?? [] }
    func hex(_ name: String) -> [UInt8] { test.string(name).flatMap { Hex.decode($0) } ?? [] }

    static func load(_ name: String) throws -> [WycheproofCase] {
        let groups = try Vectors.json("wycheproof/\(name)_test.json")["testGroups"]?.arrayValue ?? []
        return groups.compactMap(\.objectValue).flatMap { group in
            (group.array("tests") ?? []).compactMap(\.objectValue).map { WycheproofCase(group: group, test: $0) }
        }
    }
}
