import Codecs
import Crypto
import Foundation
import Kernel

/// What one thread of clients keeps from round to round.
struct VisitorState: Sendable {
    /// The browser's cookies as a header value: it is in a session.
    var cookies: String
    /// A refresh token that is kept, and one that changes each time.
    var kept = ""
    var rotating = ""
    /// Access tokens of living grants for the resource.
    var accessTokens: [String] = []
    var assertions: [String] = []
    var turn = 0
}

/// A browser in a session and the relying parties behind it, each on a connection of its own.
final class ProviderVisitor {
    private let clients: ProviderClients
    private let browser: HTTPConnection
    private let backend: HTTPConnection
    private let proofKey: ProofKey
    private let ambient = Ambient.system
    private let form = LoginFlow.form
    private let discovery = HTTPConnection.request("GET", "/.well-known/openid-configuration")
    private let jwks = HTTPConnection.request("GET", "/jwks")
    private let credentials: [UInt8]
    var state: VisitorState

    init(_ clients: ProviderClients, port: UInt16, state: VisitorState) throws {
        self.clients = clients
        self.state = state
        browser = try HTTPConnection(port: port)
        backend = try HTTPConnection(port: port)
        proofKey = try ProofKey(issuer: clients.financial.issuer)
        credentials = HTTPConnection.request(
            "POST", "/token", [clients.confidential.basic] + LoginFlow.form,
            body: Array("grant_type=client_credentials&scope=accounts:read".utf8))
    }

    /// Makes beforehand what clients sign.
    func prepare(_ operation: ProviderOperation, count: Int) throws {
        switch operation {
        case .clientAssertion: state.assertions = try (0..<count).map { _ in try clients.asserting.assertion(ambient) }
        case .financialFlow:
            state.assertions = try (0..<2 * count).map { _ in try clients.financial.assertion(ambient) }
        default: state.assertions = []
        }
    }

    func perform(_ operation: ProviderOperation) throws {
        state.turn += 1
        switch operation {
        case .discovery: try expect(200, backend.send(discovery), "discovery")
        case .jwks: try expect(200, backend.send(jwks), "jwks")
        case .clientCredentials: try expect(200, backend.send(credentials), "client credentials")
        case .clientAssertion:
            try post("/token", "grant_type=client_credentials&scope=accounts%3Aread" + nextAssertion())
        case .refresh:
            try post("/token", "grant_type=refresh_token&refresh_token=" + state.kept, [clients.confidential.basic])
        case .rotation:
            let answer = try post(
                "/token", "grant_type=refresh_token&client_id=\(clients.unproven.id)&refresh_token=" + state.rotating)
            state.rotating = try member("refresh_token", of: answer)
        case .introspection:
            let token = state.accessTokens[state.turn % state.accessTokens.count]
            let answer = try post("/introspect", "token=" + token, [clients.resource.basic])
            guard answer.text.hasPrefix(#"{"active":true"#) else { throw RumdulError.bench("the token is not active") }
        case .codeFlow: try useInfo(codeFlow(clients.confidential, scope: "openid"), "sub")
        case .attributeFlow: try useInfo(codeFlow(clients.confidential, scope: "openid%20profile"), "birthdate")
        case .financialFlow: try financialFlow()
        }
    }

    // MARK: Flows

    /// Authorization in the session, and tokens: the token endpoint's answer.
    func codeFlow(_ client: ProviderClient, scope: String, more: String = "") throws -> HTTPAnswer {
        let verifier = ambient.newSecret()
        let code = try authorize(
            "/authorize?response_type=code&client_id=\(client.id)&redirect_uri=\(client.escapedRedirect)&scope=\(scope)"
                + "&state=\(ambient.newSecret(bytes: 16))&nonce=\(ambient.newSecret(bytes: 16))"
                + "&code_challenge_method=S256&code_challenge=\(challenge(verifier))" + more)
        let redeemed =
            "grant_type=authorization_code&code=\(code)&code_verifier=\(verifier)&redirect_uri=\(client.escapedRedirect)"
        guard !client.secret.isEmpty else { return try post("/token", redeemed + "&client_id=\(client.id)") }
        return try post("/token", redeemed, [client.basic])
    }

    private func useInfo(_ tokens: HTTPAnswer, _ claim: String) throws {
        let token = try member("access_token", of: tokens)
        let answer = try expect(
            200, backend.send(HTTPConnection.request("GET", "/userinfo", [("Authorization", "Bearer " + token)])),
            "userinfo")
        _ = try member(claim, of: answer)
    }

    private func financialFlow() throws {
        let client = clients.financial
        let verifier = ambient.newSecret()
        let pushed = try post(
            "/par",
            "response_type=code&redirect_uri=\(client.escapedRedirect)&scope=openid%20profile"
                + "&state=\(ambient.newSecret(bytes: 16))&nonce=\(ambient.newSecret(bytes: 16))&code_challenge_method=S256"
                + "&code_challenge=\(challenge(verifier))&dpop_jkt=\(proofKey.thumbprint)" + nextAssertion(),
            status: 201)
        let uri = try member("request_uri", of: pushed)
        let code = try authorize("/authorize?client_id=\(client.id)&request_uri=\(escape(uri))")
        let tokens = try post(
            "/token",
            "grant_type=authorization_code&code=\(code)&code_verifier=\(verifier)&redirect_uri=\(client.escapedRedirect)"
                + nextAssertion(), [try proofKey.proof("POST", "/token", ambient)])
        let token = try member("access_token", of: tokens)
        let proof = try proofKey.proof("GET", "/userinfo", token: token, ambient)
        let headers = [("Authorization", "DPoP " + token), proof]
        let answer = try expect(200, backend.send(HTTPConnection.request("GET", "/userinfo", headers)), "userinfo")
        _ = try member("birthdate", of: answer)
    }

    private func authorize(_ target: String) throws -> String {
        let headers = LoginFlow.browserHeaders + [("Cookie", state.cookies)]
        let answer = try expect(
            302, browser.send(HTTPConnection.request("GET", target, headers)), "silent authorization")
        guard let location = answer.header("location"), let start = location.range(of: "code=") else {
            throw RumdulError.bench("no code: \(answer.header("location") ?? "")")
        }
        return String(location[start.upperBound...].prefix { $0 != "&" })
    }

    // MARK: Parts

    private func nextAssertion() throws -> String {
        guard let assertion = state.assertions.popLast() else { throw RumdulError.bench("no assertion left") }
        return assertion
    }

    @discardableResult
    private func post(
        _ path: String, _ body: String, _ headers: [(String, String)] = [], status: Int = 200
    ) throws -> HTTPAnswer {
        try expect(
            status, backend.send(HTTPConnection.request("POST", path, headers + form, body: Array(body.utf8))), path)
    }

    @discardableResult
    private func expect(_ status: Int, _ answer: HTTPAnswer, _ what: String) throws -> HTTPAnswer {
        guard answer.status == status else {
            throw RumdulError.bench("\(what): status \(answer.status) \(answer.text.prefix(300))")
        }
        return answer
    }

    func member(_ name: String, of answer: HTTPAnswer) throws -> String {
        guard let value = try JSON.parseObject(answer.body).string(name) else {
            throw RumdulError.bench("no \(name): \(answer.text.prefix(300))")
        }
        return value
    }

    private func challenge(_ verifier: String) -> String {
        Base64URL.encode(Array(SHA256.hash(data: Array(verifier.utf8))))
    }

    private func escape(_ uri: String) -> String { uri.replacingOccurrences(of: ":", with: "%3A") }
}

extension LoginFlow {
    /// One approval on the device for a client and a scope; gives the browser's cookies, which then hold a session.
    func openSession(
        _ person: LoginPerson, _ client: ProviderClient, scope: String, cookies: [String: String]
    ) throws -> [String: String] {
        var cookies = cookies
        func keep(_ answer: HTTPAnswer) {
            for field in answer.headers where field.name == "set-cookie" {
                let pair = field.value.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1).map(String.init)
                if pair.count == 2 { cookies[pair[0]] = pair[1] }
            }
        }
        func headers() -> [(String, String)] {
            cookies.isEmpty ? Self.browserHeaders : Self.browserHeaders + [("Cookie", Self.header(cookies))]
        }
        let challenge = Base64URL.encode(Array(SHA256.hash(data: Array("measuring".utf8))))
        var target =
            "/authorize?response_type=code&client_id=\(client.id)&redirect_uri=\(client.escapedRedirect)&scope=\(scope)"
            + "&state=measuring&nonce=measuring&code_challenge_method=S256&code_challenge=\(challenge)&prompt=consent"
        if let assertion = client.key == nil ? nil : try client.assertion(.system) {
            let body =
                target.dropFirst("/authorize?".count).replacingOccurrences(of: "&client_id=\(client.id)", with: "")
                + assertion
            let answer = try expect(
                201,
                browser.send(HTTPConnection.request("POST", "/par", Self.form, body: Array(body.utf8))), "par")
            let uri = try JSON.parseObject(answer.body).string("request_uri") ?? ""
            target = "/authorize?client_id=\(client.id)&request_uri=\(escaped(uri))"
        }
        let page = try expect(200, browser.send(HTTPConnection.request("GET", target, headers())), "consent")
        keep(page)
        let (transaction, number) = try start(page, person, headers())
        try approve(person, transaction, number)
        let back = try browser.send(HTTPConnection.request("GET", "/authorize/\(transaction)/continue", headers()))
        keep(try expect(302, back, "continue"))
        return cookies
    }

    static func header(_ cookies: [String: String]) -> String {
        cookies.map { "\($0)=\($1)" }.sorted().joined(separator: "; ")
    }
}
