import Accountability
import CivilRegister
import Codecs
import Database
import DatabaseTesting
import JOSE
import Kernel
import KeyVault
import NIOHTTP1
import PopulationRegister
import Testing

@testable import RegisterNotifications

/// Messages: who is told, what, how often.
@Suite struct DeliveryTests {
    private static let named = TopicRight(identifiers: true)

    @Test(arguments: TestDatabases.kinds)
    func aMessageSaysWhatTheRegistrationAllowsAndStandsInTheJournal(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            try await world.subscribed("bank", ["death": Self.named])
            try await world.subscribed("paper", ["death": TopicRight()])
            try await world.subscribed("births", ["liveBirth": Self.named])
            let (person, code) = try await world.person("ចាន់", "ដារ៉ា", .male, born: "1950-05-01")
            let death = try await world.registeredDeath(code)
            try await world.deliver()
            let bank = try #require(world.receiver.notifications.first { $0.path.hasSuffix("/bank") })
            let paper = try #require(world.receiver.notifications.first { $0.path.hasSuffix("/paper") })
            #expect(world.receiver.notifications.count == 2, "a topic that nobody asked for is not sent")
            #expect(bank.event.string("uin") == code && bank.event.string("event") == "death")
            #expect(bank.event.string("source") == "https://register.test")
            #expect(!paper.event.has("uin") && !String(decoding: paper.body, as: UTF8.self).contains(code))
            let text = String(decoding: bank.body + paper.body, as: UTF8.self)
            #expect(!text.contains(death.id) && !text.contains(person.text) && !text.contains("ដារ៉ា"))
            #expect(bank.event.string("record") != paper.event.string("record"), "nobody can compare")
            #expect(try await world.disclosures(of: person, to: "bank").count == 1)
            #expect(try await world.disclosures(of: person, to: "bank").first?.traceID == bank.messageID)
            #expect(try await world.disclosures(of: person, to: "paper").isEmpty)
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func aCancelledBirthStillSaysWhoseItWas(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            try await world.subscribed("bank", ["liveBirth": Self.named])
            let birth = try await world.registeredBirth()
            let child = try #require(birth.persons[.child])
            let code = try #require(try await world.database.read { try await world.people.code(of: child, in: $0) })
            try await world.revoke(birth.id)
            try await world.deliver()
            #expect(
                world.receiver.notifications.map { $0.event.string("event") } == ["liveBirth", "birthCancellation"])
            #expect(world.receiver.notifications.allSatisfy { $0.event.string("uin") == code.digits })
            #expect(try await world.disclosures(of: child, to: "bank").count == 2)
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func retriesAreOneDisclosureAndTheSameBytesUntilTheMessageIsDead(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let item = try #require(try await world.subscribed("bank", ["death": Self.named])["death"])
            let (person, code) = try await world.person("ចាន់", "ដារ៉ា", .male, born: "1950-05-01")
            _ = try await world.registeredDeath(code)
            world.receiver.answer(.internalServerError)
            for _ in 0..<5 {
                try await world.deliver()
                world.clock.advance(seconds: 67)
            }
            // The first attempt and two more, as the policy says.
            #expect(world.receiver.notifications.count == 3)
            #expect(Set(world.receiver.notifications.map(\.body)).count == 1)
            #expect(Set(world.receiver.notifications.map(\.messageID)).count == 1)
            #expect(try await world.disclosures(of: person, to: "bank").count == 1)
            let dead = try await world.service.messages(client: "bank", state: .dead, limit: 10)
            #expect(dead.count == 1 && dead.first?.lastStatus == 500 && dead.first?.attempts == 3)
            #expect(try await world.contents() == 0, "an ended message keeps no content")

            world.receiver.answer(.ok)
            #expect(try await world.service.replay(item.id, message: nil, by: "bank") == 1)
            try await world.deliver()
            #expect(world.receiver.notifications.count == 4)
            #expect(world.receiver.notifications.last?.messageID == dead.first?.id, "the same message")
            #expect(try await world.disclosures(of: person, to: "bank").count == 2, "told anew")
            #expect(try await world.service.replay(item.id, message: nil, by: nil) == 0)
            await #expect(throws: RumdulError.notifSubscriptionUnknown) {
                try await world.service.replay(item.id, message: nil, by: "other")
            }
            await #expect(throws: RumdulError.notifMessageUnknown) {
                try await world.service.replay(item.id, message: "none", by: "bank")
            }
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func whatIsAboutTheSameArrivesInOrderAndOthersDoNotWait(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            try await world.subscribed("bank", ["death": Self.named], policy: "60,50")
            let (_, code) = try await world.person("ចាន់", "ដារ៉ា", .male, born: "1950-05-01")
            let (_, other) = try await world.person("ហេង", "មករា", .male, born: "1951-05-01")
            let death = try await world.registeredDeath(code)
            world.receiver.answer(.internalServerError)
            try await world.deliver()
            try await world.revoke(death.id)
            try await world.deliver()
            #expect(world.receiver.notifications.count == 1, "the cancellation waits for what it cancels")
            world.receiver.answer(.ok)
            _ = try await world.registeredDeath(other)
            try await world.deliver()
            #expect(world.receiver.notifications.last?.event.string("uin") == other, "others do not wait")
            world.clock.advance(seconds: 70)
            try await world.deliver()
            let told = world.receiver.notifications.filter { $0.event.string("uin") == code }.map {
                $0.event.string("event")
            }
            #expect(told == ["death", "death", "deathCancellation"])
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func nodesNeverSendTheSameMessageAtOnceAndALeaseThatEndsIsTakenOver(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            try await world.subscribed("bank", ["death": Self.named])
            for number in 1...6 {
                let name = ["ដារ៉ា", "លីដា", "មករា", "វិបុល", "កញ្ញា", "ធីតា"][number - 1]
                let (_, code) = try await world.person(name, name, .male, born: "19\(30 + number * 7)-0\(number)-01")
                _ = try await world.registeredDeath(code, name, on: -number * 2)
            }
            try await world.service.dispatch()
            #expect(try await world.service.dispatch() == 0, "an event is dispatched once")
            let claims = await withTaskGroup(of: [String].self) { group in
                for _ in 0..<8 { group.addTask { await world.service.take().map(\.id) } }
                return await group.reduce(into: [String]()) { $0 += $1 }
            }
            #expect(Set(claims).count == claims.count && !claims.isEmpty)
            // The nodes that took them died: after the lease, and not before, they are due again.
            let late = NotificationService(
                database: world.database, vault: world.vault, gate: world.service.gate, people: world.people.codesEver,
                directory: world.directory, outbound: world.service.outbound, issuer: world.service.issuer,
                ambient: world.clock.ambient, logger: world.service.logger)
            while await late.sendDue() > 0 {}
            #expect(Set(world.receiver.notifications.map(\.messageID)).isDisjoint(with: claims))
            world.clock.advance(seconds: 91)
            while await late.sendDue() > 0 {}
            #expect(Set(world.receiver.notifications.map(\.messageID)).count == 6)
            #expect(world.receiver.notifications.count == 6)
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func aSealedRecordTellsOnlyThoseWhoMaySeeSealedOnes(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            try await world.subscribed("court", ["adoption": TopicRight(identifiers: true, sealed: true)])
            try await world.subscribed("bank", ["adoption": Self.named])
            let birth = try await world.registeredBirth()
            let child = try #require(birth.persons[.child])
            let code = try #require(try await world.database.read { try await world.people.code(of: child, in: $0) })
            let (_, adopter) = try await world.person("គឹម", "ហួរ", .male, born: "1971-05-01")
            let adoption = try await world.registered(
                .adoption,
                [
                    "child.person": code.digits, "child.given_km": "ពិសី", "child.sex": "2",
                    "adopter1.person": adopter, "adopter1.given_km": "ហួរ", "event.type": "full",
                    "event.date": world.clock.day(0), "event.place": "120101", "court.name": "សាលាដំបូង",
                    "court.number": "៣", "court.date": world.clock.day(0), "informant.relation": "court",
                    "informant.given_km": "តុលាការ",
                ])
            // Messages are written, none is sent yet.
            try await world.service.dispatch()
            _ = try await world.civil.setSealed(
                adoption.id, true, reason: "សេចក្តីសម្រេចតុលាការ", by: CivilStep(world.first))
            try await world.deliver()
            #expect(world.receiver.notifications.map(\.path).allSatisfy { $0.hasSuffix("/court") })
            #expect(world.receiver.notifications.count == 1)
            #expect(world.receiver.notifications.first?.event.string("uin") == code.digits)
            #expect(try await world.disclosures(of: child, to: "bank").isEmpty)
            let withheld = try await world.service.messages(client: "bank", state: .withheld, limit: 10)
            #expect(withheld.count == 1)
            try await world.revoke(adoption.id)
            try await world.deliver()
            #expect(world.receiver.notifications.count == 2, "nor of what happens to it later")
            #expect(world.receiver.notifications.allSatisfy { $0.path.hasSuffix("/court") })
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func aRightThatWasTakenAwayAPlaceAndAnEndedSubscriptionEndWhatWaits(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            try await world.subscribed("away", ["death": Self.named], areas: ["0811"])
            try await world.subscribed("near", ["death": Self.named], areas: ["1201"])
            try await world.subscribed("stripped", ["death": Self.named])
            let gone = try #require(try await world.subscribed("gone", ["death": Self.named])["death"])
            let (person, code) = try await world.person("ចាន់", "ដារ៉ា", .male, born: "1950-05-01")
            _ = try await world.registeredDeath(code)
            try await world.service.dispatch()
            world.directory.set("stripped", [:])
            try await world.service.unsubscribe(gone.id, by: try world.client("gone"))
            try await world.deliver()
            #expect(world.receiver.notifications.map(\.path) == ["/hook/near"])
            for other in ["away", "stripped", "gone"] {
                #expect(try await world.disclosures(of: person, to: other).isEmpty)
            }
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func whatEndedLongAgoIsDeletedAndWhatWaitsStays(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let gone = try #require(try await world.subscribed("gone", ["death": Self.named])["death"])
            try await world.subscribed("bank", ["death": Self.named], policy: "604800,-1")
            let (_, code) = try await world.person("ចាន់", "ដារ៉ា", .male, born: "1950-05-01")
            _ = try await world.registeredDeath(code)
            try await world.service.dispatch()
            try await world.service.unsubscribe(gone.id, by: try world.client("gone"))
            world.receiver.answer(.internalServerError)
            try await world.deliver()
            world.clock.advance(seconds: 100)
            try await world.service.purge(before: world.clock.now)
            let left = try await world.service.messages(client: nil, state: nil, limit: 100)
            #expect(left.map(\.state) == [.pending] && left.map(\.client) == ["bank"])
            #expect(try await world.events() == ["death death registered"], "it is still needed")
            #expect(try await world.service.list(of: try world.client("bank")).count == 1)
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func everyMessageIsSignedForItsReceiver(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let item = try #require(try await world.subscribed("bank", ["death": Self.named])["death"])
            let (_, code) = try await world.person("ចាន់", "ដារ៉ា", .male, born: "1950-05-01")
            _ = try await world.registeredDeath(code)
            try await world.deliver()
            let message = try #require(world.receiver.notifications.first)
            let signature = try #require(message.headers["message-signature"])
            let parts = signature.split(separator: ".", omittingEmptySubsequences: false)
            #expect(parts.count == 3 && parts[1].isEmpty, "detached")
            let keys = try JWKSet(try await world.service.publicKeys())
            let jwk = try #require(keys.keys.first)
            let whole = "\(parts[0]).\(Base64URL.encode(message.body)).\(parts[2])"
            let verified = try JWS.verify(whole, algorithms: [.es256], key: VerificationKey(jwk))
            #expect(verified.payload == message.body)
            let header = try JSON.parseObject(try #require(Base64URL.decode(String(parts[0]))))
            #expect(header.string("aud") == item.address && header.string("sid") == item.id)
            #expect(header.string("typ") == "rumdul-notification+jws" && header.string("kid") == jwk.keyID)
            var forged = message.body
            forged[forged.count - 2] ^= 1
            #expect(throws: RumdulError.self) {
                try JWS.verify(
                    "\(parts[0]).\(Base64URL.encode(forged)).\(parts[2])", algorithms: [.es256],
                    key: VerificationKey(jwk))
            }
        }
    }
}

extension World {
    /// How many messages have content in the table.
    func contents() async throws -> Int {
        try await database.read {
            try await $0.first("SELECT COUNT(*) FROM notif_messages WHERE content IS NOT NULL")?.int(0) ?? 0
        }
    }
}
