import Authenticators
import Codecs
import DatabaseTesting
import HTTPTypes
import JOSE
import Kernel
import RelyingParties
import Testing

@testable import IdentityProvider

@Suite("User codes")
struct UserCodeTests {
    @Test func asTyped() {
        for typed in ["BCDF-GHJK", "bcdfghjk", " bcdf ghjk ", "b c d f–g h j k", "BCDF\u{200B}GHJK", "bcdf.ghjk"] {
            #expect(UserCode.read(typed) == "BCDFGHJK", "\(typed)")
        }
        for wrong in ["", "BCDF-GHJ", "BCDF-GHJKL", "BCDF-GHJA", "BCDF-GHJ1", "BCDF-GHJក", "ВСDF-GHJK", "BCDF-GHJK1"] {
            #expect(UserCode.read(wrong) == nil, "\(wrong)")
        }
        #expect(UserCode.read(String(repeating: "-", count: 200) + "BCDFGHJK") == nil)
        #expect(UserCode.shown("BCDFGHJK") == "BCDF-GHJK")
    }

    @Test func asDrawn() {
        var seen: Set<String> = []
        for _ in 0..<500 {
            let code = UserCode.draw(.system)
            #expect(UserCode.read(code) == code)
            seen.insert(code)
        }
        #expect(seen.count > 495)
    }

    @Test func fuzzedInputNeverCrashes() {
        var generator = SeededGenerator(5)
        for _ in 0..<5000 {
            let scalars = (0..<Int.random(in: 0...40, using: &generator)).compactMap { _ in
                UnicodeScalar(UInt32.random(in: 0...0x2FF, using: &generator))
            }
            let read = UserCode.read(String(String.UnicodeScalarView(scalars)))
            #expect(read.map { $0.utf8.count == 8 } ?? true)
        }
    }
}

@Suite("Device grant, on both engines")
struct DeviceGrantTests {
    static let fields = ["scope": "openid profile", "purpose": "account-opening"]

    private static func kiosk(_ world: World) async throws -> String {
        _ = try await world.provider.register(
            World.document("kiosk") {
                $0["token_endpoint_auth_method"] = "none"
                $0["response_types"] = .strings([])
                $0["redirect_uris"] = .strings([])
                $0["grant_types"] = .strings([DecoupledClient.deviceCode])
            })
        return "kiosk"
    }

    private static func begin(_ world: World) async throws -> DeviceGrantService.Answer {
        try await world.provider.deviceGrant.start(
            ClientRequest(form: fields.merging(["client_id": "kiosk"]) { mine, _ in mine }), origin: "Kiosk")
    }

    private static func poll(
        _ world: World, _ answer: DeviceGrantService.Answer, client: String = "kiosk"
    ) async throws -> TokenResponse {
        try await world.provider.tokens.exchange(
            ClientRequest(form: [
                "grant_type": DecoupledClient.deviceCode, "device_code": answer.deviceCode, "client_id": client,
            ]))
    }

    /// Begins an approval as the pages do.
    private static func approve(_ world: World, _ answer: DeviceGrantService.Answer) async throws -> Transaction {
        let found = try await world.provider.deviceGrant.open(answer.userCode)
        return try await world.provider.approvals.start(
            ApprovalStart(
                request: found.request, client: try await world.party(found.clientID), identifier: World.loginHint,
                browserHash: [1], origin: "Firefox, Linux",
                alongside: world.provider.deviceGrant.attachment(found.request)))
    }

    @Test(arguments: TestDatabases.kinds) func theWholeWay(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            _ = try await Self.kiosk(world)
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let answer = try await Self.begin(world)
            let json = try JSON.parseObject(answer.json)
            #expect(json.string("verification_uri") == "https://id.example/activate")
            #expect(json.integer("expires_in") == 600 && json.integer("interval") == 5)
            #expect(json.string("user_code")?.utf8.count == 9 && json.string("device_code")?.utf8.count == 43)
            #expect(await errorCode { try await Self.poll(world, answer) } == "authorization_pending")
            #expect(await errorCode { try await Self.poll(world, answer) } == "slow_down")
            let item = try await Self.approve(world, answer)
            world.clock.advance(11)
            #expect(await errorCode { try await Self.poll(world, answer) } == "authorization_pending")
            // The code is taken while somebody is at it.
            #expect(await errorCode { try await Self.approve(world, answer) } == "activate.code_invalid")
            try await world.decide(item, try await phone.decision(item, attributes: ["name_km"]), by: phone)
            let tokens = try await Self.poll(world, answer)
            #expect(try await world.userInfo(tokens.accessToken).has("name_km"))
            let claims = try JWT.unverifiedClaims(try #require(tokens.idToken)).claims
            #expect(claims.string("aud") == "kiosk" && !claims.has("sid"))
            #expect(await errorCode { try await Self.poll(world, answer) } == "invalid_grant")
            #expect(await errorCode { try await Self.approve(world, answer) } == "activate.code_invalid")
        }
    }

    @Test(arguments: TestDatabases.kinds) func refusedOnThePhone(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            _ = try await Self.kiosk(world)
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let answer = try await Self.begin(world)
            let item = try await Self.approve(world, answer)
            _ = try await world.provider.approvals.decide(
                item.id, jws: try await phone.decision(item, "deny"), pinSignature: nil,
                device: try await world.device(phone.id))
            #expect(await errorCode { try await Self.poll(world, answer) } == "access_denied")
            #expect(
                await errorCode { try await world.provider.deviceGrant.open(answer.userCode) }
                    == "activate.code_invalid")
        }
    }

    @Test(arguments: TestDatabases.kinds) func refusedOnThePage(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            _ = try await Self.kiosk(world)
            let answer = try await Self.begin(world)
            let found = try await world.provider.deviceGrant.open(answer.userCode)
            try await world.provider.deviceGrant.cancelled(found.request)
            #expect(await errorCode { try await Self.poll(world, answer) } == "access_denied")
            #expect(await errorCode { try await Self.approve(world, answer) } == "activate.code_invalid")
        }
    }

    @Test(arguments: TestDatabases.kinds) func anApprovalThatRanOutMayBeBegunAgain(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            _ = try await Self.kiosk(world)
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let answer = try await Self.begin(world)
            let first = try await Self.approve(world, answer)
            world.clock.advance(181)
            #expect(await errorCode { try await Self.poll(world, answer) } == "authorization_pending")
            let second = try await Self.approve(world, answer)
            #expect(
                await errorCode { try await world.decide(first, try await phone.decision(first), by: phone) } != nil)
            try await world.decide(second, try await phone.decision(second), by: phone)
            #expect(try await Self.poll(world, answer).idToken != nil)
        }
    }

    @Test(arguments: TestDatabases.kinds) func codesEnd(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            _ = try await Self.kiosk(world)
            let answer = try await Self.begin(world)
            let found = try await world.provider.deviceGrant.open(answer.userCode)
            world.clock.advance(600)
            #expect(await errorCode { try await Self.poll(world, answer) } == "expired_token")
            #expect(
                await errorCode { try await world.provider.deviceGrant.open(answer.userCode) }
                    == "activate.code_invalid")
            // A page that was opened before cannot go on either.
            let client = try await world.party("kiosk")
            #expect(
                await errorCode {
                    try await world.provider.approvals.start(
                        ApprovalStart(
                            request: found.request, client: client, identifier: World.loginHint, browserHash: [1],
                            origin: "x", alongside: world.provider.deviceGrant.attachment(found.request)))
                } == "authorize.request_stale")
            #expect(try await world.waiting().isEmpty, "nothing was stored")
        }
    }

    @Test(arguments: TestDatabases.kinds) func rivalsForOneCode(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            _ = try await Self.kiosk(world)
            let answer = try await Self.begin(world)
            let winners = await winners(3) { _ = try await Self.approve(world, answer) }
            #expect(winners == 1)
            #expect(try await world.waiting().count == 1)
        }
    }

    @Test func wrongRequests() async throws {
        try await World.run(.sqlite) { world in
            _ = try await Self.kiosk(world)
            let answer = try await Self.begin(world)
            let grant = world.provider.deviceGrant
            #expect(
                await errorCode {
                    try await grant.start(ClientRequest(form: ["client_id": "spa", "scope": "openid"]), origin: "x")
                }
                    == "unauthorized_client")
            #expect(
                await errorCode { try await grant.start(ClientRequest(form: ["client_id": "nobody"]), origin: "x") }
                    == "invalid_client")
            #expect(
                await errorCode { try await grant.start(ClientRequest(form: ["client_id": "kiosk"]), origin: "x") }
                    == "invalid_scope")
            for code in ["x", Ambient.system.newSecret(), answer.userCode] {
                #expect(
                    await errorCode {
                        try await world.provider.tokens.exchange(
                            ClientRequest(form: [
                                "grant_type": DecoupledClient.deviceCode, "device_code": code, "client_id": "kiosk",
                            ]))
                    } == "invalid_grant")
            }
            #expect(await errorCode { try await Self.poll(world, answer, client: "spa") } == "unauthorized_client")
            _ = try await world.provider.register(
                World.document("kiosk-2") {
                    $0["token_endpoint_auth_method"] = "none"
                    $0["response_types"] = .strings([])
                    $0["redirect_uris"] = .strings([])
                    $0["grant_types"] = .strings([DecoupledClient.deviceCode])
                })
            #expect(await errorCode { try await Self.poll(world, answer, client: "kiosk-2") } == "invalid_grant")
        }
    }

    @Test(arguments: TestDatabases.kinds) func overHTTP(_ kind: DatabaseKind) async throws {
        try await World.serve(kind) { world, http in
            _ = try await Self.kiosk(world)
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let machine = Browser(http, language: nil)
            let begun = try await machine.post(
                "/device_authorization", Self.fields.map { ($0.key, $0.value) } + [("client_id", "kiosk")])
            #expect(begun.status == 200 && begun.headers[.cacheControl] == "no-store")
            let userCode = try #require(try begun.json.string("user_code"))
            let deviceCode = try #require(try begun.json.string("device_code"))
            let browser = Browser(http)
            let page = try await browser.get("/activate?user_code=\(userCode)")
            #expect(page.status == 200 && page.input("user_code") == nil && page.text.contains("value=\"\(userCode)\""))
            let wrong = try await browser.post("/activate", [("user_code", "BBBB-BBBB")])
            #expect(wrong.status == 400 && wrong.error == "activate.code_invalid")
            let confirm = try await browser.post("/activate", [("user_code", userCode.lowercased())])
            #expect(confirm.status == 200 && confirm.text.contains("activate-warning"))
            #expect(confirm.text.contains("The kiosk") && confirm.text.contains(userCode))
            let sealed = try #require(confirm.input("request"))
            // Another browser cannot take the page over.
            #expect(
                try await Browser(http).post("/activate/confirm", [("request", sealed)]).error
                    == "authorize.request_stale")
            let consent = try await browser.post("/activate/confirm", [("request", sealed)])
            #expect(consent.status == 200 && consent.text.contains("attr.name_km"))
            // In the other language everything is still there: the typed code, then the request.
            func other(_ page: Page) async throws -> Page {
                let link = try #require(page.between("hreflang=\"km\" href=\"", "\""))
                return try await browser.get(link.replacing("&amp;", with: "&"))
            }
            let typedAgain = try await other(confirm)
            #expect(typedAgain.status == 200 && typedAgain.text.contains("value=\"\(userCode)\""))
            #expect(try await other(wrong).text.contains("value=\"BBBB-BBBB\""))
            let again = try await other(consent)
            #expect(again.status == 200 && again.text.contains("lang=\"km\"") && again.input("request") == sealed)
            #expect(
                try await Browser(http).get("/authorize/consent?request=" + sealed).error == "authorize.request_stale")
            let started = try await browser.post(
                "/authorize/start",
                [("request", sealed), ("identifier", World.loginHint), ("attr.name_km", "on")])
            #expect(started.status == 303)
            #expect(try await browser.get(started.location).status == 200)
            let item = try #require(try await world.waiting().first)
            try await world.decide(item, try await phone.decision(item), by: phone)
            let done = try await browser.get("/authorize/\(item.id)/continue")
            #expect(done.status == 200 && done.location.isEmpty && done.error == nil, "a page, no redirect")
            let tokens = try await machine.post(
                "/token",
                [("grant_type", DecoupledClient.deviceCode), ("device_code", deviceCode), ("client_id", "kiosk")])
            #expect(tokens.status == 200)
            #expect(try tokens.json.string("access_token") != nil)
            #expect(try await browser.get("/authorize/\(item.id)/continue").status == 200, "a reload is no error")
        }
    }

    @Test func guessingIsLimited() async throws {
        try await World.serve { world, http in
            _ = try await Self.kiosk(world)
            let browser = Browser(http)
            _ = try await browser.get("/activate")
            var statuses: [Int] = []
            for _ in 0..<6 { statuses.append(try await browser.post("/activate", [("user_code", "BBBB-BBBB")]).status) }
            #expect(statuses == [400, 400, 400, 400, 400, 429], "for one code")
            for index in 0..<20 {
                let letters = Array("BCDFGHJKLMNPQRSTVWXZ")
                statuses.append(
                    try await browser.post("/activate", [("user_code", "CCCCCCC\(letters[index])")]).status)
            }
            #expect(statuses.last == 429, "for one address")
        }
    }

    @Test func noIsNo() async throws {
        try await World.serve { world, http in
            _ = try await Self.kiosk(world)
            let answer = try await Self.begin(world)
            let browser = Browser(http)
            _ = try await browser.get("/activate")
            let confirm = try await browser.post("/activate", [("user_code", answer.userCode)])
            let sealed = try #require(confirm.input("request"))
            let page = try await browser.get("/authorize/cancel?request=\(sealed)")
            #expect(page.status == 200 && page.location.isEmpty)
            #expect(await errorCode { try await Self.poll(world, answer) } == "access_denied")
        }
    }

    @Test func anotherSitesFormIsRefused() async throws {
        try await World.serve { world, http in
            _ = try await Self.kiosk(world)
            let answer = try await Self.begin(world)
            let browser = Browser(http)
            let field = try #require(HTTPField.Name("Sec-Fetch-Site"))
            let page = try await browser.post(
                "/activate", [("user_code", answer.userCode)], headers: [field: "cross-site"])
            #expect(page.status == 403)
        }
    }
}
