import Codecs
import Kernel
import Testing

@testable import RelyingPartyKit

@Suite("Step-up (RFC 9470)")
struct StepUpTests {
    private static let (low, high) = ("urn:kh:camdigikey:aal:1", "urn:kh:camdigikey:aal:2")

    /// The example of docs/relying-parties.md.
    @Test func theExampleOfTheDocumentation() async throws {
        let now = Instant(seconds: 1_800_000_000)
        let claims: JSONObject = ["acr": "urn:kh:camdigikey:aal:1", "auth_time": 1_799_999_900]

        // Resource server: what this operation wants, checked in a verified access token.
        let wanted = StepUp(acrValues: ["urn:kh:camdigikey:aal:2"], maxAge: 300)
        var answer: (status: Int, wwwAuthenticate: String)?
        if !wanted.isMet(by: claims, now: now) { answer = (401, wanted.challenge(.dpop)) }

        // Client: the challenge becomes a login.
        let field = try #require(answer).wwwAuthenticate
        let challenge = try #require(StepUp(wwwAuthenticate: field))
        let options = challenge.login(LoginOptions(scope: ["openid"], purpose: "payment"))
        #expect(options.acrValues == ["urn:kh:camdigikey:aal:2"] && options.requiresACR && options.maxAge == 300)
        #expect(options.purpose == "payment")
    }

    @Test func whatIsMet() {
        let now = Instant(seconds: 1000)
        let wanted = StepUp(acrValues: [Self.high], maxAge: 60)
        func met(_ claims: JSONObject) -> Bool { wanted.isMet(by: claims, now: now) }
        #expect(met(["acr": .string(Self.high), "auth_time": 940]))
        #expect(met(["acr": "urn:kh:camdigikey:aal:3", "auth_time": 940]), "higher is enough")
        #expect(met(["acr": "urn:kh:camdigikey:aal:3plus", "auth_time": 1060]), "clocks differ")
        #expect(!met(["acr": .string(Self.high), "auth_time": 939]), "too old")
        #expect(!met(["acr": .string(Self.high), "auth_time": 1061]), "from the future")
        #expect(!met(["acr": .string(Self.low), "auth_time": 1000]), "too low")
        #expect(!met(["acr": .string(Self.high)]) && !met(["auth_time": 1000]) && !met([:]), "missing")
        #expect(!met(["acr": "urn:other:9", "auth_time": 1000]), "unknown")
        #expect(!met(["acr": 3, "auth_time": "1000"]), "other types")
        #expect(StepUp().isMet(by: [:], now: now))
        #expect(StepUp(maxAge: -5).maxAge == 0)
    }

    @Test func challengesComeBack() throws {
        for scheme in StepUp.Scheme.allCases {
            for wanted in [
                StepUp(acrValues: [Self.high, Self.low], maxAge: 0), StepUp(acrValues: [Self.high]), StepUp(maxAge: 5),
                StepUp(),
            ] {
                #expect(StepUp(wwwAuthenticate: wanted.challenge(scheme)) == wanted)
            }
        }
        #expect(
            StepUp(acrValues: [Self.high], maxAge: 300).challenge(.bearer)
                == "Bearer error=\"insufficient_user_authentication\", "
                + "error_description=\"A stronger or more recent authentication is required\", "
                + "acr_values=\"urn:kh:camdigikey:aal:2\", max_age=\"300\""
        )
        #expect(StepUp(acrValues: ["a\"b", "a b", "", "ok", "x\r\ny"]).acrValues == ["ok"])
    }

    @Test func challengesOfOthers() {
        let text = "error=\"insufficient_user_authentication\""
        #expect(StepUp(wwwAuthenticate: "DPoP algs=\"ES256\", Bearer realm=\"a, b\", \(text), max_age=5")?.maxAge == 5)
        #expect(
            StepUp(wwwAuthenticate: "bearer ERROR = insufficient_user_authentication , acr_values=\"x y\"")?.acrValues
                == ["x", "y"])
        #expect(StepUp(wwwAuthenticate: "Negotiate dG9rZW4=, Bearer \(text)") == StepUp())
        #expect(StepUp(wwwAuthenticate: "Negotiate, Bearer \(text), acr_values=\"a\\\"b c\"")?.acrValues == ["c"])
        for malformed in [
            "", "Bearer", "Basic \(text)", "Bearer error=\"invalid_token\"", "Bearer error=\"insufficient", text,
            "Bearer \(text), max_age=\"x\"", "Bearer \(text), max_age=\"99999999999\"", "Bearer \(text), \(text)",
            "Bearer error=\"insufficient_user_authentication\\", "Bearer \(text), =x", "Bearer\u{0}\(text)",
            String(repeating: "a", count: 9000),
        ] {
            #expect(StepUp(wwwAuthenticate: malformed) == nil, "\(malformed.prefix(80))")
        }
    }

    /// Whatever bytes come, it answers.
    @Test func randomFields() {
        var state: UInt64 = 42
        let alphabet = Array("Bearer DPoP,=\"\\ \terror_insufficient;/+\u{17A1}")
        for _ in 0..<20_000 {
            var text = ""
            for _ in 0..<24 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                text.append(alphabet[Int(state >> 33) % alphabet.count])
            }
            _ = StepUp(wwwAuthenticate: text)
        }
    }
}
