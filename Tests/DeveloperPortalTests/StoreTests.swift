import Accountability
import Codecs
import Database
import DatabaseTesting
import Kernel
import RelyingParties
import Testing

@testable import DeveloperPortal

@Suite("Organisations")
struct OrganisationTests {
    @Test(arguments: TestDatabases.kinds) func joining(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let organisations = world.portal.organisations
            let owner = try await world.organisation()
            #expect(await errorCode { try await world.organisation("bank", by: World.dara) } == "web.invalid_fields")
            #expect(
                await errorCode { try await organisations.membership(of: World.dara, in: owner.organisation.id) }
                    == "developer.organisation_not_found")
            let code = try await organisations.invite(.developer, by: owner)
            // Only the hash is stored.
            let rows = try await world.database.read { try await $0.query("SELECT code_hash FROM dev_invitations", []) }
            #expect(try rows.map { try $0.blob(0) } != [Array(code.utf8)] && rows.count == 1)
            #expect(
                await errorCode { try await organisations.join(code: "x" + code, displayName: "D", by: World.dara) }
                    == "developer.invitation")
            let typed = " " + code.uppercased().replacing("-", with: " ")
            let joined = try await organisations.join(code: typed, displayName: "Dara", by: World.dara)
            #expect(joined.id == owner.organisation.id)
            #expect(
                await errorCode {
                    try await organisations.join(code: code, displayName: "E", by: PersonID("third"))
                } == "developer.invitation", "a code serves once")
            let dara = try await organisations.membership(of: World.dara, in: joined.id)
            #expect(dara.role == .developer)
            #expect(await errorCode { try await organisations.invite(.owner, by: dara) } == "developer.owner_required")
            #expect(
                await errorCode { try await organisations.remove(World.sokha, by: dara) }
                    == "developer.owner_required")
            #expect(
                await errorCode { try await organisations.remove(World.sokha, by: owner) } == "developer.last_owner")
            try await organisations.remove(World.dara, by: dara)
            #expect(try await organisations.members(of: joined.id).map(\.personID) == [World.sokha])
        }
    }

    @Test func invitationsEnd() async throws {
        try await World.run { world in
            let owner = try await world.organisation()
            let code = try await world.portal.organisations.invite(.owner, by: owner)
            world.clock.advance(Organisations.invitationLifetime)
            #expect(
                await errorCode {
                    try await world.portal.organisations.join(code: code, displayName: "D", by: World.dara)
                } == "developer.invitation")
        }
    }

    @Test func codesOfOthersAreTaken() async throws {
        try await World.run { world in
            _ = try await world.registry.register([
                "client_id": "ministry", "client_name": ["km": "ក", "en": "M"],
                "redirect_uris": ["https://moh.example/cb"], "token_endpoint_auth_method": "none",
                "organisation": ["code": "moh", "name": ["km": "ក", "en": "Ministry"]],
                "purposes": [["code": "p", "text": ["km": "ក", "en": "p"]]],
            ])
            #expect(await errorCode { try await world.organisation("moh") } == "web.invalid_fields")
            for number in 0..<Organisations.perPerson { _ = try await world.organisation("org-\(number)") }
            #expect(await errorCode { try await world.organisation("org-more") } == "developer.limit")
        }
    }

    @Test(arguments: TestDatabases.kinds) func onlyMembersTryASandboxClient(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let owner = try await world.organisation()
            let party = try await world.client(by: owner).party
            let members = OrganisationMembers(database: world.database)
            #expect(try await members.contains(World.sokha, of: party))
            #expect(try await !members.contains(World.dara, of: party))
            var stray = party
            stray.organisation = nil
            #expect(try await !members.contains(World.sokha, of: stray))
        }
    }
}

@Suite("Clients' logs")
struct EventTests {
    private func event(_ client: String, _ code: String, _ number: Int = 0, at now: Instant) -> ClientEvent {
        ClientEvent(
            clientID: client, endpoint: "/token", code: code, description: "d\(number)", traceID: "t\(number)", at: now)
    }

    private func read(_ world: World, _ client: String, limit: Int = 1000, traceID: String? = nil) async throws
        -> [ClientEvent]
    {
        try await world.database.read {
            try await EventStore().events(of: client, before: nil, traceID: traceID, limit: limit, in: $0)
        }.map(\.event)
    }

    @Test(arguments: TestDatabases.kinds) func theLastFiveHundred(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let owner = try await world.organisation()
            let (mine, other) = (try await world.client(by: owner), try await world.client(by: owner))
            let id = mine.client.clientID
            for number in 0..<520 {
                world.clock.advance(1)
                world.log.refused(event(id, "invalid_grant", number, at: world.clock.now))
                if number % 50 == 49 { await world.log.flush() }
            }
            world.log.refused(event(other.client.clientID, "invalid_client", at: world.clock.now))
            world.log.refused(event("nobody", "invalid_client", at: world.clock.now))
            world.log.refused(event("'; DROP", "invalid_client", at: world.clock.now))
            await world.log.flush()
            let events = try await read(world, id)
            #expect(events.count == 500 && events.first?.traceID == "t519" && events.last?.traceID == "t20")
            #expect(try await read(world, other.client.clientID).count == 1)
            #expect(try await read(world, "nobody").isEmpty, "only for clients that the portal knows")
            #expect(try await read(world, id, traceID: "t100").map(\.description) == ["d100"])
        }
    }

    @Test func aFloodFillsOnlyItsOwnShare() async throws {
        try await World.run { world in
            let owner = try await world.organisation()
            let (loud, quiet) = (try await world.client(by: owner), try await world.client(by: owner))
            for number in 0..<10_000 {
                world.log.refused(event(loud.client.clientID, "x", number, at: world.clock.now))
            }
            world.log.refused(event(quiet.client.clientID, "y", at: world.clock.now))
            await world.log.flush()
            #expect(try await read(world, loud.client.clientID).count == ClientEventLog.share)
            #expect(try await read(world, quiet.client.clientID).count == 1)
        }
    }

    @Test(arguments: TestDatabases.kinds) func loginsByDay(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let id = try await world.client(by: try await world.organisation()).client.clientID
            for _ in 0..<4 { world.log.loggedIn(clientID: id, at: world.clock.now) }
            await world.log.flush()
            world.clock.advance(86_400)
            world.log.loggedIn(clientID: id, at: world.clock.now)
            world.log.loggedIn(clientID: "nobody", at: world.clock.now)
            await world.log.flush()
            let (days, last) = try await world.database.read { connection in
                (
                    try await EventStore().logins(of: id, limit: 10, in: connection),
                    try await EventStore().lastLogin(of: id, in: connection)
                )
            }
            #expect(days.map(\.count) == [1, 5] && last == world.clock.now)
            world.clock.advance(Int64(EventStore.keptDays) * 86_400)
            #expect(try await world.log.purge() == 1)
        }
    }

    /// A log that cannot be written must not stop anything.
    @Test func aBrokenTableIsSurvived() async throws {
        try await World.run { world in
            let id = try await world.client(by: try await world.organisation()).client.clientID
            _ = try await world.database.transaction { try await $0.execute("DROP TABLE dev_events", []) }
            world.log.refused(event(id, "invalid_grant", at: world.clock.now))
            await world.log.flush()
            #expect(try await world.portal.clients.file(id, for: World.sokha).client.clientID == id)
        }
    }
}

@Suite("Clients and approvals")
struct ClientTests {
    @Test(arguments: TestDatabases.kinds) func sandboxAtOnce(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let owner = try await world.organisation()
            let file = try await world.client(by: owner)
            #expect(file.party.environment == .sandbox && file.party.organisation?.code == "bank")
            #expect(file.party.redirectURIs == ["https://bank.example/cb", World.issuer + "/developers/try/callback"])
            #expect(file.party.sector == "bank.example", "the portal's page changes nobody's subject")
            #expect(file.current.document.strings("redirect_uris") == ["https://bank.example/cb"])
            #expect(file.current.statement.bases["open-account"]?.kind == .law)
            #expect(
                await errorCode { try await world.portal.clients.file(file.client.clientID, for: World.dara) }
                    == "developer.client_not_found")
            // A change holds at once, and what the form does not show stays.
            let changed = try world.version(["name_en": "New bank"], for: owner, id: file.client.clientID)
            #expect(try await world.portal.clients.save(changed, of: file).outcome == .registered)
            #expect(
                try await world.portal.clients.file(file.client.clientID, for: World.sokha).party.name.en == "New bank")
        }
    }

    @Test(arguments: TestDatabases.kinds) func production(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let owner = try await world.organisation()
            let (clients, approvals) = (world.portal.clients, world.portal.approvals)
            func file(_ id: String) async throws -> ClientFile { try await clients.file(id, for: World.sokha) }
            let id = try await world.client(by: owner).client.clientID
            world.clock.advance(1)
            try await clients.ask(try await file(id))
            #expect(await errorCode { try await clients.ask(try await file(id)) } == "developer.client_state")
            var request = try #require(try await file(id).request)
            // Somebody without the right, somebody of the organisation, somebody logged in as its developer.
            let auditor = try await world.officer("vibol", role: .auditor)
            let own = try await world.officer("bopha", office: "bank")
            let officer = try await world.officer("sophea")
            func approve(_ who: Officer, _ developer: PersonID? = nil) async -> String? {
                await errorCode {
                    try await approvals.approve(id, request: request.id, by: who, developer: developer)
                }
            }
            #expect(await approve(auditor) == "officer.forbidden")
            #expect(await approve(own) == "developer.own_organisation")
            #expect(await approve(officer, World.sokha) == "developer.own_organisation")
            // What operators look at must not move: a change takes the request back.
            _ = try await clients.save(try world.version(for: owner, id: id), of: try await file(id))
            #expect(await approve(officer) == "developer.request_decided")
            world.clock.advance(1)
            try await clients.ask(try await file(id))
            request = try #require(try await file(id).request)
            let refusal = await approve(officer, World.dara)
            #expect(refusal == nil)
            #expect(await approve(officer) == "developer.request_decided", "once")
            var live = try await file(id)
            #expect(live.party.environment == .production && live.party.redirectURIs == ["https://bank.example/cb"])
            // Links change at once; redirect URIs, keys, purposes and attributes wait while the old version serves on.
            let base = live.current
            var links = base
            links.document["policy_uri"] = "https://bank.example/new"
            #expect(try await clients.save(links, of: live).outcome == .registered)
            #expect(try await file(id).party.policyURI == "https://bank.example/new")
            for change in ["redirect_uris", "jwks", "purposes"] {
                live = try await file(id)
                var next = live.current
                switch change {
                case "redirect_uris": next.document[change] = ["https://bank.example/other"]
                case "jwks": next.document[change] = .object(try JSON.parseObject(Array(World.jwks().utf8)))
                default: next = try world.version(["p0-a-gender": "optional"], for: owner, id: id)
                }
                #expect(try await clients.save(next, of: live).outcome == .drafted, "\(change)")
                let now = try await file(id)
                #expect(now.current == live.current && now.client.draft == next, "\(change)")
            }
            world.clock.advance(1)
            try await clients.ask(try await file(id))
            let dossier = try await approvals.dossier(id)
            let changed = dossier.differences.filter(\.isChange).map(\.member)
            #expect(changed.contains("purposes.open-account.optional"), "\(changed)")
            request = try #require(dossier.open)
            try await approvals.refuse(id, request: request.id, reason: "Why gender?", by: officer, developer: nil)
            #expect(try await file(id).request?.reason == "Why gender?")
            #expect(try await !file(id).party.purposes[0].optional.contains("gender"), "the old version serves on")
            world.clock.advance(1)
            try await clients.ask(try await file(id))
            request = try #require(try await file(id).request)
            #expect(await approve(officer) == nil)
            live = try await file(id)
            #expect(live.party.purposes[0].optional.contains("gender") && live.client.draft == nil)
        }
    }

    @Test func secretsAreShownOnce() async throws {
        try await World.run { world in
            let owner = try await world.organisation()
            let legacy = ["profile": "oidc-legacy", "authentication": "client_secret_basic", "jwks": ""]
            let made = try await world.portal.clients.create(try world.version(legacy, for: owner), by: owner)
            let secret = try #require(made.secret)
            var file = try await world.portal.clients.file(made.clientID, for: World.sokha)
            #expect(file.record.document["client_secret_sha256"] == nil)
            let again = try await world.portal.clients.save(
                try world.version(legacy.merging(["name_en": "B2"]) { $1 }, for: owner, id: made.clientID), of: file)
            #expect(again.secret == nil, "a change keeps the secret")
            file = try await world.portal.clients.file(made.clientID, for: World.sokha)
            let fresh = try await world.portal.clients.newSecret(of: file)
            #expect(fresh != secret)
            let keyed = try await world.client(by: owner)
            #expect(await errorCode { try await world.portal.clients.newSecret(of: keyed) } == "developer.client_state")
        }
    }

    @Test(arguments: TestDatabases.kinds) func tenThousandRequests(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let version = ClientVersion(document: ["client_id": "c"], statement: LegalStatement())
            let store = ClientStore()
            try await world.database.transaction { connection in
                for number in 0..<10_000 {
                    try await store.insert(
                        ApprovalRequest(
                            id: "r\(10_000 + number)", clientID: "c\(number)", version: version, state: .open,
                            requestedBy: World.sokha, requestedAt: Instant(seconds: Int64(number / 3))),
                        in: connection)
                }
            }
            var seen: [String] = []
            var key: (at: Instant, id: String)?
            repeat {
                let page = try await world.database.read { [key] in
                    try await store.openRequests(after: key, limit: 200, in: $0)
                }
                #expect(page.requests.count <= 200)
                seen += page.requests.map(\.id)
                key = PageKey(page.next?.joined(separator: "_")).map { ($0.at, $0.id) }
            } while key != nil
            #expect(seen.count == 10_000 && Set(seen).count == 10_000 && seen == seen.sorted())
        }
    }
}
