import COSE
import Codecs
import Foundation
import Kernel
import Testing

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
