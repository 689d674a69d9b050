/// base64url without padding (RFC 4648 section 5, RFC 7515 section 2), strict in both directions: decoding accepts
/// exactly the texts that encoding produces.
public enum Base64URL {
    /// The text of the bytes, without padding.
    public static func encode(_ bytes: [UInt8]) -> String {
        bytes.withUnsafeBufferPointer { Base64Core.text($0, alphabet: Base64Core.urlAlphabet, padded: false) }
    }

    /// The text of any bytes, without padding.
    public static func encode(_ bytes: some Sequence<UInt8>) -> String { encode(Array(bytes)) }

    /// Appends the text of the bytes, as ASCII, to a buffer.
    public static func append(_ bytes: [UInt8], to buffer: inout [UInt8]) {
        bytes.withUnsafeBufferPointer { source in
            Base64Core.append(source, to: &buffer, alphabet: Base64Core.urlAlphabet)
        }
    }

    /// The bytes of a text, or `nil` when it has padding, white space, foreign characters, an impossible length, or
    /// bits set after the last byte.
    public static func decode(_ text: some StringProtocol) -> [UInt8]? {
        Base64Core.withBytes(of: text) { Base64Core.decode($0, table: Base64Core.urlTable) }
    }

    /// The bytes of a text given as ASCII; rules as for ``decode(_:)-(StringProtocol)``.
    public static func decode(ascii: some Sequence<UInt8>) -> [UInt8]? {
        if let result = ascii.withContiguousStorageIfAvailable({
            Base64Core.decode($0, table: Base64Core.urlTable)
        }) {
            return result
        }
        return Array(ascii).withUnsafeBufferPointer { Base64Core.decode($0, table: Base64Core.urlTable) }
    }
}

/// Standard base64 with padding (RFC 4648 section 4), strict: padding is required, white space is refused, unused bits
/// are zero.
public enum Base64 {
    /// The text of the bytes, padded.
    public static func encode(_ bytes: [UInt8]) -> String {
        bytes.withUnsafeBufferPointer { Base64Core.text($0, alphabet: Base64Core.standardAlphabet, padded: true) }
    }

    /// The text of any bytes, padded.
    public static func encode(_ bytes: some Sequence<UInt8>) -> String { encode(Array(bytes)) }

    /// The bytes of a padded text, or `nil` when it is not exactly what encoding produces.
    public static func decode(_ text: some StringProtocol) -> [UInt8]? {
        Base64Core.withBytes(of: text) { source in
            guard source.count % 4 == 0 else { return nil }
            var end = source.count
            while end > 0, source.count - end < 2, source[end - 1] == UInt8(ascii: "=") { end -= 1 }
            return Base64Core.decode(UnsafeBufferPointer(rebasing: source[..<end]), table: Base64Core.standardTable)
        }
    }
}

/// Base 16 (RFC 4648 section 8).
public enum Hex {
    private static let digits = Array("0123456789abcdef".utf8)

    /// Lower-case hexadecimal text of the bytes.
    public static func encode(_ bytes: some Collection<UInt8>) -> String {
        String(unsafeUninitializedCapacity: bytes.count * 2) { buffer in
            var index = 0
            for byte in bytes {
                buffer[index] = digits[Int(byte >> 4)]
                buffer[index + 1] = digits[Int(byte & 15)]
                index += 2
            }
            return index
        }
    }

    /// The bytes of a hexadecimal text of even length in either case, or `nil`.
    public static func decode(_ text: some StringProtocol) -> [UInt8]? {
        guard text.utf8.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count / 2)
        var high: UInt8?
        for character in text.utf8 {
            guard let nibble = nibble(character) else { return nil }
            if let first = high {
                bytes.append(first << 4 | nibble)
                high = nil
            } else {
                high = nibble
            }
        }
        return bytes
    }

    private static func nibble(_ character: UInt8) -> UInt8? {
        switch character {
        case 48...57: character - 48
        case 65...70: character - 55
        case 97...102: character - 87
        default: nil
        }
    }
}

/// The common part of the two base64 alphabets.
enum Base64Core {
    static let urlAlphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    static let standardAlphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    static let urlTable = table(urlAlphabet)
    static let standardTable = table(standardAlphabet)

    private static func table(_ alphabet: [UInt8]) -> [UInt8] {
        var table = [UInt8](repeating: 0xFF, count: 256)
        for (value, character) in alphabet.enumerated() { table[Int(character)] = UInt8(value) }
        return table
    }

    static func withBytes<R>(of text: some StringProtocol, _ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
        if let result = text.utf8.withContiguousStorageIfAvailable(body) { return result }
        return Array(text.utf8).withUnsafeBufferPointer(body)
    }

    static func text(_ source: UnsafeBufferPointer<UInt8>, alphabet: [UInt8], padded: Bool) -> String {
        String(unsafeUninitializedCapacity: (source.count + 2) / 3 * 4) { target in
            var written = write(source, to: target, alphabet: alphabet)
            if padded {
                while written % 4 != 0 {
                    target[written] = UInt8(ascii: "=")
                    written += 1
                }
            }
            return written
        }
    }

    static func append(_ source: UnsafeBufferPointer<UInt8>, to buffer: inout [UInt8], alphabet: [UInt8]) {
        let encoded = [UInt8](unsafeUninitializedCapacity: (source.count + 2) / 3 * 4) { target, count in
            count = write(source, to: target, alphabet: alphabet)
        }
        buffer.append(contentsOf: encoded)
    }

    private static func write(
        _ source: UnsafeBufferPointer<UInt8>, to target: UnsafeMutableBufferPointer<UInt8>, alphabet: [UInt8]
    ) -> Int {
        alphabet.withUnsafeBufferPointer { letters in
            var input = 0
            var output = 0
            while input + 3 <= source.count {
                let group = UInt32(source[input]) << 16 | UInt32(source[input + 1]) << 8 | UInt32(source[input + 2])
                target[output] = letters[Int(group >> 18)]
                target[output + 1] = letters[Int(group >> 12 & 63)]
                target[output + 2] = letters[Int(group >> 6 & 63)]
                target[output + 3] = letters[Int(group & 63)]
                input += 3
                output += 4
            }
            switch source.count - input {
            case 1:
                target[output] = letters[Int(source[input] >> 2)]
                target[output + 1] = letters[Int(source[input] & 3) << 4]
                output += 2
            case 2:
                let pair = UInt32(source[input]) << 8 | UInt32(source[input + 1])
                target[output] = letters[Int(pair >> 10)]
                target[output + 1] = letters[Int(pair >> 4 & 63)]
                target[output + 2] = letters[Int(pair & 15) << 2]
                output += 3
            default: break
            }
            return output
        }
    }

    static func decode(_ source: UnsafeBufferPointer<UInt8>, table: [UInt8]) -> [UInt8]? {
        let rest = source.count % 4
        guard rest != 1 else { return nil }
        var valid = true
        let bytes = table.withUnsafeBufferPointer { values in
            [UInt8](unsafeUninitializedCapacity: source.count / 4 * 3 + 2) { target, count in
                // Values above 63 mark foreign characters; their high bits are gathered and looked at once.
                var bad: UInt8 = 0
                var input = 0
                while input + 4 <= source.count {
                    let a = values[Int(source[input])]
                    let b = values[Int(source[input + 1])]
                    let c = values[Int(source[input + 2])]
                    let d = values[Int(source[input + 3])]
                    bad |= a | b | c | d
                    target[count] = a << 2 | b >> 4
                    target[count + 1] = b << 4 | c >> 2
                    target[count + 2] = c << 6 | d
                    count += 3
                    input += 4
                }
                if rest >= 2 {
                    let a = values[Int(source[input])]
                    let b = values[Int(source[input + 1])]
                    bad |= a | b
                    target[count] = a << 2 | b >> 4
                    count += 1
                    if rest == 3 {
                        let c = values[Int(source[input + 2])]
                        bad |= c
                        target[count] = b << 4 | c >> 2
                        count += 1
                        if c & 3 != 0 { valid = false }
                    } else if b & 15 != 0 {
                        valid = false
                    }
                }
                if bad & 0xC0 != 0 { valid = false }
            }
        }
        return valid ? bytes : nil
    }
}
