import Accountability
import CivilRegister
import Codecs
import DatabaseTesting
import HummingbirdTesting
import Kernel
import PopulationRegister
import Testing

@testable import CivilRegisterAPI

@Suite struct CheckRouteTests {
    private static let checker = World.system("checker", [.check], areas: ["12"])
    private static let far = World.system("far", [.check], areas: ["08"])
    private static let other = World.system("other", [.recordRead])

    /// A birth that a district has verified and that waits.
    private func waiting(_ world: World) async throws -> VitalRecord {
        var civil = world.civil
        civil.externalChecks = ExternalChecks(kinds: [.birth])
        let declared = try await civil.declare(
            .birth,
            [
                "child.given_km": "ពិសី", "child.sex": "2", "event.date": world.yesterday, "event.place": "120101",
                "mother.given_km": "សុភា", "mother.birthdate": "1998", "father.unknown": "unknown",
                "informant.relation": "mother", "informant.given_km": "សុភា",
            ], office: World.office, by: CivilStep(world.officer("clerk", .communeClerk, "120101")))
        return try await civil.verify(declared.id, by: CivilStep(world.officer("verifier", .districtVerifier, "1201")))
    }

    @Test(arguments: TestDatabases.kinds) func whatWaitsIsListedShownAndAnswered(_ kind: DatabaseKind) async throws {
        try await World.serve(kind, [Self.checker, Self.far, Self.other]) { world, client in
            let record = try await waiting(world)
            let list = try await client.call(.get, "/cr/v1/checks", as: "checker")
            #expect(list.status == 200 && list.headers[.cacheControl] == "no-store")
            guard case .array(let items)? = list.json["checks"], let id = items.first?["id"]?.stringValue else {
                Issue.record("no list: \(list.json)")
                return
            }
            #expect(items.count == 1 && id != record.id && items[0]["state"] == "waiting")
            #expect(try await client.call(.get, "/cr/v1/checks", as: "far").json == ["checks": []])
            let shown = try await client.call(.get, "/cr/v1/checks/\(id)", as: "checker")
            #expect(shown.json["fields"]?["child.given_km"] == "ពិសី" && shown.json["tracking"] != nil)
            for (path, system, status) in [
                ("/cr/v1/checks/\(id)", "far", 404), ("/cr/v1/checks/\(id)", "other", 403),
                ("/cr/v1/checks/nothing", "checker", 404), ("/cr/v1/checks?limit=0", "checker", 400),
                ("/cr/v1/checks?limit=101", "checker", 400), ("/cr/v1/checks?cursor=x", "checker", 400),
            ] {
                #expect(try await client.call(.get, path, as: system).status == status, "\(path) \(system)")
            }
            let answer = "/cr/v1/checks/\(id)/answer"
            for odd: JSONValue in [
                [:], ["result": "maybe"], ["result": "failed"], ["result": "failed", "reason": 1],
                ["result": "failed", "reason": "x"], ["result": "passed", "more": 1],
            ] {
                #expect(try await client.call(.post, answer, as: "checker", odd).status == 400, "\(odd)")
            }
            #expect(try await client.call(.post, answer, as: "far", ["result": "passed"]).status == 404)
            #expect(try await client.call(.post, answer, as: "other", ["result": "passed"]).status == 403)
            for _ in 0..<2 {
                let failed = try await client.call(
                    .post, answer, as: "checker", ["result": "failed", "reason": "រកមិនឃើញ"])
                #expect(failed.status == 200 && failed.json["state"] == "failed")
            }
            #expect(try await client.call(.get, "/cr/v1/checks/\(id)", as: "checker").status == 404)
            let passed = try await client.call(.post, answer, as: "checker", ["result": "passed"])
            #expect(passed.status == 200 && passed.json["state"] == "passed", "a success after a failure counts")
            let back = try await client.call(
                .post, answer, as: "checker", ["result": "failed", "reason": "រកមិនឃើញ"])
            #expect(back.status == 409 && back.json["code"] == "civil.state")
        }
    }

    @Test(arguments: TestDatabases.kinds) func reservationsGoToTheirEnd(_ kind: DatabaseKind) async throws {
        let registry = World.system("registry", [.generateUIN, .confirmUIN])
        let other = World.system("other", [.generateUIN])
        try await World.serve(kind, [registry, other]) { world, client in
            let person: JSONValue = ["firstName": "Dara", "lastName": "SOK"]
            let code = try await client.call(.post, "/v1/uin?transactionId=T1", as: "registry", person).json
            let body: JSONValue = ["transaction": "T1", "code": code]
            let open = try await client.call(.post, "/ids/v1/codes/status", as: "registry", body)
            #expect(open.status == 200 && open.json["state"] == "open" && open.json["expires_at"]?.stringValue != nil)
            #expect(try await client.call(.post, "/ids/v1/codes/status", as: "other", body).status == 404)
            #expect(
                try await client.call(
                    .post, "/ids/v1/codes/confirm", as: "other",
                    ["transaction": "T1", "code": code, "person": person]
                ).status == 403)
            for odd: JSONValue in [
                [:], ["transaction": "T1"], ["transaction": "", "code": code], ["transaction": "T1", "code": "123"],
                ["transaction": "T1", "code": code, "person": person, "more": 1], body,
                ["transaction": "T1", "code": code, "person": ["nonsense": "x"]],
            ] {
                #expect(
                    try await client.call(.post, "/ids/v1/codes/confirm", as: "registry", odd).status == 400, "\(odd)")
            }
            let confirm: JSONValue = ["transaction": "T1", "code": code, "person": person]
            for _ in 0..<2 {
                let done = try await client.call(.post, "/ids/v1/codes/confirm", as: "registry", confirm)
                #expect(done.status == 200 && done.json == ["code": code, "state": "confirmed"])
            }
            let kidc = try KIDC(entered: try #require(code.stringValue))
            #expect(try await world.people.person(kidc: kidc) != nil)
            let late = try await client.call(.post, "/ids/v1/codes/release", as: "registry", body)
            #expect(late.status == 409 && late.json["code"] == "kidc.reservation_confirmed")
        }
    }
}
