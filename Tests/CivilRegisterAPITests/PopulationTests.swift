import Accountability
import Codecs
import DatabaseTesting
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Kernel
import PopulationRegister
import Testing

@testable import CivilRegisterAPI

@Suite struct PopulationTests {
    private static let registry = World.system(
        "registry",
        [.personRead, .identityRead, .referenceRead, .galleryRead, .personWrite, .identityWrite, .referenceWrite],
        attributes: [.kidc, .givenName, .familyName, .birthdate, .gender, .alive])
    private static let narrow = World.system("narrow", [.personRead, .identityRead], attributes: [.gender])

    @Test(arguments: TestDatabases.kinds) func peopleAreFoundByExpressions(_ kind: DatabaseKind) async throws {
        try await World.serve(kind, [Self.registry, Self.narrow]) { world, client in
            let person = try await world.enterPerson()
            func find(_ query: String, _ expressions: [(String, String, String)], as system: String = "registry")
                async throws -> (status: Int, json: JSONValue)
            {
                let body: [JSONValue] = expressions.map {
                    ["attributeName": .string($0.0), "operator": .string($0.1), "value": .string($0.2)]
                }
                let answer = try await client.call(
                    .post, "/pr/v1/persons?\(query)", as: system, .array(body))
                return (answer.status, answer.json)
            }
            let facts = [("firstName", "=", "Dara"), ("lastName", "=", "SOK"), ("dateOfBirth", "=", "1990-04-13")]
            let found = try await find("transactionId=t", facts)
            #expect(found.json == [["personId": .string(person.kidc.digits), "identityId": "register"]], "\(found)")
            let grouped = try await find("transactionId=t&group=true", facts + [("dateOfBirth", "<", "1991")])
            #expect(grouped.json == [["personId": .string(person.kidc.digits)]])
            let byCode = try await find("transactionId=t", [("uin", "=", person.kidc.digits), ("gender", "=", "M")])
            #expect(byCode.json.arrayValue?.count == 1)
            #expect(try await world.journal.entries(of: person.personID).count == 3)
            #expect(try await find("transactionId=t", facts + [("gender", "=", "F")]).json == [])
            #expect(try await find("transactionId=t&gallery=G1", facts).json == [])
            #expect(try await find("transactionId=t&offset=1", facts).json == [])
            #expect(try await world.journal.entries(of: person.personID).count == 3, "who is not told of sees nothing")
            for (query, expressions) in [
                ("", facts), ("transactionId=t", []), ("transactionId=t", [("firstName", "=", "Dara")]),
                ("transactionId=t", [("shoe", "=", "42")]), ("transactionId=t", [("firstName", "!=", "Dara")]),
                ("transactionId=t&limit=0", facts), ("transactionId=t&group=x", facts),
                ("transactionId=t", [("uin", "=", "1234567890")]),
            ] { #expect(try await find(query, expressions).status == 400, "\(query) \(expressions)") }
            #expect(try await find("transactionId=t", facts, as: "narrow").status == 403)
        }
    }

    @Test(arguments: TestDatabases.kinds) func aPersonHasOneIdentity(_ kind: DatabaseKind) async throws {
        try await World.serve(kind, [Self.registry, Self.narrow]) { world, client in
            let person = try await world.enterPerson()
            let path = "/pr/v1/persons/" + person.kidc.digits
            func get(_ rest: String, as system: String = "registry") async throws -> (status: Int, json: JSONValue) {
                let answer = try await client.call(.get, rest + "?transactionId=t", as: system)
                return (answer.status, answer.json)
            }
            let read = try await get(path)
            #expect(
                read.json == [
                    "personId": .string(person.kidc.digits), "status": "ACTIVE", "physicalStatus": "ALIVE",
                ])
            let identity = try await get(path + "/identities/register").json
            #expect(identity["status"] == "VALID" && identity["identityType"] == "POPULATION_REGISTER")
            #expect(identity["biographicData"]?["firstName"] == "Dara" && identity["biographicData"]?["gender"] == "M")
            #expect(identity["biographicData"]?["email"] == nil && identity["biographicData"]?["nationality"] == nil)
            #expect(try await get(path + "/identities").json == [identity])
            #expect(try await get(path + "/reference").json == identity)
            #expect(try await world.journal.entries(of: person.personID).count == 4)
            let little = try await get(path + "/identities/register", as: "narrow").json
            #expect(little["biographicData"] == ["gender": "M"])
            #expect(try await get(path, as: "narrow").status == 403)
            #expect(try await get(path + "/reference", as: "narrow").status == 403)
            #expect(try await get(path + "/identities/other").status == 404)
            #expect(try await get("/pr/v1/persons/" + World.someCode(1).digits).status == 404)
            #expect(try await get("/pr/v1/galleries").json == [])
            #expect(try await get("/pr/v1/galleries/G1").status == 404)
            #expect(try await client.call(.get, path, as: "registry").status == 400, "no transaction")
            _ = try await world.registeredDeath(person.kidc.digits)
            #expect(try await get(path).json["physicalStatus"] == "DEAD")
        }
    }

    @Test(arguments: TestDatabases.kinds) func whatWritesIsRefusedWithItsReason(_ kind: DatabaseKind) async throws {
        try await World.serve(kind, [Self.registry, Self.narrow]) { world, client in
            let person = try await world.enterPerson()
            let path = "/pr/v1/persons/" + person.kidc.digits
            for (method, rest, code) in [
                (.post, "", "osia.person_entered"), (.put, "", "osia.person_changed"),
                (.delete, "", "osia.person_kept"),
                (.post, "/merge/2345678908", "osia.person_merged"), (.post, "/identities", "osia.person_changed"),
                (.post, "/identities/2", "osia.person_changed"), (.put, "/identities/register", "osia.person_changed"),
                (.patch, "/identities/register", "osia.person_changed"),
                (.delete, "/identities/register", "osia.person_kept"),
                (.post, "/move/2345678908/identities/register", "osia.person_merged"),
                (.put, "/identities/register/status", "osia.person_changed"),
                (.put, "/identities/register/reference", "osia.person_changed"),
            ] as [(HTTPRequest.Method, String, String)] {
                let answer = try await client.call(method, path + rest + "?transactionId=t", as: "registry", [:])
                #expect(answer.status == 403 && answer.json["code"] == 1003, "\(method) \(rest) \(answer)")
                #expect(answer.json["message"]?.stringValue?.hasSuffix("(\(code))") == true, "\(answer.json)")
                #expect(try await client.call(method, path + rest, as: "registry", [:]).status == 400)
                let unscoped = try await client.call(method, path + rest + "?transactionId=t", as: "narrow", [:])
                #expect(unscoped.status == 403 && unscoped.headers[.wwwAuthenticate]?.contains("pr.") == true)
            }
            #expect(try await world.journal.entries(of: person.personID).isEmpty)
        }
    }
}
