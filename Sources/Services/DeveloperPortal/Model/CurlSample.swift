import Codecs
import RelyingParties

extension CodeSamples {
    /// Each step by hand, in a shell. What a registration holds stands in single quotes: pasted, none of it is a command.
    var curl: String {
        let pushes = client.requiresPushedRequest || client.requiresSenderConstraint
        var lines = [
            "ISSUER=\(shell(issuer))", "CLIENT_ID=\(shell(client.clientID))", "REDIRECT_URI=\(shell(redirectURI))",
            "VERIFIER=$(openssl rand -base64 48 | tr -d '=\\n' | tr '/+' '_-')",
            "CHALLENGE=$(printf %s \"$VERIFIER\" | openssl dgst -sha256 -binary | base64 | tr -d '=\\n' | tr '/+' '_-')",
            "STATE=$(openssl rand -hex 16)", "",
        ]
        if client.authentication == .privateKeyJWT {
            lines += [
                "# A JWT of yours for each request: iss and sub = the client, aud = the issuer, exp, and a jti of its own."
            ]
        }
        lines += pushes ? pushedRequest : plainRequest
        lines += ["read -r -p 'the code in the address that the browser came back to: ' CODE", ""]
        lines += credentialQuestion(for: "/token") + proofQuestion(for: "/token")
        lines += ["curl --silent \"$ISSUER/token\"\(proofHeader) \\"] + credentials
        lines += [
            "  --data-urlencode grant_type=authorization_code --data-urlencode \"code=$CODE\" \\",
            "  --data-urlencode \"redirect_uri=$REDIRECT_URI\" --data-urlencode \"code_verifier=$VERIFIER\"", "",
            "read -r -p 'access_token: ' TOKEN",
        ]
        let scheme = client.requiresSenderConstraint ? "DPoP" : "Bearer"
        lines += proofQuestion(for: "/userinfo")
        lines += ["curl --silent \"$ISSUER/userinfo\" -H \"Authorization: \(scheme) $TOKEN\"\(proofHeader)"]
        return lines.joined(separator: "\n") + "\n"
    }

    /// How the client shows who it is, as options of curl.
    private var credentials: [String] {
        switch client.authentication {
        case .clientSecretBasic: ["  --user \"$CLIENT_ID:$CLIENT_SECRET\" \\"]
        case .clientSecretPost:
            ["  --data-urlencode \"client_id=$CLIENT_ID\" --data-urlencode \"client_secret=$CLIENT_SECRET\" \\"]
        case .privateKeyJWT:
            [
                "  --data-urlencode client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer \\",
                "  --data-urlencode \"client_assertion=$ASSERTION\" \\",
            ]
        case .tlsClientAuth, .selfSignedTLSClientAuth:
            ["  --cert client.pem --key client.key --data-urlencode \"client_id=$CLIENT_ID\" \\"]
        case .none: ["  --data-urlencode \"client_id=$CLIENT_ID\" \\"]
        }
    }

    /// An assertion serves once (RFC 7523, section 3), so that each request asks for its own.
    private func credentialQuestion(for path: String) -> [String] {
        client.authentication == .privateKeyJWT ? ["read -r -p 'client assertion for \(path): ' ASSERTION"] : []
    }

    private func proofQuestion(for path: String) -> [String] {
        client.requiresSenderConstraint ? ["read -r -p 'DPoP proof for \(path): ' PROOF"] : []
    }

    private var proofHeader: String { client.requiresSenderConstraint ? " -H \"DPoP: $PROOF\"" : "" }

    /// The address to open.
    private var plainRequest: [String] {
        ["echo Open in a browser:", "curl --silent --get --output /dev/null --write-out '%{url_effective}\\n' \\"]
            + formData
            + ["  \"$ISSUER/authorize\""]
    }

    /// A pushed request (RFC 9126), signed where the profile demands it (RFC 9101).
    private var pushedRequest: [String] {
        var lines: [String] = []
        if client.requiresSignedRequestObject {
            lines += ["# Sign these parameters as a JWT, with iss, aud, iat, nbf, exp and jti besides (RFC 9101)."]
            lines += ["printf \(shell(signedTemplate + "\\n")) \"$STATE\" \"$CHALLENGE\""]
            lines += ["read -r -p 'signed request: ' REQUEST"]
        }
        if client.requiresSenderConstraint {
            lines += ["# A DPoP proof (RFC 9449) for each request, all with one key; the last one with ath."]
        }
        lines += credentialQuestion(for: "/par") + proofQuestion(for: "/par")
        lines += ["curl --silent \"$ISSUER/par\"\(proofHeader) \\"] + credentials
        if client.requiresSignedRequestObject {
            lines += ["  --data-urlencode \"client_id=$CLIENT_ID\" --data-urlencode \"request=$REQUEST\""]
        } else {
            lines += formData.dropLast() + [formData.last.map { String($0.dropLast(2)) } ?? ""]
        }
        return lines + ["# Then open $ISSUER/authorize?client_id=$CLIENT_ID&request_uri=<the answer's>", ""]
    }

    private var parameters: [(name: String, value: String)] {
        [
            ("response_type", "code"), ("scope", "openid"), ("purpose", purpose.code),
            ("code_challenge_method", "S256"),
        ] + (client.requiresJWTResponse ? [("response_mode", "jwt")] : [])
    }

    /// The parameters as options of curl, each line going on.
    private var formData: [String] {
        let fixed = parameters.map { "  --data-urlencode \(shell($0.name + "=" + $0.value)) \\" }
        return fixed + [
            "  --data-urlencode \"client_id=$CLIENT_ID\" --data-urlencode \"redirect_uri=$REDIRECT_URI\" \\",
            "  --data-urlencode \"state=$STATE\" --data-urlencode \"code_challenge=$CHALLENGE\" \\",
            "  --data-urlencode \(shell("claims=" + JSON.text(claims))) \\",
        ]
    }

    /// The parameters as JSON for `printf`, with places for state and challenge.
    private var signedTemplate: String {
        var object: JSONObject = ["client_id": .string(client.clientID), "redirect_uri": .string(redirectURI)]
        for parameter in parameters { object[parameter.name] = .string(parameter.value) }
        object["claims"] = .object(claims)
        let escaped = JSON.text(object).map { $0 == "%" ? "%%" : $0 == "\\" ? "\\\\" : String($0) }.joined()
        return escaped.dropLast() + ",\"state\":\"%s\",\"code_challenge\":\"%s\"}"
    }

    /// A text as one word of a POSIX shell.
    private func shell(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
