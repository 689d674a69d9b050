import Kernel
import PopulationRegister
import Testing

@testable import CivilRegister

/// The law at its borders: what is just in time, just old enough, just far enough apart.
@Suite struct RuleTests {
    private let pack = RulePack.cambodia2026
    private let today = CalendarDate(year: 2026, month: 11, day: 30) ?? CalendarDate(daysSinceEpoch: 20_787)

    private func day(_ offset: Int) -> String {
        CalendarDate(daysSinceEpoch: today.daysSinceEpoch + offset).description
    }

    private func years(_ years: Int, _ days: Int = 0) -> String {
        let day = CalendarDate(year: today.year - years, month: today.month, day: today.day) ?? today
        return CalendarDate(daysSinceEpoch: day.daysSinceEpoch + days).description
    }

    /// The refused fields and the flags.
    private func judge(_ kind: VitalEventKind, _ raw: [String: String]) -> (errors: [String], flags: [String]) {
        var rules = EventRules(pack: pack, today: today)
        rules.check(Declaration(kind, raw))
        return (rules.errors.map(\.field), rules.flags)
    }

    // MARK: Lateness

    @Test(arguments: VitalEventKind.allCases) func latenessBeginsTheDayAfterTheLimit(_ kind: VitalEventKind) {
        #expect(pack.lateness(kind, days: -3) == .onTime && pack.lateness(kind, days: 0) == .onTime)
        guard let deadline = pack.deadlineDays[kind] else {
            #expect(pack.lateness(kind, days: 100_000) == .onTime)
            return
        }
        #expect(pack.lateness(kind, days: deadline) == .onTime)
        #expect(pack.lateness(kind, days: deadline + 1) == .late)
        guard let approval = pack.lateApprovalDays[kind] else {
            #expect(pack.lateness(kind, days: 100_000) == .late)
            return
        }
        #expect(pack.lateness(kind, days: approval) == .late && pack.lateness(kind, days: approval + 1) == .delayed)
    }

    @Test func theLimitsAreThoseOfThePrakas() {
        #expect(pack.deadlineDays[.birth] == 30 && pack.deadlineDays[.death] == 15)
        #expect(pack.marriageNoticeDays == 10 && pack.marriageAge == 18 && pack.marriageAgeWithConsent == 16)
        #expect(RulePack.inForce(on: today).id == pack.id && RulePack.named("no such pack").id == pack.id)
    }

    @Test func aLateDeclarationNeedsAReason() {
        let late = ["event.date": day(-31), "mother.unknown": "unknown"]
        #expect(judge(.birth, late).errors == ["event.late_reason"])
        #expect(judge(.birth, late.merging(["event.late_reason": "នៅឆ្ងាយ"]) { $1 }).errors.isEmpty)
        #expect(judge(.birth, ["event.date": day(-30)]).errors.isEmpty)
        #expect(judge(.death, ["event.date": day(-16)]).errors == ["event.late_reason"])
        #expect(judge(.death, ["event.date": day(-15)]).errors.isEmpty)
    }

    // MARK: Marriages

    private func marriage(_ changes: [String: String]) -> [String: String] {
        [
            "event.date": day(0), "event.notice_date": day(-20), "spouse1.birthdate": years(30),
            "spouse2.birthdate": years(30),
        ].merging(changes) { $1 }.filter { !$0.value.isEmpty }
    }

    @Test(arguments: [(-11, true), (-10, true), (-9, false), (0, false), (5, false)])
    func theNoticeHangsForTenDays(_ posted: Int, _ isLongEnough: Bool) {
        let raw = marriage(["event.notice_date": day(posted)])
        #expect(judge(.marriage, raw).errors == (isLongEnough ? [] : ["event.notice_date"]))
        #expect(judge(.marriage, raw.merging(["court.number": "១"]) { $1 }).errors.isEmpty)
    }

    @Test(arguments: ["spouse1", "spouse2"]) func eighteenYearsToTheDay(_ spouse: String) {
        let field = spouse + ".birthdate"
        #expect(judge(.marriage, marriage([field: years(18)])).errors.isEmpty)
        #expect(judge(.marriage, marriage([field: years(18, 1)])).errors == [field])
        // Of a year alone, the last day counts: what is not certain is not claimed.
        #expect(judge(.marriage, marriage([field: "2008"])).errors == [field])
        #expect(judge(.marriage, marriage([field: "2007"])).errors.isEmpty)
        #expect(judge(.marriage, marriage([field: "2008-11"])).errors.isEmpty)
        #expect(judge(.marriage, marriage([field: "2008-12"])).errors == [field])
    }

    @Test func sixteenYearsToTheDayWithConsentAndAnAdult() {
        let young = { (born: String, more: [String: String]) in
            marriage(["spouse2.birthdate": born, "event.consent": "yes"].merging(more) { $1 })
        }
        let good = judge(.marriage, young(years(16), [:]))
        #expect(good.errors.isEmpty && good.flags == ["marriage.minor"])
        #expect(judge(.marriage, young(years(16, 1), [:])).errors == ["spouse2.birthdate"])
        #expect(judge(.marriage, young(years(16), ["event.consent": "no"])).errors == ["spouse2.birthdate"])
        #expect(judge(.marriage, young(years(16), ["event.consent": ""])).errors == ["spouse2.birthdate"])
        let both = judge(.marriage, young(years(17), ["spouse1.birthdate": years(17)]))
        #expect(both.errors == ["spouse1.birthdate", "spouse2.birthdate"])
        #expect(judge(.marriage, young(years(16, 1), ["court.number": "១"])).errors.isEmpty)
    }

    // MARK: Parents

    @Test(arguments: ["mother", "father"]) func aParentIsTwelveYearsOlderToTheDay(_ parent: String) {
        let field = parent + ".birthdate"
        #expect(judge(.birth, ["event.date": day(0), field: years(12)]).errors.isEmpty)
        #expect(judge(.birth, ["event.date": day(0), field: years(12, 1)]).errors == [field])
        #expect(judge(.birth, ["event.date": day(0), field: day(0)]).errors == [field])
        // Only what is certain is refused: somebody of 2014 may be twelve, somebody of 2015 cannot.
        #expect(judge(.birth, ["event.date": day(0), field: "2014"]).errors.isEmpty)
        #expect(judge(.birth, ["event.date": day(0), field: "2015"]).errors == [field])
        let known = ["child.person": "c", "child.birthdate": day(0), "event.date": day(0)]
        for kind in [VitalEventKind.recognition, .legitimation] {
            #expect(judge(kind, known.merging([field: years(12, 1)]) { $1 }).errors == [field])
            #expect(judge(kind, known.merging([field: years(12)]) { $1 }).errors.isEmpty)
        }
    }

    @Test(arguments: ["adopter1", "adopter2"]) func anAdopterIsTwentyYearsOlderToTheDay(_ adopter: String) {
        let field = adopter + ".birthdate"
        let raw = ["child.person": "c", "child.birthdate": day(0), "event.date": day(0)]
        #expect(judge(.adoption, raw.merging([field: years(20)]) { $1 }).errors.isEmpty)
        #expect(judge(.adoption, raw.merging([field: years(20, 1)]) { $1 }).errors == [field])
    }

    @Test(arguments: [(12, 0, false), (55, 0, false), (56, 1, false), (56, 0, true), (70, 0, true)])
    func anUnusualAgeOfAMotherIsQuestioned(_ age: Int, _ days: Int, _ isQuestioned: Bool) {
        let judged = judge(.birth, ["event.date": day(0), "mother.birthdate": years(age, days)])
        #expect(judged.errors.isEmpty && judged.flags == (isQuestioned ? ["mother.age"] : []))
    }

    /// Invariant 8: questioned, never refused.
    @Test(arguments: [
        (0, "", true), (209, "", true), (210, "", false), (209, "1", true), (0, "2", false), (0, "3", false),
    ])
    func invariant8BirthsThatAreTooCloseAreQuestioned(_ days: Int, _ multiplicity: String, _ isQuestioned: Bool) {
        let judged = judge(
            .birth,
            ["event.date": day(0), "mother.last_birth": day(-days), "child.multiplicity": multiplicity])
        #expect(judged.errors.isEmpty && judged.flags == (isQuestioned ? ["mother.spacing"] : []))
    }

    // MARK: Deaths, and who must be known

    @Test func nobodyDiesBeforeHeIsBorn() {
        let death = { (born: String) in
            judge(.death, ["event.date": day(0), "deceased.person": "c", "deceased.birthdate": born])
        }
        #expect(death(day(0)).errors.isEmpty && death(day(1)).errors == ["event.date"])
        #expect(death("2026").errors.isEmpty && death("2027").errors == ["event.date"])
        #expect(death(years(126)).flags == ["deceased.age"] && death(years(126, 1)).flags.isEmpty)
        #expect(judge(.death, ["event.date": day(0)]).flags == ["deceased.unregistered"])
    }

    @Test func someEventsNeedPeopleOfTheRegister() {
        let needed: [VitalEventKind: [String]] = [
            .divorce: ["spouse1.person", "spouse2.person"], .annulment: ["spouse1.person", "spouse2.person"],
            .judicialSeparation: ["spouse1.person", "spouse2.person"], .adoption: ["child.person"],
            .recognition: ["child.person"], .legitimation: ["child.person"], .sexCorrection: ["person.person"],
            .nationalityChange: ["person.person"], .nameChange: ["person.person", "new.given_km"],
        ]
        for kind in VitalEventKind.allCases {
            #expect(judge(kind, ["event.date": day(0)]).errors == needed[kind] ?? [], "\(kind)")
        }
    }

    @Test func nobodyIsTwoPeopleInOneEvent() {
        #expect(
            judge(.marriage, marriage(["spouse1.person": "c", "spouse2.person": "c"])).errors == ["spouse2.person"])
        #expect(
            judge(.birth, ["event.date": day(0), "mother.person": "c", "father.person": "c"]).errors
                == ["father.person"])
        #expect(
            judge(.adoption, ["child.person": "c", "adopter1.person": "d", "adopter2.person": "d"]).errors
                == ["adopter2.person"])
        #expect(judge(.recognition, ["child.person": "c", "father.person": "c"]).errors == ["father.person"])
        #expect(judge(.divorce, ["spouse1.person": "c", "spouse2.person": "c"]).errors == ["spouse2.person"])
    }
}
