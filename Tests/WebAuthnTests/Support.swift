import Codecs
import Foundation
import Kernel
import Testing

@testable import WebAuthn

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

/// One row of a matrix: a name, a change, and the code that must come of it (`nil`: it must pass).
struct Row<Subject>: Sendable, CustomTestStringConvertible {
    let name: String
    let check: WebAuthnCheck?
    let change: @Sendable (inout Subject) throws -> Void

    init(_ name: String, _ check: WebAuthnCheck?, _ change: @escaping @Sendable (inout Subject) throws -> Void) {
        self.name = name
        self.check = check
        self.change = change
    }

    var testDescription: String { name }
}

/// Files that outside programs made: ours beside the conformance suites; those that hold what others published are made
/// by the tests' set-up (`scripts/fixtures.sh`) and never committed.
enum Fixtures {
    static func json(_ name: String) throws -> JSONValue {
        let top = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let places = ["Conformance/fido/fixtures", ".venv/fixtures"].map {
            top.appendingPathComponent($0).appendingPathComponent(name)
        }
        let place = places.first { FileManager.default.fileExists(atPath: $0.path) } ?? places[0]
        return try JSON.parse(Array(try Data(contentsOf: place)))
    }

    /// Whether the set-up could make a file.
    static func has(_ name: String) -> Bool { (try? json(name)) != nil }
}

/// Moments of the tests.
enum Times {
    /// 2026-06-01.
    static let now = Instant(seconds: 1_780_272_000)
    static let day: Int64 = 86400
}
