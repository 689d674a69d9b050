import Codecs
import DeviceKit
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import JOSE
import Kernel
import Logging
import NIOCore
import RelyingPartyKit
import Synchronization
import Web

@testable import DemoWorld

/// A logger that says nothing.
var silent: Logger {
    var logger = Logger(label: "demo-tests")
    logger.logLevel = .critical
    return logger
}

extension TestResponse {
    /// The body as text.
    var text: String { String(buffer: body) }

    /// `name=value` of a cookie that the answer sets.
    func cookie(_ name: String) -> String? {
        for field in headers[values: .setCookie] where field.hasPrefix(name + "=") {
            return String(field.prefix { $0 != ";" })
        }
        return nil
    }

    /// The text between two marks in the body, the first time.
    func between(_ start: String, _ end: String) -> String? {
        guard let from = text.firstRange(of: start) else { return nil }
        let rest = text[from.upperBound...]
        return rest.firstRange(of: end).map { String(rest[..<$0.lowerBound]) }
    }
}

/// An OpenID Provider in memory: gives tokens for any code, and data until the consent is withdrawn.
final class FakeProvider: OIDCTransport {
    static let issuer = "https://id.example"
    private struct State {
        var nonce = ""
        var withdrawn = false
        var claims: JSONObject = [:]
    }

    private let state = Mutex(State())
    private let key: SigningKey

    init(claims: JSONObject) throws {
        key = try SigningKey.generate(.es256)
        state.withLock { $0.claims = claims }
    }

    func expect(nonce: String) { state.withLock { $0.nonce = nonce } }
    func withdraw() { state.withLock { $0.withdrawn = true } }

    func send(_ request: OIDCRequest) async throws -> OIDCResponse {
        let path = request.url.dropFirst(FakeProvider.issuer.count)
        switch path {
        case "/.well-known/openid-configuration": return json(metadata)
        case "/jwks":
            return json(["keys": [.object(key.jwk.publicKey?.json ?? [:])]])
        case "/token":
            let claims: JSONObject = [
                "iss": .string(FakeProvider.issuer), "sub": "pairwise-subject", "aud": "model-bank",
                "iat": .integer(Instant.systemNow().seconds), "exp": .integer(Instant.systemNow().seconds + 300),
                "auth_time": .integer(Instant.systemNow().seconds), "nonce": .string(state.withLock { $0.nonce }),
                "acr": "urn:kh:camdigikey:aal:1", "amr": ["pin", "pop", "swk", "mfa"],
            ]
            let token = try await JWSProducer(signer: SoftwareSigner(key), type: "JWT").sign(claims)
            return json([
                "access_token": "access", "token_type": "Bearer", "expires_in": 600, "id_token": .string(token),
            ])
        case "/userinfo":
            let (withdrawn, claims) = state.withLock { ($0.withdrawn, $0.claims) }
            if withdrawn { return OIDCResponse(status: 401, contentType: "application/json", body: Array("{}".utf8)) }
            var answer = claims
            answer["sub"] = "pairwise-subject"
            return json(answer)
        default: return OIDCResponse(status: 404, contentType: nil, body: [])
        }
    }

    private var metadata: JSONObject {
        let base = FakeProvider.issuer
        return [
            "issuer": .string(base), "authorization_endpoint": .string(base + "/authorize"),
            "token_endpoint": .string(base + "/token"), "userinfo_endpoint": .string(base + "/userinfo"),
            "jwks_uri": .string(base + "/jwks"), "response_types_supported": ["code"],
            "subject_types_supported": ["pairwise"], "id_token_signing_alg_values_supported": ["ES256"],
            "code_challenge_methods_supported": ["S256"], "authorization_response_iss_parameter_supported": true,
        ]
    }

    private func json(_ object: JSONObject) -> OIDCResponse {
        OIDCResponse(status: 200, contentType: "application/json", body: JSON.bytes(object))
    }
}

/// A device server in memory: one transaction, one PIN state.
final class FakeDeviceServer: DeviceTransport {
    struct State {
        var deviceState = "pending"
        var transactions: [JSONValue] = []
        var decisions: [JSONObject] = []
        var refusal: (status: Int, code: String)?
    }

    let state = Mutex(State())

    func send(_ request: DeviceRequest) async throws -> DeviceResponse {
        let path = String(request.target.prefix { $0 != "?" })
        return try state.withLock { state in
            if path == "/device/v1/activations" {
                let answer: JSONObject = [
                    "device_id": "device-1", "server_nonce": "AAAAAAAAAAAAAAAAAAAAAA", "state": "pending",
                    "expires_at": .integer(Instant.systemNow().seconds + 600),
                ]
                return DeviceResponse(status: 201, body: JSON.bytes(answer))
            }
            if path == "/device/v1/self" {
                let answer: JSONObject = [
                    "device_id": "device-1", "name": "Test <phone>", "state": .string(state.deviceState),
                    "pin_locked": false, "pin_tries_left": 5, "ial": 2,
                ]
                return DeviceResponse(status: 200, body: JSON.bytes(answer))
            }
            if path == "/device/v1/transactions" {
                return DeviceResponse(
                    status: 200, body: JSON.bytes(["transactions": .array(state.transactions)] as JSONObject))
            }
            if let refusal = state.refusal {
                let problem: JSONObject = ["code": .string(refusal.code), "tries_left": 3]
                return DeviceResponse(status: refusal.status, body: JSON.bytes(problem))
            }
            let body = try JSON.parseObject(request.body)
            let payload = (body.string("decision") ?? "").split(separator: ".").dropFirst().first ?? ""
            let decision = try JSON.parseObject(Base64URL.decode(payload) ?? [])
            state.decisions.append(decision)
            state.transactions = []
            let status =
                decision.string("action") == "approve"
                ? "approved" : decision.string("action") == "deny" ? "denied" : "reported"
            return DeviceResponse(status: 200, body: JSON.bytes(["status": .string(status)] as JSONObject))
        }
    }

    /// A login request of a bank with an awkward name.
    static var login: JSONValue {
        let now = Instant.systemNow().seconds
        return [
            "id": "tx-1", "numbers": [12, 57, 83],
            "details": [
                "kind": "login", "client_id": "bank", "client_name": ["km": "ធនាគារ <b>", "en": "Bank <b>"],
                "client_host": "bank.example", "purpose": ["code": "p", "km": "បើកគណនី", "en": "Open"],
                "attributes": [
                    ["name": "name_km", "km": "ឈ្មោះ", "en": "Name", "essential": true],
                    ["name": "phone_number", "km": "ទូរស័ព្ទ", "en": "Phone", "essential": false],
                ], "valid_until": .integer(now + 86400), "acr": "urn:kh:camdigikey:aal:1", "origin": "Chrome, Android",
                "created_at": .integer(now), "expires_at": .integer(now + 180),
            ],
        ]
    }
}
