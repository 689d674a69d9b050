import Kernel

/// Reads a structure of fixed and counted parts; never beyond its end.
struct ByteReader {
    let bytes: [UInt8]
    private(set) var position: Int
    private let check: WebAuthnCheck

    init(_ bytes: [UInt8], _ check: WebAuthnCheck) {
        self.bytes = bytes
        self.check = check
        position = 0
    }

    var isAtEnd: Bool { position == bytes.count }

    mutating func take(_ count: Int, _ what: String) throws(RumdulError) -> [UInt8] {
        guard count >= 0, bytes.count - position >= count else { throw .webAuthn(check, "ends within \(what)") }
        defer { position += count }
        return Array(bytes[position..<position + count])
    }

    mutating func byte(_ what: String) throws(RumdulError) -> UInt8 { try take(1, what)[0] }

    mutating func number16(_ what: String) throws(RumdulError) -> Int {
        try take(2, what).reduce(0) { $0 << 8 | Int($1) }
    }

    mutating func number32(_ what: String) throws(RumdulError) -> UInt32 {
        try take(4, what).reduce(0) { $0 << 8 | UInt32($1) }
    }

    mutating func number64(_ what: String) throws(RumdulError) -> UInt64 {
        try take(8, what).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// A part with its length in two bytes before it.
    mutating func counted(_ what: String) throws(RumdulError) -> [UInt8] { try take(number16(what), what) }

    /// Goes on at a later place, up to the end.
    mutating func move(to place: Int) { position = min(max(place, position), bytes.count) }

    func requireEnd(_ what: String) throws(RumdulError) {
        guard isAtEnd else { throw .webAuthn(check, "\(bytes.count - position) bytes after \(what)") }
    }
}
