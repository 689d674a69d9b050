import Kernel
import KhmerText
import TestVectors
import Testing

@testable import CivilRegister
@testable import PopulationRegister

/// The forms and what may stand in their fields.
@Suite struct FormTests {
    private let today = CalendarDate(year: 2026, month: 11, day: 30) ?? CalendarDate(daysSinceEpoch: 20_787)

    /// Something that the field accepts.
    private func value(_ field: FieldDefinition) -> String {
        switch field.type {
        case .khmerName: "សុភា"
        case .latinName: "SOPHEA"
        case .text: "អត្ថបទ"
        case .date: "2026-11-01"
        case .partialDate: "1990"
        case .time: "07:30"
        case .place: "12010101"
        case .choice(let choices): choices[0].code
        case .number(let range): String(range.lowerBound)
        case .country: "KHM"
        case .icd: "I21.9"
        case .person: KIDC(body: 234_567_123, range: .production).digits
        }
    }

    private func errors(_ raw: [String: String], _ kind: VitalEventKind) -> [String] {
        var rules = FieldRules(today: today)
        let form = EventForm.of(kind)
        rules.requireAll(rules.clean(raw, form: form), form: form)
        return rules.errors.map(\.field)
    }

    private func clean(_ text: String, _ type: FieldType) -> String? {
        var rules = FieldRules(today: today)
        let form = EventForm(.birth, [FormSection("s", "", "", [FieldDefinition("x.y", type, "", "")])])
        let cleaned = rules.clean(["x.y": text], form: form)
        return rules.errors.isEmpty ? cleaned["x.y"] : nil
    }

    @Test(arguments: VitalEventKind.allCases) func aFieldThatIsNeededAndMissingGivesExactlyItsError(
        _ kind: VitalEventKind
    ) {
        let form = EventForm.of(kind)
        let full = Dictionary(form.fields.map { ($0.id, value($0)) }) { first, _ in first }
        #expect(errors(full, kind).isEmpty, "every field has a value that it accepts")
        for field in form.fields {
            var raw = full
            raw[field.id] = nil
            switch field.requirement {
            case .optional: break
            case .always: #expect(errors(raw, kind) == [field.id])
            case .when(let other, let values):
                for answer in values {
                    raw[other] = answer
                    #expect(errors(raw, kind) == [field.id], "\(field.id) when \(other) is \(answer)")
                }
                raw[other] = nil
                #expect(!errors(raw, kind).contains(field.id))
            case .unless(let other):
                #expect(errors(raw, kind).isEmpty, "\(field.id) is not needed beside \(other)")
                raw[other] = nil
                #expect(errors(raw, kind) == [field.id])
            }
            raw = full
            raw[field.id] = " "
            #expect(errors(raw, kind).allSatisfy { $0 == field.id }, "a blank \(field.id) concerns no other field")
        }
    }

    @Test(arguments: VitalEventKind.allCases) func everyFormIsWhole(_ kind: VitalEventKind) {
        let fields = EventForm.of(kind).fields
        #expect(Set(fields.map(\.id)).count == fields.count, "no field stands twice")
        for field in fields {
            #expect(!field.label.km.isEmpty && !field.label.en.isEmpty)
            #expect(field.id.split(separator: ".").count == 2)
            switch field.requirement {
            case .when(let other, let values):
                guard case .choice(let choices)? = EventForm.of(kind)[other]?.type else {
                    Issue.record("\(field.id) depends on \(other), which is no choice")
                    continue
                }
                #expect(values.allSatisfy { value in choices.contains { $0.code == value } })
            case .unless(let other): #expect(EventForm.of(kind)[other] != nil)
            default: break
            }
        }
        #expect(kind.needsCourt == (EventForm.of(kind)["court.number"]?.requirement == .always))
        #expect(errors(["no.such": "x"], kind).contains("no.such"))
    }

    // MARK: Values

    @Test(arguments: [
        ("2026-11-30", "2026-11-30"), ("២០២៦-១១-៣០", "2026-11-30"), ("30/11/2026", "2026-11-30"),
        ("៣០/១១/២០២៦", "2026-11-30"), ("1850-01-01", "1850-01-01"), ("1849-12-31", nil), ("2026-12-01", nil),
        ("31/11/2026", nil), ("2026", nil), ("៣០/11/២០២៦", nil), ("yesterday", nil),
    ])
    func daysAreReadAsPeopleWriteThem(_ text: String, _ day: String?) { #expect(clean(text, .date) == day) }

    @Test(arguments: [
        ("1990", "1990"), ("១៩៩០", "1990"), ("1990-05", "1990-05"), ("05/1990", "1990-05"), ("៥/១៩៩០", "1990-05"),
        ("5-1990", "1990-05"), ("12/05/1990", "1990-05-12"), ("2026", "2026"), ("2026-11", "2026-11"), ("2027", nil),
        ("2026-12", nil), ("1849", nil), ("1850", "1850"), ("13/1990", nil), ("0/1990", nil), ("90", nil),
        ("+5/1990", nil),
    ])
    func aDateMayBeKnownInPart(_ text: String, _ date: String?) { #expect(clean(text, .partialDate) == date) }

    @Test(arguments: [
        ("07:30", "07:30"), ("7:5", "07:05"), ("០៧:៣០", "07:30"), ("23:59", "23:59"), ("00:00", "00:00"),
        ("24:00", nil),
        ("12:60", nil), ("12", nil), ("+7:30", nil), ("-0:30", nil), ("1:2:3", nil), ("", nil),
    ])
    func timesAreHoursAndMinutes(_ text: String, _ time: String?) { #expect(clean(text, .time) == time) }

    @Test(arguments: [
        ("200", "200"), ("9000", "9000"), ("១២០០", "1200"), ("199", nil), ("9001", nil), ("-5", nil), ("1e3", nil),
        ("0200", "200"), ("9999999999999999999", nil), ("១2០០", nil),
    ])
    func numbersStayInTheirRange(_ text: String, _ number: String?) {
        #expect(clean(text, .number(200...9_000)) == number)
    }

    @Test(arguments: [
        ("120101", "120101"), ("12010101", "12010101"), ("១២០១០១", "120101"), ("1201", nil), ("12", nil),
        ("1201011", nil),
        ("phnom", nil),
    ])
    func aPlaceIsACommuneOrAVillage(_ text: String, _ place: String?) { #expect(clean(text, .place(3)) == place) }

    @Test func namesKeepToTheirScriptAndLimit() {
        #expect(clean("សុភា", .khmerName) == "សុភា" && clean("SOPHEA", .khmerName) == nil)
        #expect(clean("SOPHEA", .latinName) == "SOPHEA" && clean("សុភា", .latinName) == nil)
        #expect(
            clean("Léa-Marie", .latinName) != nil && clean("123", .latinName) == nil && clean("១២៣", .khmerName) == nil)
        let long = String(repeating: "ក", count: TextInput.nameLimit)
        #expect(clean(long, .khmerName) == long && clean(long + "ក", .khmerName) == nil)
        for limit in [20, 300] {
            #expect(clean(String(repeating: "x", count: limit), .text(limit)) != nil)
            #expect(clean(String(repeating: "x", count: limit + 1), .text(limit)) == nil)
        }
        #expect(clean("a\u{202E}b", .text(20)) == nil && clean("a\nb", .text(20)) == nil)
    }

    @Test func codesOfCountriesAndDiseasesArePlain() {
        #expect(clean("khm", .country) == "KHM" && clean("XXA", .country) == "XXA")
        #expect(clean("K1M", .country) == nil && clean("KHMR", .country) == nil && clean("ខមរ", .country) == nil)
        #expect(clean("i21.9", .icd) == "I21.9" && clean("1A00&XN/2", .icd) != nil && clean("I'21", .icd) == nil)
        #expect(clean("yes", .choice(FieldSets.yesNo)) == "yes" && clean("maybe", .choice(FieldSets.yesNo)) == nil)
        #expect(clean("ye\u{200B}s", .choice(FieldSets.yesNo)) == nil)
        let code = KIDC(body: 234_567_123, range: .production)
        #expect(clean(KhmerDigits.toKhmer(code.digits), .person) == code.digits)
        #expect(clean(code.display, .person) == code.digits && clean("2345671230", .person) == nil)
    }

    /// No text stops the rules, and what they let through they let through unchanged a second time.
    @Test(arguments: VitalEventKind.allCases) func anyTextInAnyFieldIsAnsweredAndCleanIsClean(_ kind: VitalEventKind) {
        var chance = Seeded(UInt64(50 + (VitalEventKind.allCases.firstIndex(of: kind) ?? 0)))
        let form = EventForm.of(kind)
        var passed = 0
        for _ in 0..<40 {
            let raw = Dictionary(form.fields.map { ($0.id, chance.text(12)) }) { first, _ in first }
            var rules = FieldRules(today: today)
            let once = rules.clean(raw, form: form)
            rules.requireAll(once, form: form)
            var events = EventRules(pack: .cambodia2026, today: today)
            events.check(once)
            let refused = Set(rules.errors.map(\.field))
            let good = once.values.filter { !refused.contains($0.key) }
            passed += good.count
            var again = FieldRules(today: today)
            #expect(again.clean(good, form: form).values == good && again.errors.isEmpty)
        }
        #expect(passed > 0)
    }

    // MARK: Declarations

    @Test func changesAndApplyingThemAreInverse() throws {
        var chance = Seeded(71)
        let fields = EventForm.of(.birth).fields.map(\.id)
        func random() -> Declaration {
            var values: [String: String] = [:]
            for field in fields where Bool.random(using: &chance) { values[field] = chance.text(3) }
            return Declaration(.birth, values)
        }
        for _ in 0..<200 {
            let (one, other) = (random(), random())
            let there = one.changes(to: other)
            #expect(try one.applying(there) == other)
            #expect(try other.applying(other.changes(to: one)) == one)
            #expect(one.changes(to: one).isEmpty)
            #expect(there.allSatisfy { $0.from != $0.to } && there.map(\.field) == there.map(\.field).sorted())
            for change in there {
                var moved = one
                moved[change.field] = (change.from ?? "") + "x"
                #expect(throws: RumdulError.civilChanged) { _ = try moved.applying(there) }
            }
            #expect(try Declaration(.birth, json: one.json) == one)
        }
    }
}
