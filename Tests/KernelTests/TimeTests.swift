import Kernel
import Testing

@Suite("Instants and days")
struct TimeTests {
    @Test("Days and their numbers are inverse over four centuries, and follow each other")
    func dayNumbers() throws {
        let first = try #require(CalendarDate(year: 1800, month: 1, day: 1)).daysSinceEpoch
        var previous = CalendarDate(daysSinceEpoch: first - 1)
        for number in first..<(first + 146_097) {
            let date = CalendarDate(daysSinceEpoch: number)
            #expect(date.daysSinceEpoch == number)
            #expect(previous < date)
            previous = date
        }
    }

    @Test("ISO dates are exactly YYYY-MM-DD of days that exist")
    func isoDates() {
        #expect(CalendarDate(iso: "2024-02-29")?.description == "2024-02-29")
        for text in [
            "2023-02-29", "1900-02-29", "2024-13-01", "2024-00-10", "2024-1-01", "20240101", "2024-01-01 ",
            "០០០០-០១-០១", "0000-01-01",
        ] {
            #expect(CalendarDate(iso: text) == nil)
        }
    }

    @Test(
        "RFC 3339 agrees with known moments",
        arguments: [
            (Int64(0), "1970-01-01T00:00:00Z"), (951_782_400, "2000-02-29T00:00:00Z"),
            (1_773_905_400, "2026-03-19T07:30:00Z"),
            (-1, "1969-12-31T23:59:59Z"),
        ])
    func rfc3339(seconds: Int64, expected: String) { #expect(Instant(seconds: seconds).rfc3339 == expected) }

    @Test("A day in Cambodia begins seven hours before the UTC day")
    func cambodianDay() {
        let evening = Instant(seconds: 1_773_878_400 - 7 * 3600)
        #expect(evening.dayInCambodia.description == "2026-03-19")
        #expect(evening.adding(seconds: -1).dayInCambodia.description == "2026-03-18")
        #expect(evening.timeInCambodia == (0, 0))
    }

    @Test("Ages turn on the birthday")
    func ages() throws {
        let birth = try #require(CalendarDate(iso: "2008-11-21"))
        #expect(birth.age(on: try #require(CalendarDate(iso: "2026-11-20"))) == 17)
        #expect(birth.age(on: try #require(CalendarDate(iso: "2026-11-21"))) == 18)
        #expect(birth.age(on: try #require(CalendarDate(iso: "2001-01-01"))) == 0)
    }
}
