import Accountability
import CivilRegister
import Codecs
import DatabaseTesting
import Hummingbird
import HummingbirdTesting
import Kernel
import PopulationRegister
import Testing

@testable import DCIRegistry

@Suite struct CallbackTests {
    private func post(
        _ world: World, _ client: any TestClientProtocol, _ path: String, _ action: String, _ message: JSONObject,
        count: Int = 1, header changes: JSONObject = [:], as system: String = "sp"
    ) async throws -> (status: Int, json: JSONValue) {
        var header = world.header(action, count, system)
        for member in changes.members { header[member.name] = member.value }
        return try await client.post(
            path, try await world.envelope(header, message, as: system), as: system)
    }

    private func status(
        _ world: World, _ client: any TestClientProtocol, _ kind: String, _ attribute: String, _ value: JSONValue,
        as system: String = "sp"
    ) async throws -> (status: Int, json: JSONValue) {
        try await post(
            world, client, "/registry/sync/txn/status", "txn-status",
            [
                "transaction_id": "asked",
                "txnstatus_request": [
                    "reference_id": "r", "txn_type": .string(kind), "attribute_type": .string(attribute),
                    "attribute_value": value,
                ],
            ], as: system)
    }

    @Test(arguments: TestDatabases.kinds) func aSearchIsAnsweredToTheCallback(_ kind: DatabaseKind) async throws {
        try await World.serve(kind, [World.system("sp"), World.system("other")]) { world, client in
            let person = try await world.enterPerson()
            let message = world.searching([World.uin(person.kidc.digits), World.uin("1")])
            let answer = try await post(world, client, "/registry/search", "search", message, count: 2)
            #expect(answer.status == 200 && answer.json["message"]?["ack_status"] == "ACK", "\(answer)")
            let correlation = try #require(answer.json["message"]?["correlation_id"])
            let sent = try #require(try await world.waiting().first)
            #expect(sent["header"]?["action"] == "on-search" && sent["message"]?["correlation_id"] == correlation)
            let items = try #require(sent["message"]?["search_response"]?.arrayValue)
            #expect(items[0]["data"]?["reg_records"]?[0]?["sex"] == "male")
            #expect(items[1]["status_reason_code"] == "rjct.search_criteria.invalid")
            #expect(try await world.entries(of: person.personID).count == 1)
            // As long as it waits it is pending; by whatever name it is asked for, and by nobody else.
            for (attribute, value) in [
                ("transaction_id", "txn-1"), ("correlation_id", correlation), ("reference_id_list", ["ref-0", "x"]),
            ] as [(String, JSONValue)] {
                let found = try await status(world, client, "search", attribute, value)
                let told = found.json["message"]?["txnstatus_response"]
                #expect(told?["txn_type"] == "on-search", "\(attribute) \(found)")
                let states = told?["txn_status"]?["search_response"]?.arrayValue?.map { $0["status"] }
                #expect(states == ["pdng", "rjct"] && !JSON.text(found.json).contains("reg_records"))
                #expect(try await status(world, client, "search", attribute, value, as: "other").status == 404)
            }
            #expect(try await status(world, client, "subscribe", "transaction_id", "txn-1").status == 404)
            #expect(try await status(world, client, "search", "colour", "red").status == 400)
            #expect(try await world.entries(of: person.personID).count == 1, "a status tells nothing about people")
            let later = try await post(
                world, client, "/registry/txn/status", "txn-status",
                [
                    "transaction_id": "later",
                    "txnstatus_request": [
                        "reference_id": "r", "txn_type": "search", "attribute_type": "correlation_id",
                        "attribute_value": correlation,
                    ],
                ])
            #expect(later.json["message"]?["ack_status"] == "ACK")
            #expect(try await world.waiting().last?["header"]?["action"] == "txn-on-status")
        }
    }

    @Test(arguments: TestDatabases.kinds) func onlyRegisteredCallbacksAreCalled(_ kind: DatabaseKind) async throws {
        let local = DCIClient(
            id: "local", organisation: World.system("x").organisation, scopes: ["dci.search"], areas: [], basis: "X",
            purpose: World.system("x").purpose, attributes: [.kidc], callbacks: ["http://127.0.0.1:9/x"])
        let none = DCIClient(
            id: "none", organisation: local.organisation, scopes: ["dci.search"], areas: [], basis: "X",
            purpose: local.purpose, attributes: [.kidc], callbacks: [])
        try await World.serve(kind, [World.system("sp"), local, none]) { world, client in
            for (system, address) in [
                ("sp", "https://elsewhere.test/hook"), ("sp", World.callback + "/"), ("local", "http://127.0.0.1:9/x"),
                ("local", ""), ("none", ""),
            ] {
                let answer = try await post(
                    world, client, "/registry/search", "search", world.searching([World.uin("2345678908")]),
                    header: address.isEmpty ? [:] : ["sender_uri": .string(address)], as: system)
                #expect(
                    answer.status == 403 && answer.json["errors"]?[0]?["code"] == "err.sender_uri.invalid",
                    "\(system) \(address) \(answer)")
            }
            #expect(try await world.waiting().isEmpty)
            #expect(world.limits.taken.withLock { $0.isEmpty })
        }
    }

    @Test(arguments: TestDatabases.kinds) func eventsAreSubscribedToAndEnded(_ kind: DatabaseKind) async throws {
        try await World.serve(kind) { world, client in
            let person = try await world.enterPerson()
            func wish(_ event: String, _ filter: JSONValue = [:], _ more: JSONObject = [:]) -> JSONObject {
                var criteria: JSONObject = [
                    "reg_event_type": .string(event), "filter": filter, "notify_record_type": "person",
                ]
                for member in more.members { criteria[member.name] = member.value }
                return criteria
            }
            let code: JSONValue = ["type": "UIN", "value": .string(person.kidc.digits)]
            let wishes = [
                wish("LiveBirth"), wish("live_birth"), wish("death", code), wish("adoption"), wish("REGISTER"),
                wish("marriage", ["type": "UIN", "value": .string(World.nobody)]),
                wish("marriage", ["type": "BRN", "value": "x"]),
                wish("divorce", [:], ["frequency": ["frequency": "0 0 0 5,15 * ? *"]]),
            ]
            let items: [JSONValue] = wishes.enumerated().map { index, criteria in
                [
                    "reference_id": .string("s-\(index)"), "timestamp": .string(world.ambient.now().rfc3339),
                    "subscribe_criteria": .object(criteria), "locale": "khm",
                ]
            }
            let answer = try await post(
                world, client, "/registry/subscribe", "subscribe",
                ["transaction_id": "txn-s", "subscribe_request": .array(items)], count: items.count)
            #expect(answer.json["message"]?["ack_status"] == "ACK", "\(answer)")
            let sent = try #require(try await world.waiting().first)
            let told = try #require(sent["message"]?["subscribe_response"]?.arrayValue)
            #expect(
                told.map { $0["status_reason_code"]?.stringValue ?? $0["status"]?.stringValue } == [
                    "succ", "rjct.event.already_subscribed", "succ", "rjct.notify_types.invalid",
                    "rjct.notify_types.invalid", "rjct.person_id.invalid", "rjct.notify_details.invalid",
                    "rjct.notify_details.invalid",
                ])
            #expect(told[0]["subscriptions"]?[0]?["code"] == "sub-1")
            #expect(told[0]["subscriptions"]?[0]?["subscribe_criteria"]?["reg_event_type"] == "LiveBirth")
            #expect(world.subscriptions.kept.withLock { $0["sub-2"]?.person } == person.personID)
            #expect(try await world.entries(of: person.personID).map(\.service) == ["dci.subscribe"])
            #expect(world.limits.hits.withLock { $0 } == 1)
            let known = try await status(world, client, "subscribe", "subscription_code_list", ["sub-2"])
            #expect(known.json["message"]?["txnstatus_response"]?["txn_status"]?["transaction_id"] == "txn-s")
            let ended = try await post(
                world, client, "/registry/unsubscribe", "unsubscribe",
                ["transaction_id": "txn-u", "timestamp": "x", "subscription_codes": ["sub-1", "sub-1", "sub-9"]])
            #expect(ended.json["message"]?["ack_status"] == "ACK", "\(ended)")
            let over = try #require(try await world.waiting().last)
            #expect(over["message"]?["subscription_status"] == [["code": "sub-1", "status": "unsubscribe"]])
            #expect(over["message"]?["status"] == "succ" && over["header"]?["action"] == "on-unsubscribe")
        }
    }

    @Test(arguments: TestDatabases.kinds) func noticesTellWhatIsGranted(_ kind: DatabaseKind) async throws {
        try await World.serve(kind) { world, _ in
            let birth = try await world.registeredBirth()
            let child = try #require(birth.persons[.child])
            let mother = try await world.enterPerson()
            let notices = DCINotices(writer: world.writer, people: world.people, gate: world.gate)
            func body(_ change: String, _ people: [RegisterEvent.Participant]) async throws -> JSONObject {
                let event = DCIEvent(
                    id: world.ambient.newID(), subscription: "sub-1", name: "liveBirth", change: change,
                    at: world.ambient.now(), participants: people,
                    details: [
                        "transaction_id": "t", "reference_id": "r", "reg_event_type": "LiveBirth",
                        "notify_record_type": "p",
                    ])
                return try await JSON.parseObject(
                    world.database.transaction { try await notices.message(event, to: World.system("sp"), in: $0) })
            }
            let people = [RegisterEvent.Participant("uin", child), .init("uin1", mother.personID)]
            let told = try await body("registered", people)
            let notice = try #require(told["message"]?["notify_event"]?.arrayValue)
            #expect(
                notice.count == 1 && notice[0]["reference_id"] == "r" && notice[0]["data"]?["reg_record_type"] == "p")
            let record = try #require(notice[0]["data"]?["reg_records"])
            #expect(record["sex"] == "female" && record["birth_date"]?.stringValue == world.yesterday)
            #expect(record["parent1_identifier"]?["identifier_value"]?.stringValue == mother.kidc.digits)
            #expect(
                told["header"]?["meta"] == ["subscription_code": "sub-1", "event": "liveBirth", "change": "registered"])
            #expect(try await world.entries(of: mother.personID).map(\.attributes) == [[.kidc]])
            #expect(try await world.entries(of: child).count == 1)
            let cancelled = try await body("cancelled", people)
            let rest = cancelled["message"]?["notify_event"]?[0]?["data"]?["reg_records"]
            #expect(rest?["identifier"] != nil && rest?["sex"] == nil && rest?["birth_date"] == nil)
            let nothing = try await body("registered", [])
            #expect(nothing["message"]?["notify_event"]?[0]?["data"]?["reg_records"] == [:])
        }
    }

    @Test(arguments: TestDatabases.kinds) func oldTracesAreForgotten(_ kind: DatabaseKind) async throws {
        try await World.serve(kind) { world, client in
            _ = try await post(world, client, "/registry/search", "search", world.searching([World.uin("2345678908")]))
            let now = world.ambient.now()
            let kept = try await world.database.transaction {
                try await DCIRegistry.purge(before: now.adding(seconds: -60), now: now, in: $0)
            }
            #expect(kept == 0)
            let gone = try await world.database.transaction {
                try await DCIRegistry.purge(
                    before: now.adding(seconds: 60), now: now.adding(seconds: 7_200), in: $0)
            }
            #expect(gone == 2)
            #expect(try await status(world, client, "search", "transaction_id", "txn-1").status == 404)
        }
    }
}
