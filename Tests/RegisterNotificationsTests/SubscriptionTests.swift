import Codecs
import Database
import DatabaseTesting
import Kernel
import Testing

@testable import RegisterNotifications

/// Topics, subscriptions and their confirmation.
@Suite struct SubscriptionTests {
    @Test(arguments: TestDatabases.kinds)
    func aSubscriptionIsConfirmedOnceByItsOwnSystem(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            world.directory.set("bank", ["death": TopicRight()])
            world.directory.set("other", ["death": TopicRight()])
            let bank = try world.client("bank"), address = world.receiver.url
            let made = try await world.service.subscribe(to: "death", at: address, nil, by: bank)
            #expect(made.state == .waiting && made.policy == .standard)
            await world.service.sendDue()
            let sent = try #require(world.receiver.received.first)
            #expect(sent.headers["message-type"] == "SubscriptionConfirmation")
            #expect(sent.headers["subscription-id"] == made.id && sent.headers["topic-id"] == made.topic.id)
            let token = try #require(sent.json.string("token"))
            #expect(
                sent.json.string("subscribeURL")
                    == "https://register.test/notif/v1/subscriptions/confirm?token=\(token)")
            await #expect(throws: RumdulError.notifToken) {
                try await world.service.confirm(token, by: try world.client("other"))
            }
            try await world.service.confirm(token, by: bank)
            await #expect(throws: RumdulError.notifToken) { try await world.service.confirm(token, by: bank) }
            let again = try await world.service.subscribe(to: made.topic.id, at: address, RetryPolicy("5,5"), by: bank)
            #expect(again.id == made.id && again.state == .active && again.policy.text == "5,5")
            #expect(try await world.service.list(of: bank).map(\.id) == [made.id])
            await world.service.sendDue()
            #expect(world.receiver.received.count == 1, "a confirmed one is not asked again")
            try await world.service.unsubscribe(made.id, by: bank)
            #expect(try await world.service.list(of: bank).isEmpty)
            let new = try await world.service.subscribe(to: "death", at: address, nil, by: bank)
            #expect(new.id != made.id && new.state == .waiting)
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func aTokenEndsAfterThreeDaysAndWithTheNextOne(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            world.directory.set("bank", ["death": TopicRight()])
            let bank = try world.client("bank")
            func token() async throws -> String {
                _ = try await world.service.subscribe(to: "death", at: world.receiver.url, nil, by: bank)
                await world.service.sendDue()
                return try #require(world.receiver.received.last?.json.string("token"))
            }
            let first = try await token(), second = try await token()
            await #expect(throws: RumdulError.notifToken) { try await world.service.confirm(first, by: bank) }
            world.clock.advance(seconds: 3 * 86_400 + 1)
            await #expect(throws: RumdulError.notifToken) { try await world.service.confirm(second, by: bank) }
            let third = try await token()
            try await world.service.confirm(third, by: bank)
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func whatASystemMayNotKnowDoesNotExist(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            world.directory.set("bank", ["death": TopicRight()])
            let bank = try world.client("bank")
            #expect(try await world.service.topics(for: bank).map(\.name) == ["death"])
            for topic in ["adoption", "nonsense"] {
                await #expect(throws: RumdulError.notifTopic) {
                    _ = try await world.service.subscribe(to: topic, at: world.receiver.url, nil, by: bank)
                }
            }
            for address in [
                "http://10.0.0.1/", "https://192.168.1.1/x", "ftp://example.org/", "https://user@a.example/",
            ] {
                await #expect(throws: RumdulError.notifAddress) {
                    _ = try await world.service.subscribe(to: "death", at: address, nil, by: bank)
                }
            }
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func aTopicOfOnesOwnIsPublishedToByNobodyElse(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            world.directory.set("ministry", [:])
            world.directory.set("other", ["ministry.news": TopicRight()])
            let ministry = try world.client("ministry"), other = try world.client("other")
            let topic = try await world.service.createTopic("ministry.news", by: ministry)
            #expect(try await world.service.createTopic("ministry.news", by: ministry) == topic)
            for taken in ["ministry.news", "death", "a b", ""] {
                await #expect(throws: RumdulError.notifTopicName) {
                    _ = try await world.service.createTopic(taken, by: other)
                }
            }
            _ = try await world.confirmed("other", "ministry.news", policy: "60,2")
            try await world.service.publish("សួស្តី", subject: "news", on: topic.id, by: ministry)
            await #expect(throws: RumdulError.notifTopicUnknown) {
                try await world.service.publish("x", subject: nil, on: topic.id, by: other)
            }
            let own = try await world.database.read {
                try #require(try await world.service.subscriptions.topic(name: "death", in: $0))
            }
            for forger in [ministry, other] {
                await #expect(throws: RumdulError.notifTopicUnknown) {
                    try await world.service.publish("{}", subject: "death", on: own.id, by: forger)
                }
                await #expect(throws: RumdulError.notifTopicUnknown) {
                    try await world.service.deleteTopic(own.id, by: forger)
                }
            }
            try await world.deliver()
            #expect(world.receiver.notifications.map { $0.json.string("message") } == ["សួស្តី"])
            #expect(world.receiver.notifications.first?.json.string("subject") == "news")
            try await world.service.deleteTopic(topic.id, by: ministry)
            #expect(try await world.service.list(of: other).isEmpty)
        }
    }
}
