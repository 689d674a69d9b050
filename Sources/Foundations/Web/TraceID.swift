import Kernel
import Synchronization

/// The identifier of a trace (W3C Trace Context, section 3.2.2.3): 128 bits, never all zero. Not a secret.
public struct TraceID: Sendable, Hashable, CustomStringConvertible {
    let high: UInt64
    let low: UInt64

    /// 32 lower-case hexadecimal digits.
    public var description: String {
        String(unsafeUninitializedCapacity: 32) { buffer in
            for index in 0..<16 {
                buffer[index] = TraceID.digit(high >> UInt64(60 - 4 * index))
                buffer[index + 16] = TraceID.digit(low >> UInt64(60 - 4 * index))
            }
            return 32
        }
    }

    /// The trace of a `traceparent` header (section 3.2): `00-<32 hex>-<16 hex>-<2 hex>`, or `nil` when malformed.
    init?(traceparent: String) {
        let bytes = Array(traceparent.utf8)
        guard bytes.count >= 55, bytes[2] == 45, bytes[35] == 45, bytes[52] == 45 else { return nil }
        // Version ff is forbidden; later versions may be longer, version 00 may not.
        guard let version = TraceID.number(bytes[0..<2]), version != 0xFF, version > 0 || bytes.count == 55,
            bytes.count == 55 || bytes[55] == 45,
            let high = TraceID.number(bytes[3..<19]), let low = TraceID.number(bytes[19..<35]), high != 0 || low != 0,
            let parent = TraceID.number(bytes[36..<52]), parent != 0, TraceID.number(bytes[53..<55]) != nil
        else { return nil }
        self.high = high
        self.low = low
    }

    /// A new trace of this process: unique, not unguessable. Costs one atomic addition, no system call.
    init(sequence: UInt64) {
        high = TraceID.process.high
        low = TraceID.mix(TraceID.process.low &+ sequence &* 0x9E37_79B9_7F4A_7C15) | 1
    }

    /// The next number for ``init(sequence:)``.
    static func nextSequence() -> UInt64 { counter.wrappingAdd(1, ordering: .relaxed).oldValue }

    private static let counter = Atomic<UInt64>(0)
    private static let process: (high: UInt64, low: UInt64) = {
        var generator = SystemRandomNumberGenerator()
        return (generator.next() | 1, generator.next())
    }()

    static func mix(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    private static func digit(_ value: UInt64) -> UInt8 {
        let nibble = UInt8(value & 15)
        return nibble < 10 ? 48 + nibble : 87 + nibble
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        for byte in digits {
            switch byte {
            case 48...57: value = value << 4 | UInt64(byte - 48)
            case 97...102: value = value << 4 | UInt64(byte - 87)
            default: return nil
            }
        }
        return value
    }
}
