import COSE
import Codecs
import Foundation
import Kernel
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

    /// The bytes with one to four random changes.
    mutating func mutate(_ bytes: [UInt8]) -> [UInt8] {
        var result = bytes
        for _ in 0..<Int.random(in: 1...4, using: &self) where !result.isEmpty {
            let index = Int.random(in: 0..<result.count, using: &self)
            switch Int.random(in: 0..<5, using: &self) {
            case 0: result[index] = UInt8.random(in: 0...255, using: &self)
            case 1: result[index] ^= 1 << UInt8.random(in: 0..<8, using: &self)
            case 2: result.insert(UInt8.random(in: 0...255, using: &self), at: index)
            case 3: result.remove(at: index)
            default: result.removeLast(min(result.count, Int.random(in: 1...4, using: &self)))
            }
        }
        return result
    }
}

/// Outside test vectors, which lie beside the package.
enum Vectors {
    /// The folder `shared/vectors`, in a folder above the sources.
    static let folder: URL = {
        var place = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        while place.path.count > 1 {
            place = place.deletingLastPathComponent()
            let candidate = place.appendingPathComponent("shared/vectors")
            if FileManager.default.fileExists(atPath: candidate.path) { return candidate }
        }
        return place
    }()

    static let present = FileManager.default.fileExists(atPath: folder.appendingPathComponent("wycheproof").path)

    static func json(_ path: String) throws -> JSONValue {
        try JSON.parse(
            Array(try Data(contentsOf: folder.appendingPathComponent(path))),
            limits: JSONLimits(depth: 64, size: 1 << 26, values: 1 << 24))
    }
}

/// A big-endian number without leading zeros.
func trimmed(_ bytes: [UInt8]) -> [UInt8] { Array(bytes.drop { $0 == 0 }) }

/// A number in the full length of a coordinate.
func padded(_ bytes: [UInt8], _ size: Int) -> [UInt8] {
    let short = trimmed(bytes)
    return [UInt8](repeating: 0, count: max(0, size - short.count)) + short
}

/// Runs a throwing closure and gives the code of its error, `nil` when it succeeds.
func code(_ body: () throws -> Void) -> String? {
    do {
        try body()
        return nil
    } catch let error as RumdulError {
        return error.code
    } catch {
        return "\(error)"
    }
}
