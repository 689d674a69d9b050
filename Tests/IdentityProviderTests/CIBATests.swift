import Authenticators
import Codecs
import Database
import DatabaseTesting
import HTTPTypes
import JOSE
import Kernel
import Outbound
import RelyingParties
import Testing

@testable import IdentityProvider

@Suite("Backchannel authentication (CIBA), on both engines")
struct CIBATests {
    @Test(arguments: TestDatabases.kinds) func theWholeWay(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let client = try await DecoupledClient.caller(in: world)
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let answer = try await world.ciba(client)
            #expect(answer.authRequestID.utf8.count == 43, "more than 160 bits")
            #expect(answer.expiresIn == 180 && answer.interval == 5 && (10...99).contains(answer.number))
            let item = try #require(try await world.waiting().first)
            #expect(item.details.string("binding_message") == "លេខ 1234")
            #expect(item.details.string("origin") == CIBAService.origin)
            #expect(item.details.object("client_name")?.string("en") == "The call")
            #expect(item.request.attributes == ["name_km", "birthdate", "email"] && item.number == answer.number)
            #expect(await errorCode { try await world.poll(client, answer) } == "authorization_pending")
            try await world.decide(item, try await phone.decision(item, attributes: ["name_km"]), by: phone)
            let tokens = try await world.poll(client, answer)
            let claims = try JWT.unverifiedClaims(try #require(tokens.idToken)).claims
            #expect(claims.string("urn:openid:params:jwt:claim:auth_req_id") == answer.authRequestID)
            #expect(claims.string("txn") == item.id && claims.string("acr") == "urn:kh:camdigikey:aal:1")
            #expect(claims.string("at_hash") == IDTokens.halfHash(tokens.accessToken, for: .es256))
            #expect(!claims.has("sid"), "no browser, no session")
            let info = try await world.userInfo(tokens.accessToken)
            #expect(info.has("name_km") && !info.has("birthdate") && !info.has("email"))
            #expect(await errorCode { try await world.poll(client, answer) } == "invalid_grant", "used once")
            #expect(try await world.userInfo(tokens.accessToken).has("name_km"), "a second try harms nobody")
        }
    }

    @Test(arguments: TestDatabases.kinds) func theNumberIsChecked(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let client = try await DecoupledClient.caller(in: world)
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let answer = try await world.ciba(client)
            let item = try #require(try await world.waiting().first)
            let wrong = Int64(item.numbers.first { $0 != answer.number } ?? 0)
            let jws = try await phone.decision(item) { $0["number"] = .integer(wrong) }
            #expect(await errorCode { try await world.decide(item, jws, by: phone) } == "transaction.number_mismatch")
            #expect(await errorCode { try await world.poll(client, answer) } == "access_denied")
        }
    }

    @Test(arguments: TestDatabases.kinds, ["deny", "report"])
    func refused(_ kind: DatabaseKind, _ action: String) async throws {
        try await World.run(kind) { world in
            let client = try await DecoupledClient.caller(in: world)
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let answer = try await world.ciba(client)
            let item = try #require(try await world.waiting().first)
            _ = try await world.provider.approvals.decide(
                item.id, jws: try await phone.decision(item, action), pinSignature: nil,
                device: try await world.device(phone.id))
            #expect(await errorCode { try await world.poll(client, answer) } == "access_denied")
            // After a report the next request looks the same and reaches nobody.
            let next = try await world.ciba(client)
            let waiting = try await world.waiting().count
            #expect(waiting == (action == "report" ? 0 : 1))
            #expect(await errorCode { try await world.poll(client, next) } == "authorization_pending")
        }
    }

    @Test(arguments: TestDatabases.kinds) func pollingTooFastSlowsDown(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let client = try await DecoupledClient.caller(in: world)
            let answer = try await world.ciba(client)
            #expect(await errorCode { try await world.poll(client, answer) } == "authorization_pending")
            world.clock.advance(2)
            #expect(await errorCode { try await world.poll(client, answer) } == "slow_down")
            world.clock.advance(5)
            #expect(await errorCode { try await world.poll(client, answer) } == "slow_down", "ten seconds by now")
            world.clock.advance(15)
            #expect(await errorCode { try await world.poll(client, answer) } == "authorization_pending")
            world.clock.advance(160)
            #expect(await errorCode { try await world.poll(client, answer) } == "expired_token")
        }
    }

    @Test func thePace() {
        var pace = PollingPace()
        let start = Instant(seconds: 1000)
        // The way through the network is forgiven.
        let next = Instant(microseconds: start.microseconds + 4_600_000)
        var early = [pace.isTooFast(at: start), pace.isTooFast(at: next)]
        #expect(early == [false, false] && pace.interval == 5)
        for _ in 0..<30 { early.append(pace.isTooFast(at: next)) }
        #expect(early == [false, false] + [Bool](repeating: true, count: 30))
        #expect(pace.interval == PollingPace.longestInterval)
    }

    @Test(arguments: TestDatabases.kinds) func anotherClientsIdentifier(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let client = try await DecoupledClient.caller(in: world)
            let other = try await DecoupledClient.caller("other-call", in: world)
            let answer = try await world.ciba(client)
            #expect(await errorCode { try await world.poll(other, answer) } == "invalid_grant")
            for wrong in ["x", Ambient.system.newSecret(), answer.authRequestID + "A"] {
                let request = try await client.request(["grant_type": DecoupledClient.ciba, "auth_req_id": wrong])
                #expect(await errorCode { try await world.provider.tokens.exchange(request) } == "invalid_grant")
            }
            let bare = try await client.request(["grant_type": DecoupledClient.ciba])
            #expect(await errorCode { try await world.provider.tokens.exchange(bare) } == "invalid_request")
        }
    }

    @Test(arguments: TestDatabases.kinds) func requestedExpiry(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let client = try await DecoupledClient.caller(in: world)
            let cases: [(String, Int64)] = [("10", 10), ("1", 10), ("600", 600), ("100000", 600), ("77", 77)]
            for (text, expected) in cases {
                let answer = try await world.ciba(client, World.backchannel("requested_expiry", text))
                #expect(answer.expiresIn == expected, "\(text)")
                world.clock.advance(86_401)
            }
            for wrong in ["0", "-5", "ten", "1.5", "99999999999", " 5"] {
                let fields = World.backchannel("requested_expiry", wrong)
                #expect(await errorCode { try await world.ciba(client, fields) } == "invalid_request", "\(wrong)")
            }
            let answer = try await world.ciba(client, World.backchannel("requested_expiry", "10"))
            world.clock.advance(10)
            #expect(await errorCode { try await world.poll(client, answer) } == "expired_token")
            #expect(try await world.waiting().isEmpty)
        }
    }

    @Test(arguments: TestDatabases.kinds) func budgetsHold(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let client = try await DecoupledClient.caller(in: world)
            for _ in 0..<3 { _ = try await world.ciba(client) }
            #expect(await errorCode { try await world.ciba(client) } == "access_denied")
            #expect(CIBAService.overBudget.status == 403)
            world.clock.advance(301)
            _ = try await world.ciba(client)
        }
    }

    @Test(arguments: TestDatabases.kinds) func aWithdrawnConsentEndsIt(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let client = try await DecoupledClient.caller(in: world)
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let answer = try await world.ciba(client)
            let item = try #require(try await world.waiting().first)
            try await world.decide(item, try await phone.decision(item), by: phone)
            try await world.withdraw(try #require(try await world.find(item.id).consentID))
            #expect(await errorCode { try await world.poll(client, answer) } == "invalid_grant")
        }
    }

    @Test(arguments: TestDatabases.kinds) func tokensAreFetchedOnceByRivals(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let client = try await DecoupledClient.caller(in: world)
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let answer = try await world.ciba(client)
            let item = try #require(try await world.waiting().first)
            try await world.decide(item, try await phone.decision(item), by: phone)
            let winners = await winners(6) { _ = try await world.poll(client, answer) }
            #expect(winners == 1)
        }
    }

    @Test func anEndThatNobodyDecides() async throws {
        try await World.run(.sqlite) { world in
            let client = try await DecoupledClient.caller(in: world)
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let answer = try await world.ciba(client)
            let item = try #require(try await world.waiting().first)
            world.clock.advance(170)
            try await world.decide(item, try await phone.decision(item), by: phone)
            world.clock.advance(20)
            _ = try await world.poll(client, answer)
            // The same, but too long after the decision.
            let late = try await world.ciba(client)
            let second = try #require(try await world.waiting().first)
            try await world.decide(second, try await phone.decision(second), by: phone)
            world.clock.advance(181)
            #expect(await errorCode { try await world.poll(client, late) } == "expired_token")
        }
    }
}
