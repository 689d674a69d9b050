import Codecs
import DatabaseTesting
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Kernel
import Testing

@testable import CivilRegisterAPI

@Suite struct NoticeRouteTests {
    private static let hospital = World.system("hospital", [.noticeWrite], areas: ["1201"])
    private static let village = World.system("village", [.villageNotice], areas: ["120101"])

    private func key(_ text: String) -> HTTPFields {
        guard let name = IdempotencyHeader.name else { return [:] }
        return [name: text]
    }

    @Test(arguments: TestDatabases.kinds) func aNoticeIsTakenOnceAndFoundByItsNotifier(_ kind: DatabaseKind)
        async throws
    {
        try await World.serve(kind, [Self.hospital, Self.village]) { world, client in
            let body: JSONValue = [
                "office": "120101", "fields": ["child.sex": "1", "event.date": .string(world.yesterday)],
            ]
            let made = try await client.call(
                .post, "/cr/v1/notices/birth", as: "hospital", body, headers: key("notice-0001"))
            #expect(made.status == 201 && made.json["state"]?.stringValue == "notified")
            let place = try #require(made.headers[.location])
            let again = try await client.call(
                .post, "/cr/v1/notices/birth", as: "hospital", body, headers: key("notice-0001"))
            #expect(again.status == 201 && again.json == made.json && again.headers[.location] == place)
            let other: JSONValue = ["office": "120101", "fields": ["child.sex": "2"]]
            let mismatch = try await client.call(
                .post, "/cr/v1/notices/birth", as: "hospital", other, headers: key("notice-0001"))
            #expect(mismatch.status == 409 && mismatch.json["code"]?.stringValue == "web.idempotency_mismatch")
            let found = try await client.call(.get, place, as: "hospital")
            #expect(found.status == 200 && found.json == made.json)
            #expect(try await client.call(.get, place, as: "village").status == 404)
            let clerk = world.officer("clerk", .communeClerk, "120101")
            #expect(try await world.civil.list(.notices, of: clerk).count == 1)
        }
    }

    @Test(arguments: TestDatabases.kinds) func whoMayNotIsToldWhy(_ kind: DatabaseKind) async throws {
        try await World.serve(kind, [Self.hospital, Self.village]) { world, client in
            let body: JSONValue = ["office": "120101", "fields": ["child.sex": "1"]]
            let path = "/cr/v1/notices/birth"
            let none = try await client.call(.post, path, as: nil, body, headers: key("notice-0002"))
            #expect(none.status == 401 && none.headers[.wwwAuthenticate] == "Bearer realm=\"registers\"")
            let dead = try await client.call(.post, path, as: "nobody", body, headers: key("notice-0002"))
            #expect(dead.status == 401 && dead.headers[.wwwAuthenticate]?.contains("invalid_token") ?? false)
            let wrong = try await client.call(.post, path, as: "village", body, headers: key("notice-0002"))
            #expect(
                wrong.status == 403
                    && wrong.headers[.wwwAuthenticate]?.contains("insufficient_scope\", scope=\"cr.notice.write\"")
                        ?? false
            )
            let away: JSONValue = ["office": "081104", "fields": ["child.sex": "1"]]
            let area = try await client.call(.post, path, as: "hospital", away, headers: key("notice-0002"))
            #expect(area.status == 403 && area.json["code"]?.stringValue == "api.area")
            let bare = try await client.call(.post, path, as: "hospital", body)
            #expect(bare.status == 400 && bare.json["code"]?.stringValue == "api.idempotency_key_missing")
            let field: JSONValue = ["office": "120101", "fields": ["child.sex": "9000"]]
            let refused = try await client.call(.post, path, as: "hospital", field, headers: key("notice-0003"))
            #expect(refused.status == 400 && refused.json["errors"]?[0]?["field"]?.stringValue == "child.sex")
            #expect(refused.headers[.contentType] == "application/problem+json")
            for odd: JSONValue in [
                ["office": "120101"], ["fields": [:]], ["office": "120101", "fields": ["child.sex": 1]],
                ["office": "120101", "fields": [:], "more": 1],
            ] {
                let answer = try await client.call(.post, path, as: "hospital", odd, headers: key("notice-0004"))
                #expect(answer.status == 400, "\(odd)")
            }
        }
    }

    @Test(arguments: TestDatabases.kinds) func villagesTellOfFoundlings(_ kind: DatabaseKind) async throws {
        try await World.serve(kind, [Self.village]) { world, client in
            let body: JSONValue = ["office": "120101", "fields": ["event.circumstances": "នៅវត្ត"]]
            let made = try await client.call(
                .post, "/cr/v1/notices/village/foundling", as: "village", body, headers: key("village-0001"))
            #expect(made.status == 201)
            #expect(
                try await client.call(
                    .post, "/cr/v1/notices/foundling", as: "village", body, headers: key("village-0001")
                ).status == 405)
        }
    }
}
