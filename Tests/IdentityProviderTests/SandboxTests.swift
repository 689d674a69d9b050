import Codecs
import DatabaseTesting
import Kernel
import RelyingParties
import Testing

@testable import IdentityProvider

/// Only these people are test people.
private struct Only: SandboxVisitors {
    let people: Set<PersonID>

    func mayTry(_ client: RelyingParty, _ person: PersonID) async throws -> Bool { people.contains(person) }
}

@Suite("Sandbox clients are for test people")
struct SandboxTests {
    private func start(
        _ approvals: ApprovalService, _ world: World, _ client: String, identifier: String = "",
        known: PersonID? = nil
    ) async throws -> Transaction {
        let party = try await world.party(client)
        let request = try AuthorizationRequest(
            World.parameters(client), client: party, redirectURI: World.redirect, policy: .scheme)
        return try await approvals.start(
            ApprovalStart(
                request: request, client: party, identifier: identifier, knownPerson: known, browserHash: [1],
                origin: "Firefox, Linux"))
    }

    @Test(arguments: TestDatabases.kinds) func othersMeetADecoy(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            _ = try await world.provider.register(World.document("trying") { $0["environment"] = "sandbox" })
            let approvals = world.provider.approvals.letting(Only(people: [TestPeople.dara]))
            let (dara, sokha) = ("3456789012", "2345678901")
            let test = try await start(approvals, world, "trying", identifier: dara)
            #expect(test.personID == TestPeople.dara)
            let decoy = try await start(approvals, world, "trying", identifier: sokha)
            #expect(decoy.personID == nil)
            #expect(decoy.details.names == test.details.names && decoy.numbers.count == test.numbers.count)
            // A browser that is logged in already opens no other way.
            #expect(try await start(approvals, world, "trying", known: TestPeople.sokha).personID == nil)
            #expect(try await world.provider.approvals.pending(for: TestPeople.sokha, waitSeconds: 0).isEmpty)
            // Nor does a session of one that is no test person any more.
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let session = try #require(BrowserSession(try await world.approved(phone, client: "trying").item))
            let silent = world.provider.silentLogin
            let party = try await world.party("trying")
            let request = try AuthorizationRequest(
                World.parameters("trying"), client: party, redirectURI: World.redirect, policy: .scheme)
            guard case .granted = try await silent.answer(request, session: session, client: party, browserHash: [1])
            else {
                Issue.record("the session and the consent suffice for test people")
                return
            }
            let strict = silent.letting(approvals.testPeople)
            guard
                case .loginRequired = try await strict.answer(
                    request, session: session, client: party, browserHash: [1])
            else {
                Issue.record("answered silently")
                return
            }
            // Clients that serve people are for everybody.
            #expect(try await start(approvals, world, "bank", identifier: sokha).personID == TestPeople.sokha)
        }
    }

    @Test func trialsAreForTheSandbox() async throws {
        try await World.run(.sqlite) { world in
            _ = try await world.provider.register(World.document("trying") { $0["environment"] = "sandbox" })
            func begin(_ client: String, _ uri: String = World.redirect) async -> String? {
                await errorCode {
                    try await world.provider.beginTrial(
                        clientID: client, redirectURI: uri, purpose: "account-opening", state: "s", nonce: "n",
                        codeChallenge: World.challenge, language: .en)
                }
            }
            #expect(await begin("trying") == nil)
            #expect(await begin("trying", "https://elsewhere.example/") == "authorize.redirect_uri_mismatch")
            #expect(await begin("bank") == "authorize.unknown_client")
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let code = try await world.approved(phone).code
            for client in ["bank", "trying"] {
                let refused = await errorCode {
                    try await world.provider.finishTrial(
                        code: code, verifier: World.verifier, clientID: client, redirectURI: World.redirect,
                        traceID: "t")
                }
                #expect(refused == (client == "bank" ? "authorize.unknown_client" : "authorize.request_stale"))
            }
        }
    }

    @Test func aTrialGivesWhatTheClientWouldGet() async throws {
        try await World.run(.sqlite) { world in
            _ = try await world.provider.register(World.document("trying") { $0["environment"] = "sandbox" })
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let code = try await world.approved(phone, client: "trying").code
            func finish(_ verifier: String) async throws -> TrialAnswer {
                try await world.provider.finishTrial(
                    code: code, verifier: verifier, clientID: "trying", redirectURI: World.redirect, traceID: "t")
            }
            #expect(
                await errorCode { try await finish(String(World.verifier.reversed()) + "x") }
                    == "authorize.request_stale")
            let answer = try await finish(World.verifier)
            #expect(answer.idToken.string("aud") == "trying" && answer.idToken.string("nonce") == "n-1")
            #expect(answer.userInfo.string("sub") == answer.idToken.string("sub") && answer.userInfo.has("name_km"))
            #expect(await errorCode { try await finish(World.verifier) } == "authorize.request_stale", "once")
        }
    }
}

extension ApprovalService {
    /// The same for other people in the sandbox.
    fileprivate func letting(_ visitors: any SandboxVisitors) -> ApprovalService {
        ApprovalService(
            database: database, people: people, authenticators: authenticators, consents: consents, parties: parties,
            blindIndex: blindIndex, settings: settings, ambient: ambient, pings: pings, testPeople: visitors)
    }
}

extension SilentLogin {
    /// The same for other people in the sandbox.
    fileprivate func letting(_ visitors: any SandboxVisitors) -> SilentLogin {
        SilentLogin(
            database: database, consents: consents, people: people, settings: settings, ambient: ambient,
            testPeople: visitors)
    }
}
