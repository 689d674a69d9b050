import CivilRegister
import Codecs
import Database
import DatabaseTesting
import JOSE
import Kernel
import KeyVault
import PopulationRegister
import Testing

@testable import RegisterNotifications

/// Events in the outbox: in the transaction of what they tell of, never without it.
@Suite struct OutboxTests {
    @Test(arguments: TestDatabases.kinds) func aLifeInEvents(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let birth = try await world.registeredBirth()
            #expect(try await world.events() == ["liveBirth liveBirth registered", "newPerson newPerson registered"])
            try await world.revoke(birth.id)
            try await world.reinstate(birth.id)
            #expect(
                Array(try await world.events().dropFirst(2)) == [
                    "liveBirth birthCancellation cancelled", "newPerson newPersonCancellation cancelled",
                    "liveBirth liveBirth reinstated", "newPerson newPerson reinstated",
                ])
            world.clock.advance(seconds: 1)
            let (_, code) = try await world.person("ចាន់", "ដារ៉ា", .male, born: "1950-05-01")
            let death = try await world.registeredDeath(code)
            try await world.revoke(death.id)
            #expect(
                Array(try await world.events().dropFirst(6)) == [
                    "death death registered", "death deathCancellation cancelled",
                ])
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func aPartyWithoutACodeIsSomebodyNew(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let (_, code) = try await world.person("គឹម", "ដារ៉ា", .male, born: "1990-01-01")
            _ = try await world.registered(
                .marriage,
                [
                    "spouse1.person": code, "spouse1.given_km": "ដារ៉ា", "spouse1.sex": "1",
                    "spouse1.birthdate": "1990-01-01", "spouse2.family_km": "ហេង", "spouse2.given_km": "សុភា",
                    "spouse2.sex": "2", "spouse2.birthdate": "1996-01-01", "event.date": world.clock.day(0),
                    "event.place": "120101", "event.notice_date": world.clock.day(-12), "witness1.given_km": "មករា",
                    "witness2.given_km": "មីនា", "informant.relation": "parties", "informant.given_km": "ដារ៉ា",
                ])
            #expect(try await world.events() == ["marriage marriage registered", "newPerson newPerson registered"])
        }
    }

    /// Every registration, correction and revocation has its event, and every event its entry in the record's history;
    /// whatever was refused or undone has none.
    @Test(arguments: TestDatabases.kinds)
    func noEventWithoutItsEntryAndNoEntryWithoutItsEvent(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let names = ["ដារ៉ា", "លីដា", "មករា", "វិបុល"], mothers = ["ចន្ធី", "រតនា", "បុប្ផា", "ម៉ាលី"]
            await withTaskGroup(of: Void.self) { group in
                for (name, mother) in zip(names, mothers) {
                    group.addTask {
                        _ = try? await world.registeredBirth([
                            "child.family_km": mother, "child.given_km": name, "mother.given_km": mother,
                        ])
                    }
                }
            }
            let (_, code) = try await world.person("ទេព", "សុវណ្ណ", .male, born: "1950-05-01")
            let death = try await world.registeredDeath(code)
            await #expect(throws: RumdulError.self) { _ = try await world.registeredDeath(code) }
            try await world.revoke(death.id)
            // A transaction that ends badly after the event was written leaves neither.
            struct Cut: Error {}
            await #expect(throws: Cut.self) {
                try await world.database.transaction { connection in
                    try await EventOutbox(ambient: world.clock.ambient).occurred(
                        RegisterEvent(
                            topic: .death, change: .registered, name: "death", record: "never", sequence: 1,
                            office: World.office, isSealed: false, participants: [], at: world.clock.now),
                        in: connection)
                    throw Cut()
                }
            }
            let (missing, extra) = try await world.unmatched()
            #expect(missing.isEmpty && extra.isEmpty, "\(missing) \(extra)")
            #expect(try await world.events().count { $0.hasPrefix("liveBirth") } == 4)
            #expect(try await world.events().count { $0.hasPrefix("death") } == 2)
        }
    }
}

extension World {
    /// Actions that are events without a row in the outbox, and rows without their action: by record and number.
    func unmatched() async throws -> (missing: Set<String>, extra: Set<String>) {
        let telling: Set<String> = ["register", "approveCorrection", "approveRevocation", "approveReinstatement"]
        return try await database.read { connection in
            var acted: Set<String> = []
            for row in try await connection.query("SELECT record_id, seq, header FROM civil_actions") {
                let header = try JSON.parseObject(row.blob(2))
                if telling.contains(header.string("action") ?? "") {
                    acted.insert("\(try row.string(0)) \(try row.int64(1))")
                }
            }
            let told = try await connection.query(
                "SELECT record, seq FROM notif_events WHERE topic <> 'newPerson' AND record IS NOT NULL"
            ).map { "\(try $0.string(0)) \(try $0.int64(1))" }
            return (acted.subtracting(told), Set(told).subtracting(acted))
        }
    }
}
