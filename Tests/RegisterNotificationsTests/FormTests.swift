import CivilRegister
import Codecs
import Database
import DatabaseTesting
import Kernel
import Outbound
import Testing

@testable import RegisterNotifications

/// A form that writes down what it was handed.
private struct PlainForm: MessageForm {
    let name = "plain"

    func body(
        _ event: FormedEvent, to subscriber: Subscriber, in connection: any SQLConnection
    ) async throws -> [UInt8] {
        JSON.bytes(
            [
                "id": .string(event.id), "name": .string(event.name), "change": .string(event.change),
                "details": .object(event.details), "to": .string(subscriber.id),
                "people": .integer(Int64(event.participants.count)),
            ] as JSONObject)
    }
}

@Suite struct FormTests {
    @Test(arguments: TestDatabases.kinds) func anotherFormIsSentByTheSameRules(_ kind: DatabaseKind) async throws {
        try await World.with(kind, forms: [PlainForm()]) { world in
            let named = TopicRight(identifiers: true)
            world.directory.set("sp", ["liveBirth": named, "death": named, "marriage": TopicRight()])
            func subscribe(_ topic: String, _ subject: PersonID? = nil, form: String = "plain") async throws -> String {
                try await world.database.transaction { connection in
                    try await world.service.subscribe(
                        form: form, to: topic, at: world.receiver.url, subject: subject, details: ["ref": "r-1"],
                        client: "sp", in: connection)
                }
            }
            let code = try await subscribe("liveBirth")
            await #expect(throws: RumdulError.notifSubscribed) { try await subscribe("liveBirth") }
            await #expect(throws: RumdulError.notifTopic) { try await subscribe("divorce") }
            await #expect(throws: RumdulError.notifTopic) { try await subscribe("death", form: "other") }
            // OSIA's own subscription to the same topic and address stands beside it.
            let (person, digits) = try await world.person("សុខ", "ដារ៉ា", .male, born: "1950-01-01")
            let (other, _) = try await world.person("ចាន់", "សុខា", .male, born: "1960-01-01")
            _ = try await subscribe("death", person)
            _ = try await subscribe("death", other)
            _ = try await world.registeredBirth()
            _ = try await world.registeredDeath(digits)
            try await world.deliver()
            let got = world.receiver.received
            #expect(got.count == 2 && got.allSatisfy { $0.headers["message-type"] == nil })
            let birth = try #require(got.first { $0.json.string("name") == "liveBirth" })
            #expect(birth.json["details"] == ["ref": "r-1"] && birth.json["people"] == 1 && birth.json["to"] == "sp")
            #expect(got.contains { $0.json.string("name") == "death" })
            // It can be ended by its own client and form alone; what waits then is not sent.
            let (service, database) = (world.service, world.database)
            #expect(
                try await !database.transaction { try await service.unsubscribe(form: "x", code, client: "sp", in: $0) }
            )
            #expect(
                try await !database.transaction {
                    try await service.unsubscribe(form: "plain", code, client: "y", in: $0)
                })
            #expect(
                try await database.transaction {
                    try await service.unsubscribe(form: "plain", code, client: "sp", in: $0)
                })
            _ = try await world.registeredBirth(["child.given_km": "ម៉ាលី", "mother.given_km": "រតនា"])
            try await world.deliver()
            #expect(world.receiver.received.count == 2)
        }
    }
}
