import Codecs
import Kernel
import TestVectors
import Testing

@Suite struct CanonicalJSONTests {
    @Test(
        .enabled(if: Vectors.present),
        arguments: ["arrays", "french", "structures", "unicode", "values", "weird"])
    func publishedVectors(name: String) throws {
        let folder = "jcs-rfc8785/testdata"
        let result = try CanonicalJSON.canonicalize(Vectors.bytes("\(folder)/input/\(name).json"))
        #expect(result == (try Vectors.bytes("\(folder)/output/\(name).json")))
        let hex = String(decoding: try Vectors.bytes("\(folder)/outhex/\(name).txt"), as: UTF8.self)
        #expect(Hex.encode(result) == hex.filter { !$0.isWhitespace })
        #expect(try CanonicalJSON.canonicalize(result) == result)
    }

    /// RFC 8785 appendix B.
    @Test(
        arguments: [
            (0x0000_0000_0000_0000, "0"), (0x8000_0000_0000_0000, "0"), (0x0000_0000_0000_0001, "5e-324"),
            (0x8000_0000_0000_0001, "-5e-324"), (0x7FEF_FFFF_FFFF_FFFF, "1.7976931348623157e+308"),
            (0xFFEF_FFFF_FFFF_FFFF, "-1.7976931348623157e+308"), (0x4340_0000_0000_0000, "9007199254740992"),
            (0xC340_0000_0000_0000, "-9007199254740992"), (0x4430_0000_0000_0000, "295147905179352830000"),
            (0x44B5_2D02_C7E1_4AF5, "9.999999999999997e+22"), (0x44B5_2D02_C7E1_4AF6, "1e+23"),
            (0x44B5_2D02_C7E1_4AF7, "1.0000000000000001e+23"), (0x444B_1AE4_D6E2_EF4E, "999999999999999700000"),
            (0x444B_1AE4_D6E2_EF4F, "999999999999999900000"), (0x444B_1AE4_D6E2_EF50, "1e+21"),
            (0x3EB0_C6F7_A0B5_ED8C, "9.999999999999997e-7"), (0x3EB0_C6F7_A0B5_ED8D, "0.000001"),
            (0x41B3_DE43_5555_5553, "333333333.3333332"), (0x41B3_DE43_5555_5554, "333333333.33333325"),
            (0x41B3_DE43_5555_5555, "333333333.3333333"), (0x41B3_DE43_5555_5556, "333333333.3333334"),
            (0x41B3_DE43_5555_5557, "333333333.33333343"), (0xBECB_F647_612F_3696, "-0.0000033333333333333333"),
            (0x4314_3FF3_C1CB_0959, "1424953923781206.2"),
        ] as [(UInt64, String)])
    func numbers(bits: UInt64, text: String) {
        #expect(ECMAScriptNumber.text(Double(bitPattern: bits)) == text)
    }

    @Test func numbersThatAreNotFiniteHaveNoText() {
        for value in [Double.nan, .infinity, -.infinity] {
            #expect(ECMAScriptNumber.text(value) == nil)
            #expect(throws: RumdulError.malformedJSON("")) { try CanonicalJSON.encode(.double(value)) }
        }
    }

    @Test func integersThatADoubleCannotHoldAreRefused() throws {
        #expect(try CanonicalJSON.encode(9_007_199_254_740_992) == Array("9007199254740992".utf8))
        #expect(throws: RumdulError.malformedJSON("")) { try CanonicalJSON.encode(9_007_199_254_740_993) }
        #expect(throws: RumdulError.malformedJSON("")) { try CanonicalJSON.encode(.integer(.max)) }
        #expect(try CanonicalJSON.encode(.integer(1 << 60)) == Array("1152921504606847000".utf8))
        #expect(try CanonicalJSON.encode(.integer(.min)) == Array("-9223372036854776000".utf8))
    }

    @Test func everyDoubleReadsBack() {
        var random = Seeded(5)
        for _ in 0..<50_000 {
            let value = Double(bitPattern: random.next())
            guard let text = ECMAScriptNumber.text(value) else { continue }
            #expect(Double(text) == value)
        }
    }

    @Test func orderIsByUTF16Units() throws {
        // U+1F600 sorts before U+FB33 as UTF-16, after it as UTF-8.
        let text = "{\"\u{FB33}\":1,\"\u{1F600}\":2,\"a\":3,\"A\":4}"
        #expect(
            try CanonicalJSON.canonicalize(Array(text.utf8))
                == Array("{\"A\":4,\"a\":3,\"\u{1F600}\":2,\"\u{FB33}\":1}".utf8))
    }
}
