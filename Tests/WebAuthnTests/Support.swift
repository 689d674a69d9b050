import Codecs
import Foundation
import Kernel
import Testing

@testable import WebAuthn

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
