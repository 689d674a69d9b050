import Codecs
import Consent
import Database
import DatabaseTesting
import Kernel
import RelyingParties
import Testing

@testable import IdentityProvider

@Suite("Single sign-on: one approval, its assurance and its age")
struct SingleSignOnTests {
    private static func session(_ item: Transaction) throws -> BrowserSession { try #require(BrowserSession(item)) }

    private static func answer(
        _ world: World, _ session: BrowserSession?, client: String = "bank",
        change: (inout [String: String]) -> Void = { _ in }
    ) async throws -> String {
        var parameters = World.parameters(client)
        change(&parameters)
        let party = try await world.party(client)
        let request = try AuthorizationRequest(
            parameters, client: party, redirectURI: World.redirect, policy: .scheme)
        switch try await world.provider.silentLogin.answer(
            request, session: session, client: party, browserHash: [1])
        {
        case .granted(let item): return item.granted.joined(separator: " ")
        case .loginRequired: return "login"
        case .consentRequired: return "consent"
        }
    }

    @Test(arguments: TestDatabases.kinds) func whatIsAnsweredSilently(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let (item, _) = try await world.approved(phone, attributes: ["name_km", "email"])
            let session = try Self.session(item)
            #expect(try await Self.answer(world, nil) == "login")
            // What was refused stays refused without asking again.
            #expect(try await Self.answer(world, session) == "name_km email")
            #expect(try await Self.answer(world, session) { $0["prompt"] = "none" } == "name_km email")
            #expect(try await Self.answer(world, session) { $0["prompt"] = "login" } == "login")
            #expect(try await Self.answer(world, session) { $0["prompt"] = "select_account" } == "login")
            #expect(try await Self.answer(world, session) { $0["prompt"] = "consent" } == "consent")
            // Another purpose and another client are other decisions.
            #expect(try await Self.answer(world, session) { $0["purpose"] = "login" } == "consent")
            #expect(try await Self.answer(world, session, client: "spa") == "consent")
        }
    }

    @Test(arguments: TestDatabases.kinds) func ageAndAssurance(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let session = try Self.session(try await world.approved(phone).item)
            world.clock.advance(100)
            #expect(try await Self.answer(world, session) { $0["max_age"] = "99" } == "login")
            #expect(try await Self.answer(world, session) { $0["max_age"] = "100" } != "login")
            #expect(try await Self.answer(world, session) { $0["acr_values"] = "urn:kh:camdigikey:aal:1" } != "login")
            #expect(try await Self.answer(world, session) { $0["acr_values"] = "urn:kh:camdigikey:aal:2" } == "login")
            let essential = #"{"id_token":{"acr":{"essential":true,"value":"urn:kh:camdigikey:aal:2"}}}"#
            #expect(
                try await Self.answer(world, session) {
                    $0["claims"] = essential
                    $0["prompt"] = "none"
                } == "login")
        }
    }

    @Test(arguments: TestDatabases.kinds) func aWithdrawnConsentIsAskedAgain(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let (item, _) = try await world.approved(phone)
            let session = try Self.session(item)
            #expect(try await Self.answer(world, session) != "consent")
            try await world.withdraw(try #require(item.consentID))
            #expect(try await Self.answer(world, session) == "consent")
        }
    }

    @Test func theCookieIsBoundToItsBrowser() async throws {
        try await World.run(.sqlite) { world in
            let signOn = world.provider.signOn
            let id = Ambient.system.newID()
            let cookie = try #require(try await signOn.cookie(id, browserHash: [1]))
            #expect(try await signOn.transactionID(cookie, browserHash: [1]) == id)
            #expect(try await signOn.transactionID(cookie, browserHash: [2]) == nil)
            var generator = SeededGenerator(5)
            for _ in 0..<500 {
                var text = Array(cookie.utf8)
                let place = Int.random(in: 0..<text.count, using: &generator)
                text[place] = text[place] == 65 ? 66 : 65
                let forged = String(decoding: text, as: UTF8.self)
                #expect(try await signOn.transactionID(forged, browserHash: [1]) == nil || forged == cookie)
            }
            let here = try await signOn.sessionIdentifier(id, clientID: "bank")
            let there = try await signOn.sessionIdentifier(id, clientID: "shop")
            #expect(here != there, "two clients cannot compare their sessions")
        }
    }

    @Test(arguments: TestDatabases.kinds) func anotherApprovalGoesOnWithTheSession(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let (first, code) = try await world.approved(phone, client: "spa")
            let token = try await world.exchange(code).accessToken
            let session = try Self.session(first)
            world.clock.advance(600)
            let party = try await world.party("other")
            let request = try AuthorizationRequest(
                World.parameters("other").merging(["redirect_uri": "https://other.example/cb"]) { $1 }, client: party,
                redirectURI: "https://other.example/cb", policy: .scheme)
            func approve(_ identifier: String, by phone: Phone, known: PersonID?) async throws -> Transaction {
                let item = try await world.provider.approvals.start(
                    ApprovalStart(
                        request: request, client: party, identifier: identifier, knownPerson: known, session: session,
                        browserHash: [1], origin: "Firefox, Linux"))
                try await world.decide(item, try await phone.decision(item), by: phone)
                return try await world.find(item.id)
            }
            let second = try await approve("", by: phone, known: TestPeople.sokha)
            #expect(second.session == first.id, "the same session, at a newer time")
            #expect(try Self.session(second).authTime > session.authTime)
            #expect(try await world.provider.sessions(of: TestPeople.sokha).map(\.id) == [first.id])
            // Another person in the same browser begins a session of their own.
            let other = try await Phone.make(of: TestPeople.dara, world: world)
            let third = try await approve("3456789012", by: other, known: nil)
            #expect(third.session == third.id)
            // Logging out of the continued session ends what the first one gave.
            try await world.provider.logout.end(try Self.session(second))
            #expect(await errorCode { try await world.userInfo(token) } == "invalid_token")
            #expect(try await world.provider.sessions(of: TestPeople.dara).map(\.id) == [third.id])
        }
    }

    @Test(arguments: TestDatabases.kinds) func endingASessionEndsItsTokensOnce(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let (item, code) = try await world.approved(phone, client: "spa")
            let token = try await world.exchange(code).accessToken
            _ = try await world.userInfo(token)
            #expect(try await world.provider.sessions(of: TestPeople.sokha).map(\.id) == [item.id])
            #expect(try await world.provider.sessions(of: TestPeople.dara).isEmpty)
            #expect(try await world.provider.endSession(item.id, of: TestPeople.dara) == false)
            _ = try await world.userInfo(token)
            #expect(try await world.provider.endSession(item.id, of: TestPeople.sokha))
            #expect(try await world.provider.endSession(item.id, of: TestPeople.sokha) == false)
            #expect(await errorCode { try await world.userInfo(token) } == "invalid_token")
            #expect(try await world.provider.sessions(of: TestPeople.sokha).isEmpty)
        }
    }
}
