import Codecs
import Crypto
import Kernel
import Testing

@testable import WebPush

@Suite("Message encryption")
struct PushEncryptionTests {
    /// RFC 8291 section 5 and appendix A.
    private enum Appendix {
        static let content = Array("When I grow up, I want to be a watermelon".utf8)
        static let sender = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
        static let browser = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
        static let point = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
        static let salt = "DGv6ra1nlYgDCS1FRnbzlw"
        static let auth = "BTBZMqHH6r4Tts7J_aSIgg"
        static let body =
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A"
            + "_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    }

    private func appendixBrowser() throws -> Browser {
        try Browser(key: .init(rawRepresentation: bytes(Appendix.browser)), auth: bytes(Appendix.auth))
    }

    @Test func appendixAOfRFC8291IsReproduced() throws {
        let browser = try appendixBrowser()
        let json = """
            {"endpoint":"https://push.example.net/push/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV","expirationTime":null,
             "keys":{"p256dh":"\(Appendix.point)","auth":"\(Appendix.auth)"}}
            """
        let subscription = try PushSubscription(json: Array(json.utf8), policy: .publicOnly)
        #expect(subscription.p256dh == browser.point)
        let (salt, sender) = (try bytes(Appendix.salt), try bytes(Appendix.sender))
        let ambient = Ambient(now: { Instant(seconds: 0) }, randomBytes: { $0 == 16 ? salt : sender })
        let body = try PushEncryption.encrypt(Appendix.content, for: subscription, ambient: ambient)
        #expect(Base64URL.encode(body) == Appendix.body)
        #expect(try browser.open(bytes(Appendix.body)) == Appendix.content)
    }

    /// RFC 8188 section 3.1.
    @Test func theFirstExampleOfRFC8188IsReproduced() throws {
        let key = try bytes("yqdlZ-tYemfogSmv7Ws5PQ")
        let body = try ContentCoding.singleRecord(
            Array("I am the walrus".utf8), inputKey: SymmetricKey(data: key), salt: bytes("I1BsxtFttlv3u_Oo94xnmw"),
            keyID: [], recordSize: 4096)
        #expect(Base64URL.encode(body) == "I1BsxtFttlv3u_Oo94xnmwAAEAAA-NAVub2qFgBEuQKRapoZu-IxkIva3MEB1PD-ly8Thjg")
    }

    /// RFC 8188 section 3.2 has two records, which we never write: it judges the reader of these tests.
    @Test func theReaderOfTheseTestsReadsTheSecondExample() throws {
        let body = try bytes(
            "uNCkWiNYzKTnBN9ji3-qWAAAABkCYTHOG8chz_gnvgOqdGYovxyjuqRyJFjEDyoF1Fvkj6hQPdPHI51OEUKEpgz3SsLWIqS_uA")
        let read = try openContentCoding(body, inputKey: bytes("BO3ZVPxUlnLORbVGMpbT1Q"))
        #expect(read.content == Array("I am the walrus".utf8) && read.padding == 1)
        #expect(read.recordSize == 25 && read.keyID == Array("a1".utf8))
    }

    @Test func everyMessageHasItsOwnSaltAndKey() throws {
        let browser = Browser()
        let subscription = try browser.subscription("https://push.example/1", policy: .publicOnly)
        let content = Array("x".utf8)
        let bodies = try (0..<20).map { _ in
            try PushEncryption.encrypt(content, for: subscription, paddedTo: 64, ambient: .system)
        }
        #expect(Set(bodies.map { $0[..<16] }).count == 20 && Set(bodies.map { $0[21..<86] }).count == 20)
        for body in bodies { #expect(try browser.open(body) == content) }
    }

    @Test func paddingMakesAllMessagesOfOneLength() throws {
        let browser = Browser()
        let subscription = try browser.subscription("https://push.example/1", policy: .publicOnly)
        for count in [0, 1, 16, 63, 64] {
            let content = [UInt8](repeating: 7, count: count)
            let body = try PushEncryption.encrypt(content, for: subscription, paddedTo: 64, ambient: .system)
            #expect(body.count == 86 + 64 + 1 + 16)
            #expect(try browser.open(body) == content)
        }
    }

    @Test func theLongestMessageFitsAndTheNextDoesNot() throws {
        let browser = Browser()
        let subscription = try browser.subscription("https://push.example/1", policy: .publicOnly)
        let longest = [UInt8](repeating: 0, count: PushEncryption.largestContent)
        let body = try PushEncryption.encrypt(longest, for: subscription, ambient: .system)
        #expect(body.count == 4096)
        #expect(try browser.open(body) == longest)
        #expect(throws: RumdulError.internal("")) {
            try PushEncryption.encrypt(longest + [0], for: subscription, ambient: .system)
        }
        #expect(throws: RumdulError.internal("")) {
            try PushEncryption.encrypt([], for: subscription, paddedTo: longest.count + 1, ambient: .system)
        }
    }

    @Test func aChangedMessageIsUnreadable() throws {
        let browser = Browser()
        let subscription = try browser.subscription("https://push.example/1", policy: .publicOnly)
        let body = try PushEncryption.encrypt([1, 2, 3], for: subscription, paddedTo: 64, ambient: .system)
        for index in [0, 15, 86, 100, body.count - 1] {
            var changed = body
            changed[index] ^= 1
            #expect(throws: (any Error).self) { try browser.open(changed) }
        }
        #expect(throws: (any Error).self) { try Browser().open(body) }
        #expect(throws: (any Error).self) { try Browser(key: browser.key).open(body) }
    }

    /// Zero, and the order of the group and above, are no private keys.
    @Test func aDrawThatIsNoKeyIsDrawnAgain() throws {
        let draws = Draws([[UInt8](repeating: 0, count: 32), [UInt8](repeating: 0xFF, count: 32)])
        let browser = Browser()
        let subscription = try browser.subscription("https://push.example/1", policy: .publicOnly)
        let ambient = Ambient(
            now: { Instant(seconds: 0) }, randomBytes: { $0 == 32 ? draws.next() : secureRandomBytes($0) })
        let body = try PushEncryption.encrypt([1], for: subscription, ambient: ambient)
        #expect(try browser.open(body) == [1])
        let broken = Ambient(now: { Instant(seconds: 0) }, randomBytes: { [UInt8](repeating: 0, count: $0) })
        #expect(throws: RumdulError.internal("")) {
            try PushEncryption.encrypt([1], for: subscription, ambient: broken)
        }
    }
}
