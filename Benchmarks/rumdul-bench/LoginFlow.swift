import Codecs
import Crypto
import DemoWorld
import Foundation
import Kernel

/// One whole login as browser, device and relying party see it, each on its own connection.
struct LoginFlow {
    private let world: LoginWorld
    let browser: HTTPConnection
    private let device: HTTPConnection
    private let bank: HTTPConnection
    private let redirectURI: String

    /// Requests that one login makes.
    static let requests = 9

    init(_ world: LoginWorld, port: UInt16) throws {
        self.world = world
        browser = try HTTPConnection(port: port)
        device = try HTTPConnection(port: port)
        bank = try HTTPConnection(port: port)
        guard let uri = world.bank.redirectURIs.first else { throw RumdulError.bench("no redirect URI") }
        redirectURI = uri
    }

    func login(_ person: LoginPerson) throws {
        let ambient = Ambient.system
        let verifier = ambient.newSecret()
        let challenge = Base64URL.encode(Array(SHA256.hash(data: Array(verifier.utf8))))
        let target =
            "/authorize?response_type=code&client_id=\(world.bank.clientID)&scope=openid%20profile%20phone"
            + "&purpose=account-opening&state=\(ambient.newSecret(bytes: 16))&nonce=\(ambient.newSecret(bytes: 16))"
            + "&code_challenge_method=S256&code_challenge=\(challenge)&redirect_uri=\(escaped(redirectURI))"
        let page = try expect(200, browser.send(HTTPConnection.request("GET", target, Self.browserHeaders)), "consent")
        guard let cookie = page.header("set-cookie")?.split(separator: ";").first.map(String.init) else {
            throw RumdulError.bench("no cookie")
        }
        let headers = Self.browserHeaders + [("Cookie", cookie)]
        let (transaction, number) = try start(page, person, headers)
        try approve(person, transaction, number)
        let status = try browser.send(HTTPConnection.request("GET", "/authorize/\(transaction)/status", headers))
        guard try expect(200, status, "status").text.contains("done") else { throw RumdulError.bench("not done") }
        let back = try expect(
            302, browser.send(HTTPConnection.request("GET", "/authorize/\(transaction)/continue", headers)), "continue")
        guard let location = back.header("location"), let code = between(location, "code=", "&") else {
            throw RumdulError.bench("no code")
        }
        try redeem(code, verifier: verifier)
    }

    /// The consent page's form and the waiting page: the transaction and the number to choose.
    func start(
        _ page: HTTPAnswer, _ person: LoginPerson, _ headers: [(String, String)]
    ) throws -> (String, Int) {
        let html = page.text
        guard let sealed = between(html, "name=\"request\" value=\"", "\"") else { throw RumdulError.bench("no form") }
        var form = "request=\(sealed)&identifier=\(person.kidc)"
        for part in html.split(separator: "name=\"attr.").dropFirst() {
            form += "&attr.\(part.prefix { $0 != "\"" })=on"
        }
        let started = try expect(
            303,
            browser.send(
                HTTPConnection.request("POST", "/authorize/start", headers + Self.form, body: Array(form.utf8))),
            "start")
        guard let path = started.header("location") else { throw RumdulError.bench("no waiting page") }
        let wait = try expect(200, browser.send(HTTPConnection.request("GET", path, headers)), "wait")
        guard let shown = between(wait.text, "class=\"number\"", "</p>").flatMap({ between($0, "<b>", "</b>") }),
            let number = Int(shown)
        else {
            throw RumdulError.bench("no number")
        }
        return (String(path.dropFirst("/authorize/".count)), number)
    }

    /// The device finds the request and approves all of it.
    func approve(_ person: LoginPerson, _ transaction: String, _ number: Int) throws {
        let list = "/device/v1/transactions"
        let proof = try Threads.wait { try await person.device.authorization("GET", list) }
        let pending = try expect(
            200, device.send(HTTPConnection.request("GET", list, [("Authorization", proof)])), "list")
        let found = try JSON.parseObject(pending.body).array("transactions") ?? []
        guard let details = found.first(where: { $0["id"]?.stringValue == transaction })?["details"]?.objectValue else {
            throw RumdulError.bench("nothing waits")
        }
        let path = "\(list)/\(transaction)/decision"
        let (body, authorization) = try Threads.wait {
            let body = try await person.device.approval(of: transaction, details: details, number: number)
            return (body, try await person.device.authorization("POST", path, body: body))
        }
        let headers = [("Authorization", authorization), ("Content-Type", "application/json")]
        _ = try expect(200, device.send(HTTPConnection.request("POST", path, headers, body: body)), "decision")
    }

    /// The relying party's part: tokens and attributes.
    private func redeem(_ code: String, verifier: String) throws {
        let basic = Base64.encode(Array("\(world.bank.clientID):\(world.bank.secret)".utf8))
        let form =
            "grant_type=authorization_code&code=\(code)&code_verifier=\(verifier)&redirect_uri=\(escaped(redirectURI))"
        let answer = try expect(
            200,
            bank.send(
                HTTPConnection.request(
                    "POST", "/token", [("Authorization", "Basic " + basic)] + Self.form, body: Array(form.utf8))),
            "token")
        let tokens = try JSON.parseObject(answer.body)
        guard let token = tokens.string("access_token"), tokens.has("id_token") else {
            throw RumdulError.bench("no tokens")
        }
        let claims = try expect(
            200, bank.send(HTTPConnection.request("GET", "/userinfo", [("Authorization", "Bearer " + token)])),
            "userinfo")
        guard try JSON.parseObject(claims.body).has("name_km") else { throw RumdulError.bench("no attributes") }
    }

    static let form = [("Content-Type", "application/x-www-form-urlencoded")]
    static let browserHeaders = [
        ("User-Agent", "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile"),
        ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
        ("Accept-Language", "km,en;q=0.8"), ("Sec-Fetch-Site", "same-origin"),
    ]

    func expect(_ status: Int, _ answer: HTTPAnswer, _ what: String) throws -> HTTPAnswer {
        guard answer.status == status else {
            throw RumdulError.bench("\(what): status \(answer.status) \(answer.text.prefix(300))")
        }
        return answer
    }

    func between(_ text: String, _ start: String, _ end: String) -> String? {
        guard let from = text.range(of: start) else { return nil }
        let rest = text[from.upperBound...]
        return String(rest[..<(rest.range(of: end)?.lowerBound ?? rest.endIndex)])
    }

    func escaped(_ uri: String) -> String {
        uri.replacingOccurrences(of: ":", with: "%3A").replacingOccurrences(of: "/", with: "%2F")
    }
}
