import RecordLinkage
import Testing

@testable import RegisterSearch

@Suite struct FormTests {
    @Test func sipHashOfTheReferenceKey() {
        // The key 00 01 .. 0f of the reference implementation with the message 00 01 .. 07 (vectors_sip64, length 8).
        let hash = SipHash(0x0706_0504_0302_0100, 0x0F0E_0D0C_0B0A_0908).hash(0x0706_0504_0302_0100)
        #expect(hash == 0x93F5_F579_9A93_2462)
    }

    @Test func vowelsAndSignsLeaveTheLettersAlone() {
        let name = NameForm(khmer: "សុខ ដារ៉ា")
        for typed in ["សូខ ដារ៉ា", "សុខដារា", "សុខ ដារា៉", "សុខ តារ៉ា", "សុខ ដារ៉"] {
            #expect(NameForm(khmer: typed).letters == name.letters, "\(typed)")
        }
        #expect(NameForm(khmer: "ស្រីមុំ").letters == NameForm(khmer: "សរីមុំ").letters)
        #expect(NameForm(latin: "Sokha Chea").letters == NameForm(latin: "SOKKHA CHIEA").letters)
    }

    @Test func oneLetterApartSharesAVariant() {
        let name = NameForm(khmer: "សុខ ដារ៉ា").variants
        for typed in ["ខសុ ដារ៉ា", "សុ ដារ៉ា", "សុខក ដារ៉ា", "សុង ដារ៉ា"] {
            #expect(!NameForm(khmer: typed).variants.isDisjoint(with: name), "\(typed)")
        }
    }

    @Test func hostileNamesAreBounded() {
        let long = String(repeating: "ក", count: 100_000)
        #expect(NameForm(khmer: long).letters.count == NameForm.limit)
        let words = String(repeating: "a ", count: 100_000)
        #expect(SearchQuery(name: words).spellings.count <= 5)
        #expect(NameForm(khmer: "\u{200B}\u{17D2} ").letters.isEmpty)
        #expect(!SearchQuery(name: "123 !").isPrecise)
    }

    @Test func distancesAreTold() {
        let facts = SearchFacts(
            names: [LinkageName(khmerFamily: "សុខ", khmerGiven: "ដារ៉ា", latinFamily: "Sok", latinGiven: "Dara")],
            date: LinkageDate(year: 1990, month: 4, day: 13), home: "08110401", born: "0801")
        func rate(_ name: String) -> Nearness? { SearchQuery(name: name).rate(facts) }
        for (name, expected): (String, Nearness?) in [
            ("សុខ ដារ៉ា", .exact), ("សុខដារ៉ា", .exact), ("ដារ៉ា សុខ", .exact), ("សុខ ដារា៉", .exact), ("សុខ ដារា", .slip),
            ("សុក ដារ៉ា", .slip), ("ចាន់ ដារ៉ា", .given), ("ចាន់ ធីតា", nil), ("sok dara", .exact), ("Dara Sok", .exact),
            ("SOKH DAHRA", .spelling), ("sok dars", .slip), ("osk dara", .slip), ("chan thida", nil), ("", .exact),
        ] {
            #expect(rate(name) == expected, "\(name)")
        }
        #expect(SearchQuery(name: "Sok Dara", years: 1985...1989).rate(facts) == nil)
        #expect(SearchQuery(name: "Sok Dara", date: LinkageDate(year: 1990, month: 4)).rate(facts) == .exact)
        #expect(SearchQuery(name: "Sok Dara", date: LinkageDate(year: 1990, month: 5)).rate(facts) == nil)
        #expect(SearchQuery(name: "Sok Dara", place: .init(code: "0811")).rate(facts) == .exact)
        #expect(SearchQuery(name: "Sok Dara", place: .init(code: "0801")).rate(facts) == .exact)
        #expect(SearchQuery(name: "Sok Dara", place: .init(code: "0812")).rate(facts) == nil)
    }

    @Test func whatIsTooVagueIsSaid() {
        #expect(SearchQuery(name: "សុខ").isPrecise)
        #expect(SearchQuery(date: LinkageDate(year: 1990, month: 4)).isPrecise)
        #expect(SearchQuery(years: 1990...1991, place: .init(code: "081104")).isPrecise)
        #expect(!SearchQuery(years: 1990...1991, place: .init(code: "0811")).isPrecise)
        #expect(!SearchQuery(date: LinkageDate(year: 1990)).isPrecise)
        #expect(!SearchQuery(place: .init(code: "081104")).isPrecise)
        #expect(!SearchQuery().isPrecise)
    }

    @Test(
        arguments: [
            ("1990", 1990...1990, nil), ("១៩៨៥-១៩៩០", 1985...1990, nil), ("2533", 1989...1990, nil),
            ("04/1990", 1990...1990, LinkageDate(year: 1990, month: 4)),
            ("1990-04", 1990...1990, LinkageDate(year: 1990, month: 4)),
            ("១៣/០៤/១៩៩០", 1990...1990, LinkageDate(year: 1990, month: 4, day: 13)),
            ("1990-04-13", 1990...1990, LinkageDate(year: 1990, month: 4, day: 13)),
            ("13.4.2533", 1990...1990, LinkageDate(year: 1990, month: 4, day: 13)),
        ] as [(String, ClosedRange<Int>, LinkageDate?)])
    func datesAreReadAsTyped(_ text: String, _ years: ClosedRange<Int>, _ date: LinkageDate?) {
        #expect(SearchDate(text)?.years == years)
        #expect(SearchDate(text)?.date == date)
    }

    @Test(arguments: [
        "", "x", "90", "1990-2200", "1995-1990", "13/13/1990", "1990-04-13-01", "0001", "32/1/1990", "1990 x",
    ])
    func whatIsNoDateIsRefused(_ text: String) {
        #expect(SearchDate(text) == nil)
    }
}
