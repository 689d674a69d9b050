import Authenticators
import Codecs
import Consent
import Database
import DatabaseTesting
import JOSE
import Kernel
import KeyVault
import Testing

@testable import IdentityProvider

@Suite("Codes, tokens and userinfo, on both engines")
struct TokenTests {
    @Test(arguments: TestDatabases.kinds) func aWholeLoginWritesSixRowsAndSignsOnce(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            world.database.reset()
            world.vault.reset()
            let (item, code) = try await world.approved(phone, client: "spa")
            let response = try await world.exchange(code)
            let claims = try await world.userInfo(response.accessToken)
            #expect(claims.names.contains("name_km"))
            #expect(world.database.rows.count <= 6, "\(world.database.rows)")
            #expect(world.database.rows.count == 6, "the counting wrapper sees what is written")
            #expect(world.vault.signatures == 2)
            _ = item
        }
    }

    @Test(arguments: TestDatabases.kinds) func theIDToken(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let (item, code) = try await world.approved(phone, client: "spa")
            world.clock.advance(30)
            let response = try await world.exchange(code)
            let keys = VerificationKeySet(try await world.vault.publicKeys(.oidcSigning))
            let claims = try JWTValidator(
                issuer: World.issuer, audiences: ["spa"], algorithms: [.es256], soleAudience: true
            )
            .validate(try #require(response.idToken), keys: keys, now: world.clock.now).claims
            #expect(claims.string("sub") == "bank.example/person-sokha")
            #expect(claims.string("nonce") == "n-1")
            #expect(claims.integer("auth_time") == world.clock.now.seconds - 30)
            #expect(claims.string("acr") == "urn:kh:camdigikey:aal:1")
            #expect(claims.strings("amr") == ["pin", "pop", "swk", "mfa"])
            #expect(claims.string("device_assurance") == "software")
            #expect(claims.string("txn") == item.id)
            #expect(claims.string("at_hash") == Base64URL.encode(sha256(Array(response.accessToken.utf8)).prefix(16)))
            #expect(claims.integer("exp") == world.clock.now.seconds + 600)
            // No attribute travels in the ID token.
            #expect(Set(claims.names).isDisjoint(with: ["name_km", "birthdate", "phone_number", "email", "kidc"]))
            #expect(IDTokens.halfHash("x", for: .edDSA).utf8.count == 43)
        }
    }

    @Test(arguments: TestDatabases.kinds) func aCodeIsForItsOwnRequest(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let (_, code) = try await world.approved(phone, client: "spa")
            let spoilt: [(String, @Sendable (inout [String: String]) -> Void)] = [
                ("unsupported_grant_type", { $0["grant_type"] = "password" }),
                ("invalid_request", { $0["grant_type"] = "refresh_token" }),
                ("invalid_request", { $0["grant_type"] = nil }),
                ("invalid_request", { $0["code"] = nil }), ("invalid_grant", { $0["code"] = "x" }),
                ("invalid_grant", { $0["code"] = String(code.dropLast()) + (code.hasSuffix("A") ? "E" : "A") }),
                ("invalid_request", { $0["redirect_uri"] = nil }),
                ("invalid_grant", { $0["redirect_uri"] = World.redirect + "/" }),
                ("invalid_grant", { $0["redirect_uri"] = World.redirect + "?page=1" }),
                ("invalid_grant", { $0["code_verifier"] = nil }),
                ("invalid_grant", { $0["code_verifier"] = World.verifier + "x" }),
                ("invalid_grant", { $0["code_verifier"] = World.challenge }),
                ("invalid_grant", { $0["code_verifier"] = "short" }),
                ("invalid_grant", { $0["client_id"] = "other" }), ("invalid_client", { $0["client_id"] = "nobody" }),
                ("invalid_client", { $0["client_id"] = nil }), ("invalid_client", { $0["client_secret"] = "x" }),
            ]
            for (expected, change) in spoilt {
                #expect(await errorCode { try await world.exchange(code, change: change) } == expected)
            }
            // Nothing of that used the code up.
            _ = try await world.exchange(code)
        }
    }

    @Test(arguments: TestDatabases.kinds) func aCodeLivesOneMinute(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let (item, code) = try await world.approved(phone, client: "spa")
            world.clock.advance(60)
            #expect(await errorCode { try await world.exchange(code) } == "invalid_grant")
            let fresh = try await world.code(item)
            world.clock.advance(59)
            _ = try await world.exchange(fresh)
            // A pending, a denied and an unknown transaction have no tokens.
            let pending = try await world.start(client: "spa")
            let early = try await world.code(pending)
            #expect(await errorCode { try await world.exchange(early) } == "invalid_grant")
            try await world.decide(pending, try await phone.decision(pending, "deny"), by: phone)
            #expect(await errorCode { try await world.exchange(early) } == "invalid_grant")
            let unknown = try await AuthorizationCode(transactionID: Ambient.system.newID(), issuedAt: world.clock.now)
                .encoded(vault: world.vault)
            #expect(await errorCode { try await world.exchange(unknown) } == "invalid_grant")
        }
    }

    @Test(arguments: TestDatabases.kinds) func aSecondUseKillsTheToken(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let (item, code) = try await world.approved(phone, client: "spa")
            let response = try await world.exchange(code)
            _ = try await world.userInfo(response.accessToken)
            // Somebody without the verifier, or another client, cannot kill it.
            #expect(
                await errorCode { try await world.exchange(code) { $0["code_verifier"] = World.challenge } }
                    == "invalid_grant")
            #expect(await errorCode { try await world.exchange(code, client: "other") } == "invalid_grant")
            _ = try await world.userInfo(response.accessToken)
            #expect(await errorCode { try await world.exchange(code) } == "invalid_grant")
            #expect(await errorCode { try await world.userInfo(response.accessToken) } == "invalid_token")
            #expect(try await world.find(item.id).status == .revoked)
            #expect(await errorCode { try await world.exchange(code) } == "invalid_grant")
        }
    }

    @Test(arguments: TestDatabases.kinds) func parallelUsesGiveOneToken(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            for _ in 0..<3 {
                let (item, code) = try await world.approved(phone, client: "spa")
                let tokens = await withTaskGroup(of: Result<TokenResponse, any Error>.self) { group in
                    for _ in 0..<6 {
                        group.addTask {
                            do { return .success(try await world.exchange(code)) } catch { return .failure(error) }
                        }
                    }
                    return await group.reduce(into: [Result<TokenResponse, any Error>]()) { $0.append($1) }
                }
                let good = tokens.compactMap { try? $0.get() }
                #expect(good.count == 1)
                for case .failure(let error) in tokens { #expect((error as? OAuthError)?.error == "invalid_grant") }
                #expect(try await world.find(item.id).status == .revoked)
                for token in good {
                    #expect(await errorCode { try await world.userInfo(token.accessToken) } == "invalid_token")
                }
            }
        }
    }

    /// Many robots at once: a transaction that the engine runs again must not find its own assertion used.
    @Test(arguments: TestDatabases.kinds) func parallelAssertionsAllPass(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            var codes: [String] = []
            for _ in 0..<8 { codes.append(try await world.approved(phone, client: "robot").code) }
            let outcomes = await withTaskGroup(of: String?.self) { group in
                for code in codes {
                    group.addTask {
                        await errorCode {
                            let now = world.clock.now.seconds
                            let claims: JSONObject = [
                                "iss": "robot", "sub": "robot", "aud": .string(World.issuer), "iat": .integer(now),
                                "jti": .string(Ambient.system.newSecret()), "exp": .integer(now + 60),
                            ]
                            let jwt = try await JWSProducer(
                                signer: SoftwareSigner(world.assertionKey, keyID: "k1"), type: "JWT"
                            ).sign(claims)
                            return try await world.exchange(code, client: "robot") {
                                $0["client_assertion"] = jwt
                                $0["client_assertion_type"] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
                            }
                        }
                    }
                }
                return await group.reduce(into: [String?]()) { $0.append($1) }
            }
            #expect(outcomes.allSatisfy { $0 == nil }, "\(outcomes)")
        }
    }

    @Test(arguments: TestDatabases.kinds) func withdrawalStopsEverything(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let (early, unused) = try await world.approved(phone, client: "spa")
            try await world.withdraw(try #require(early.consentID))
            #expect(await errorCode { try await world.exchange(unused) } == "invalid_grant")
            let (item, code) = try await world.approved(phone, client: "spa")
            let token = try await world.exchange(code).accessToken
            _ = try await world.userInfo(token)
            try await world.withdraw(try #require(item.consentID))
            world.database.reset()
            #expect(await errorCode { try await world.userInfo(token) } == "invalid_token")
            #expect(world.database.rows.isEmpty, "nothing was disclosed, so nothing is in the journal")
        }
    }

    @Test(arguments: TestDatabases.kinds) func tokensEndAndPartiesAreSuspended(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let (_, code) = try await world.approved(phone, client: "spa")
            let token = try await world.exchange(code).accessToken
            try await world.provider.setRelyingParty("spa", active: false)
            #expect(await errorCode { try await world.userInfo(token) } == "invalid_token")
            try await world.provider.setRelyingParty("spa", active: true)
            world.clock.advance(599)
            _ = try await world.userInfo(token)
            world.clock.advance(1)
            #expect(await errorCode { try await world.userInfo(token) } == "invalid_token")
            let (_, second) = try await world.approved(phone, client: "spa")
            try await world.provider.setRelyingParty("spa", active: false)
            #expect(await errorCode { try await world.exchange(second) } == "invalid_client")
            for bad in ["", "x", token + "A", String(token.dropLast()), String(token.reversed())] {
                #expect(await errorCode { try await world.userInfo(bad) } == "invalid_token")
            }
        }
    }

    @Test(arguments: TestDatabases.kinds) func anOldConsentGivesNothing(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let (item, _) = try await world.approved(phone, client: "spa")
            world.clock.advance(30 * 86_400)
            let late = try await world.code(item)
            #expect(await errorCode { try await world.exchange(late) } == "invalid_grant")
        }
    }

    @Test(arguments: TestDatabases.kinds) func exactlyWhatWasGranted(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            for granted in [[], ["birthdate"], ["name_km", "birthdate", "phone_number", "email"]] {
                let (_, code) = try await world.approved(phone, client: "spa", attributes: granted)
                let claims = try await world.userInfo(try await world.exchange(code).accessToken)
                #expect(Set(claims.names) == Set(granted + ["sub"]))
                #expect(claims.string("sub") == "bank.example/person-sokha")
                for name in granted { #expect(claims.string(name) == "\(name) of person-sokha") }
            }
            // Asked for, not registered: dropped before the person sees it.
            let (item, code) = try await world.approved(phone, client: "spa") {
                $0["claims"] = #"{"userinfo":{"kidc":{"essential":true},"birthdate":null}}"#
                $0["scope"] = "openid kh_identity"
            }
            #expect(item.request.attributes == ["birthdate"])
            #expect(
                Set(try await world.userInfo(try await world.exchange(code).accessToken).names) == ["sub", "birthdate"])
            // Taken out of the registration after the grant: not given any more.
            let (_, later) = try await world.approved(phone, client: "spa")
            let token = try await world.exchange(later).accessToken
            _ = try await world.provider.register(
                World.document("spa") {
                    $0["token_endpoint_auth_method"] = "none"
                    $0["purposes"] = [
                        ["code": "account-opening", "text": ["km": "ក", "en": "x"], "essential": ["birthdate"]]
                    ]
                })
            #expect(Set(try await world.userInfo(token).names) == ["sub", "birthdate"])
        }
    }

    @Test(arguments: TestDatabases.kinds) func sealedUserInfo(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let (_, code) = try await world.approved(phone, client: "sealed") {
                $0["scope"] = "openid kh_identity"
                $0["claims"] = nil
            }
            let token = try await world.exchange(code, client: "sealed").accessToken
            let answer = try await world.provider.userInfo.respond(
                token: token, isProof: false, keys: PresentedKeys(), traceID: "t")
            #expect(answer.contentType == "application/jwt")
            let text = String(decoding: answer.body, as: UTF8.self)
            #expect(text.split(separator: ".").count == 5)
            let inner = try JWE.parse(text).decrypt(with: world.unsealing)
            let keys = VerificationKeySet(try await world.vault.publicKeys(.oidcSigning))
            let jws = try JWS.verify(String(decoding: inner, as: UTF8.self), algorithms: [.es256], keys: keys)
            let claims = try JSON.parseObject(jws.payload)
            #expect(claims.string("kidc") == "kidc of person-sokha")
            #expect(claims.string("iss") == World.issuer && claims.string("aud") == "sealed")
        }
    }

    @Test(arguments: TestDatabases.kinds) func firstPartyCodes(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            _ = try await world.provider.register(
                World.document("own") {
                    $0["first_party"] = true
                    $0["token_endpoint_auth_method"] = "none"
                }, firstParty: true)
            let provider = world.provider
            func redeem(_ code: String, _ client: String = "own", verifier: String = World.verifier) async -> String? {
                await errorCode {
                    try await provider.redeemFirstParty(
                        code: code, verifier: verifier, clientID: client, redirectURI: World.redirect)
                }
            }
            let (item, code) = try await world.approved(phone, client: "own")
            #expect(item.consentID == nil, "Rumdul's own pages need no consent and get no attributes")
            #expect(await redeem(code, verifier: World.challenge) == "authorize.request_stale")
            #expect(await redeem("x") == "authorize.request_stale")
            #expect(await redeem(code) == nil)
            #expect(await redeem(code) == "authorize.request_stale")
            // An outside party's code gives nobody's internal identifier away.
            let (_, outside) = try await world.approved(phone, client: "spa")
            #expect(await redeem(outside) == "authorize.request_stale")
            #expect(await redeem(outside, "spa") == "authorize.request_stale")
        }
    }

    @Test(arguments: TestDatabases.kinds) func purgeLeavesWhatIsYoung(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            _ = try await world.start()
            world.clock.advance(100)
            let young = try await world.start()
            #expect(try await world.provider.purgeTransactions(before: world.clock.now) == 1)
            #expect(try await world.find(young.id).id == young.id)
        }
    }
}
