import Codecs
import Crypto
import JOSE
import Kernel
import KeyVault
import Testing

@testable import WebPush

/// `Authorization: vapid` taken apart and checked without the code that made it.
struct Credentials {
    let header: JSONObject
    let claims: JSONObject
    let point: [UInt8]
    let isValid: Bool

    init(_ value: String) throws {
        guard value.hasPrefix("vapid t="), let comma = value.firstRange(of: ", k=") else { throw Unreadable() }
        let token = value[value.index(value.startIndex, offsetBy: 8)..<comma.lowerBound]
        point = try bytes(String(value[comma.upperBound...]))
        let parts = token.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3 else { throw Unreadable() }
        header = try JSON.parseObject(bytes(parts[0]))
        claims = try JSON.parseObject(bytes(parts[1]))
        let key = try P256.Signing.PublicKey(x963Representation: point)
        let signature = try P256.Signing.ECDSASignature(rawRepresentation: bytes(parts[2]))
        isValid = key.isValidSignature(signature, for: Array("\(parts[0]).\(parts[1])".utf8))
    }
}

@Suite("Tokens for push services")
struct VAPIDTests {
    private let clock = TestClock()
    private let contact = "mailto:push@rumdul.example"

    /// RFC 8292 section 2.4 judges the reader of these tests.
    @Test func theExampleOfRFC8292IsRead() throws {
        let read = try Credentials(
            "vapid t=eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.eyJhdWQiOiJodHRwczovL3B1c2guZXhhbXBsZS5uZXQiLCJleHAiOjE0NTM1Mj"
                + "M3NjgsInN1YiI6Im1haWx0bzpwdXNoQGV4YW1wbGUuY29tIn0.i3CYb7t4xfxCDquptFOepC9GAu_HLGkMlMuCGSK2rpiUfnK9ojFwD"
                + "Xb1JrErtmysazNjjvW2L9OkSSHzvoD1oA, "
                + "k=BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9ojSwk5Y2EmClBPs")
        #expect(read.isValid && read.claims.string("aud") == "https://push.example.net")
    }

    @Test func tokensOfTheVault() async throws {
        let vault = try FileKeyVault.ephemeral(ambient: clock.ambient)
        let tokens = try VAPIDTokens(contact: contact, ambient: clock.ambient, vault: vault)
        let read = try Credentials(try await tokens.authorization(for: "https://push.example.net"))
        #expect(read.isValid)
        #expect(read.header == ["alg": "ES256", "typ": "JWT"])
        #expect(
            read.claims == [
                "aud": "https://push.example.net", "exp": .integer(clock.now.seconds + 12 * 3600),
                "sub": .string(contact),
            ])
        let key = try await vault.applicationServerKey()
        #expect(read.point == key.point && key.point.count == 65 && key.text == Base64URL.encode(read.point))
        let handle = try await vault.activeKey(.webPush)
        let published = try #require(handle.publicKey)
        #expect(published.material == .p256(try P256.Signing.PublicKey(x963Representation: key.point)))
    }

    @Test func aTokenIsUsedUntilShortlyBeforeItsEnd() async throws {
        let signer = try CountingSigner()
        let key = try signer.key
        let tokens = try VAPIDTokens(contact: contact, ambient: clock.ambient) { key }
        let first = try await tokens.authorization(for: "https://a.example")
        clock.advance(VAPIDTokens.lifetime - VAPIDTokens.margin - 1)
        #expect(try await tokens.authorization(for: "https://a.example") == first)
        #expect(signer.count == 1)
        // Another origin, another token.
        let other = try await tokens.authorization(for: "https://b.example")
        #expect(try Credentials(other).claims.string("aud") == "https://b.example" && signer.count == 2)
        clock.advance(1)
        let second = try await tokens.authorization(for: "https://a.example")
        #expect(second != first && signer.count == 3)
        #expect(try Credentials(second).claims.integer("exp") == clock.now.seconds + VAPIDTokens.lifetime)
        #expect(try await tokens.authorization(for: "https://b.example") == other)
    }

    @Test func anotherKeyMakesAnotherToken() async throws {
        let vault = try FileKeyVault.ephemeral(ambient: clock.ambient)
        let tokens = try VAPIDTokens(contact: contact, ambient: clock.ambient, vault: vault)
        let first = try await tokens.authorization(for: "https://a.example")
        _ = try await KeyRotation(vault: vault).replaceCompromised(.webPush, .es256)
        let second = try Credentials(try await tokens.authorization(for: "https://a.example"))
        #expect(try second.isValid && second.point != Credentials(first).point)
    }

    /// Browsers tie subscriptions to the key: no rotation by the calendar.
    @Test func theKeyIsNotRotated() async throws {
        let vault = try FileKeyVault.ephemeral(ambient: clock.ambient)
        let before = try await vault.activeKey(.webPush)
        let later = clock.now.adding(seconds: 10 * 365 * 86_400)
        #expect(try await KeyRotation(vault: vault).rotate(.webPush, now: later, force: true).isEmpty)
        #expect(try await vault.activeKey(.webPush) == before && KeyPurpose.all.contains(.webPush))
    }

    @Test func memoryOfOriginsHasALimit() async throws {
        let signer = try CountingSigner()
        let key = try signer.key
        let tokens = try VAPIDTokens(contact: contact, ambient: clock.ambient) { key }
        for index in 0..<VAPIDTokens.mostOrigins {
            _ = try await tokens.authorization(for: "https://\(index).example")
            clock.advance(1)
        }
        let last = try await tokens.authorization(for: "https://last.example")
        let made = signer.count
        // The oldest are forgotten, the latest stay.
        #expect(try await tokens.authorization(for: "https://last.example") == last && signer.count == made)
        _ = try await tokens.authorization(for: "https://255.example")
        #expect(signer.count == made)
        _ = try await tokens.authorization(for: "https://0.example")
        #expect(signer.count == made + 1)
    }

    @Test func keysForOtherAlgorithmsAreRefused() async throws {
        let key = try SigningKey.generate(.es384)
        #expect(throws: RumdulError.joseKey("")) {
            try ApplicationServerKey(key.jwk, signer: SoftwareSigner(key))
        }
        let other = try SigningKey.generate(.es256)
        #expect(throws: RumdulError.joseKey("")) { try ApplicationServerKey(other.jwk, signer: SoftwareSigner(key)) }
        let empty = try FileKeyVault.ephemeral(purposes: [.mac])
        #expect(await code { _ = try await empty.applicationServerKey() } == "keyvault.no_key")
    }

    @Test func contacts() {
        for good in ["mailto:push@rumdul.example", "mailto:a.b+c_d-e@x.gov.kh", "https://rumdul.example/contact"] {
            #expect(VAPIDTokens.isContact(good), "\(good)")
        }
        for bad in [
            "", "mailto:", "mailto:x", "mailto:@x", "mailto:a@", "mailto:a@b@c", "mailto:a b@c.d", "http://x.example/",
            "https://", "push@rumdul.example", "mailto:a@b,c@d", "mailto:a@b\r\nX: y", "mailto:ក@x.example",
            "mailto:a@" + String(repeating: "x", count: 300),
        ] {
            #expect(!VAPIDTokens.isContact(bad), "\(bad)")
        }
        #expect(throws: RumdulError.pushContact) {
            try VAPIDTokens(contact: "x", ambient: .system) { throw RumdulError.internal("") }
        }
    }
}
