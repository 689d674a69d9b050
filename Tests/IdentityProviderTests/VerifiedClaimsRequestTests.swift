import Codecs
import Kernel
import RelyingParties
import Testing

@testable import IdentityProvider

@Suite("verified_claims, as it is asked")
struct VerifiedClaimsRequestTests {
    private func parse(_ text: String) throws -> [VerifiedClaimsRequest] {
        try ClaimsRequest(#"{"userinfo":{"verified_claims":\#(text)}}"#).verifiedUserInfo
    }

    private static let good = #"{"verification":{"trust_framework":null},"claims":{"name":null}}"#

    @Test func oneObjectOrAFew() throws {
        #expect(try parse("null") == [])
        #expect(try parse("{}") == [])
        let one = try #require(try parse(Self.good).first)
        #expect(one.claims.names == ["name"] && one.verification.names == ["trust_framework"])
        let four = "[" + [String](repeating: Self.good, count: 4).joined(separator: ",") + "]"
        #expect(try parse(four).count == 4)
        let five = "[" + [String](repeating: Self.good, count: 5).joined(separator: ",") + "]"
        #expect(throws: OAuthError.self) { try parse(five) }
        #expect(throws: OAuthError.self) { try parse("[]") }
    }

    @Test func channelsAreKeptApart() throws {
        let claims = try ClaimsRequest(
            #"{"userinfo":{"name_km":null,"verified_claims":\#(Self.good)},"id_token":{"verified_claims":[\#(Self.good),\#(Self.good)]}}"#
        )
        #expect(claims.userInfo == ["name_km"] && claims.idToken == [])
        #expect(claims.verifiedUserInfo.count == 1 && claims.verifiedIDToken.count == 2)
    }

    @Test(arguments: [
        "5", #""x""#, "true", "[5]", "[null]", #"{"claims":{"name":null}}"#,
        #"{"verification":{"trust_framework":null}}"#,
        #"{"verification":5,"claims":{"name":null}}"#, #"{"verification":{},"claims":{"name":null}}"#,
        #"{"verification":{"trust_framework":"kh_ipis"},"claims":{"name":null}}"#,
        #"{"verification":{"trust_framework":null},"claims":{}}"#,
        #"{"verification":{"trust_framework":null},"claims":null}"#,
        #"{"verification":{"trust_framework":null},"claims":{"name":1}}"#,
        #"{"verification":{"trust_framework":null},"claims":{"unknown":1}}"#,
        #"{"verification":{"trust_framework":null},"claims":{"name":{"purpose":"ab"}}}"#,
        #"{"verification":{"trust_framework":null},"claims":{"name":{"purpose":5}}}"#,
        #"{"verification":{"trust_framework":null},"claims":{"name":{"essential":"yes"}}}"#,
        #"{"verification":{"trust_framework":null},"claims":{"name":{"values":[]}}}"#,
        #"{"verification":{"trust_framework":null},"claims":{"name":{"values":"x"}}}"#,
        #"{"verification":{"trust_framework":null,"time":{"max_age":-1}},"claims":{"name":null}}"#,
        #"{"verification":{"trust_framework":null,"time":{"max_age":"1"}},"claims":{"name":null}}"#,
        #"{"verification":{"trust_framework":null,"evidence":{}},"claims":{"name":null}}"#,
        #"{"verification":{"trust_framework":null,"evidence":[]},"claims":{"name":null}}"#,
        #"{"verification":{"trust_framework":null,"evidence":[5]},"claims":{"name":null}}"#,
        #"{"verification":{"trust_framework":null,"evidence":[{"record":[]}]},"claims":{"name":null}}"#,
        #"{"verification":{"trust_framework":null,"evidence":[{"check_details":{}}]},"claims":{"name":null}}"#,
    ])
    func brokenStructures(_ text: String) throws {
        #expect(throws: OAuthError.self) { try parse(text) }
        #expect(throws: OAuthError.self) { try ClaimsRequest(#"{"id_token":{"verified_claims":\#(text)}}"#) }
    }

    @Test func limits() throws {
        func purpose(_ count: Int) -> String {
            let text = String(repeating: "ក", count: count)
            return #"{"verification":{"trust_framework":null},"claims":{"name":{"purpose":"\#(text)"}}}"#
        }
        for count in [3, 300] { #expect(try parse(purpose(count)).count == 1) }
        for count in [2, 301] { #expect(throws: OAuthError.self) { try parse(purpose(count)) } }
        func claims(_ count: Int) -> String {
            let members = (0..<count).map { "\"c\($0)\":null" }.joined(separator: ",")
            return #"{"verification":{"trust_framework":null},"claims":{\#(members)}}"#
        }
        #expect(try parse(claims(60)).count == 1)
        #expect(throws: OAuthError.self) { try parse(claims(61)) }
        func evidence(_ count: Int) -> String {
            let entries = [String](repeating: #"{"type":{"value":"document"}}"#, count: count).joined(separator: ",")
            return #"{"verification":{"trust_framework":null,"evidence":[\#(entries)]},"claims":{"name":null}}"#
        }
        #expect(try parse(evidence(10)).count == 1)
        #expect(throws: OAuthError.self) { try parse(evidence(11)) }
        let values = { (count: Int) in
            let list = (0..<count).map { "\"v\($0)\"" }.joined(separator: ",")
            return #"{"verification":{"trust_framework":{"values":[\#(list)]}},"claims":{"name":null}}"#
        }
        #expect(try parse(values(20)).count == 1)
        #expect(throws: OAuthError.self) { try parse(values(21)) }
    }

    @Test func whatIsNotKnownIsLeftOut() throws {
        let text = ##"""
            {"verification":{"trust_framework":{"value":"kh_ipis","essential":true,"shoe":1},"assurance_process":{"a":1},
            "evidence":[{"type":{"value":"document"},"attachments":[{}],"document_details":{"type":null,"serial_number":null}}]},
            "claims":{"name#km":{"essential":false},"name":{"value":"x"},"phone_number":null,"a b":null,"#":null},"extra":{}}
            """##
        let one = try #require(try parse(text).first)
        #expect(one.claims == ["name": nil])
        #expect(
            one.verification == [
                "trust_framework": ["value": "kh_ipis"],
                "evidence": [["type": ["value": "document"], "document_details": ["type": nil]]],
            ])
        #expect(VerifiedClaimsRequest(json: one.json) == one)
    }

    @Test func whatEvidenceTellsIsAskedOfThePerson() throws {
        func attributes(_ evidence: String) throws -> [String] {
            let text = #"{"verification":{"trust_framework":null,"evidence":[\#(evidence)]},"claims":{"name":null}}"#
            return try parse(text).flatMap(\.attributes)
        }
        #expect(try attributes(#"{"type":{"value":"electronic_record"}}"#) == ["name"])
        #expect(try attributes(#"{"type":{"value":"document"}}"#) == ["name", "document_type"])
        #expect(try attributes(#"{"type":null}"#) == ["name", "document_type"])
        #expect(try attributes(#"{}"#) == ["name", "document_type"])
        #expect(
            try attributes(#"{"type":{"value":"document"},"document_details":{"document_number":null}}"#)
                == ["name", "document_type", "national_id"])
    }

    @Test func onlyThePurposesAttributesAreAskedAndEachOnce() throws {
        let purpose = RegisteredPurpose(
            code: "p", text: LocalizedText(km: "ក", en: "p"), essential: ["name"], optional: ["birthdate", "gender"],
            validDays: 1)
        let claims = try ClaimsRequest(
            #"""
            {"userinfo":{"gender":null,"verified_claims":{"verification":{"trust_framework":null},
            "claims":{"name":null,"gender":null,"kidc":null}}},"id_token":{"verified_claims":[
            {"verification":{"trust_framework":null},"claims":{"kidc":null}},
            {"verification":{"trust_framework":null},"claims":{"name":null,"birthdate":null}}]}}
            """#)
        var request = AuthorizationRequest(withoutBrowser: "c", purposeCode: "p")
        request.ask(scope: ["openid"], claims: claims, purpose: purpose)
        #expect(request.attributes == ["name", "birthdate", "gender"])
        #expect(request.verifiedOnly == ["name", "birthdate"])
        #expect(request.dropped == ["kidc"])
        #expect(request.idTokenAttributes == [])
        #expect(request.verifiedUserInfo.map(\.claims.names) == [["name", "gender"]])
        #expect(request.verifiedIDToken.map(\.claims.names) == [["name", "birthdate"]])
        #expect(AuthorizationRequest(json: try JSON.parseObject(JSON.bytes(request.json)))?.json == request.json)
    }

    @Test func fuzzedRequestsKeepToTheGrammar() throws {
        var generator = SeededGenerator(31)
        let seed = Array(
            #"""
            {"userinfo":{"verified_claims":[{"verification":{"trust_framework":{"value":"kh_ipis"},"time":{"max_age":9},"evidence":[{"type":
            {"value":"document"},"check_details":[{"check_method":{"values":["vpip"]}}],"document_details":{"type":null,"document_number":null}}]},
            "claims":{"name":{"essential":true,"purpose":"to greet"},"kidc":null,"birthdate":{"values":["1990"]}}}]}}
            """#.utf8)
        let known = Set(VerificationGrammar.members.map(\.name))
        var (good, bad) = (0, 0)
        for _ in 0..<6000 {
            var bytes = seed
            for _ in 0..<Int.random(in: 0...4, using: &generator) {
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0...3, using: &generator) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes.remove(at: place)
                case 2: bytes.replaceSubrange(place..<min(place + 9, bytes.count), with: Array("null".utf8))
                default: bytes.insert(bytes.randomElement(using: &generator) ?? 0, at: place)
                }
            }
            do {
                for element in try ClaimsRequest(String(decoding: bytes, as: UTF8.self)).verifiedUserInfo {
                    good += 1
                    #expect(known.isSuperset(of: element.verification.names))
                    #expect(Set(AssuredAttributes.names).isSuperset(of: element.claims.names))
                    let json = try JSON.parse(JSON.text(element.json))
                    #expect(VerifiedClaimsRequest(json: json) == element)
                }
            } catch let error as OAuthError {
                bad += 1
                #expect(error.error == "invalid_request")
            }
        }
        #expect(good > 500 && bad > 500, "\(good) \(bad)")
    }
}

@Suite("A request laid over what is known")
struct VerificationTemplateTests {
    private let known: JSONValue = [
        "trust_framework": "kh_ipis", "time": "2027-01-10T00:00:00+07:00",
        "evidence": [
            ["type": "electronic_record", "record": ["type": "population_register"]],
            ["type": "document", "document_details": ["type": "idcard", "issuer": ["country_code": "KHM"]]],
        ],
    ]

    private func lay(_ template: JSONValue, seconds: Int64 = 1_800_000_000) -> VerificationTemplate.Result {
        VerificationTemplate.lay(template, over: known, now: Instant(seconds: seconds))
    }

    @Test func onlyWhatIsAskedComesOut() {
        #expect(lay(["trust_framework": nil]) == .value(["trust_framework": "kh_ipis"]))
        #expect(lay(["assurance_level": nil]) == .absent)
        #expect(
            lay(["evidence": [["record": [:]]]])
                == .value([
                    "evidence": [
                        ["type": "electronic_record", "record": ["type": "population_register"]], ["type": "document"],
                    ]
                ]))
        #expect(
            lay(["evidence": [["type": ["value": "document"], "document_details": ["issuer": ["country_code": nil]]]]])
                == .value([
                    "evidence": [
                        [
                            "type": "document",
                            "document_details": ["type": "idcard", "issuer": ["country_code": "KHM"]],
                        ]
                    ]
                ]))
    }

    @Test func everyConstraintHoldsOrNothingIsTold() {
        #expect(lay(["trust_framework": ["value": "de_aml"]]) == .unmet)
        #expect(lay(["trust_framework": ["values": ["de_aml", "kh_ipis"]]]) != .unmet)
        #expect(lay(["trust_framework": ["value": 5]]) == .unmet)
        #expect(lay(["trust_framework": nil, "assurance_level": ["value": "IAL2"]]) == .unmet)
        #expect(lay(["trust_framework": nil, "evidence": [["type": ["value": "vouch"]]]]) == .unmet)
        #expect(lay(["evidence": [["record": ["source": ["name": ["value": "x"]]]]]]) == .unmet)
    }

    @Test func entriesOfAListAreLinkedByOr() {
        let both = lay(["evidence": [["type": ["value": "vouch"]], ["type": ["value": "document"]]]])
        #expect(both == .value(["evidence": [["type": "document"]]]))
    }

    @Test func maximumAge() throws {
        let end = AssuranceDay.lastSecond(of: try #require(CalendarDate(year: 2027, month: 1, day: 10)))
        #expect(lay(["time": ["max_age": 60]], seconds: end + 60) != .unmet)
        #expect(lay(["time": ["max_age": 60]], seconds: end + 61) == .unmet)
        #expect(lay(["trust_framework": ["max_age": 0]]) != .unmet, "not a time, so the member means nothing")
        #expect(AssuranceDay.text(Instant(seconds: end)) == "2027-01-10T00:00:00+07:00")
        #expect(AssuranceDay.text(Instant(seconds: end + 1)) == "2027-01-11T00:00:00+07:00")
    }
}
