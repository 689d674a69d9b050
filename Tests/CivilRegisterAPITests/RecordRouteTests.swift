import Accountability
import CivilRegister
import Codecs
import Crypto
import DatabaseTesting
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import JOSE
import Kernel
import PopulationRegister
import Testing

@testable import CivilRegisterAPI

@Suite struct RecordRouteTests {
    private static let reader = World.system("reader", [.recordRead], areas: ["12"])
    private static let codes = World.system("codes", [.recordRead], attributes: [.kidc])
    private static let medical = World.system("medical", [.recordRead, .medicalRead])
    private static let away = World.system("away", [.recordRead], areas: ["08"])
    private static let other = World.system("other", [.verify])

    private func read(_ client: any TestClientProtocol, _ id: String, _ rest: String = "", as system: String = "reader")
        async throws -> (status: Int, json: JSONValue, headers: HTTPFields)
    {
        try await client.call(.get, "/cr/v1/records/\(id)\(rest)", as: system)
    }

    @Test(arguments: TestDatabases.kinds) func aRecordIsReadAsItsForm(_ kind: DatabaseKind) async throws {
        try await World.serve(kind, [Self.reader, Self.codes, Self.away, Self.other]) { world, client in
            let record = try await world.registeredBirth()
            let child = try #require(record.persons[.child])
            let before = try await world.journal.entries(of: child, limit: 50).count
            let found = try await read(client, record.id)
            #expect(found.status == 200 && found.json["number"]?.stringValue == record.number)
            #expect(found.json["fields"]?["child.given_km"] == "ពិសី" && found.json["kind"] == "birth")
            #expect(found.headers[.eTag] == "\"\(record.sequence)\"" && found.headers[.cacheControl] == "no-store")
            let entries = try await world.journal.entries(of: child, limit: 50)
            #expect(entries.count == before + 1 && entries.first?.attributes == [.civilRecord])
            #expect(entries.first?.service == "cr.record" && entries.first?.caseReference == record.number)
            // What is known already is neither sent nor entered again.
            let same = try await client.call(
                .get, "/cr/v1/records/\(record.id)", as: "reader", headers: [.ifNoneMatch: "\"\(record.sequence)\""])
            #expect(same.status == 304)
            #expect(try await world.journal.entries(of: child, limit: 50).count == before + 1)
            let old = try await client.call(
                .get, "/cr/v1/records/\(record.id)", as: "reader", headers: [.ifNoneMatch: "\"1\""])
            #expect(old.status == 200)
            #expect(try await read(client, record.id, as: "away").status == 404)
            #expect(try await read(client, record.id, as: "other").status == 403)
            #expect(try await read(client, "none").json["code"]?.stringValue == "civil.not_found")
        }
    }

    @Test(arguments: TestDatabases.kinds) func draftsAndSealedRecordsAreNotThere(_ kind: DatabaseKind) async throws {
        try await World.serve(kind, [Self.reader]) { world, client in
            let declared = try await world.civil.declare(
                .birth, world.birth, office: World.office,
                by: CivilStep(world.officer("clerk", .communeClerk, World.office)))
            for path in ["", "/history", "/proof"] {
                #expect(try await read(client, declared.id, path).status == 404, "\(path)")
            }
            let search: JSONValue = ["tracking": .string(declared.trackingID)]
            let none = try await client.call(.post, "/cr/v1/records/search", as: "reader", search)
            #expect(none.status == 200 && none.json == ["records": []])
            try await world.finish(declared.id)
            #expect(try await read(client, declared.id).status == 200)
            let sealer = world.officer("sealer", .identificationOfficer, nil)
            _ = try await world.civil.setSealed(declared.id, true, reason: "តុលាការ", by: CivilStep(sealer))
            for path in ["", "/history", "/proof"] {
                #expect(try await read(client, declared.id, path).status == 404, "\(path)")
            }
            let sealed = try await client.call(.post, "/cr/v1/records/search", as: "reader", search)
            #expect(sealed.json == ["records": []])
        }
    }

    @Test(arguments: TestDatabases.kinds) func theHistoryIsSignedAndProven(_ kind: DatabaseKind) async throws {
        try await World.serve(kind, [Self.reader]) { world, client in
            let record = try await world.registeredBirth()
            let history = try await read(client, record.id, "/history")
            #expect(history.status == 200)
            let actions = try #require(history.json["actions"]?.arrayValue)
            #expect(actions.compactMap { $0["action"]?.stringValue } == ["create", "declare", "verify", "register"])
            let keys = try #require(history.json["keys"]?.arrayValue)
            var previous = ""
            for action in actions {
                let header = try #require(Base64URL.decode(action["header"]?.stringValue ?? ""))
                let hash = Base64URL.encode(Array(SHA256.hash(data: header)))
                #expect(hash == action["hash"]?.stringValue)
                #expect(try JSON.parseObject(header).string("previous") == previous)
                previous = hash
                let key = try #require(keys.first { $0["kid"] == action["key_id"] })
                #expect(key["d"] == nil && key["purpose"]?.stringValue == "civil-register")
            }
            let early = try await read(client, record.id, "/proof")
            #expect(early.status == 409 && early.json["code"]?.stringValue == "ledger.not_covered")
            #expect(early.headers[.retryAfter] != nil)
            _ = try await world.ledger.checkpoint()
            let proof = try await read(client, record.id, "/proof")
            #expect(proof.status == 200 && proof.json["subject"]?.stringValue == record.id)
            #expect(proof.json["kind"] == "civil.register")
            #expect(proof.json["entry"]?["details"]?["hash"]?.stringValue == previous)
        }
    }

    @Test(arguments: TestDatabases.kinds) func causesAndCodesAreForThoseWhoMay(_ kind: DatabaseKind) async throws {
        try await World.serve(kind, [Self.reader, Self.codes, Self.medical]) { world, client in
            let person = try await world.enterPerson()
            let death = try await world.registeredDeath(person.kidc.digits)
            let coder = world.officer("coder", .causeCoder, nil)
            try await world.civil.setCause(death.id, underlying: "I21.9", by: CivilStep(coder))
            let plain = try await read(client, death.id)
            #expect(plain.status == 200 && plain.json["medical"] == nil)
            #expect(plain.json["fields"]?["deceased.person"] == nil)
            let codes = try await read(client, death.id, as: "codes")
            #expect(codes.json["fields"]?["deceased.person"]?.stringValue == person.kidc.digits)
            #expect(
                try await world.journal.entries(of: person.personID).first?.attributes == [.civilRecord, .kidc])
            let medical = try await read(client, death.id, as: "medical")
            #expect(medical.json["medical"]?["underlying_cause"]?.stringValue?.hasPrefix("I21") ?? false)
            #expect(
                try await world.journal.entries(of: person.personID).first?.attributes
                    == [.civilRecord, .causeOfDeath])
        }
    }

    @Test(arguments: TestDatabases.kinds) func recordsAreFoundPageByPage(_ kind: DatabaseKind) async throws {
        try await World.serve(kind, [Self.reader, Self.codes, Self.away]) { world, client in
            let birth = try await world.registeredBirth()
            let child = try #require(birth.persons[.child])
            let code = try #require(
                try await world.database.read { try await world.people.code(of: child, in: $0) }
            ).digits
            func search(_ body: JSONValue, as system: String = "reader") async throws -> JSONValue {
                let answer = try await client.call(.post, "/cr/v1/records/search", as: system, body)
                #expect(answer.status == 200, "\(answer.json)")
                return answer.json
            }
            for body: JSONValue in [
                ["number": .string(birth.number?.lowercased() ?? "")], ["tracking": .string(birth.trackingID)],
                ["participant": .string(code)],
            ] {
                let before = try await world.journal.entries(of: child, limit: 50).count
                #expect(try await search(body)["records"]?[0]?["id"]?.stringValue == birth.id, "\(body)")
                #expect(try await world.journal.entries(of: child, limit: 50).count == before + 1, "\(body)")
                #expect(try await search(body, as: "away")["records"] == [], "\(body)")
            }
            #expect(try await search(["participant": .string(code), "limit": 1])["next"] == nil)
            let death = try await world.registeredDeath(code)
            let first = try await search(["participant": .string(code), "limit": 1])
            let cursor = try #require(first["next"])
            #expect(first["records"]?[0]?["id"]?.stringValue == death.id)
            let second = try await search(["participant": .string(code), "limit": 1, "cursor": cursor])
            #expect(second["records"]?[0]?["id"]?.stringValue == birth.id && second["next"] == nil)
            let stolen = try await client.call(
                .post, "/cr/v1/records/search", as: "codes", ["participant": .string(code), "cursor": cursor])
            #expect(stolen.status == 400 && stolen.json["code"]?.stringValue == "web.cursor")
            for bad: JSONValue in [
                [:], ["number": "x", "tracking": "x"], ["participant": "1"], ["tracking": "x", "limit": 0],
                ["tracking": "x", "cursor": "x"], ["tracking": "x", "more": 1],
            ] {
                let answer = try await client.call(.post, "/cr/v1/records/search", as: "reader", bad)
                #expect(answer.status == 400, "\(bad)")
            }
        }
    }
}

extension World {
    var birth: [String: String] {
        [
            "child.family_km": "សុខ", "child.given_km": "ពិសី", "child.sex": "2", "event.date": yesterday,
            "event.place": World.office, "mother.family_km": "ចាន់", "mother.given_km": "សុភា",
            "mother.birthdate": "1998-05-01", "father.unknown": "unknown", "informant.relation": "mother",
            "informant.given_km": "ចាន់ សុភា",
        ]
    }

    func registeredBirth() async throws -> VitalRecord {
        let declared = try await civil.declare(
            .birth, birth, office: World.office, by: CivilStep(officer("clerk", .communeClerk, World.office)))
        return try await finish(declared.id)
    }

    func registeredDeath(_ code: String) async throws -> VitalRecord {
        let registrar = officer("registrar", .registrar, World.office)
        let declared = try await civil.declare(
            .death,
            [
                "deceased.person": code, "deceased.given_km": "ដារ៉ា", "deceased.sex": "1", "event.date": yesterday,
                "event.place": World.office, "informant.relation": "spouse", "informant.given_km": "សុខា",
            ], office: World.office, by: CivilStep(registrar))
        return try await civil.register(declared.id, by: CivilStep(registrar))
    }

    @discardableResult
    func finish(_ id: String) async throws -> VitalRecord {
        _ = try await civil.verify(id, by: CivilStep(officer("verifier", .districtVerifier, "1201")))
        return try await civil.register(id, by: CivilStep(officer("registrar", .registrar, World.office)))
    }
}
