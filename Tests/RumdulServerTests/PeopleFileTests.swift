import Kernel
import PopulationRegister
import Testing

@testable import RumdulServer

@Suite("People files")
struct PeopleFileTests {
    private static let whole = """
        {"name_km": {"family": "សុខ", "given": "ដារា"}, "sex": "male", "birthdate": "1990-05", "birth_place": "12", \
        "nationality": "VNM", "residence": "1201", "phone": "+85512345678", "reference": "list-7/1"}
        """

    @Test("A line becomes a draft with its facts and their source")
    func wholeLine() throws {
        let draft = try #require(try PeopleFile.parse(Array(Self.whole.utf8)).first)
        #expect(draft.names.first?.khmer == NameParts(family: "សុខ", given: "ដារា"))
        #expect(draft.birth.date == .month(1990, 5))
        #expect(draft.nationality == [Nationality(.foreign, country: "VNM")])
        #expect(draft.source == FactSource(kind: "migration", reference: "list-7/1"))
    }

    @Test("Nobody is left out: a name, the sex and the reference are enough, and nationality is then undetermined")
    func leastLine() throws {
        let line = #"{"name_km": {"given": "ម៉ៅ"}, "sex": "female", "reference": "x"}"#
        let draft = try #require(try PeopleFile.parse(Array((line + "\r\n\n").utf8)).first)
        #expect(draft.nationality == [Nationality(.undetermined)])
        #expect(draft.contacts.isEmpty && draft.residence.isEmpty)
    }

    @Test(
        "A wrong line is named and refuses the file",
        arguments: [
            "[]", "{", #"{"sex": "male"}"#, #"{"sex": "m", "reference": "x"}"#,
            #"{"sex": "male", "reference": "x", "ethnicity": "y"}"#,
            #"{"sex": "male", "reference": "x", "birthdate": "01.05.1990"}"#,
            #"{"sex": "male", "reference": "x", "residence": "1"}"#,
            #"{"sex": "male", "reference": "x", "nationality": "foreign"}"#,
            #"{"sex": "male", "sex": "female", "reference": "x"}"#,
            #"{"sex": "male", "reference": "x", "name_km": "សុខ"}"#,
        ])
    func wrongLine(line: String) {
        let error = #expect(throws: RumdulError.self) { try PeopleFile.parse(Array((Self.whole + "\n" + line).utf8)) }
        #expect(error?.code == "people.line")
        #expect(error?.message.en.contains("Line 2") == true)
    }

    @Test("Any bytes give people or an error, never a crash")
    func fuzz() {
        var generator = SystemRandomNumberGenerator()
        let seed = Array(Self.whole.utf8)
        for _ in 0..<3000 {
            var bytes = seed
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                let at = Int.random(in: 0..<bytes.count, using: &generator)
                bytes[at] = UInt8.random(in: 0...255, using: &generator)
            }
            _ = try? PeopleFile.parse(bytes)
        }
    }
}
