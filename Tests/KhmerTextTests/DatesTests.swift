import Kernel
import Testing

@testable import KhmerText

@Suite("Dates")
struct DatesTests {
    private func date(_ iso: String) throws -> CalendarDate { try #require(CalendarDate(iso: iso)) }

    @Test("fixed forms")
    func forms() throws {
        let day = try date("2026-03-19")
        #expect(KhmerDates.long(day, .km) == "ថ្ងៃទី១៩ ខែមីនា ឆ្នាំ២០២៦")
        #expect(KhmerDates.long(day, .en) == "19 March 2026")
        #expect(KhmerDates.short(day, .km) == "១៩.០៣.២០២៦")
        #expect(KhmerDates.short(day, .en) == "19.03.2026")
        #expect(KhmerDates.longWithWeekday(day, .km) == "ថ្ងៃព្រហស្បតិ៍ ទី១៩ ខែមីនា ឆ្នាំ២០២៦")
        #expect(KhmerDates.longWithWeekday(day, .en) == "Thursday, 19 March 2026")
        #expect(KhmerDates.long(try date("1999-12-05"), .km) == "ថ្ងៃទី០៥ ខែធ្នូ ឆ្នាំ១៩៩៩")
        #expect(KhmerDates.longWithWeekday(try date("1969-12-31"), .en) == "Wednesday, 31 December 1969")
        #expect(KhmerDates.short(try date("0007-01-02"), .en) == "02.01.0007")
    }

    @Test("moments are shown in Cambodia's time")
    func moments() {
        // 2026-03-19T18:05:00Z is the next day in Cambodia.
        let moment = Instant(seconds: 1_773_943_500)
        #expect(moment.rfc3339 == "2026-03-19T18:05:00Z")
        #expect(KhmerDates.long(moment, .km) == "ថ្ងៃទី២០ ខែមីនា ឆ្នាំ២០២៦ ម៉ោង០១:០៥")
        #expect(KhmerDates.long(moment, .en) == "20 March 2026, 01:05")
        #expect(KhmerDates.short(moment, .km) == "២០.០៣.២០២៦ ០១:០៥")
        #expect(KhmerDates.short(moment, .en) == "20.03.2026 01:05")
        #expect(KhmerDates.time(moment, .km) == "០១:០៥" && KhmerDates.time(moment, .en) == "01:05")
    }

    @Test("the names are in display form")
    func names() {
        for name in KhmerDates.months + KhmerDates.weekdays {
            #expect(KhmerText.display(of: name).hex == name.hex)
            #expect(KhmerText.isWellFormed(name))
        }
        #expect(KhmerDates.months.count == 12 && KhmerDates.weekdays.count == 7)
    }

    @Test(
        "typed dates",
        arguments: [
            "19.03.2026", "19/03/2026", "19-03-2026", "19.3.2026", "២០២៦-០៣-១៩", "2026-03-19", "១៩.០៣.២០២៦",
            "១៩/៣/២០២៦", " 19.03.2026 ",
            "១៩\u{200B}.០៣.២០២៦",
        ])
    func parse(text: String) throws {
        #expect(try KhmerDates.parse(text) == date("2026-03-19"))
    }

    @Test(
        "refused dates",
        arguments: [
            "", "19.03", "19.03.26", "19.03/2026", "31.02.2026", "00.01.2026", "1.13.2026", "2026-3-19", "2026.03.19",
            "19.03.2026.", "a.b.cccc",
            "19 03 2026", "029.03.2026", "19.03.٢٠٢٦", "+1.03.2026", "29.02.2025",
        ])
    func refused(text: String) {
        #expect(throws: RumdulError.dateMalformed) { try KhmerDates.parse(text) }
    }

    @Test("one script in one date")
    func mixed() {
        #expect(throws: RumdulError.digitsMixed) { try KhmerDates.parse("១៩.03.2026") }
        #expect(throws: RumdulError.digitsMixed) { try KhmerDates.parse("2026-០៣-19") }
    }

    @Test("what is shown short is read again, and any text is read or refused")
    func roundTripAndFuzz() throws {
        var generator = SeededGenerator(seed: 41)
        for _ in 0..<3_000 {
            let day = CalendarDate(daysSinceEpoch: Int.random(in: -719_162...2_932_896, using: &generator))
            #expect(try KhmerDates.parse(KhmerDates.short(day, .km)) == day)
            #expect(try KhmerDates.parse(KhmerDates.short(day, .en)) == day)
            #expect(try KhmerDates.parse(day.description) == day)
            #expect(!KhmerDates.longWithWeekday(day, .km).isEmpty)
            var scalars = Array(KhmerDates.short(day, .en).unicodeScalars)
            let place = Int.random(in: 0..<scalars.count, using: &generator)
            scalars[place] = "0123456789./-១ a".unicodeScalars.randomElement(using: &generator) ?? "a"
            if let read = try? KhmerDates.parse(String(scalars: scalars)) { #expect((1...9999).contains(read.year)) }
            _ = try? KhmerDates.parse(RandomText.any(&generator, maxLength: 12))
        }
    }
}
