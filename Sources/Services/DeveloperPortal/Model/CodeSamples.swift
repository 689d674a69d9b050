import Codecs
import JOSE
import RelyingParties

/// Programs that log somebody in, with a client's own identifiers in them. They run as they stand: a test runs the first.
struct CodeSamples: Sendable {
    let issuer: String
    let client: RelyingParty
    let purpose: RegisteredPurpose

    private var redirectURI: String { client.redirectURIs.first ?? "" }

    /// The `claims` parameter that asks for all that the purpose registers.
    private var claims: JSONObject {
        var wanted: JSONObject = [:]
        for name in purpose.essential { wanted[name] = ["essential": true] }
        for name in purpose.optional { wanted[name] = .null }
        return ["userinfo": .object(wanted)]
    }

    /// The algorithm of the client's own signatures.
    private var algorithm: String {
        if let fixed = client.assertionAlgorithm { return fixed.rawValue }
        let fitting = client.keys.map { VerificationKeySet($0).keys.first?.algorithms ?? [] } ?? []
        let allowed = client.rules.assertionAlgorithms
        return (allowed.first(where: fitting.contains) ?? allowed.first ?? .es256).rawValue
    }

    private var usesKey: Bool { client.authentication == .privateKeyJWT || client.requiresSignedRequestObject }

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

    // MARK: curl

    var curl: String {
        let verifier = "VERIFIER=$(openssl rand -base64 48 | tr -d '=\\n' | tr '/+' '_-')"
        let challenge =
            "CHALLENGE=$(printf %s \"$VERIFIER\" | openssl dgst -sha256 -binary | base64 | tr -d '=\\n' | tr '/+' '_-')"
        var lines = ["ISSUER=\(issuer)", "CLIENT_ID=\(client.clientID)", "REDIRECT_URI=\(redirectURI)"]
        lines += [verifier, challenge, "STATE=$(openssl rand -hex 16)", ""]
        let credentials: [String]
        switch client.authentication {
        case .clientSecretBasic: credentials = ["  --user \"$CLIENT_ID:$CLIENT_SECRET\" \\"]
        case .clientSecretPost:
            credentials = ["  --data-urlencode client_id=$CLIENT_ID --data-urlencode client_secret=$CLIENT_SECRET \\"]
        case .privateKeyJWT:
            lines += ["# A JWT of yours for each request: iss and sub = the client, aud = the issuer, exp, jti."]
            lines += ["read -r -p 'client assertion: ' ASSERTION"]
            credentials = [
                "  --data-urlencode client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer \\",
                "  --data-urlencode client_assertion=$ASSERTION \\",
            ]
        case .tlsClientAuth, .selfSignedTLSClientAuth:
            credentials = ["  --cert client.pem --key client.key --data-urlencode client_id=$CLIENT_ID \\"]
        case .none: credentials = ["  --data-urlencode client_id=$CLIENT_ID \\"]
        }
        if client.requiresPushedRequest || client.requiresSenderConstraint {
            lines += ["# This profile pushes its requests and shows a DPoP proof (RFC 9449) with each."]
            lines += ["read -r -p 'DPoP proof for /par: ' PROOF"]
            lines += ["curl --silent \"$ISSUER/par\" -H \"DPoP: $PROOF\" \\"] + credentials
            lines += curlRequest(data: true)
            lines += ["# Then open $ISSUER/authorize?client_id=$CLIENT_ID&request_uri=<the answer's>", ""]
        } else {
            lines += ["echo Open in a browser:"]
            lines += curlRequest(data: false)
        }
        lines += ["read -r -p 'the code in the address that the browser came back to: ' CODE", ""]
        let proof = client.requiresSenderConstraint ? " -H \"DPoP: $PROOF_FOR_TOKEN\"" : ""
        lines += ["curl --silent \"$ISSUER/token\"\(proof) \\"] + credentials
        lines += [
            "  --data-urlencode grant_type=authorization_code --data-urlencode \"code=$CODE\" \\",
            "  --data-urlencode \"redirect_uri=$REDIRECT_URI\" --data-urlencode \"code_verifier=$VERIFIER\"", "",
        ]
        let scheme = client.requiresSenderConstraint ? "DPoP" : "Bearer"
        let last = client.requiresSenderConstraint ? " -H \"DPoP: $PROOF_FOR_USERINFO\"" : ""
        lines += ["read -r -p 'access_token: ' TOKEN"]
        lines += ["curl --silent \"$ISSUER/userinfo\" -H \"Authorization: \(scheme) $TOKEN\"\(last)"]
        return lines.joined(separator: "\n") + "\n"
    }

    /// The authorization request, as the address to open or as form data of a pushed request.
    private func curlRequest(data: Bool) -> [String] {
        let parameters = [
            "response_type=code", "client_id=$CLIENT_ID", "redirect_uri=$REDIRECT_URI", "scope=openid",
            "purpose=\(purpose.code)", "state=$STATE", "code_challenge=$CHALLENGE", "code_challenge_method=S256",
        ]
        if data {
            var lines = parameters.map { "  --data-urlencode \"\($0)\" \\" }
            lines.append("  --data-urlencode 'claims=\(JSON.text(claims))'")
            return lines
        }
        let lines = parameters.map { "  --data-urlencode \"\($0)\" \\" }
        return ["curl --silent --get --output /dev/null --write-out '%{url_effective}\\n' \\"] + lines + [
            "  --data-urlencode 'claims=\(JSON.text(claims))' \"$ISSUER/authorize\""
        ]
    }

    // MARK: Swift

    /// With RelyingPartyKit.
    var swift: String {
        let credentials =
            switch client.authentication {
            case .privateKeyJWT: ".privateKeyJWT(try SoftwareSigner(jwk: signingJWK))"
            case .clientSecretBasic: ".clientSecretBasic(clientSecret)"
            case .clientSecretPost: ".clientSecretPost(clientSecret)"
            case .none, .tlsClientAuth, .selfSignedTLSClientAuth: ".none"
            }
        let names = (purpose.essential + purpose.optional).map { quoted($0) }.joined(separator: ", ")
        let essential = purpose.essential.map { quoted($0) }.joined(separator: ", ")
        return """
            import RelyingPartyKit

            let configuration = RelyingPartyConfiguration(
                issuer: \(quoted(issuer)), clientID: \(quoted(client.clientID)),
                credentials: \(credentials),
                redirectURI: \(quoted(redirectURI)))
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
