import Codecs
import DatabaseTesting
import HTTPTypes
import HummingbirdTesting
import JOSE
import Kernel
import NIOCore
import RelyingPartyKit
import Synchronization
import Testing

@testable import IdentityProvider

/// Carries the kit's requests to the provider in the same process, and remembers what went by.
private final class Wire: OIDCTransport {
    struct Passage: Sendable {
        let path: String
        let status: Int
        let sent: [(name: String, value: String)]
        let form: String
    }

    let client: any TestClientProtocol
    let passages = Mutex<[Passage]>([])

    init(_ client: any TestClientProtocol) { self.client = client }

    func send(_ request: OIDCRequest) async throws -> OIDCResponse {
        let path = String(request.url.dropFirst(World.issuer.count))
        var headers: HTTPFields = [:]
        for (name, value) in request.headers { headers[HTTPField.Name(name) ?? .age] = value }
        let answer = try await client.execute(
            uri: path, method: HTTPRequest.Method(request.method) ?? .get, headers: headers,
            body: request.body.isEmpty ? nil : ByteBuffer(bytes: request.body)
        ) { response in
            OIDCResponse(
                status: response.status.code, contentType: response.headers[.contentType],
                body: Array(buffer: response.body),
                headers: response.headers.map { ($0.name.rawName.lowercased(), $0.value) })
        }
        let passage = Passage(
            path: path, status: answer.status, sent: request.headers,
            form: String(decoding: request.body, as: UTF8.self))
        passages.withLock { $0.append(passage) }
        return answer
    }

    func statuses(_ path: String) -> [Int] { passages.withLock { $0.filter { $0.path == path }.map(\.status) } }
}

/// A client of a FAPI profile that speaks through the kit.
private struct Party {
    let kit: RelyingPartyKit.RelyingParty
    let wire: Wire
    let phone: Phone

    init(_ world: World, _ client: any TestClientProtocol, profile: String) async throws {
        let key = try SigningKey.generate(.es256)
        let signer = SoftwareSigner(key)
        let keys: JSONObject = ["keys": [.object(try #require(key.jwk.publicKey).json)]]
        _ = try await world.provider.register(
            World.document(profile) {
                $0["profile"] = .string(profile)
                $0["token_endpoint_auth_method"] = "private_key_jwt"
                $0["jwks"] = .object(keys)
            })
        let proofKey = SoftwareSigner(try SigningKey.generate(.es256))
        let configuration = RelyingPartyConfiguration(
            issuer: World.issuer, clientID: profile, credentials: .privateKeyJWT(signer), redirectURI: World.redirect,
            protection: profile == "fapi2"
                ? .fapi2(proofKey: proofKey) : .messageSigning(proofKey: proofKey, requestSigner: signer))
        wire = Wire(client)
        kit = RelyingPartyKit.RelyingParty(configuration, transport: wire, ambient: world.clock.ambient)
        phone = try await Phone.make(of: TestPeople.sokha, world: world)
    }

    /// The browser goes where the kit says, the person approves; the query of the callback.
    func approve(_ start: LoginStart, _ world: World) async throws -> String {
        let browser = Browser(wire.client)
        let consent = try await browser.get(String(start.url.dropFirst(World.issuer.count)))
        #expect(consent.status == 200, "\(consent.error ?? consent.location)")
        let fields = [("identifier", "2345678901"), ("attr.name_km", "on"), ("attr.birthdate", "on")]
        let started = try await browser.post(
            "/authorize/start", [("request", try #require(consent.input("request")))] + fields)
        #expect(started.status == 303)
        let id = try #require(started.location.split(separator: "/").last.map(String.init))
        let item = try await world.find(id)
        try await world.decide(
            item, try await phone.decision(item), by: phone)
        let back = try await browser.get(started.location + "/continue").location
        #expect(back.hasPrefix(World.redirect + "?"))
        return String(back.dropFirst(World.redirect.count))
    }
}

@Suite("RelyingPartyKit at this provider")
struct RelyingPartyKitTests {
    @Test(arguments: ["fapi2", "fapi2-ms"]) func aLoginOfEachProfile(_ profile: String) async throws {
        try await World.serve { world, client in
            let party = try await Party(world, client, profile: profile)
            let options = LoginOptions(
                claims: ["name_km", "birthdate"], essentialClaims: ["name_km"], purpose: "account-opening", maxAge: 60)
            let start = try await party.kit.authorizationRequest(options)
            #expect(start.url.hasPrefix(World.issuer + "/authorize?client_id=\(profile)&request_uri=urn"))
            #expect(!start.url.contains("nonce") && !start.url.contains("birthdate"), "only the reference travels")
            let query = try await party.approve(start, world)
            #expect(query.contains("response=") == (profile == "fapi2-ms"))
            #expect(query.contains("code=") == (profile == "fapi2"))
            let login = try await party.kit.handleCallback(query, session: start.session)
            #expect(login.isBound && login.idToken.issuer == World.issuer)
            let person = try await party.kit.userInfo(login)
            #expect(person["name_km"] != nil && person["email"] == nil)
            // Stolen without the key, the token opens nothing.
            for scheme in ["Bearer", "DPoP"] {
                let stolen = try await party.wire.send(
                    OIDCRequest(
                        method: "GET", url: World.issuer + "/userinfo",
                        headers: [("authorization", "\(scheme) \(login.accessToken)")]))
                #expect(stolen.status == 401)
            }
            #expect(
                await errorCode { try await party.kit.handleCallback(query, session: start.session) }
                    == "rp.token.invalid_grant")
        }
    }

    @Test func aNonceThatGrewOldIsReplaced() async throws {
        try await World.serve { world, client in
            let party = try await Party(world, client, profile: "fapi2-ms")
            for round in 1...2 {
                let start = try await party.kit.authorizationRequest(LoginOptions(purpose: "account-opening"))
                // The server takes a nonce for a minute.
                world.clock.advance(80)
                let login = try await party.kit.handleCallback(
                    try await party.approve(start, world), session: start.session)
                world.clock.advance(120)
                _ = try await party.kit.userInfo(login)
                #expect(party.wire.statuses("/userinfo") == Array([401, 200, 401, 200].prefix(round * 2)))
                world.clock.advance(120)
            }
            #expect(party.wire.statuses("/par") == [201, 400, 201])
            #expect(
                party.wire.statuses("/token") == [400, 200, 400, 200], "the code survives the refusal of the proof")
            let proofs = party.wire.passages.withLock { all in
                all.flatMap { $0.sent.filter { $0.name == "dpop" }.map(\.value) }
            }
            #expect(Set(proofs).count == proofs.count)
        }
    }

    @Test func anotherNodesKeyDoesNotRedeemTheCode() async throws {
        try await World.serve { world, client in
            let party = try await Party(world, client, profile: "fapi2")
            let start = try await party.kit.authorizationRequest(LoginOptions(purpose: "account-opening"))
            let query = try await party.approve(start, world)
            var configuration = party.kit.configuration
            configuration.protection = .fapi2(proofKey: SoftwareSigner(try SigningKey.generate(.es256)))
            let other = RelyingPartyKit.RelyingParty(
                configuration, transport: party.wire, ambient: world.clock.ambient)
            let code = await errorCode { try await other.handleCallback(query, session: start.session) }
            #expect(code?.hasPrefix("rp.token.") == true, "\(code ?? "")")
        }
    }

    @Test func theProviderRefusesWhatTheProfileForbids() async throws {
        try await World.serve { world, client in
            let party = try await Party(world, client, profile: "fapi2-ms")
            var configuration = party.kit.configuration
            configuration.protection.requestSigner = nil
            let unsigned = RelyingPartyKit.RelyingParty(
                configuration, transport: party.wire, ambient: world.clock.ambient)
            let code = await errorCode { try await unsigned.authorizationRequest() }
            #expect(code?.hasPrefix("rp.authorization.invalid_request") == true, "\(code ?? "")")
            configuration = party.kit.configuration
            configuration.credentials = .privateKeyJWT(SoftwareSigner(try SigningKey.generate(.es256)))
            let stranger = RelyingPartyKit.RelyingParty(
                configuration, transport: party.wire, ambient: world.clock.ambient)
            #expect(
                await errorCode { try await stranger.authorizationRequest() } == "rp.authorization.invalid_client")
        }
    }
}
