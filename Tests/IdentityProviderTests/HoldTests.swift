import Authenticators
import DatabaseTesting
import HummingbirdTesting
import Kernel
import Testing

@testable import IdentityProvider

@Suite("Held levels")
struct HoldTests {
    @Test func nothingAboveTheRankIsReached() {
        let strong: Set<AuthenticationFactor> = [.face, .pin, .possession, .hardwareKey]
        let policy = AssurancePolicy.scheme
        #expect(policy.reached(by: strong, highestRank: nil)?.rank == 3)
        #expect(policy.reached(by: strong, highestRank: 2)?.rank == 2)
        #expect(policy.reached(by: strong, highestRank: 1)?.rank == 1)
        #expect(policy.reached(by: [.softwareKey], highestRank: 1) == nil)
        #expect(policy.reached(by: [.oneTimeCode, .textMessage], highestRank: nil)?.rank == 1, "however the code came")
    }

    /// An essential level that is held is refused with the time; the first level goes on working.
    @Test(arguments: TestDatabases.kinds) func theRelyingPartyIsToldUntilWhen(_ kind: DatabaseKind) async throws {
        try await World.serve(kind) { world, client in
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let authenticators = world.provider.authenticators
            try await world.database.transaction {
                try await authenticators.hold(TestPeople.sokha, reason: "recovery", by: "officer", in: $0)
            }
            let until = try #require(try await world.provider.heldUntil(TestPeople.sokha))
            #expect(until == world.clock.now.adding(seconds: 86_400))
            let browser = Browser(client)
            for (level, isRefused) in [("aal:3", true), ("aal:1", false)] {
                let essential = #"{"id_token":{"acr":{"essential":true,"value":"urn:kh:camdigikey:LEVEL"}}}"#
                    .replacing("LEVEL", with: level)
                let consent = try await browser.get(Browser.authorize("spa") { $0["claims"] = essential })
                let started = try await browser.post(
                    "/authorize/start",
                    [("request", try #require(consent.input("request"))), ("identifier", "2345678901")])
                let item = try await world.find(String(started.location.split(separator: "/").last ?? ""))
                try await world.decide(item, try await phone.decision(item), by: phone)
                let back = try await browser.get(started.location + "/continue").location
                #expect(back.contains("error=unmet_authentication_requirements") == isRefused, "\(level) \(back)")
                if isRefused {
                    #expect(back.contains("held") && back.contains(String(until.rfc3339.prefix(10))), "\(back)")
                }
            }
            world.clock.advance(86_400)
            #expect(try await world.provider.heldUntil(TestPeople.sokha) == nil)
        }
    }
}
