import Kernel
import Testing

@testable import DCIRegistry

@Suite struct DateTimeTests {
    @Test func timesAreReadWithTheirZone() {
        #expect(DCIDateTime.read("1970-01-01T00:00:00Z") == Instant(microseconds: 0))
        #expect(DCIDateTime.read("2022-12-04T17:20:07-04:00")?.seconds == 1_670_188_807)
        #expect(DCIDateTime.read("2022-12-04T21:20:07.25Z")?.microseconds == 1_670_188_807_250_000)
        #expect(DCIDateTime.read("2016-12-31T23:59:60Z")?.seconds == 1_483_228_799)
        for bad in [
            "", "2022-12-04", "2022-12-04T17:20:07", "2022-13-04T17:20:07Z", "2022-12-04T24:20:07Z",
            "2022-12-04T17:20:07+4:00", "2022-12-04T17:20:07.Z", "2022-12-04 17:20:07Z", "២០២២-12-04T17:20:07Z",
        ] { #expect(DCIDateTime.read(bad) == nil, "\(bad)") }
    }

    @Test func eventsAreKnownByEitherListsNames() {
        for (text, type) in [
            ("live_birth", DCIEventType.liveBirth), ("spdci-common:RegistryEventType:LiveBirth", .liveBirth),
            ("Death", .death), ("marriage", .marriage), ("fetal_death", .fetalDeath),
        ] { #expect(DCIEventType(text) == type, "\(text)") }
        #expect(DCIEventType("REGISTER") == nil && DCIEventType("") == nil && DCIEventType("LiveBirth:") == nil)
    }
}
