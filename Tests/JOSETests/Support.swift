import Codecs
import Foundation
import TestVectors
import Testing

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
