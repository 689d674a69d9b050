import Codecs
import DatabaseTesting
import Hummingbird
import HummingbirdTesting
import JOSE
import Kernel
import Testing

@testable import DCIRegistry

@Suite struct EnvelopeTests {
    private func send(
        _ world: World, _ client: any TestClientProtocol, _ envelope: JSONObject,
        _ path: String = "/registry/sync/search",
        as system: String? = "sp"
    ) async throws -> (status: Int, json: JSONValue) {
        try await client.post(path, envelope, as: system)
    }

    @Test(arguments: TestDatabases.kinds) func answersAreSignedOverWhatTheySay(_ kind: DatabaseKind) async throws {
        try await World.serve(kind) { world, client in
            let envelope = try await world.envelope(
                world.header("search", 1, "sp"), world.searching([World.uin("2345678908")]), as: "sp", detached: true)
            let answer = try await send(world, client, envelope)
            #expect(answer.status == 200, "\(answer)")
            let header = try #require(answer.json["header"])
            #expect(header["action"] == "on-search" && header["receiver_id"] == "sp")
            #expect(header["sender_id"]?.stringValue == World.issuer && header["completed_count"] == 1)
            let keys = VerificationKeySet(try await world.vault.publicKeys(DCIWriter.signing))
            let proven = try JWS.verify(
                try #require(answer.json["signature"]?.stringValue), algorithms: [.es256], keys: keys)
            var content = try #require(answer.json.objectValue)
            content["signature"] = nil
            let payload = try JSON.parseObject(proven.payload)
            #expect(payload == content)
            let canonical = try CanonicalJSON.encode(.object(content))
            #expect(proven.payload == canonical)
            #expect(proven.header.isType("rumdul-dci+jws"))
        }
    }

    @Test(arguments: TestDatabases.kinds) func whoeverIsNotTheSenderIsRefused(_ kind: DatabaseKind) async throws {
        let systems = [
            World.system("sp"), World.system("other"), World.system("poor", []), World.system("blind", attributes: []),
        ]
        try await World.serve(kind, systems) { world, client in
            let message = world.searching([World.uin("2345678908")])
            func code(_ envelope: JSONObject, as system: String? = "sp") async throws -> [String] {
                let answer = try await send(world, client, envelope, as: system)
                return [String(answer.status), answer.json["errors"]?[0]?["code"]?.stringValue ?? "-"]
            }
            let good = try await world.envelope(world.header("search", 1, "sp"), message, as: "sp")
            #expect(try await code(good, as: nil) == ["401", "err.request.unauthorized"])
            #expect(try await code(good, as: "other") == ["403", "err.sender_id.invalid"])
            #expect(try await code(good.with("signature", "")) == ["401", "err.signature.missing"])
            for bad in ["invalid-signature", "eyJhbGciOiJSUzI1NiJ9.", "a.b.c", "a..c"] {
                #expect(
                    try await code(good.with("signature", .string(bad))) == ["401", "err.signature.invalid"], "\(bad)")
            }
            let stranger = try await world.envelope(
                world.header("search", 1, "sp"), message, as: "sp", by: .testKey("sp"))
            #expect(try await code(stranger) == ["401", "err.signature.invalid"])
            let changed = good.with("message", .object(world.searching([World.uin("2345678916")])))
            #expect(try await code(changed) == ["401", "err.signature.invalid"])
            #expect(try await code(good.with("more", 1)) == ["400", "err.request.bad"])
            #expect(try await code(["header": good["header"] ?? .null]) == ["400", "err.request.bad"])
            let encrypted = try await world.envelope(
                world.header("search", 1, "sp").with("is_msg_encrypted", true), message, as: "sp")
            #expect(try await code(encrypted) == ["400", "err.encryption.invalid"])
            let elsewhere = try await world.envelope(
                world.header("search", 1, "sp").with("receiver_id", "crvs"), message, as: "sp")
            #expect(try await code(elsewhere) == ["400", "err.receiver_id.invalid"])
            for system in ["poor", "blind"] {
                let envelope = try await world.envelope(world.header("search", 1, system), message, as: system)
                #expect(try await code(envelope, as: system) == ["403", "err.request.forbidden"])
            }
            #expect(world.limits.taken.withLock { $0.isEmpty }, "nobody was looked for")
        }
    }

    @Test(arguments: TestDatabases.kinds) func headersHaveTheReasonsOfTheStandard(_ kind: DatabaseKind) async throws {
        try await World.serve(kind) { world, client in
            let message = world.searching([World.uin("2345678908")])
            let header = world.header("search", 1, "sp")
            func reason(_ header: JSONObject, _ message: JSONObject, _ path: String) async throws -> String {
                let answer = try await send(
                    world, client, try await world.envelope(header, message, as: "sp"), path)
                guard answer.status == 200 else { return String(answer.status) }
                if let header = answer.json["header"] {
                    guard header["status"] == "rjct", answer.json["message"] == nil else { return "-" }
                    return header["status_reason_code"]?.stringValue ?? "?"
                }
                guard answer.json["message"]?["ack_status"] == "ERR" else { return "-" }
                let words = answer.json["message"]?["error"]?["message"]?.stringValue ?? ""
                return words.split(separator: ":").first.map(String.init) ?? "?"
            }
            for path in ["/registry/sync/search", "/registry/search"] {
                func fresh(_ name: String, _ value: JSONValue) -> JSONObject {
                    world.header("search", 1, "sp").with(name, value)
                }
                #expect(try await reason(fresh("version", "2.0.0"), message, path) == "rjct.version.invalid")
                #expect(try await reason(fresh("action", "subscribe"), message, path) == "rjct.action.invalid")
                #expect(try await reason(fresh("total_count", 2), message, path) == "rjct.total_count.invalid")
                #expect(
                    try await reason(fresh("message_ts", "2020-01-01T00:00:00Z"), message, path)
                        == "rjct.message_ts.invalid")
                #expect(try await reason(fresh("message_ts", "now"), message, path) == "rjct.message_ts.invalid")
                let many = world.searching(Array(repeating: World.uin("2345678908"), count: 11))
                #expect(try await reason(fresh("total_count", 11), many, path) == "rjct.total_count.limit_exceeded")
                let again = try await reason(header, message, path)
                #expect(again == (path == "/registry/search" ? "rjct.message_id.duplicate" : "-"))
            }
            #expect(try await reason(header, message, "/registry/sync/search") == "rjct.message_id.duplicate")
        }
    }

    @Test func limitsEndTheWholeMessage() async throws {
        for kind in TestDatabases.kinds {
            try await World.serve(kind, limits: CountingLimits(most: 0)) { world, client in
                let criteria = [World.uin(World.nobody), World.uin(World.nobody)]
                let answer = try await send(
                    world, client,
                    try await world.envelope(world.header("search", 2, "sp"), world.searching(criteria), as: "sp"))
                #expect(answer.status == 429 && answer.json["errors"]?[0]?["code"] == "err.request.too_many_requests")
            }
        }
    }
}
