import Accountability
import Codecs
import DatabaseTesting
import Hummingbird
import HummingbirdTesting
import Kernel
import PopulationRegister
import Testing

@testable import CivilRegisterAPI

@Suite struct DataAccessTests {
    private static let registry = World.system(
        "registry", [.personRead, .personMatch, .personVerify],
        attributes: [.kidc, .givenName, .familyName, .birthdate, .gender, .alive, .email])
    private static let narrow = World.system("narrow", [.civilPersonRead], attributes: [.gender])
    private static let matcher = World.system("matcher", [.civilPersonMatch], attributes: [.givenName])

    @Test(arguments: TestDatabases.kinds) func peopleAreFoundByFactsThatAllFit(_ kind: DatabaseKind) async throws {
        try await World.serve(kind, [Self.registry, Self.narrow]) { world, client in
            let person = try await world.enterPerson()
            let facts = "firstName=Dara&lastName=SOK&dateOfBirth=1990-04-13"
            let codes = try await client.call(.get, "/v1/persons?\(facts)", as: "registry")
            #expect(codes.status == 200 && codes.json == [.string(person.kidc.digits)])
            let named = try await client.call(
                .get, "/v1/persons?\(facts)&gender=M&names=firstName&names=nationality&names=shoe", as: "registry")
            #expect(named.status == 200)
            #expect(named.json[0]?["firstName"] == "Dara" && named.json[0]?["nationality"]?["code"] == 1024)
            #expect(named.json[0]?["shoe"]?["code"] == 1023)
            #expect(try await world.journal.entries(of: person.personID).count == 2)
            for none in [
                "\(facts)&gender=F", "\(facts)&offset=1", "firstName=Dany&lastName=SOK&dateOfBirth=1990-04-13",
            ] {
                let answer = try await client.call(.get, "/v1/persons?\(none)", as: "registry")
                #expect(answer.status == 404 && answer.json["code"] == 1004, "\(none)")
            }
            for bad in ["", "firstName=Dara", "\(facts)&limit=0", "\(facts)&colour=red", "\(facts)&dateOfBirth=1990"] {
                #expect(try await client.call(.get, "/v1/persons?\(bad)", as: "registry").status == 400, "\(bad)")
            }
            #expect(try await world.journal.entries(of: person.personID).count == 2, "who is not told of sees nothing")
            // A question about one person by the code is entered also when the answer is no, since that says something.
            let guess = "uin=\(person.kidc.digits)&gender=F"
            #expect(try await client.call(.get, "/v1/persons?\(guess)", as: "registry").status == 404)
            #expect(try await world.journal.entries(of: person.personID).first?.attributes == [.gender])
            let right = try await client.call(
                .get, "/v1/persons?uin=\(person.kidc.digits)&gender=M", as: "registry")
            #expect(right.json == [.string(person.kidc.digits)])
            #expect(try await world.journal.entries(of: person.personID).count == 4)
            #expect(try await client.call(.get, "/v1/persons?\(facts)", as: "narrow").status == 403)
        }
    }

    @Test(arguments: TestDatabases.kinds) func attributesAreReadAsFarAsAllowed(_ kind: DatabaseKind) async throws {
        try await World.serve(kind, [Self.registry, Self.narrow, Self.matcher]) { world, client in
            let person = try await world.enterPerson()
            let path = "/v1/persons/\(person.kidc.digits)"
            let read = try await client.call(
                .get, path + "?attributeNames=dateOfBirth&attributeNames=gender&attributeNames=email", as: "registry")
            #expect(read.status == 200 && read.json["dateOfBirth"] == "1990-04-13" && read.json["gender"] == "M")
            #expect(read.json["email"]?["code"] == 1025)
            let little = try await client.call(
                .get, path + "?attributeNames=gender&attributeNames=firstName", as: "narrow")
            #expect(little.json["gender"] == "M" && little.json["firstName"]?["code"] == 1024)
            let entries = try await world.journal.entries(of: person.personID)
            #expect(entries.count == 2 && entries.first?.attributes == [.gender])
            #expect(try await client.call(.get, path + "?attributeNames=firstName", as: "narrow").status == 403)
            #expect(try await client.call(.get, path, as: "registry").status == 400)
            #expect(try await client.call(.get, path + "?attributeNames=gender", as: "matcher").status == 403)
            let nobody = "/v1/persons/\(World.someCode(1).digits)?attributeNames=gender"
            #expect(try await client.call(.get, nobody, as: "registry").status == 404)
            #expect(try await client.call(.get, "/v1/persons/x?attributeNames=gender", as: "registry").status == 404)
            #expect(try await world.journal.entries(of: person.personID).count == 2)
        }
    }

    @Test(arguments: TestDatabases.kinds) func attributesAreMatchedAndExpressionsJudged(_ kind: DatabaseKind)
        async throws
    {
        try await World.serve(kind, [Self.registry, Self.matcher]) { world, client in
            let person = try await world.enterPerson()
            let path = "/v1/persons/\(person.kidc.digits)"
            let match = try await client.call(
                .post, path + "/match", as: "registry",
                ["firstName": "dara", "lastName": "CHAN", "shoe": "42", "placeOfBirth": "02"])
            #expect(
                match.json == [
                    ["attributeName": "lastName", "errorCode": 1], ["attributeName": "shoe", "errorCode": 0],
                    ["attributeName": "placeOfBirth", "errorCode": 0],
                ])
            let all = try await client.call(.post, path + "/match", as: "matcher", ["firstName": "Dara"])
            #expect(all.status == 200 && all.json == [])
            func verify(_ expressions: JSONValue) async throws -> (Int, JSONValue) {
                let answer = try await client.call(.post, path + "/verify", as: "registry", expressions)
                return (answer.status, answer.json)
            }
            func birth(_ sign: String, _ date: String) -> JSONValue {
                ["attributeName": "dateOfBirth", "operator": .string(sign), "value": .string(date)]
            }
            #expect(
                try await verify([
                    ["attributeName": "firstName", "operator": "=", "value": "Dara"], birth("<", "1990-12-31"),
                    birth(">=", "1990-04-13"),
                ]) == (200, true))
            #expect(try await verify([birth("<", "1990-04-13")]) == (200, false))
            #expect(try await verify([birth(">", "1990")]) == (200, false), "not certain")
            for (bad, status) in [
                ([], 400), (["attributeName": "gender"], 400),
                ([["attributeName": "gender", "operator": "<", "value": "M"]], 400),
                ([["attributeName": "shoe", "operator": "=", "value": "1"]], 400),
                ([["attributeName": "lastNameKm", "operator": "=", "value": "1"]], 403),
            ] as [(JSONValue, Int)] {
                #expect(try await verify(bad).0 == status, "\(bad)")
            }
            #expect(try await world.journal.entries(of: person.personID).count == 5)
            #expect(try await client.call(.post, path + "/verify", as: "matcher", [birth("<", "1990")]).status == 403)
        }
    }
}
