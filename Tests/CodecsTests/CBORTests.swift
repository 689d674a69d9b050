import Codecs
import Kernel
import TestVectors
import Testing

@Suite struct CBORTests {
    /// RFC 8949 appendix A. One case of the file follows the older RFC 7049: `f818`, simple(24), which RFC 8949 section
    /// 3.3 calls not well-formed; it is expected to be refused.
    @Test(.enabled(if: Vectors.present)) func appendixA() throws {
        var checked = 0
        for vector in try #require(Vectors.json("cbor-appendix-a/appendix_a.json").arrayValue) {
            let hex = try #require(vector["hex"]?.stringValue)
            let bytes = try #require(Hex.decode(hex))
            if hex == "f818" {
                #expect(throws: RumdulError.malformedCBOR("")) { try CBOR.decode(bytes) }
                continue
            }
            let value = try CBOR.decode(bytes)
            let roundtrip = try #require(vector["roundtrip"]?.boolValue as Bool?)
            #expect((CBOR.encode(value) == bytes) == roundtrip, "\(hex)")
            // The deterministic reader accepts exactly what the deterministic writer writes.
            #expect(((try? CBOR.decode(bytes, options: .deterministic)) != nil) == roundtrip, "\(hex)")
            if let decoded = vector["decoded"] {
                #expect(matches(value, decoded), "\(hex)")
            } else {
                #expect(diagnostic(value) == vector["diagnostic"]?.stringValue || !roundtrip, "\(hex)")
            }
            for length in 0..<bytes.count {
                #expect(throws: RumdulError.malformedCBOR(""), "\(hex) cut to \(length)") {
                    try CBOR.decode(Array(bytes[..<length]))
                }
            }
            checked += 1
        }
        #expect(checked == 81)
    }

    /// RFC 8949 appendix F: examples that are not well-formed.
    @Test(arguments: [
        "18", "19", "1a", "1b", "1901", "1a0102", "1b01020304050607", "38", "58", "78", "98", "9a01ff00", "b8", "d8",
        "f8",
        "f900", "fa0000", "fb000000", "41", "61", "5affffffff00", "5bffffffffffffffff010203", "7affffffff00",
        "7b7fffffffffffffff010203", "81", "818181818181818181", "8200", "a1", "a20102", "a100", "a2000000", "c0",
        "5f4100",
        "7f6100", "9f", "9f0102", "bf", "bf01020102", "819f", "9f8000", "9f9f9f9f9fffffffff", "9f819f819f9fffffff",
        "1c", "1d",
        "1e", "3c", "3d", "3e", "5c", "5d", "5e", "7c", "7d", "7e", "9c", "9d", "9e", "bc", "bd", "be", "dc", "dd",
        "de", "fc",
        "fd", "fe", "f800", "f801", "f818", "f81f", "5f00ff", "5f21ff", "5f6100ff", "5f80ff", "5fa0ff", "5fc000ff",
        "5fe0ff",
        "7f4100ff", "5f5f4100ffff", "7f7f6100ffff", "ff", "81ff", "8200ff", "a1ff", "a1ff00", "a100ff", "a20000ff",
        "9f81ff",
        "9f829f819f9fffffffff", "bf00ff", "bf000000ff", "1f", "3f", "df", "0000", "",
    ])
    func notWellFormed(hex: String) throws {
        let bytes = try #require(Hex.decode(hex))
        #expect(throws: RumdulError.malformedCBOR("")) { try CBOR.decode(bytes) }
    }

    @Test(arguments: [
        ("61ff", "invalid UTF-8"), ("62c080", "overlong UTF-8"), ("7f61c361a9ff", "character across chunks"),
        ("a2010001 00", "duplicate key"), ("a21801000100", "duplicate key in another length"),
        ("a2616100616100", "duplicate text"),
        ("9bffffffffffffffff", "array longer than the input"), ("bbffffffffffffffff", "map longer than the input"),
        ("bf01000100ff", "duplicate key, indefinite"),
    ])
    func invalid(hex: String, why: String) throws {
        let bytes = try #require(Hex.decode(hex.filter { $0 != " " }))
        #expect(throws: RumdulError.malformedCBOR(""), "\(why)") { try CBOR.decode(bytes) }
    }

    @Test(arguments: [
        "1817", "190017", "1900ff", "1a0000ffff", "1b00000000ffffffff", "3817", "5800", "7800", "9800", "b800",
        "d80101",
        "5f4101ff", "7f6161ff", "9f01ff", "bf0101ff", "a202010101", "a2616201616101", "a262020202616101", "fa3fc00000",
        "fb3ff8000000000000", "fb40f86a0000000000", "fa7fc00000", "f97e01", "f9fe00",
    ])
    func notDeterministic(hex: String) throws {
        let bytes = try #require(Hex.decode(hex))
        #expect(throws: RumdulError.malformedCBOR("")) { try CBOR.decode(bytes, options: .deterministic) }
    }

    @Test func keysAreSortedByTheirEncodings() throws {
        // The order of RFC 8949 section 4.2.1.
        let map: CBORValue = [
            [-1]: 8, .bool(false): 9, "aa": 6, 100: 2, "z": 5, 10: 1, [100]: 7, -1: 4,
        ]
        let hex = "a80a01" + "186402" + "2004" + "617a05" + "62616106" + "811864" + "07" + "8120" + "08" + "f409"
        #expect(Hex.encode(CBOR.encode(map)) == hex)
        #expect(try CBOR.decode(CBOR.encode(map), options: .deterministic) == map)
    }

    @Test func integersAtTheEdges() {
        #expect(CBORValue.integer(.min).integerValue == .min)
        #expect(CBORValue.integer(.max).integerValue == .max)
        #expect(CBORValue.integer(-1) == .negative(0))
        #expect(CBORValue.unsigned(.max).integerValue == nil)
        #expect(CBORValue.negative(.max).integerValue == nil)
        #expect(Hex.encode(CBOR.encode(.integer(.min))) == "3b7fffffffffffffff")
    }

    @Test func limits() throws {
        let deep = [UInt8](repeating: 0x81, count: 32) + [0]
        #expect(throws: Never.self) { try CBOR.decode(deep) }
        #expect(throws: RumdulError.malformedCBOR("")) { try CBOR.decode([0x81] + deep) }
        #expect(throws: RumdulError.malformedCBOR("")) { try CBOR.decode([UInt8](repeating: 0xC1, count: 100_000)) }
        let options = CBORDecodingOptions(maximumItems: 3)
        #expect(throws: Never.self) { try CBOR.decode([0x82, 0, 0], options: options) }
        #expect(throws: RumdulError.malformedCBOR("")) { try CBOR.decode([0x83, 0, 0, 0], options: options) }
    }

    @Test func aPrefixTellsWhereItEnds() throws {
        let (value, end) = try CBOR.decodePrefix([0xFF, 0xA1, 0x01, 0x02, 0x00], from: 1)
        #expect(value == [1: 2])
        #expect(end == 4)
        #expect(throws: RumdulError.malformedCBOR("")) { try CBOR.decodePrefix([0], from: 2) }
    }

    @Test func everyHalfPrecisionNumberComesBack() throws {
        for bits in 0...UInt16.max {
            let bytes = [0xF9, UInt8(bits >> 8), UInt8(bits & 0xFF)]
            let value = try CBOR.decode(bytes)
            let number = try #require(value.floatValue)
            if number.isNaN { continue }
            #expect(CBOR.encode(value) == bytes)
            #if !(arch(x86_64) && os(macOS))
                #expect(number == Double(Float16(bitPattern: bits)))
            #endif
        }
    }

    @Test func randomValuesComeBack() throws {
        var random = Seeded(6)
        for _ in 0..<3000 {
            let value = randomValue(&random, depth: 0)
            let bytes = CBOR.encode(value)
            let read = try CBOR.decode(bytes, options: .deterministic)
            #expect(read == value)
            #expect(CBOR.encode(read) == bytes)
        }
    }

    @Test func fuzz() throws {
        var random = Seeded(7)
        let seeds =
            (0..<60).map { _ in CBOR.encode(randomValue(&random, depth: 0)) }
            + ["bf6346756ef563416d7421ff", "9f018202039f0405ffff", "5f42010243030405ff"].compactMap { Hex.decode($0) }
        var accepted = 0
        for round in 0..<30_000 {
            let changed = random.mutate(seeds[round % seeds.count])
            if let value = try? CBOR.decode(changed) {
                accepted += 1
                let encoded = CBOR.encode(value)
                #expect(CBOR.encode(try CBOR.decode(encoded, options: .deterministic)) == encoded)
            }
            if let value = try? CBOR.decode(changed, options: .deterministic) { #expect(CBOR.encode(value) == changed) }
        }
        #expect(accepted > 500)
        for _ in 0..<20_000 { _ = try? CBOR.decode(random.bytes(Int.random(in: 0..<24, using: &random))) }
    }

    private func randomValue(_ random: inout Seeded, depth: Int) -> CBORValue {
        switch Int.random(in: 0..<(depth > 3 ? 7 : 10), using: &random) {
        case 0: return .unsigned(random.next() >> UInt64.random(in: 0..<64, using: &random))
        case 1: return .negative(random.next() >> UInt64.random(in: 0..<64, using: &random))
        case 2: return .bytes(random.bytes(Int.random(in: 0..<40, using: &random)))
        case 3: return .text(String(random.next(), radix: 36))
        case 4:
            return [.null, .undefined, true, false, .simple(16), .simple(200)][Int.random(in: 0..<6, using: &random)]
        case 5:
            let number = Double(bitPattern: random.next())
            return .float(number.isNaN ? 0 : number)
        case 6: return .float(Double(Int.random(in: -4096...4096, using: &random)) / 8)
        case 7:
            return .tagged(
                random.next() >> UInt64.random(in: 0..<64, using: &random), randomValue(&random, depth: depth + 1))
        case 8:
            let count = Int.random(in: 0..<6, using: &random)
            return .array((0..<count).map { _ in randomValue(&random, depth: depth + 1) })
        default:
            let count = Int.random(in: 0..<6, using: &random)
            return .map(
                CBORMap(
                    (0..<count).map { _ in
                        (randomValue(&random, depth: depth + 2), randomValue(&random, depth: depth + 1))
                    }))
        }
    }

    private func matches(_ value: CBORValue, _ json: JSONValue) -> Bool {
        switch (value, json) {
        case (.unsigned, _), (.negative, _), (.tagged, _), (.float, _):
            guard let expected = json.doubleValue, let found = number(value) else { return false }
            return expected == found
        case (.bool(let a), .bool(let b)): return a == b
        case (.null, .null): return true
        case (.text(let a), .string(let b)): return sameCodePoints(a, b)
        case (.array(let a), .array(let b)): return a.count == b.count && zip(a, b).allSatisfy { matches($0, $1) }
        case (.map(let a), .object(let b)):
            return a.count == b.count
                && a.entries.allSatisfy { entry in
                    entry.key.textValue.flatMap { b[$0] }.map { matches(entry.value, $0) } ?? false
                }
        default: return false
        }
    }

    private func number(_ value: CBORValue) -> Double? {
        switch value {
        case .unsigned(let number): return Double(number)
        case .negative(let number): return -1 - Double(number)
        case .float(let number): return number
        case .tagged(2, .bytes(let bytes)): return bytes.reduce(0) { $0 * 256 + Double($1) }
        case .tagged(3, .bytes(let bytes)): return -1 - bytes.reduce(0) { $0 * 256 + Double($1) }
        default: return nil
        }
    }

    private func diagnostic(_ value: CBORValue) -> String {
        switch value {
        case .unsigned(let number): "\(number)"
        case .negative(let number): "-\(number + 1)"
        case .bytes(let bytes): "h'\(Hex.encode(bytes))'"
        case .text(let text): "\"\(text)\""
        case .array(let elements): "[\(elements.map(diagnostic).joined(separator: ", "))]"
        case .map(let map):
            "{\(map.entries.map { "\(diagnostic($0.key)): \(diagnostic($0.value))" }.joined(separator: ", "))}"
        case .tagged(let tag, let content): "\(tag)(\(diagnostic(content)))"
        case .bool(let flag): "\(flag)"
        case .null: "null"
        case .undefined: "undefined"
        case .simple(let number): "simple(\(number))"
        case .float(let number):
            number.isNaN ? "NaN" : number.isInfinite ? (number < 0 ? "-" : "") + "Infinity" : "\(number)"
        }
    }
}
