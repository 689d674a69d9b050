#if os(Linux)
    import Glibc
#endif

/// Time, randomness and identifiers as arguments: what pure code needs of the world, and what a test replaces.
public struct Ambient: Sendable {
    /// The present moment.
    public var now: @Sendable () -> Instant
    /// So many bytes from a cryptographically secure generator.
    public var randomBytes: @Sendable (Int) -> [UInt8]

    public init(now: @escaping @Sendable () -> Instant, randomBytes: @escaping @Sendable (Int) -> [UInt8]) {
        self.now = now
        self.randomBytes = randomBytes
    }

    /// The system's clock and the system's secure generator.
    public static let system = Ambient(now: { Instant.systemNow() }, randomBytes: secureRandomBytes)

    /// A new time-ordered identifier (UUID version 7, RFC 9562 section 5.7) in lower-case text form.
    public func newID() -> String {
        var bytes = randomBytes(16)
        let milliseconds = UInt64(bitPattern: now().microseconds) / 1000
        for index in 0..<6 { bytes[index] = UInt8(truncatingIfNeeded: milliseconds >> (8 * UInt64(5 - index))) }
        bytes[6] = (bytes[6] & 0x0F) | 0x70
        bytes[8] = (bytes[8] & 0x3F) | 0x80
        return Ambient.uuidText(bytes)
    }

    /// A new opaque secret of so many random bytes as base64url without padding. 32 bytes is the rule for tokens.
    public func newSecret(bytes count: Int = 32) -> String { base64URL(randomBytes(count)) }

    /// A uniform number in `0..<bound`, by rejection, so without modulo bias.
    public func uniform(below bound: UInt64) -> UInt64 {
        precondition(bound > 0, "a range to draw from is never empty")
        let limit = UInt64.max - UInt64.max % bound
        while true {
            let value = randomBytes(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            if value < limit { return value % bound }
        }
    }

    private static let hex = Array("0123456789abcdef".utf8)

    private static func uuidText(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for (index, byte) in bytes.enumerated() {
            if index == 4 || index == 6 || index == 8 || index == 10 { text.append(45) }
            text.append(hex[Int(byte >> 4)])
            text.append(hex[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    private func base64URL(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        var text: [UInt8] = []
        var buffer: UInt32 = 0
        var bits = 0
        for byte in bytes {
            buffer = buffer << 8 | UInt32(byte)
            bits += 8
            while bits >= 6 {
                bits -= 6
                text.append(alphabet[Int(buffer >> UInt32(bits) & 63)])
            }
        }
        if bits > 0 { text.append(alphabet[Int(buffer << UInt32(6 - bits) & 63)]) }
        return String(decoding: text, as: UTF8.self)
    }
}

/// Bytes from the system's secure generator.
@Sendable public func secureRandomBytes(_ count: Int) -> [UInt8] {
    #if os(Linux)
        // One system call for up to 256 bytes; the standard library's generator makes one for every eight.
        var filled = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            while filled < count, let start = buffer.baseAddress {
                let chunk = min(256, count - filled)
                guard getentropy(start + filled, chunk) == 0 else { break }
                filled += chunk
            }
            initialized = filled
        }
        if bytes.count == count { return bytes }
    #endif
    return portableRandomBytes(count)
}

private func portableRandomBytes(_ count: Int) -> [UInt8] {
    var generator = SystemRandomNumberGenerator()
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count)
    while bytes.count < count {
        var word = generator.next()
        for _ in 0..<min(8, count - bytes.count) {
            bytes.append(UInt8(truncatingIfNeeded: word))
            word >>= 8
        }
    }
    return bytes
}

/// Compares two byte strings in time that depends only on their lengths.
@inlinable
public func constantTimeEquals(_ left: some Collection<UInt8>, _ right: some Collection<UInt8>) -> Bool {
    guard left.count == right.count else { return false }
    var difference: UInt8 = 0
    for (a, b) in zip(left, right) { difference |= a ^ b }
    return difference == 0
}
