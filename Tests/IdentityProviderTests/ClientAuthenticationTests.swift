import Codecs
import Crypto
import DatabaseTesting
import Foundation
import JOSE
import Kernel
import RelyingParties
import Testing

@testable import IdentityProvider

@Suite("Client credentials as sent")
struct ClientCredentialsTests {
    private func basic(_ text: String, scheme: String = "Basic") -> String {
        scheme + " " + Data(text.utf8).base64EncodedString()
    }

    private func read(_ authorization: String?, _ form: [String: String] = [:]) throws -> (String, String)? {
        guard case .basic(let id, let secret) = try ClientCredentials.read(authorization: authorization, form: form)
        else { return nil }
        return (id, secret)
    }

    @Test func basicIsFormEncoded() throws {
        for (text, id, secret) in [
            ("bank:secret", "bank", "secret"), ("bank:", "bank", ""), ("bank:a:b", "bank", "a:b"),
            ("b%61nk:p%3Aw+x", "bank", "p:w x"), ("bank:%E1%9E%80", "bank", "ក"), (":x", "", "x"),
        ] {
            let found = try #require(try read(basic(text)))
            #expect(found.0 == id && found.1 == secret, "\(text)")
        }
        #expect(try read(basic("bank:x", scheme: "bAsIc"))?.0 == "bank")
    }

    @Test(arguments: ["bank", "bank:%", "bank:%4", "bank:%zz", "bank:%+f", "bank:%-1", "bank:%FF", "%00%C0:x"])
    func brokenBasic(_ text: String) async {
        #expect(await errorCode { try read(basic(text)) } == "invalid_client")
    }

    @Test(arguments: [
        "", "Basic", "Basic ", "Basic !!!!", "Bearer YTpi", "Basic YTpi YTpi", "BasicYTpi", "Basic YTpi=", "YTpi",
    ])
    func brokenHeaders(_ header: String) async {
        #expect(await errorCode { try read(header) } == "invalid_client")
    }

    @Test func oneMethodOnly() async {
        let header = basic("bank:x")
        #expect(await errorCode { try read(header, ["client_secret": "x"]) } == "invalid_request")
        #expect(await errorCode { try read(header, ["client_assertion": "x"]) } == "invalid_request")
        #expect(
            await errorCode { try read(nil, ["client_secret": "x", "client_assertion": "y", "client_id": "b"]) }
                == "invalid_request")
        #expect(await errorCode { try read(header, ["client_id": "other"]) } == "invalid_request")
        #expect(await errorCode { try read(header, ["client_id": "bank"]) } == nil)
        #expect(await errorCode { try read(nil, [:]) } == "invalid_client")
        #expect(await errorCode { try read(nil, ["client_id": ""]) } == "invalid_client")
        #expect(await errorCode { try read(nil, ["client_secret": "x"]) } == "invalid_client")
        #expect(
            await errorCode { try read(nil, ["client_assertion": "x", "client_assertion_type": "saml"]) }
                == "invalid_request")
    }

    @Test func fuzzedHeadersNeverCrash() {
        var generator = SeededGenerator(21)
        for _ in 0..<4000 {
            let bytes = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            _ = try? read("Basic " + Data(bytes).base64EncodedString())
            _ = try? read(String(decoding: bytes, as: UTF8.self))
        }
    }
}

@Suite("Proving relying parties")
struct ClientAuthenticatorTests {
    private static func attempt(
        _ world: World, _ credentials: ClientCredentials
    ) async -> String? {
        await errorCode {
            try await world.provider.authentication.authenticate(credentials, keys: PresentedKeys()).clientID
        }
    }

    @Test(arguments: TestDatabases.kinds) func secrets(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let secret = world.bankSecret
            for (credentials, expected) in [
                (.basic(clientID: "bank", secret: secret), nil),
                (.basic(clientID: "bank", secret: secret + "x"), "invalid_client"),
                (.basic(clientID: "bank", secret: ""), "invalid_client"),
                (.basic(clientID: "bank ", secret: secret), "invalid_client"),
                (.basic(clientID: "nobody", secret: secret), "invalid_client"),
                (.basic(clientID: "spa", secret: ""), "invalid_client"),
                (.basic(clientID: "robot", secret: secret), "invalid_client"),
                (.basic(clientID: "", secret: ""), "invalid_client"),
                // The registered method only: no downgrade, no other way in.
                (.post(clientID: "bank", secret: secret), "invalid_client"),
                (.publicClient(clientID: "bank"), "invalid_client"),
                (.publicClient(clientID: "robot"), "invalid_client"), (.publicClient(clientID: "spa"), nil),
                (.publicClient(clientID: "nobody"), "invalid_client"),
            ] as [(ClientCredentials, String?)] {
                #expect(await Self.attempt(world, credentials) == expected, "\(credentials)")
            }
            try await world.provider.setRelyingParty("bank", active: false)
            #expect(await Self.attempt(world, .basic(clientID: "bank", secret: secret)) == "invalid_client")
            try await world.provider.setRelyingParty("bank", active: true)
            #expect(await Self.attempt(world, .basic(clientID: "bank", secret: secret)) == nil)
        }
    }

    private static func assertion(
        _ world: World, key: SigningKey? = nil, kid: String = "k1", type: String? = "JWT",
        change: (inout JSONObject) -> Void = { _ in }
    ) async throws -> String {
        var claims: JSONObject = [
            "iss": "robot", "sub": "robot", "aud": .string(World.issuer), "jti": .string(Ambient.system.newSecret()),
            "iat": .integer(world.clock.now.seconds), "exp": .integer(world.clock.now.seconds + 60),
        ]
        change(&claims)
        return try await JWSProducer(signer: SoftwareSigner(key ?? world.assertionKey, keyID: kid), type: type).sign(
            claims)
    }

    @Test func assertions() async throws {
        try await World.run(.sqlite) { world in
            let now = world.clock.now.seconds
            func outcome(_ jwt: String, _ id: String? = nil) async -> String? {
                await Self.attempt(world, .assertion(jwt, clientID: id))
            }
            #expect(await outcome(try await Self.assertion(world)) == nil)
            #expect(await outcome(try await Self.assertion(world), "robot") == nil)
            #expect(await outcome(try await Self.assertion(world, type: nil)) == nil)
            #expect(await outcome(try await Self.assertion(world, type: "client-authentication+jwt")) == nil)
            #expect(await outcome(try await Self.assertion(world), "bank") == "invalid_client")
            #expect(await outcome(try await Self.assertion(world, type: "rumdul-decision+jwt")) == "invalid_client")
            let spoilt: [(inout JSONObject) -> Void] = [
                { $0["aud"] = "https://other.example" }, { $0["aud"] = .string(World.issuer + "/token") },
                { $0["aud"] = .string(World.issuer + "/") }, { $0["aud"] = .strings([World.issuer]) },
                { $0["aud"] = .strings([World.issuer, "https://other.example"]) }, { $0["aud"] = nil },
                { $0["iss"] = "stranger" }, { $0["iss"] = "nobody" }, { $0["iss"] = nil }, { $0["sub"] = "bank" },
                { $0["sub"] = nil }, { $0["jti"] = nil }, { $0["jti"] = "" }, { $0["jti"] = 5 },
                { $0["jti"] = .string(String(repeating: "j", count: 257)) }, { $0["exp"] = nil },
                { $0["exp"] = .integer(now - 60) }, { $0["exp"] = .integer(now + 3600) }, { $0["exp"] = "soon" },
                { $0["nbf"] = .integer(now + 600) }, { $0["iat"] = .integer(now + 600) },
                {
                    $0["iss"] = "bank"
                    $0["sub"] = "bank"
                },
            ]
            for (index, change) in spoilt.enumerated() {
                let jwt = try await Self.assertion(world, change: change)
                let result = await outcome(jwt)
                // An empty identifier is still one identifier.
                if index == 12, result == nil { continue }
                #expect(result == "invalid_client", "number \(index)")
            }
            #expect(await outcome(try await Self.assertion(world, key: world.strangerKey)) == "invalid_client")
            #expect(
                await outcome(try await Self.assertion(world, key: SigningKey.generate(.es256))) == "invalid_client")
            #expect(await outcome(try await Self.assertion(world, kid: "k2")) == "invalid_client")
            for jwt in ["", "a.b", "a.b.c", "..", String(repeating: "A", count: 100_000)] {
                #expect(await outcome(jwt) == "invalid_client")
            }
        }
    }

    @Test func unsignedAndMACedAssertions() async throws {
        try await World.run(.sqlite) { world in
            let good = try await Self.assertion(world).split(separator: ".").map(String.init)
            func encode(_ text: String) -> String { Base64URL.encode(Array(text.utf8)) }
            var forged: [String] = []
            for header in [#"{"alg":"none","typ":"JWT"}"#, #"{"alg":"None","typ":"JWT"}"#, #"{"typ":"JWT"}"#] {
                forged += [encode(header) + "." + good[1] + ".", encode(header) + "." + good[1] + "." + good[2]]
            }
            // The public key as the secret of a MAC (the classic confusion), and the party's own secret hash.
            let publicKey = JSON.bytes(try #require(world.assertionKey.jwk.publicKey).json)
            let input = encode(#"{"alg":"HS256","kid":"k1","typ":"JWT"}"#) + "." + good[1]
            for secret in [publicKey, Array(world.bankSecret.utf8), []] {
                let code = HMAC<SHA256>.authenticationCode(for: Array(input.utf8), using: SymmetricKey(data: secret))
                forged.append(input + "." + Base64URL.encode(Array(code)))
            }
            // A key that the token brings along proves nothing.
            let own = try SigningKey.generate(.es256)
            let jwk = try #require(own.jwk.publicKey).json
            let claims = try JSON.parseObject(try #require(Base64URL.decode(good[1])))
            forged.append(
                try await JWSProducer(
                    signer: SoftwareSigner(own, keyID: ""), type: "JWT", additional: ["jwk": .object(jwk)]
                ).sign(claims))
            for jwt in forged {
                #expect(await Self.attempt(world, .assertion(jwt, clientID: nil)) == "invalid_client")
            }
            #expect(await Self.attempt(world, .assertion(good.joined(separator: "."), clientID: nil)) == nil)
        }
    }

    @Test(arguments: TestDatabases.kinds) func anAssertionIsUsedOnce(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let jwt = try await Self.assertion(world)
            #expect(await Self.attempt(world, .assertion(jwt, clientID: nil)) == nil)
            #expect(await Self.attempt(world, .assertion(jwt, clientID: nil)) == "invalid_client")
            let again = try await Self.assertion(world)
            let results = await withTaskGroup(of: String?.self) { group in
                for _ in 0..<8 { group.addTask { await Self.attempt(world, .assertion(again, clientID: nil)) } }
                return await group.reduce(into: [String?]()) { $0.append($1) }
            }
            #expect(results.filter { $0 == nil }.count == 1)
            #expect(results.filter { $0 == "invalid_client" }.count == 7)
        }
    }
}
