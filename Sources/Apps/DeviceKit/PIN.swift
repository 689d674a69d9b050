import Kernel

/// A PIN as the person typed it: six decimal digits. It never appears in a description, a mirror or an error.
public struct PIN: Sendable {
    /// How many digits a PIN has.
    public static let length = 6

    /// The six digits as ASCII, the bytes that go into the key derivation.
    let digits: [UInt8]

    /// A PIN from six digits, ASCII or Khmer (U+17E0 to U+17E9), with surrounding spaces and line ends ignored.
    /// - Throws: `device.pin_malformed`.
    public init(_ text: some StringProtocol) throws(RumdulError) {
        var digits: [UInt8] = []
        for scalar in text.unicodeScalars.trimmingSpace {
            guard let digit = DecimalDigits.value(of: scalar), digits.count < PIN.length else {
                throw RumdulError.pinMalformed
            }
            digits.append(48 + digit)
        }
        guard digits.count == PIN.length else { throw RumdulError.pinMalformed }
        self.digits = digits
    }

    /// True when nobody should choose this PIN: six equal digits, or a straight run up or down (`234567`, `654321`).
    public var isWeak: Bool {
        let steps = zip(digits.dropFirst(), digits).map { Int($0) - Int($1) }
        guard let first = steps.first, abs(first) <= 1 else { return false }
        return steps.allSatisfy { $0 == first }
    }

    /// - Throws: `device.pin_weak` for a PIN nobody should choose. Asked when a PIN is chosen, not when it is used.
    public func requireStrong() throws(RumdulError) {
        if isWeak { throw RumdulError.pinWeak }
    }
}

extension PIN: CustomStringConvertible, CustomReflectable {
    /// Says only that it is a PIN.
    public var description: String { "PIN" }
    /// Empty: a dump shows nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// The decimal digits of the two scripts in use.
enum DecimalDigits {
    /// The value of an ASCII or Khmer digit, else `nil`.
    static func value(of scalar: Unicode.Scalar) -> UInt8? {
        switch scalar.value {
        case 0x30...0x39: UInt8(scalar.value - 0x30)
        case 0x17E0...0x17E9: UInt8(scalar.value - 0x17E0)
        default: nil
        }
    }
}

extension BidirectionalCollection where Element == Unicode.Scalar {
    /// Without spaces, tabs, line ends and zero-width spaces (which Khmer keyboards add) at both ends.
    var trimmingSpace: SubSequence {
        func isSpace(_ scalar: Unicode.Scalar) -> Bool {
            switch scalar.value {
            case 0x20, 0x09, 0x0A, 0x0D, 0xA0, 0x200B: true
            default: false
            }
        }
        var rest = self[...]
        while let first = rest.first, isSpace(first) { rest = rest.dropFirst() }
        while let last = rest.last, isSpace(last) { rest = rest.dropLast() }
        return rest
    }
}
