import Codecs
import Database
import DatabaseTesting
import Kernel
import Testing

@testable import RelyingParties

@Suite("Registrations in the database")
struct StoreTests {
    @Test(arguments: TestDatabases.kinds) func tenThousandRegistrations(_ kind: DatabaseKind) async throws {
        try await TestClients.run(kind) { registry, database in
            let now = Instant(seconds: 1_800_000_000)
            let documents = (0..<10_000).map { number in
                TestClients.document("client-\(10_000 + number)") {
                    let name = number % 100 == 7 ? "មន្ទីរពេទ្យភ្នំពេញ" : "ហាងលេខ \(number)"
                    $0["client_name"] = ["km": .string(name), "en": .string("Shop number\(number)")]
                    if number % 1000 == 3 {
                        $0["organisation"] = ["code": "moh", "name": ["km": "សុខាភិបាល", "en": "Ministry of Health"]]
                    }
                }
            }
            try await database.transaction { connection in
                for document in documents {
                    let record = RelyingPartyRecord(document.string("client_id") ?? "", document, at: now)
                    try await registry.store.save(record, in: connection)
                }
            }
            // A page at a time, in order, each registration once.
            var seen: [String] = []
            for try await record in registry.all() { seen.append(record.clientID) }
            #expect(seen.count == 10_000 && Set(seen).count == 10_000)
            let first = try await registry.page(RelyingPartyQuery(limit: 100_000))
            #expect(first.records.count == 200 && first.next == first.records.last?.clientID)
            let second = try await registry.page(RelyingPartyQuery(after: first.next, limit: 3))
            #expect(second.records.map(\.clientID) == Array(seen[200..<203]))
            let last = try await registry.page(RelyingPartyQuery(after: seen[9_997], limit: 2))
            #expect(last.records.count == 2 && last.next == nil)

            func found(_ text: String) async throws -> [String] {
                var ids: [String] = []
                for try await record in registry.all(RelyingPartyQuery(text, limit: 7)) { ids.append(record.clientID) }
                return ids
            }
            #expect(try await found("client-10042") == ["client-10042"])
            #expect(try await found("NUMBER4242") == ["client-14242"])
            #expect(try await found("shop number4242") == ["client-14242"])
            #expect(try await found("health").count == 10)
            #expect(try await found("ministry numb").count == 10)
            // The word for the city stands in the middle of the name, without a space before it.
            #expect(try await found("ភ្នំពេញ").count == 100)
            #expect(try await found("nothing").isEmpty)
            #expect(try await found("%").count == 10_000, "no word at all finds everything")
            #expect(try await found("client_").count == 10_000)
            let ministry = try await registry.page(RelyingPartyQuery(organisation: "moh", limit: 200))
            #expect(ministry.records.count == 10)
        }
    }

    @Test(arguments: TestDatabases.kinds) func manyAtOnceAreAllOrNone(_ kind: DatabaseKind) async throws {
        try await TestClients.run(kind) { registry, _ in
            let three = ["a", "b", "c"].map { TestClients.document($0) }
            let made = try await registry.register(many: three)
            #expect(made.map(\.clientID) == ["a", "b", "c"])
            #expect(Set(made.compactMap(\.secret)).count == 3)
            let kept = try await registry.register(many: three, keepSecret: true)
            #expect(kept.allSatisfy { $0.secret == nil })

            func refused(_ documents: [JSONObject], first: Int = 0) async -> String? {
                do {
                    _ = try await registry.register(many: documents, first: first)
                    return nil
                } catch { return (error as? RumdulError)?.fields.first?.field }
            }
            let wrong = TestClients.document("e") { $0["redirect_uris"] = ["http://bank.example/"] }
            #expect(await refused([TestClients.document("d"), wrong]) == "documents[1].redirect_uris")
            let twice = [TestClients.document("d"), TestClients.document("d")]
            #expect(await refused(twice, first: 7) == "documents[8].client_id")
            try await registry.delete("c")
            #expect(await refused([TestClients.document("d"), three[2]]) == "documents[1].client_id")
            #expect(try await registry.registration("d") == nil, "nothing of a refused list is stored")
            let many = (0...RelyingPartyRegistry.batch).map { TestClients.document("many-\($0)") }
            #expect(await refused(many) == "documents")
        }
    }

    @Test(arguments: TestDatabases.kinds) func statesAndRevisions(_ kind: DatabaseKind) async throws {
        try await TestClients.run(kind) { registry, database in
            func status() async throws -> (state: RelyingPartyState, revision: Int64)? {
                try await database.read { try await registry.store.status("bank", in: $0) }
            }
            func party() async throws -> RelyingParty? {
                try await database.read { try await registry.store.party("bank", in: $0) }
            }
            #expect(try await status() == nil)
            _ = try await registry.register(TestClients.document("bank"))
            let first = try #require(try await status())
            #expect(first.state == .active && first.revision == 1)
            #expect(try await party()?.purposes.count == 2)
            // A change is seen at once, although the parsed form is kept.
            _ = try await registry.register(
                TestClients.document("bank") { $0["policy_uri"] = "https://bank.example/p" })
            #expect(try await status()?.revision == 2)
            #expect(try await party()?.policyURI == "https://bank.example/p")
            try await registry.setRelyingParty("bank", active: false)
            #expect(try await status()?.state == .suspended)
            #expect(try await party() == nil)
            try await registry.setRelyingParty("bank", active: true)
            #expect(try await party() != nil)
            #expect(try await registry.page(RelyingPartyQuery("bank")).records.count == 1)
            #expect(try await registry.page(RelyingPartyQuery(state: .suspended)).records.isEmpty)
            // Deleted is for ever.
            try await registry.delete("bank")
            #expect(try await party() == nil)
            #expect(try await registry.registration("bank")?.state == .deleted)
            #expect(try await registry.page().records.isEmpty)
            #expect(try await registry.page(RelyingPartyQuery(state: .deleted)).records.map(\.clientID) == ["bank"])
            #expect(await errorCode { try await registry.delete("bank") } == "relying_party.not_found")
            #expect(
                await errorCode { try await registry.setRelyingParty("bank", active: true) }
                    == "relying_party.not_found")
            #expect(
                await errorCode { try await registry.register(TestClients.document("bank")) }
                    == "relying_party.invalid")
        }
    }

    @Test(arguments: TestDatabases.kinds) func goingLive(_ kind: DatabaseKind) async throws {
        let clock = TestClock()
        try await TestClients.run(kind, clock: clock) { registry, _ in
            _ = try await registry.register(TestClients.document("shop") { $0["environment"] = "sandbox" })
            _ = try await registry.register(TestClients.document("bank"))
            #expect(
                await errorCode { try await registry.requestProduction("bank") } == "relying_party.not_found",
                "it is in production already")
            let asked = clock.now
            try await registry.requestProduction("shop")
            clock.advance(60)
            try await registry.requestProduction("shop")
            #expect(try await registry.registration("shop")?.requestedProductionAt == asked)
            #expect(
                try await registry.page(RelyingPartyQuery(environment: .sandbox)).records.map(\.clientID) == ["shop"])
            _ = try await registry.register(TestClients.document("shop"))
            #expect(try await registry.registration("shop")?.requestedProductionAt == nil)
            #expect(try await registry.page(RelyingPartyQuery(environment: .sandbox)).records.isEmpty)
        }
    }

    /// A row that was looked at a moment ago is not read again; after that moment, and after a change, it is.
    @Test(arguments: TestDatabases.kinds) func aMomentOfTrust(_ kind: DatabaseKind) async throws {
        try await TestClients.run(kind, clock: TestClock()) { registry, database in
            _ = try await registry.register(TestClients.document("bank"))
            let store = registry.store
            let id = "bank"
            #expect(try await store.party(id, in: database) != nil)
            try await registry.setRelyingParty(id, active: false)
            #expect(try await store.party(id, in: database) == nil, "a change of this process counts at once")
            try await registry.setRelyingParty(id, active: true)
            #expect(try await store.party(id, in: database) != nil)
            // Another process: the row changes behind this one's back.
            _ = try await database.transaction {
                try await $0.execute(
                    "UPDATE idp_relying_parties SET state = 'suspended', revision = revision + 1 WHERE client_id = $1",
                    [id])
            }
            try await Task.sleep(for: KnownRelyingParty.trusted)
            #expect(try await store.party(id, in: database) == nil)
        }
    }
}
