import Accountability
import Codecs
import DatabaseTesting
import Hummingbird
import HummingbirdTesting
import Kernel
import PopulationRegister
import ReferenceData
import Testing

@testable import CivilRegisterAPI

@Suite struct VerifyRouteTests {
    private static let ministry = World.system("ministry", [.verify])
    private static let other = World.system("other", [.verify])
    private static let hospital = World.system("hospital", [.noticeWrite])

    private func body(_ code: String, _ fields: JSONValue) -> JSONValue { ["code": .string(code), "fields": fields] }

    @Test(arguments: TestDatabases.kinds) func aMinistryComparesAndTheCitizenSeesIt(_ kind: DatabaseKind) async throws {
        try await World.serve(kind, [Self.ministry, Self.hospital]) { world, client in
            let person = try await world.enterPerson()
            let asked = body(person.kidc.display, ["name_latin": "Dara SOK", "birthdate": "1990-04-13", "sex": "2"])
            let answer = try await client.call(.post, "/ids/v1/verify", as: "ministry", asked)
            #expect(answer.status == 200)
            #expect(answer.json == ["fields": ["name_latin": "match", "birthdate": "match", "sex": "no_match"]])
            #expect(answer.headers[.cacheControl] == "no-store")
            let entries = try await world.journal.entries(of: person.personID)
            let entry = try #require(entries.first)
            #expect(entries.count == 1 && entry.organisation.code == "moh" && entry.purpose.code == "work")
            #expect(entry.attributes == [.nameLatin, .birthdate, .gender] && entry.actorKind == "client")
            let wrong = try await client.call(.post, "/ids/v1/verify", as: "hospital", asked)
            #expect(wrong.status == 403 && wrong.json["code"]?.stringValue == "api.scope")
            #expect(try await world.journal.entries(of: person.personID).count == 1)
        }
    }

    @Test(arguments: TestDatabases.kinds) func badBodiesAreRefused(_ kind: DatabaseKind) async throws {
        try await World.serve(kind, [Self.ministry]) { world, client in
            let code = try await world.enterPerson().kidc.digits
            let name: JSONValue = ["name_latin": "SOK Dara"]
            for (odd, error) in [
                (body("123", name), "kidc.malformed"), (body(String(code.reversed()) + "1", name), "kidc.malformed"),
                (body(code, [:]), "api.body"), (body(code, ["nonsense": "1"]), "api.body"),
                (body(code, ["name_latin": "SOK Dara", "sex": "9"]), "api.body"),
                (body(code, ["birthdate": "13/04/1990"]), "api.body"),
                (body(code, ["sex": "1"]), "person.verify_anchor"),
                (body(code, ["birthdate": "1990"]), "person.verify_anchor"),
                (["code": .string(code), "fields": name, "more": 1], "api.body"),
                (["code": .string(code), "fields": name, "case": ""], "api.body"),
            ] as [(JSONValue, String)] {
                let answer = try await client.call(.post, "/ids/v1/verify", as: "ministry", odd)
                #expect(answer.status == 400 && answer.json["code"]?.stringValue == error, "\(odd) \(answer.json)")
            }
        }
    }

    @Test(arguments: TestDatabases.kinds) func guessingEnds(_ kind: DatabaseKind) async throws {
        try await World.serve(kind, [Self.ministry, Self.other]) { world, client in
            let person = try await world.enterPerson()
            func guess(_ day: Int, _ system: String) async throws -> Int {
                let date = "1990-04-" + (day < 10 ? "0\(day)" : "\(day)")
                return try await client.call(
                    .post, "/ids/v1/verify", as: system,
                    body(person.kidc.digits, ["name_latin": "SOK Dara", "birthdate": .string(date)])
                ).status
            }
            for day in 14...23 { #expect(try await guess(day, "ministry") == 200) }
            #expect(try await guess(13, "ministry") == 429)
            #expect(try await guess(13, "other") == 200, "another system has its own tries")
            // A refused guess leaves no entry.
            #expect(try await world.journal.entries(of: person.personID, limit: 50).count == 11)
            // Who only knows codes is stopped as well, whether they are anybody's or not.
            var last = 200
            for index in 0..<140 where last == 200 {
                last = try await client.call(
                    .post, "/ids/v1/verify", as: "other",
                    body(World.someCode(index).digits, ["name_latin": "CHAN Sophea"])
                ).status
            }
            #expect(last == 429)
        }
    }

    @Test(arguments: TestDatabases.kinds) func aCodeIsReservedOnce(_ kind: DatabaseKind) async throws {
        let registry = World.system("registry", [.generateUIN])
        try await World.serve(kind, [registry, Self.ministry]) { world, client in
            let person: JSONValue = [
                "firstName": "Dara", "lastName": "SOK", "dateOfBirth": "2026-11-01", "gender": "M",
            ]
            let path = "/v1/uin?transactionId=T1"
            let made = try await client.call(.post, path, as: "registry", person)
            #expect(made.status == 200)
            let code = try KIDC(entered: try #require(made.json.stringValue))
            #expect(try await client.call(.post, path, as: "registry", person).json == made.json)
            let other = try await client.call(.post, path, as: "registry", ["firstName": "Dany"])
            #expect(other.status == 409 && other.json["code"] == 1009 && other.json["message"]?.stringValue != nil)
            #expect(try await world.people.person(kidc: code) == nil, "reserved opens nothing")
            let bare = try await client.call(.post, "/v1/uin", as: "registry", person)
            #expect(bare.status == 400 && bare.json["code"] == 1000)
            let wrong = try await client.call(.post, path, as: "ministry", person)
            #expect(wrong.status == 403 && wrong.json["code"] == 1003)
            #expect(wrong.headers[.wwwAuthenticate]?.contains("scope=\"uin.generate\"") ?? false)
            let none = try await client.call(.post, path, as: nil, person)
            #expect(none.status == 401 && none.json["code"] == 1001)
            for odd: JSONValue in [
                [:], ["firstName": 1], ["nonsense": "x"], ["firstName": "Dara", "gender": "x"],
                ["firstName": "Dara", "dateOfBirth": "yesterday"], ["firstName": "Dara", "placeOfBirth": "99"],
                ["firstName": "Dara", "nationality": "Khmer"],
            ] {
                let answer = try await client.call(.post, "/v1/uin?transactionId=T2", as: "registry", odd)
                #expect(answer.status == 400 && answer.json["code"] == 1000, "\(odd) \(answer.json)")
            }
        }
    }
}

extension World {
    /// Enters a person: SOK Dara, born 13 April 1990 in Battambang.
    func enterPerson() async throws -> Registration {
        let draft = PersonDraft(
            names: [
                PersonName(
                    khmer: NameParts(family: "សុខ", given: "ដារ៉ា"), latin: NameParts(family: "SOK", given: "Dara"))
            ], sex: .male, birth: Birth(date: PartialDate(iso: "1990-04-13"), place: PlaceCode("0201")),
            residence: [PlaceCode("120101")].compactMap(\.self).map { Residence(.permanent, place: $0) },
            source: FactSource(kind: "enrolment", reference: "test"))
        return try await database.transaction { try await people.register(draft, by: .system("test"), in: $0) }
    }

    /// A well-formed code that nobody has.
    static func someCode(_ index: Int) -> KIDC {
        for check in 0...9 {
            if let code = try? KIDC(entered: "\(234_560_000 + index)\(check)") { return code }
        }
        preconditionFailure("one check digit of ten fits")
    }
}
