import Authenticators
import Codecs
import DatabaseTesting
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Kernel
import NIOCore
import Synchronization
import Testing
import Web

@testable import IdentityProvider

/// An answer as a browser sees it.
struct Page: Sendable {
    let status: Int
    let headers: HTTPFields
    let text: String

    var location: String { headers[.location] ?? "" }

    /// The stable code of an error page.
    var error: String? { between("data-error=\"", "\"") }

    /// The value of the first input of this name.
    func input(_ name: String) -> String? { between("name=\"\(name)\" value=\"", "\"") }

    func between(_ start: String, _ end: String) -> String? {
        guard let from = text.firstRange(of: start) else { return nil }
        let rest = text[from.upperBound...]
        return rest.firstRange(of: end).map { String(rest[..<$0.lowerBound]) }
    }

    var json: JSONObject { get throws { try JSON.parseObject(Array(text.utf8)) } }
}

/// A browser: keeps cookies, sends forms.
final class Browser: Sendable {
    private let client: any TestClientProtocol
    private let cookies = Mutex<[String: String]>([:])
    private let language: String?

    init(_ client: any TestClientProtocol, language: String? = "en") {
        self.client = client
        self.language = language
    }

    func get(_ path: String, headers: HTTPFields = [:]) async throws -> Page {
        try await send(path, .get, headers, nil)
    }

    func post(_ path: String, _ fields: [(String, String)], headers: HTTPFields = [:]) async throws -> Page {
        var headers = headers
        if headers[.contentType] == nil { headers[.contentType] = "application/x-www-form-urlencoded" }
        return try await send(path, .post, headers, Self.encode(fields))
    }

    func send(_ path: String, _ method: HTTPRequest.Method, _ fields: HTTPFields, _ body: String?) async throws -> Page {
        var headers = fields
        if let language { headers[.acceptLanguage] = language }
        if headers[.accept] == nil { headers[.accept] = "text/html" }
        let jar = cookies.withLock { $0 }
        if !jar.isEmpty { headers[.cookie] = jar.map { "\($0.key)=\($0.value)" }.joined(separator: "; ") }
        let page = try await client.execute(
            uri: path, method: method, headers: headers, body: body.map { ByteBuffer(string: $0) }
        ) { response in
            Page(status: response.status.code, headers: response.headers, text: String(buffer: response.body))
        }
        for field in page.headers[values: .setCookie] {
            let pair = field.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            cookies.withLock { $0[String(pair[0])] = String(pair[1]) }
        }
        return page
    }

    static func encode(_ fields: [(String, String)]) -> String {
        func one(_ text: String) -> String {
            text.utf8.map { byte in
                let plain = (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                return plain ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }.joined()
        }
        return fields.map { "\(one($0.0))=\(one($0.1))" }.joined(separator: "&")
    }

    static func authorize(_ client: String = "bank", change: (inout [String: String]) -> Void = { _ in }) -> String {
        var parameters = World.parameters(client)
        change(&parameters)
        return "/authorize?" + encode(parameters.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
    }
}

extension World {
    static func serve(
        _ kind: DatabaseKind = .sqlite, _ test: @escaping @Sendable (World, any TestClientProtocol) async throws -> Void
    ) async throws {
        try await run(kind) { world in
            let settings = WebSettings(baseURL: issuer, accessLog: false)
            let web = try WebApplication(settings: settings, templates: [IdentityProvider.templates])
            world.provider.addRoutes(to: web.router, settings: settings)
            try await web.application().test(.router) { client in try await test(world, client) }
        }
    }
}

@Suite("The browser's side")
struct AuthorizeRouteTests {
    @Test(arguments: TestDatabases.kinds) func aLoginThroughThePages(_ kind: DatabaseKind) async throws {
        try await World.serve(kind) { world, client in
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let browser = Browser(client)
            let consent = try await browser.get(Browser.authorize("spa"))
            #expect(consent.status == 200)
            #expect(consent.text.contains("name=\"attr.name_km\" value=\"on\" checked"))
            #expect(!consent.text.contains("name=\"attr.email\" value=\"on\" checked"), "what is optional is not pre-ticked")
            let sealed = try #require(consent.input("request"))
            world.database.reset()
            let started = try await browser.post(
                "/authorize/start",
                [("request", sealed), ("identifier", "២៣៤ ៥៦៧-៨៩០១"), ("attr.name_km", "on"), ("attr.kidc", "on")])
            #expect(started.status == 303)
            #expect(world.database.rows.count == 1)
            let wait = try await browser.get(started.location)
            let id = String(started.location.split(separator: "/").last ?? "")
            let item = try await world.find(id)
            #expect(item.request.attributes == ["name_km"], "what was not offered cannot be ticked")
            #expect(wait.text.contains(String(item.number)))
            for other in item.numbers where other != item.number {
                #expect(!wait.text.contains(">\(other)<"), "the browser shows one number only")
            }
            let status = try await browser.get(started.location + "/status", headers: [.accept: "application/json"])
            #expect(try status.json.string("state") == "pending")
            #expect(try await browser.get(started.location + "/continue").location == started.location)
            try await world.decide(item, try await phone.decision(item), by: phone)
            let back = try await browser.get(started.location + "/continue")
            #expect(back.status == 302)
            #expect(back.location.hasPrefix(World.redirect + "?code="))
            #expect(back.location.hasSuffix("&state=s-1&iss=https%3A%2F%2Fid.example"))
            let code = try #require(back.location.firstRange(of: "code=")).upperBound
            let text = String(back.location[code...].prefix { $0 != "&" })
            let answer = try await browser.post("/token", World.tokenForm(text).map { ($0.key, $0.value) })
            #expect(answer.status == 200)
            #expect(answer.headers[.cacheControl]?.contains("no-store") == true)
            let token = try #require(try answer.json.string("access_token"))
            let info = try await browser.get("/userinfo", headers: [.authorization: "Bearer " + token])
            #expect(try info.json.string("name_km") == "name_km of person-sokha")
            #expect(info.headers[.cacheControl]?.contains("no-store") == true)
            // The browser's back button gives no second code.
            #expect(try await browser.get(started.location + "/continue").error == "authorize.request_stale")
        }
    }

    @Test func nobodyIsSentToAnUnknownAddress() async throws {
        try await World.serve { _, client in
            let browser = Browser(client)
            for (path, code, status) in [
                (Browser.authorize("nobody"), "authorize.unknown_client", 400),
                (Browser.authorize { $0["client_id"] = nil }, "authorize.unknown_client", 400),
                (Browser.authorize { $0["redirect_uri"] = "https://evil.example/" }, "authorize.redirect_uri_mismatch", 400),
                (Browser.authorize { $0["redirect_uri"] = nil }, "authorize.redirect_uri_missing", 400),
                (Browser.authorize() + "&redirect_uri=https%3A%2F%2Fevil.example", "web.duplicate_parameter", 400),
                (Browser.authorize() + "&scope=openid", "web.duplicate_parameter", 400),
                (Browser.authorize() + "&x=%zz", "web.malformed_form", 400),
            ] {
                let page = try await browser.get(path)
                #expect(page.error == code && page.status == status && page.location.isEmpty, "\(path)")
                let problem = try await browser.get(path, headers: [.accept: "application/json"])
                #expect(problem.headers[.contentType]?.hasPrefix("application/problem+json") == true)
                #expect(try problem.json.string("code") == code)
            }
        }
    }

    @Test func refusalsGoBackWithStateAndIssuer() async throws {
        try await World.serve { _, client in
            let browser = Browser(client)
            let page = try await browser.get(
                Browser.authorize {
                    $0["response_type"] = "token"
                    $0["state"] = "a&b\r\nX-Evil: 1"
                })
            #expect(page.status == 302)
            #expect(page.location.hasPrefix(World.redirect + "?error=unsupported_response_type&error_description="))
            #expect(page.location.contains("&state=a%26b%0D%0AX-Evil%3A%201&iss="))
            #expect(page.headers[HTTPField.Name("X-Evil") ?? .age] == nil)
            let posted = try await browser.post("/authorize", World.parameters().map { ($0.key, $0.value) } + [("prompt", "none")])
            #expect(posted.status == 303 && posted.location.contains("error=login_required"))
            let second = try await browser.get(
                Browser.authorize {
                    $0["prompt"] = "none"
                    $0["redirect_uri"] = "https://bank.example/callback?page=1"
                })
            #expect(second.location.hasPrefix("https://bank.example/callback?page=1&error="))
        }
    }

    @Test func anotherBrowserGetsNothing() async throws {
        try await World.serve { world, client in
            let (browser, thief) = (Browser(client), Browser(client))
            let sealed = try #require(try await browser.get(Browser.authorize()).input("request"))
            let theirs = try #require(try await thief.get(Browser.authorize()).input("request"))
            let fields = [("request", sealed), ("identifier", "2345678901")]
            #expect(try await thief.post("/authorize/start", fields).error == "authorize.request_stale")
            #expect(try await Browser(client).post("/authorize/start", fields).error == "authorize.request_stale")
            #expect(try await thief.get("/authorize/cancel?request=" + sealed).error == "authorize.request_stale")
            #expect(try await browser.post("/authorize/start", [("request", theirs), ("identifier", "1")]).error == "authorize.request_stale")
            let started = try await browser.post("/authorize/start", fields)
            for suffix in ["", "/status", "/continue"] {
                let page = try await thief.get(started.location + suffix)
                #expect(page.status == 404 && page.error == "transaction.not_found")
            }
            for path in ["/authorize/x", "/authorize/%00", "/authorize/' OR 1=1", "/authorize/../x"] {
                #expect(try await browser.get(path.replacing(" ", with: "%20")).status == 404)
            }
            world.clock.advance(901)
            #expect(try await browser.post("/authorize/start", fields).error == "authorize.request_stale")
        }
    }

    @Test func formsFromOtherSitesAreRefused() async throws {
        try await World.serve { world, client in
            let browser = Browser(client)
            let sealed = try #require(try await browser.get(Browser.authorize()).input("request"))
            let fields = [("request", sealed), ("identifier", "2345678901")]
            let site = try #require(HTTPField.Name("Sec-Fetch-Site"))
            for headers: HTTPFields in [[site: "cross-site"], [site: "same-site"], [.origin: "https://evil.example"]] {
                let page = try await browser.post("/authorize/start", fields, headers: headers)
                #expect(page.status == 403 && page.error == "web.csrf")
            }
            #expect(try await browser.post("/authorize/start", fields, headers: [site: "same-origin"]).status == 303)
            #expect(world.database.rows.count == 1)
        }
    }

    @Test func whatIsTypedIsShownAgainSafely() async throws {
        try await World.serve { _, client in
            let browser = Browser(client)
            let sealed = try #require(try await browser.get(Browser.authorize()).input("request"))
            for typed in ["\"><script>alert(1)</script>", "123", "", "២៣៤5678901", "{{csrf}}", String(repeating: "9", count: 5000)] {
                let page = try await browser.post(
                    "/authorize/start", [("request", sealed), ("identifier", typed), ("attr.email", "on")])
                #expect(page.status == 400 && page.error == "authorize.identifier_invalid", "\(typed.prefix(20))")
                #expect(!page.text.contains("<script>alert"))
                #expect(page.text.contains("name=\"attr.email\" value=\"on\" checked"), "the choice is kept")
                #expect(!page.text.contains("name=\"attr.name_km\" value=\"on\" checked"))
            }
            for _ in 0..<3 {
                #expect(try await browser.post("/authorize/start", [("request", sealed), ("identifier", "2345678901")]).status == 303)
            }
            let page = try await browser.post("/authorize/start", [("request", sealed), ("identifier", "2345678901")])
            #expect(page.status == 429 && page.error == "authorize.too_many_prompts")
        }
    }

    @Test func cancelAndRefusalReturnToTheParty() async throws {
        try await World.serve { world, client in
            let browser = Browser(client)
            let sealed = try #require(try await browser.get(Browser.authorize()).input("request"))
            let cancelled = try await browser.get("/authorize/cancel?request=" + sealed)
            #expect(cancelled.location.hasPrefix(World.redirect + "?error=access_denied"))
            #expect(world.database.rows.isEmpty)
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let started = try await browser.post("/authorize/start", [("request", sealed), ("identifier", "2345678901")])
            let item = try await world.find(String(started.location.split(separator: "/").last ?? ""))
            try await world.decide(item, try await phone.decision(item, "deny"), by: phone)
            #expect(try await browser.get(started.location).location == started.location + "/continue")
            #expect(try await browser.get(started.location + "/continue").location.contains("error=access_denied"))
            // Nobody answers.
            let second = try await browser.post("/authorize/start", [("request", sealed), ("identifier", "2345678901")])
            world.clock.advance(180)
            let expired = try await browser.get(second.location)
            #expect(expired.status == 410 && expired.error == "transaction.expired")
            #expect(try await browser.get(second.location + "/status").json.string("state") == "done")
            #expect(try await browser.get(second.location + "/continue").location.contains("error=access_denied"))
        }
    }

    @Test func anApprovalIsNoStandingLogin() async throws {
        try await World.serve { world, client in
            let browser = Browser(client)
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let sealed = try #require(try await browser.get(Browser.authorize()).input("request"))
            let started = try await browser.post("/authorize/start", [("request", sealed), ("identifier", "2345678901")])
            let item = try await world.find(String(started.location.split(separator: "/").last ?? ""))
            try await world.decide(item, try await phone.decision(item), by: phone)
            world.clock.advance(599)
            #expect(try await browser.get(started.location + "/continue").location.contains("?code="))
            world.clock.advance(1)
            #expect(try await browser.get(started.location + "/continue").error == "authorize.request_stale")
        }
    }

    @Test func anEssentialLevelThatWasNotReachedFails() async throws {
        try await World.serve { world, client in
            let browser = Browser(client)
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            for (level, expected) in [("2", "error=unmet_authentication_requirements"), ("1", "?code=")] {
                let page = try await browser.get(
                    Browser.authorize {
                        $0["claims"] =
                            "{\"id_token\":{\"acr\":{\"essential\":true,\"value\":\"urn:kh:camdigikey:aal:\(level)\"}}}"
                    })
                let sealed = try #require(page.input("request"))
                let started = try await browser.post("/authorize/start", [("request", sealed), ("identifier", "2345678901")])
                let item = try await world.find(String(started.location.split(separator: "/").last ?? ""))
                try await world.decide(item, try await phone.decision(item), by: phone)
                #expect(try await browser.get(started.location + "/continue").location.contains(expected))
            }
        }
    }

    @Test func languages() async throws {
        try await World.serve { _, client in
            for (wanted, header, expected) in [
                ("km-KH-u-nu-khmr", "en", "km"), ("KM", "en", "km"), ("fr en-GB", "km", "en"), ("xx", "km", "km"),
                ("xx", nil, "km"), (String(repeating: "x ", count: 200) + "en", "km", "km"),
                ("en_US.UTF-8@calendar=buddhist", "km", "en"),
            ] as [(String, String?, String)] {
                let page = try await Browser(client, language: header).get(Browser.authorize { $0["ui_locales"] = wanted })
                #expect(page.status == 200)
                #expect(page.text.contains("<html lang=\"\(expected)\""), "\(wanted.prefix(20))")
            }
            for header in ["km-KH-u-nu-khmr", "km-KH-u-nu-khmr;q=1, en;q=0.5", "km;q=nan", ";;;,,,", "*"] {
                #expect(try await Browser(client, language: header).get(Browser.authorize()).status == 200)
            }
        }
    }

    @Test func headersAndCookies() async throws {
        try await World.serve { _, client in
            let page = try await Browser(client).get(Browser.authorize())
            let cookie = try #require(page.headers[values: .setCookie].first { $0.hasPrefix("__Host-browser=") })
            for part in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/"] { #expect(cookie.contains(part)) }
            let policy = try #require(page.headers[.contentSecurityPolicy])
            #expect(policy.contains("default-src 'none'") || policy.contains("default-src 'self'"))
            #expect(policy.contains("frame-ancestors 'none'"))
            #expect(!policy.contains("unsafe-inline"))
            #expect(page.headers[.cacheControl]?.contains("no-store") == true)
            #expect(page.headers[.strictTransportSecurity] != nil)
            #expect(page.headers[HTTPField.Name("Referrer-Policy") ?? .age] == "no-referrer")
            #expect(page.headers[.xContentTypeOptions] == "nosniff")
            // A cookie that no server of ours made is replaced, not used.
            let odd = try await Browser(client).get(Browser.authorize(), headers: [.cookie: "__Host-browser=short"])
            #expect(odd.headers[values: .setCookie].contains { $0.hasPrefix("__Host-browser=") })
        }
    }
}

@Suite("The programs' side")
struct ProtocolRouteTests {
    @Test func tokenErrorsAreOAuth() async throws {
        try await World.serve { world, client in
            let browser = Browser(client)
            let json: HTTPFields = [.accept: "application/json"]
            let type: HTTPFields = [.contentType: "application/json"]
            #expect(try await browser.send("/token", .post, type, "{}").json.string("error") == "invalid_request")
            let good = World.tokenForm("x").map { ($0.key, $0.value) }
            let twice = try await browser.post("/token", good + [("code", "y")], headers: json)
            #expect(twice.status == 400)
            #expect(try twice.json.string("error") == "invalid_request")
            let large = try await browser.post("/token", good + [("x", String(repeating: "a", count: 40_000))], headers: json)
            #expect(large.status == 413)
            #expect(try large.json.string("error") == "invalid_request")
            let grant = try await browser.post("/token", good, headers: json)
            #expect(grant.status == 400)
            #expect(try grant.json.string("error") == "invalid_grant")
            #expect(grant.headers[.cacheControl]?.contains("no-store") == true)
            let unknown = try await browser.post(
                "/token", [("grant_type", "authorization_code"), ("code", "x")], headers: [.authorization: "Basic YTpi"])
            #expect(unknown.status == 401)
            #expect(unknown.headers[.wwwAuthenticate] == "Basic realm=\"token\"")
            #expect(try unknown.json.string("error") == "invalid_client")
            #expect(try await browser.get("/token", headers: json).status == 405)
            #expect(world.database.rows.isEmpty)
        }
    }

    @Test func userInfoChallenges() async throws {
        try await World.serve { world, client in
            let browser = Browser(client)
            let none = try await browser.get("/userinfo")
            #expect(none.status == 401)
            #expect(none.headers[.wwwAuthenticate] == "Bearer realm=\"userinfo\"")
            for header in ["Bearer", "Bearer x", "Bearer x y", "Basic YTpi", "DPoP x", "Bearer \(String(repeating: "A", count: 64))"] {
                let page = try await browser.get("/userinfo", headers: [.authorization: header])
                #expect(page.status == 401)
                #expect(page.headers[.wwwAuthenticate]?.contains("error=\"invalid_token\"") == true)
            }
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let token = try await world.exchange(try await world.approved(phone, client: "spa").code).accessToken
            #expect(try await browser.get("/userinfo?access_token=" + token).status == 401, "never in the address")
            #expect(try await browser.post("/userinfo", [("access_token", token)]).status == 200)
            #expect(try await browser.get("/userinfo", headers: [.authorization: "bearer " + token]).status == 200)
            let body = try await browser.send("/userinfo", .post, [.contentType: "application/json"], "{}")
            #expect(body.status == 400 || body.status == 415)
        }
    }

    @Test func discoveryIsTrue() async throws {
        try await World.serve { world, client in
            let browser = Browser(client)
            let metadata = try await browser.get("/.well-known/openid-configuration").json
            #expect(metadata.string("issuer") == World.issuer)
            #expect(metadata.strings("code_challenge_methods_supported") == ["S256"])
            #expect(metadata.strings("subject_types_supported") == ["pairwise"])
            #expect(metadata.bool("request_parameter_supported") == false)
            #expect(metadata.bool("authorization_response_iss_parameter_supported") == true)
            #expect(metadata.strings("id_token_signing_alg_values_supported")?.contains("none") == false)
            let keys = try #require(try await browser.get("/jwks").json.array("keys"))
            #expect(!keys.isEmpty)
            for key in keys {
                for secret in ["d", "p", "q", "dp", "dq", "qi", "k"] { #expect(key[secret] == nil) }
                #expect(key["kid"]?.stringValue != nil)
            }
            // A new key shows within a second.
            let handle = try await world.vault.create(.oidcSigning, .es256, state: .prePublished)
            world.clock.advance(1)
            let kids = try await browser.get("/jwks").json.array("keys")?.compactMap { $0["kid"]?.stringValue }
            #expect(kids?.contains(handle.id) == true)
        }
    }

    @Test(arguments: TestDatabases.kinds) func theDevicesSide(_ kind: DatabaseKind) async throws {
        try await World.serve(kind) { world, client in
            let browser = Browser(client)
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let idle = try await Phone.make(of: TestPeople.sokha, world: world, active: false)
            let item = try await world.start()
            let list = "/device/v1/transactions"
            let path = "/device/v1/transactions/\(item.id)/decision"
            func get(_ authorization: String?, _ path: String = "/device/v1/transactions") async throws -> Page {
                var headers: HTTPFields = [.accept: "application/json"]
                headers[.authorization] = authorization
                return try await browser.get(path, headers: headers)
            }
            func post(_ body: [UInt8], type: String = "application/json", authorization: String? = nil) async throws -> Page {
                var headers: HTTPFields = [.accept: "application/json", .contentType: type]
                let proof = try await phone.authorization("POST", path, body: body)
                headers[.authorization] = authorization ?? proof
                return try await browser.send(path, .post, headers, String(decoding: body, as: UTF8.self))
            }
            #expect(try await get(nil).json.string("code") == "device.proof_invalid")
            #expect(try await get(nil).status == 401)
            let proof = try await phone.authorization("GET", list)
            let found = try await get(proof)
            let first = try #require(try found.json.array("transactions")?.first?.objectValue)
            #expect(first.string("id") == item.id && first.array("numbers")?.count == 3)
            #expect(first.names == ["id", "details", "numbers"], "the shown number is not told to the device")
            #expect(try await get(proof).json.string("code") == "device.proof_invalid", "a proof is used once")
            #expect(try await get(try await idle.authorization("GET", list)).json.string("code") == "device.not_active")
            for query in ["?wait=26", "?wait=-1", "?wait=x", "?wait=1&wait=2"] {
                #expect(try await get(try await phone.authorization("GET", list), list + query).status == 400, "\(query)")
            }
            let jws = try await phone.decision(item)
            let good = JSON.bytes(["decision": .string(jws), "pin_signature": .string(try phone.pin(jws))] as JSONObject)
            #expect(try await post(good, type: "text/plain").status == 415)
            #expect(try await post(Array(String(repeating: " ", count: 17_000).utf8)).status == 413)
            for body in ["{", "[]", "{}", #"{"decision":1}"#, #"{"decision":"x","decision":"y"}"#, "null"] {
                let page = try await post(Array(body.utf8))
                #expect(page.status == 400, "\(body)")
                #expect(page.headers[.contentType]?.hasPrefix("application/problem+json") == true)
            }
            let otherBody = try await phone.authorization("POST", path, body: Array("{}".utf8))
            #expect(try await post(good, authorization: otherBody).status == 401)
            #expect(try await world.find(item.id).status == .pending)
            let done = try await post(good)
            #expect(done.status == 200)
            #expect(try done.json.string("status") == "approved")
            let again = try await post(good)
            #expect(again.status == 409)
            #expect(try again.json.string("code") == "transaction.decided")
        }
    }
}
