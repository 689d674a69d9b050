import Codecs
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Kernel
import Testing
import Web

@testable import DemoWorld

@Suite("The model bank")
struct BankTests {
    private let provider: FakeProvider

    init() throws {
        provider = try FakeProvider(claims: [
            "name_km": "សុខ ដារ៉ា", "name_latin": "Sok Dara", "birthdate": "1990-02-03", "gender": "male",
        ])
    }

    private func application() throws -> some ApplicationProtocol {
        let settings = WebSettings(baseURL: "http://127.0.0.1:1", metrics: false, accessLog: false)
        let web = try WebApplication(settings: settings, assets: ModelBank.assets, logger: silent)
        ModelBank(
            client: DemoClient(
                clientID: "model-bank", secret: "secret", redirectURIs: ["http://127.0.0.1:1/callback"]),
            issuer: FakeProvider.issuer, transport: provider, settings: settings, story: "http://127.0.0.1:2/",
            ambient: .system, logger: silent
        ).addRoutes(to: web.router)
        return web.application()
    }

    /// The parameters of the address that the login leads to.
    private func parameters(_ location: String) throws -> FormFields {
        try FormDecoder.decode(Array((location.split(separator: "?").last ?? "").utf8))
    }

    /// A visit that has come back from the provider; gives its cookie.
    private func loggedIn(_ client: some TestClientProtocol, purpose: String = "account-opening") async throws -> String
    {
        let start = try await client.execute(uri: "/login?purpose=\(purpose)", method: .get)
        #expect(start.status == .found)
        let asked = try parameters(start.headers[.location] ?? "")
        provider.expect(nonce: asked["nonce"] ?? "")
        let issuer = "https%3A%2F%2Fid.example"
        let back = try await client.execute(
            uri: "/callback?code=abc&state=\(asked["state"] ?? "")&iss=\(issuer)", method: .get,
            headers: [.cookie: start.cookie("model-bank") ?? ""])
        #expect(back.headers[.location] == "/account")
        #expect(back.cookie("model-bank") != start.cookie("model-bank"))
        return back.cookie("model-bank") ?? ""
    }

    @Test("the login asks for the registered attributes with state, nonce and PKCE; nothing secret in the cookie")
    func loginRequest() async throws {
        try await application().test(.router) { client in
            let answer = try await client.execute(uri: "/login?purpose=account-opening&lang=en", method: .get)
            let asked = try parameters(answer.headers[.location] ?? "")
            #expect(asked["response_type"] == "code")
            #expect(asked["code_challenge_method"] == "S256")
            #expect(asked["purpose"] == "account-opening")
            #expect((asked["state"] ?? "").utf8.count >= 40)
            let claims = try JSON.parseObject(Array((asked["claims"] ?? "").utf8)).object("userinfo")
            #expect(Set(claims?.names ?? []) == Set(BankService.account.essential + BankService.account.optional))
            let cookie = answer.headers[.setCookie] ?? ""
            #expect(cookie.contains("HttpOnly"))
            #expect(!cookie.contains(asked["state"] ?? "-"))
            let age = try await client.execute(uri: "/login?purpose=age-check", method: .get)
            #expect(try parameters(age.headers[.location] ?? "")["claims"]?.contains("age_over_18") == true)
        }
    }

    @Test("after the login the page shows the token's claims and exactly the attributes received")
    func account() async throws {
        try await application().test(.router) { client in
            let cookie = try await loggedIn(client)
            let page = try await client.execute(
                uri: "/account?lang=en", method: .get, headers: [.cookie: cookie])
            #expect(page.status == .ok)
            for text in ["Your account is open", "pairwise-subject", "urn:kh:camdigikey:aal:1", "pin, pop", "Sok Dara"]
            {
                #expect(page.text.contains(text), "\(text)")
            }
            #expect(page.text.contains("data-claim=\"gender\""))
            #expect(!page.text.contains("data-claim=\"phone_number\""))
            #expect(page.text.contains("not shared"))
            #expect(page.headers[.contentSecurityPolicy]?.contains("default-src 'none'") == true)
        }
    }

    @Test("after the withdrawal reading again is refused, and the bank forgets")
    func withdrawal() async throws {
        try await application().test(.router) { client in
            let cookie = try await loggedIn(client)
            let again = try await client.execute(uri: "/account/read", method: .post, headers: [.cookie: cookie])
            #expect(again.status == .seeOther)
            let before = try await client.execute(uri: "/account?lang=en", method: .get, headers: [.cookie: cookie])
            #expect(before.text.contains("Sok Dara"))
            provider.withdraw()
            _ = try await client.execute(uri: "/account/read", method: .post, headers: [.cookie: cookie])
            let after = try await client.execute(uri: "/account?lang=en", method: .get, headers: [.cookie: cookie])
            #expect(after.text.contains("may no longer read your data"))
            #expect(after.text.contains("data-error=\"rp.token.invalid_token\""))
            #expect(!after.text.contains("Sok Dara"))
            #expect(!after.text.contains("data-claim="))
        }
    }

    @Test(
        "a callback that does not belong to this browser's login is refused",
        arguments: [
            "/callback", "/callback?code=abc", "/callback?code=abc&state=wrong&iss=https%3A%2F%2Fid.example",
            "/callback?code=abc&state=STATE&iss=https%3A%2F%2Fevil.example", "/callback?code=abc&state=STATE",
            "/callback?code=a&code=b&state=STATE", "/callback?state=STATE&iss=https%3A%2F%2Fid.example&code=%zz",
        ])
    func forgedCallback(_ address: String) async throws {
        try await application().test(.router) { client in
            let start = try await client.execute(uri: "/login", method: .get)
            let state = try parameters(start.headers[.location] ?? "")["state"] ?? ""
            let cookie = start.cookie("model-bank") ?? ""
            let target = address.replacing("STATE", with: state)
            let answer = try await client.execute(uri: target, method: .get, headers: [.cookie: cookie])
            #expect(answer.status.code >= 400)
            #expect(answer.text.contains("data-error=\"rp."))
            let without = try await client.execute(uri: target, method: .get)
            #expect(without.text.contains("data-error=\"rp.session_expired\""))
        }
    }

    @Test("a no is shown kindly, in Khmer and English")
    func declined() async throws {
        try await application().test(.router) { client in
            for (language, words) in [("en", "You said no"), ("km", "អ្នកបានបដិសេធ")] {
                let start = try await client.execute(uri: "/login", method: .get)
                let state = try parameters(start.headers[.location] ?? "")["state"] ?? ""
                let answer = try await client.execute(
                    uri: "/callback?error=access_denied&state=\(state)&iss=https%3A%2F%2Fid.example&lang=\(language)",
                    method: .get, headers: [.cookie: start.cookie("model-bank") ?? ""])
                #expect(answer.status == .ok)
                #expect(answer.text.contains(words))
                #expect(answer.text.contains("<html lang=\"\(language)\""))
            }
        }
    }

    @Test("logging out ends the visit; without a visit the account page leads home")
    func logout() async throws {
        try await application().test(.router) { client in
            let cookie = try await loggedIn(client)
            _ = try await client.execute(uri: "/logout", method: .post, headers: [.cookie: cookie])
            let after = try await client.execute(uri: "/account", method: .get, headers: [.cookie: cookie])
            #expect(after.headers[.location] == "/")
            let stranger = try await client.execute(uri: "/account/read", method: .post)
            #expect(stranger.headers[.location] == "/")
        }
    }
}
