import Accountability
import CivilRegister
import Codecs
import DatabaseTesting
import Hummingbird
import HummingbirdTesting
import JOSE
import Kernel
import PopulationRegister
import Testing

@testable import DCIRegistry

@Suite struct SearchTests {
    @Test(arguments: TestDatabases.kinds) func aPersonIsFoundByCode(_ kind: DatabaseKind) async throws {
        try await World.serve(kind, [World.system("sp"), World.system("narrow", attributes: [.gender])]) {
            world, client in
            let person = try await world.enterPerson()
            let items = try await world.search(client, [World.uin(person.kidc.digits)])
            let item = try #require(items.first)
            #expect(item["status"] == "succ" && item["reference_id"] == "ref-0")
            #expect(item["pagination"] == ["page_size": 10, "page_number": 1, "total_count": 1])
            let record = try #require(item["data"]?["reg_records"]?[0])
            #expect(record["@type"] == "CRVS_Person" && record["birth_date"] == "1990-04-13" && record["sex"] == "male")
            #expect(record["name"] == ["@type": "Name", "surname": "SOK", "given_name": "Dara"])
            #expect(record["identifier"]?[0]?["identifier_value"]?.stringValue == person.kidc.digits)
            #expect(record["birth_place"]?["name"]?.stringValue?.contains("Battambang") == true)
            #expect(record["death_date"] == nil && record["phone_number"] == nil)
            let entries = try await world.entries(of: person.personID)
            #expect(entries.count == 1 && entries.first?.service == "dci.search")
            #expect(world.limits.taken.withLock { $0 } == [person.kidc.digits])
            #expect(world.limits.hits.withLock { $0 } == 1)
            let khmer = try await world.search(client, [World.uin(person.kidc.digits)], locale: "khm")
            #expect(khmer[0]["data"]?["reg_records"]?[0]?["name"]?["surname"] == "SOK", "no Khmer name is granted")
            let little = try await world.search(client, [World.uin(person.kidc.digits)], as: "narrow")
            #expect(
                little[0]["data"]?["reg_records"]?[0] == [
                    "@context": .string(DCIPerson.context), "@type": "CRVS_Person", "sex": "male",
                ])
        }
    }

    @Test(arguments: TestDatabases.kinds) func peopleAreFoundByFactsThatAllFit(_ kind: DatabaseKind) async throws {
        try await World.serve(kind) { world, client in
            let person = try await world.enterPerson()
            func predicate(_ pairs: [(String, String, String)]) -> JSONObject {
                [
                    "query_type": "predicate",
                    "query": .array(
                        pairs.map { name, sign, value in
                            [
                                "expression1": [
                                    "attribute_name": .string(name), "operator": .string(sign),
                                    "attribute_value": .string(value),
                                ], "condition": "and",
                            ]
                        }),
                ]
            }
            let right = predicate([("surname", "eq", "SOK"), ("given_name", "eq", "Dara"), ("DOB", "eq", "1990-04-13")])
            let expression: JSONObject = [
                "query_type": "expression",
                "query": [
                    "type": "ns:org:QueryType:expression",
                    "value": [
                        "expression": [
                            "collection": "Person",
                            "query": [
                                "$and": [
                                    ["surname": ["$eq": "សុខ"]], ["given_name": ["$eq": "ដារ៉ា"]],
                                    ["birth_date": ["$eq": "1990", "$lte": "1990-12-31"]],
                                ]
                            ],
                        ]
                    ],
                ],
            ]
            let items = try await world.search(
                client,
                [
                    right, expression,
                    predicate([("surname", "eq", "SOK"), ("YOB", "eq", "1990"), ("sex", "eq", "female")]),
                    right.with("pagination", ["page_size": 1, "page_number": 2]),
                ])
            #expect(items.map { $0["pagination"]?["total_count"] } == [1, 1, 0, 1], "\(items)")
            #expect(items[3]["data"]?["reg_records"] == [])
            #expect(try await world.entries(of: person.personID).count == 2, "who is not told of sees nothing")
            let bad = try await world.search(
                client,
                [
                    predicate([("surname", "eq", "SOK")]),
                    right.with("sort", [["attribute_name": "UIN", "sort_order": "asc"]]),
                    right.with("pagination", ["page_size": 2000]), predicate([("poverty_score", "lt", "3")]),
                    World.uin("1234567890"), ["query_type": "graphql", "query": ["type": "x", "value": "y"]],
                    ["query_type": "predicate", "query": [["expression1": ["attribute_name": "surname"]]]],
                    right.with("reg_event_type", "adoption"), right.with("reg_event_type", "REGISTER"), [:],
                ])
            #expect(
                bad.map { $0["status_reason_code"]?.stringValue } == [
                    "rjct.search_criteria.invalid", "rjct.sort.invalid", "rjct.pagination.invalid",
                    "rjct.search_criteria.invalid", "rjct.search_criteria.invalid", "rjct.search_criteria.invalid",
                    "rjct.search_criteria.invalid", "rjct.search_criteria.invalid", "rjct.search_criteria.invalid",
                    "rjct.search_criteria.invalid",
                ], "\(bad)")
        }
    }

    @Test(arguments: TestDatabases.kinds) func eventsTellWhoTheyAreAbout(_ kind: DatabaseKind) async throws {
        let systems = [World.system("sp"), World.system("away", areas: ["08"]), World.system("plain", ["dci.search"])]
        try await World.serve(kind, systems) { world, client in
            let person = try await world.enterPerson()
            let birth = try await world.registeredBirth()
            let child = try #require(birth.persons[.child])
            let number = try #require(birth.number)
            func by(_ type: String, _ value: String) -> JSONObject {
                ["query_type": "idtype-value", "query": ["type": .string(type), "value": .string(value)]]
            }
            let born = try await world.search(client, [by("BRN", number), by("MRN", number), by("BRN", "x")])
            let record = try #require(born[0]["data"]?["reg_records"]?[0])
            #expect(record["identifier"]?[1]?["identifier_type"] == "BRN")
            #expect(record["identifier"]?[1]?["identifier_value"]?.stringValue == number)
            #expect(record["birth_date"]?.stringValue == world.yesterday && record["sex"] == "female")
            #expect(born[0]["data"]?["reg_event_type"] == "live_birth")
            #expect(born[1]["pagination"]?["total_count"] == 0 && born[2]["pagination"]?["total_count"] == 0)
            let entry = try #require(try await world.entries(of: child).first)
            #expect(entry.attributes.contains(.civilRecord) && entry.caseReference == number)
            #expect(
                try await world.search(client, [by("BRN", number)], as: "away")[0]["pagination"]?["total_count"] == 0)
            // A death, by the code and day; nothing of it before it is registered, which is entered too.
            let code = person.kidc.digits
            let before = try await world.search(client, [World.uin(code, event: "Death")])
            #expect(before[0]["pagination"]?["total_count"] == 0)
            #expect(try await world.entries(of: person.personID).first?.attributes == [.civilRecord])
            let death = try await world.registeredDeath(code)
            let dead = try await world.search(
                client,
                [
                    World.uin(code, event: "spdci-common:RegistryEventType:Death"),
                    [
                        "query_type": "predicate",
                        "query": [
                            [
                                "expression1": [
                                    "attribute_name": "UIN", "operator": "eq", "attribute_value": .string(code),
                                ],
                                "condition": "and",
                                "expression2": [
                                    "attribute_name": "death_date", "operator": "lt",
                                    "attribute_value": .string(world.yesterday),
                                ],
                            ]
                        ],
                    ],
                ])
            let told = try #require(dead[0]["data"]?["reg_records"]?[0])
            #expect(told["death_date"]?.stringValue == world.yesterday)
            #expect(told["identifier"]?[1]?["identifier_value"]?.stringValue == death.number)
            #expect(dead[1]["pagination"]?["total_count"] == 0)
            let refused = try await client.post(
                "/registry/sync/search",
                world.envelope(
                    world.header("search", 1, "plain"), world.searching([by("BRN", number)]), as: "plain"),
                as: "plain")
            #expect(refused.status == 403 && refused.json["errors"]?[0]?["code"] == "err.request.forbidden")
        }
    }

    @Test(arguments: TestDatabases.kinds) func parentsAreTheirOwnPeople(_ kind: DatabaseKind) async throws {
        try await World.serve(kind) { world, client in
            let draft = PersonDraft(
                names: [PersonName(khmer: NameParts(family: "ចាន់", given: "សុភា"), latin: nil)], sex: .female,
                birth: Birth(date: PartialDate(iso: "1998-05-01")),
                source: FactSource(kind: "import", reference: "test"))
            let mother = try await world.database.transaction {
                try await world.people.register(draft, by: .system("test"), in: $0)
            }
            let birth = try await world.registeredBirth(mother: mother.kidc.digits)
            let items = try await world.search(
                client,
                [["query_type": "idtype-value", "query": ["type": "BRN", "value": .string(birth.number ?? "")]]])
            let record = try #require(items[0]["data"]?["reg_records"]?[0])
            #expect(record["parent1_identifier"]?["identifier_value"]?.stringValue == mother.kidc.digits)
            #expect(record["parent2_identifier"] == nil)
            #expect(try await world.entries(of: mother.personID).map(\.attributes) == [[.kidc]])
        }
    }
}

extension JSONObject {
    func with(_ name: String, _ value: JSONValue) -> JSONObject {
        var copy = self
        copy[name] = value
        return copy
    }
}
