import Codecs
import JOSE
import RelyingParties

/// Programs that log somebody in, with a client's own identifiers in them. They run as they stand: a test runs the first.
struct CodeSamples: Sendable {
    let issuer: String
    let client: RelyingParty
    let purpose: RegisteredPurpose

    var redirectURI: String { client.redirectURIs.first ?? "" }

    /// The `claims` parameter that asks for all that the purpose registers.
    var claims: JSONObject {
        var wanted: JSONObject = [:]
        for name in purpose.essential { wanted[name] = ["essential": true] }
        for name in purpose.optional { wanted[name] = .null }
        return ["userinfo": .object(wanted)]
    }

    /// The algorithm of the client's own signatures.
    var algorithm: String {
        if let fixed = client.assertionAlgorithm { return fixed.rawValue }
        let fitting = client.keys.map { VerificationKeySet($0).keys.first?.algorithms ?? [] } ?? []
        let allowed = client.rules.assertionAlgorithms
        return (allowed.first(where: fitting.contains) ?? allowed.first ?? .es256).rawValue
    }

    var usesKey: Bool { client.authentication == .privateKeyJWT || client.requiresSignedRequestObject }

    // MARK: Python

    /// With requests_oauth2client.
    var python: String {
        var lines = ["# pip install requests_oauth2client"]
        lines += ["import json"] + (client.authentication.usesSecret ? ["import os"] : [])
        lines +=
            client.requiresSignedRequestObject
            ? ["import time", "from urllib.parse import parse_qs, urlencode, urlsplit"] : []
        lines += [""] + (client.requiresSignedRequestObject ? ["import requests", "from jwskate import Jwk, Jwt"] : [])
        lines += ["from requests_oauth2client import *", ""]
        lines += [
            "ISSUER = \(quoted(issuer))", "CLIENT_ID = \(quoted(client.clientID))",
            "REDIRECT_URI = \(quoted(redirectURI))",
        ]
        if usesKey {
            lines += ["# The private key of a public key that you registered, as a JWK with its kid."]
            lines += ["PRIVATE_KEY = json.load(open(\"private-key.json\"))"]
        }
        lines += ["", "client = OAuth2Client.from_discovery_endpoint("]
        lines += ["    issuer=ISSUER,", "    redirect_uri=REDIRECT_URI,", "    auth=\(pythonCredentials),"]
        lines += ["    id_token_signed_response_alg=\(quoted(client.idTokenAlgorithm.rawValue)),"]
        if client.requiresSenderConstraint { lines += ["    dpop_bound_access_tokens=True,"] }
        if issuer.hasPrefix("http://") { lines += ["    testing=True,  # only because this server is not https"] }
        lines += [")", "request = client.authorization_request("]
        lines += ["    scope=\"openid\",", "    purpose=\(quoted(purpose.code)),"]
        lines += ["    claims=\(quoted(JSON.text(claims), single: true)),"]
        if client.requiresJWTResponse { lines += ["    response_mode=\"jwt\","] }
        lines += [")"] + pythonPush
        lines +=
            ["callback = input(\"Paste the address that the browser came back to: \").strip()"] + pythonUnseal
            + pythonRedeem
        lines += [
            "print(\"ID token:\", json.dumps(tokens.id_token.claims, ensure_ascii=False))",
            "print(\"Userinfo:\", json.dumps(client.userinfo(tokens), ensure_ascii=False))",
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    private var pythonCredentials: String {
        switch client.authentication {
        case .clientSecretBasic: "ClientSecretBasic(CLIENT_ID, os.environ[\"CLIENT_SECRET\"])"
        case .clientSecretPost: "ClientSecretPost(CLIENT_ID, os.environ[\"CLIENT_SECRET\"])"
        case .privateKeyJWT: "PrivateKeyJwt(CLIENT_ID, PRIVATE_KEY, alg=\(quoted(algorithm)), aud=ISSUER)"
        case .none, .tlsClientAuth, .selfSignedTLSClientAuth: "PublicApp(CLIENT_ID)"
        }
    }

    private var pythonPush: [String] {
        guard client.requiresPushedRequest || client.requiresSignedRequestObject else {
            return ["print(\"Open in a browser:\", request.uri)"]
        }
        guard client.requiresSignedRequestObject else {
            return [
                "pushed = client.pushed_authorization_request(request)", "print(\"Open in a browser:\", pushed.uri)",
            ]
        }
        return [
            "now = int(time.time())",
            "members = {name: value for name, value in request.args.items() if value is not None}",
            "signed = Jwt.sign(",
            "    {**members, \"iss\": CLIENT_ID, \"aud\": ISSUER, \"iat\": now, \"nbf\": now, \"exp\": now + 300},",
            "    Jwk(PRIVATE_KEY), alg=\(quoted(algorithm)),", ")",
            "pushed = requests.post(",
            "    client.pushed_authorization_request_endpoint, auth=client.auth,",
            "    data={\"client_id\": CLIENT_ID, \"request\": str(signed)}, timeout=10,",
            ").json()",
            "answer = {\"client_id\": CLIENT_ID, \"request_uri\": pushed[\"request_uri\"]}",
            "print(\"Open in a browser:\", request.authorization_endpoint + \"?\" + urlencode(answer))",
        ]
    }

    private var pythonUnseal: [String] {
        guard client.requiresJWTResponse else { return [] }
        return [
            "answer = Jwt(parse_qs(urlsplit(callback).query)[\"response\"][0])",
            "answer.validate(client.authorization_server_jwks.get_jwk_by_kid(answer.kid), issuer=ISSUER, audience=CLIENT_ID,",
            "                alg=\(quoted(client.authorizationResponseAlgorithm.rawValue)))",
            "parts = {name: answer.claims[name] for name in (\"code\", \"state\", \"iss\", \"error\") if name in answer.claims}",
            "callback = REDIRECT_URI + \"?\" + urlencode(parts)",
        ]
    }

    private var pythonRedeem: [String] {
        guard client.requiresSenderConstraint else {
            return ["tokens = client.authorization_code(request.validate_callback(callback))  # checks the ID token"]
        }
        // requests_oauth2client 1.8 cannot check the ID token beside a DPoP token itself.
        return [
            "tokens = client.authorization_code(request.validate_callback(callback), validate=False)",
            "key = client.authorization_server_jwks.get_jwk_by_kid(tokens.id_token.kid)",
            "tokens.id_token.validate(key, alg=\(quoted(client.idTokenAlgorithm.rawValue)), issuer=ISSUER,",
            "                         audience=CLIENT_ID, nonce=request.nonce)",
        ]
    }

    // MARK: Swift

    /// With RelyingPartyKit; `nil` for clients that show a certificate, which the kit does not.
    var swift: String? {
        guard !client.certificateBoundTokens else { return nil }
        let credentials: String
        switch client.authentication {
        case .privateKeyJWT: credentials = ".privateKeyJWT(signer)"
        case .clientSecretBasic: credentials = ".clientSecretBasic(clientSecret)"
        case .clientSecretPost: credentials = ".clientSecretPost(clientSecret)"
        case .none: credentials = ".none"
        case .tlsClientAuth, .selfSignedTLSClientAuth: return nil
        }
        let names = (purpose.essential + purpose.optional).map { quoted($0) }.joined(separator: ", ")
        let essential = purpose.essential.map { quoted($0) }.joined(separator: ", ")
        return """
            \(swiftImports)
            \(swiftKeys)
            \(swiftMembers.isEmpty ? "let" : "var") configuration = RelyingPartyConfiguration(
                issuer: \(quoted(issuer)), clientID: \(quoted(client.clientID)),
                credentials: \(credentials),
                redirectURI: \(quoted(redirectURI))\(swiftPreset.map { ",\n    protection: " + $0 } ?? ""))
            \(swiftMembers.map { "configuration.protection." + $0 + "\n" }.joined())\
            let camDigiKey = RelyingParty(configuration, transport: HTTPClientTransport())

            // GET /login
            let start = try await camDigiKey.authorizationRequest(
                LoginOptions(claims: [\(names)], essentialClaims: [\(essential)], purpose: \(quoted(purpose.code))))
            browserSession.login = start.session            // Codable; bound to this browser
            return redirect(start.url)

            // the redirect URI
            guard let kept = browserSession.login.take() else { return redirect("/login") }   // serves once
            let login = try await camDigiKey.handleCallback(request.query, session: kept)
            let person = try await camDigiKey.userInfo(login)

            """
    }

    /// A text as a literal of Python and Swift alike; what registrations hold has no quotes or backslashes but in JSON.
    private func quoted(_ text: String, single: Bool = false) -> String {
        let mark = single ? "'" : "\""
        let clean = text.filter { $0 != "\\" && $0 != "\n" && String($0) != mark }
        return mark + clean + mark
    }
}
