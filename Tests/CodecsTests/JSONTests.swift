import Codecs
import Kernel
import TestVectors
import Testing

@Suite struct JSONTests {
    @Test(
        arguments: [
            ("null", JSONValue.null), (" true ", true), ("false", false), ("0", 0), ("-0", 0), ("-1", -1),
            ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
            ("9223372036854775808", .double(9_223_372_036_854_775_808)), ("1.5", 1.5), ("1e2", .double(100)),
            ("-0.0", .double(-0.0)), ("1E-2", 0.01), ("\"\"", ""), ("\"a\\u0041\\n\\/\\\"\"", "aA\n/\""),
            ("\"\\ud83d\\ude00\"", "😀"), ("\"ភាសាខ្មែរ\"", "ភាសាខ្មែរ"), ("[]", []), ("[1,[2]]", [1, [2]]), ("{}", [:]),
            ("{\"b\":1,\"a\":{\"b\":null}}", ["b": 1, "a": ["b": nil]]), ("\"\\u0000\"", "\0"),
        ] as [(String, JSONValue)])
    func accepted(text: String, value: JSONValue) throws { #expect(try JSON.parse(text) == value) }

    @Test(arguments: [
        "", " ", "nul", "nullx", "True", "01", "-", "+1", "1.", ".5", "1e", "1e+", "0x10", "NaN", "Infinity", "1e999",
        "-1e999", "'a'", "\"", "\"a", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\ud83d\"", "\"\\ude00\"",
        "\"\\ud83d\\u0041\"", "\"\\ud83dx\"", "\"\t\"", "\"\n\"", "[", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "]", "{",
        "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,}", "{a:1}", "{1:2}", "{\"a\" 1}", "{\"a\":1 \"b\":2}", "1 2",
        "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":1}", "{\"\":1,\"\":1}", "[{\"x\":{\"y\":1,\"y\":1}}]", "\u{FEFF}1",
        "1\0",
        "//x\n1", "/**/1",
    ])
    func refused(text: String) {
        #expect(throws: RumdulError.malformedJSON("")) { try JSON.parse(text) }
    }

    @Test(
        arguments: [
            [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xE1, 0x22],
            [0x22, 0xF4, 0x90, 0x80, 0x80, 0x22], [0x22, 0x5C, 0x6E, 0x80, 0x22],
        ] as [[UInt8]])
    func invalidUTF8IsRefused(bytes: [UInt8]) {
        #expect(throws: RumdulError.malformedJSON("")) { try JSON.parse(bytes) }
    }

    @Test func duplicatesAreFoundInLargeObjectsToo() throws {
        let names = (0..<100).map { "\"n\($0)\":0" }
        #expect(try JSON.parse("{\(names.joined(separator: ","))}").objectValue?.count == 100)
        for repeated in [0, 23, 24, 99] {
            let text = "{\((names + [names[repeated]]).joined(separator: ","))}"
            #expect(throws: RumdulError.malformedJSON("")) { try JSON.parse(text) }
        }
    }

    @Test func namesAreComparedByCodePointsOnly() throws {
        let object = try JSON.parse("{\"\u{E9}\":1,\"e\u{301}\":2}")
        #expect(object["\u{E9}"] == 1)
        #expect(object["e\u{301}"] == 2)
        #expect(JSONValue.string("\u{E9}") != JSONValue.string("e\u{301}"))
    }

    @Test func limits() throws {
        let deep = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        #expect(throws: Never.self) { try JSON.parse(deep) }
        #expect(throws: RumdulError.malformedJSON("")) { try JSON.parse("[\(deep)]") }
        let veryDeep = String(repeating: "{\"a\":", count: 100_000)
        #expect(throws: RumdulError.malformedJSON("")) { try JSON.parse(veryDeep) }
        #expect(throws: RumdulError.malformedJSON("")) { try JSON.parse("[1,2]", limits: JSONLimits(size: 4)) }
        #expect(throws: RumdulError.malformedJSON("")) { try JSON.parse("[1,2]", limits: JSONLimits(values: 2)) }
    }

    @Test func objectsKeepTheirOrderAndCompareWithoutIt() throws {
        let text = "{\"z\":1,\"a\":[{\"y\":1,\"x\":2}]}"
        let value = try JSON.parse(text)
        #expect(JSON.text(value) == text)
        let other = try JSON.parse("{\"a\":[{\"x\":2,\"y\":1}],\"z\":1}")
        #expect(value == other)
        #expect(value.hashValue == other.hashValue)
        #expect(try value != JSON.parse("{\"z\":1,\"a\":[{\"y\":1,\"w\":2}]}"))
    }

    @Test func membersCanBeSetAndRemoved() {
        var object: JSONObject = ["a": 1, "b": 2, "a": 3]
        #expect(object.names == ["a", "b"])
        #expect(object.integer("a") == 3)
        object["c"] = "x"
        object["b"] = nil
        #expect(JSON.text(object) == "{\"a\":3,\"c\":\"x\"}")
    }

    @Test func theWriterPlacesCommasAndEscapes() {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("iss", "https://id.example/\"\\\u{1}\u{8}\n\t\u{7F}ខ្មែរ")
        writer.member("n", -120)
        writer.member("u", UInt64.max)
        writer.member("m", Int64.min)
        writer.member("b", UInt8(200))
        writer.member("t", true)
        writer.name("list")
        writer.beginArray()
        writer.value("{")
        writer.value(1)
        writer.beginObject()
        writer.endObject()
        writer.beginArray()
        writer.endArray()
        writer.null()
        writer.endArray()
        writer.member("s", ["x", ","])
        writer.name("raw")
        writer.raw(Array("[1]".utf8))
        writer.member("end", 0.5 as JSONValue)
        writer.endObject()
        let expected =
            #"{"iss":"https://id.example/\"\\\u0001\b\n\t"# + "\u{7F}ខ្មែរ"
            + #"","n":-120,"u":18446744073709551615,"m":-9223372036854775808,"b":200,"t":true,"#
            + #""list":["{",1,{},[],null],"s":["x",","],"raw":[1],"end":0.5}"#
        #expect(writer.text == expected)
    }

    @Test func randomValuesComeBack() throws {
        var random = Seeded(3)
        for _ in 0..<2000 {
            let value = randomValue(&random, depth: 0)
            #expect(try JSON.parse(JSON.bytes(value)) == value)
        }
    }

    @Test func fuzz() throws {
        var random = Seeded(4)
        let seeds =
            (0..<40).map { _ in JSON.bytes(randomValue(&random, depth: 0)) }
            + [Array(#"{"a":[1,2.5e-3,"\ud83d\ude00\u0041",{"b":null,"c":true}],"ខ":"ខ្មែរ"}"#.utf8)]
        for round in 0..<20_000 {
            let changed = random.mutate(seeds[round % seeds.count])
            // Whatever is accepted must be a fixed point of writing and reading.
            // (Its text: `1e2` is a double, but is written `100`, which is an integer.)
            guard let value = try? JSON.parse(changed) else { continue }
            let text = JSON.bytes(value)
            #expect(JSON.bytes(try JSON.parse(text)) == text)
        }
    }

    @Test func everyTruncationIsRefused() {
        let text = Array(#"{"a":[1,2.5e-3,"\ud83d\ude00\u0041",{"b":null,"c":true}],"ខ":"ខ្មែរ"}"#.utf8)
        for length in 0..<text.count { #expect((try? JSON.parse(Array(text[..<length]))) == nil) }
    }

    private func randomValue(_ random: inout Seeded, depth: Int) -> JSONValue {
        switch Int.random(in: 0..<(depth > 4 ? 6 : 8), using: &random) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &random))
        case 2: return .integer(Int64(truncatingIfNeeded: random.next()) >> Int64.random(in: 0..<64, using: &random))
        case 3:
            let number = Double(bitPattern: random.next())
            // A double that is written without fraction reads back as an integer.
            let text = ECMAScriptNumber.text(number) ?? "0"
            return text.utf8.contains { $0 == 0x2E || $0 == 0x65 } ? .double(number) : .null
        case 4, 5:
            let scalars = (0..<Int.random(in: 0..<12, using: &random)).compactMap { _ in
                Unicode.Scalar(
                    UInt32.random(in: 0..<0x11_0000, using: &random) >> UInt32.random(in: 0..<16, using: &random))
            }
            return .string(String(String.UnicodeScalarView(scalars)))
        case 6:
            let count = Int.random(in: 0..<5, using: &random)
            return .array((0..<count).map { _ in randomValue(&random, depth: depth + 1) })
        default:
            let count = Int.random(in: 0..<5, using: &random)
            return .object(JSONObject((0..<count).map { ("m\($0)", randomValue(&random, depth: depth + 1)) }))
        }
    }
}
