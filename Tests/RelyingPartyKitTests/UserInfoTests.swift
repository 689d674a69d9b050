import Codecs
import JOSE
import Kernel
import RelyingPartyKit
import Testing

@Suite struct UserInfoTests {
    static func signed(_ claims: JSONObject, _ key: SigningKey) async throws -> [UInt8] {
        var claims = claims
        claims["iss"] = "https://id.example"
        claims["aud"] = "bank.example"
        return Array(try await JWSProducer(signer: SoftwareSigner(key), type: "JWT").sign(claims).utf8)
    }

    static func encrypted(_ bytes: [UInt8], to key: DecryptionKey, contentType: String?) throws -> [UInt8] {
        Array(
            try JWE.encrypt(
                bytes, to: EncryptionKey(key.jwk), algorithm: .ecdhESA256KW, encryption: .a256GCM,
                contentType: contentType
            ).utf8)
    }

    @Test func signedUserInfo() async throws {
        let world = try World { $0.requiresSignedUserInfo = true }
        await world.provider.set(\.userInfoForm) { ("application/jwt", try await UserInfoTests.signed($0, $1)) }
        #expect(try await world.party.userInfo(world.login())["name_km"] == "សុខា")
    }

    @Test func signedAndEncryptedUserInfo() async throws {
        let key = try DecryptionKey.generate()
        let world = try World {
            $0.decryptionKeys = [try DecryptionKey.generate(), key]
            $0.requiresSignedUserInfo = true
            $0.requiresEncryptedUserInfo = true
        }
        await world.provider.set(\.userInfoForm) { claims, signer in
            let inner = try await UserInfoTests.signed(claims, signer)
            return ("application/jwt", try UserInfoTests.encrypted(inner, to: key, contentType: "JWT"))
        }
        #expect(try await world.party.userInfo(world.login())["phone_number"] == "+85512345678")
    }

    @Test(arguments: [false, true])
    func encryptedOnlyUserInfo(_ mustBeSigned: Bool) async throws {
        let key = try DecryptionKey.generate()
        let world = try World {
            $0.decryptionKeys = [key]
            $0.requiresSignedUserInfo = mustBeSigned
        }
        await world.provider.set(\.userInfoForm) { claims, _ in
            ("application/jwt", try UserInfoTests.encrypted(JSON.bytes(claims), to: key, contentType: nil))
        }
        let login = try await world.login()
        let found = await failure { _ = try await world.party.userInfo(login) }
        #expect(found == (mustBeSigned ? "rp.userinfo:not signed" : nil))
    }

    @Test func protectionCannotBeStripped() async throws {
        let key = try DecryptionKey.generate()
        let world = try World {
            $0.decryptionKeys = [key]
            $0.requiresEncryptedUserInfo = true
        }
        let login = try await world.login()
        #expect(
            await failure { _ = try await world.party.userInfo(login) }
                == "rp.userinfo:neither signed nor encrypted")
        await world.provider.set(\.userInfoForm) { ("application/jwt", try await UserInfoTests.signed($0, $1)) }
        #expect(await failure { _ = try await world.party.userInfo(login) } == "rp.userinfo:not encrypted")
        let foreign = try DecryptionKey.generate()
        await world.provider.set(\.userInfoForm) { claims, signer in
            let inner = try await UserInfoTests.signed(claims, signer)
            return ("application/jwt", try UserInfoTests.encrypted(inner, to: foreign, contentType: "JWT"))
        }
        let found = await failure { _ = try await world.party.userInfo(login) }
        #expect(found?.hasPrefix("rp.userinfo:jose.kid") == true)
    }

    @Test func aSignatureByAnotherKeyIsRefused() async throws {
        let world = try World()
        let forger = try SigningKey.generate(.es256)
        let login = try await world.login()
        await world.provider.set(\.userInfoForm) { claims, _ in
            ("application/jwt", try await UserInfoTests.signed(claims, forger))
        }
        let found = await failure { _ = try await world.party.userInfo(login) }
        #expect(found?.hasPrefix("rp.userinfo:jose.kid") == true)
    }

    @Test(arguments: [["sub": "person-2"], [:], ["sub": 1], ["sub": "Person-1"]] as [JSONObject])
    func itMustBeAboutTheSamePerson(_ claims: JSONObject) async throws {
        let world = try World()
        let login = try await world.login()
        await world.provider.set(\.userInfoClaims, claims)
        #expect(await failure { _ = try await world.party.userInfo(login) } == "rp.userinfo:sub")
    }

    @Test(arguments: [
        (401, "application/json", "{}", "rp.token.invalid_token"), (403, "", "", "rp.token.insufficient_scope"),
        (500, "", "", "rp.unreachable:status 500"), (302, "", "", "rp.answer_malformed:userinfo status 302"),
        (200, "text/html", "{}", "rp.answer_malformed:userinfo media type"),
        (200, "application/json", "[", "rp.answer_malformed:userinfo"),
        (200, "application/jwt", "{}", "rp.userinfo:jose.malformed not three parts"),
    ])
    func otherAnswers(_ status: Int, _ type: String, _ body: String, _ expected: String) async throws {
        let world = try World()
        let login = try await world.login()
        await world.provider.set(\.answerOverride) { request in
            guard request.url.hasSuffix("/userinfo") else { return nil }
            return OIDCResponse(status: status, contentType: type, body: Array(body.utf8))
        }
        #expect(await failure { _ = try await world.party.userInfo(login) } == expected)
    }
}
