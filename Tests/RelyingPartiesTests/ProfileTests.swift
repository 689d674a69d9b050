import Codecs
import Foundation
import JOSE
import Kernel
import Testing

@testable import RelyingParties

@Suite("Profiles")
struct ProfileTests {
    private func refusal(_ profile: ClientProfile, _ change: (inout JSONObject) -> Void) -> String? {
        TestClients.refusedField(TestClients.document(profile: profile, change: change))
    }

    @Test func everyProfileHasAGoodClient() throws {
        for profile in ClientProfile.allCases {
            let party = try RelyingPartyDocument.parse(TestClients.document(profile: profile))
            #expect(party.profile == profile)
            #expect(party.idTokenAlgorithm == profile.rules.responseAlgorithms.first)
            #expect(party.requiresPKCE)
            #expect(party.requiresPushedRequest == profile.rules.requiresPushedRequest)
            #expect(party.requiresJWTResponse == (profile == .fapi2MessageSigning))
            #expect(party.requiresSignedRequestObject == (profile == .fapi2MessageSigning))
        }
    }

    @Test func defaultsOfAlgorithms() throws {
        // OC-03: a client without an algorithm gets RS256; FAPI forbids it.
        #expect(try RelyingPartyDocument.parse(TestClients.document(profile: .oidcLegacy)).idTokenAlgorithm == .rs256)
        #expect(try RelyingPartyDocument.parse(TestClients.document(profile: .oidcSecure)).idTokenAlgorithm == .rs256)
        #expect(try RelyingPartyDocument.parse(TestClients.document(profile: .fapi2)).idTokenAlgorithm == .es256)
        for profile in [ClientProfile.fapi2, .fapi2MessageSigning] {
            for member in [
                "id_token_signed_response_alg", "userinfo_signed_response_alg", "authorization_signed_response_alg",
                "introspection_signed_response_alg", "request_object_signing_alg", "token_endpoint_auth_signing_alg",
            ] {
                for bad in ["RS256", "none", "HS256", "ES384", ""] {
                    #expect(refusal(profile) { $0[member] = bad.asJSON } == member, "\(member) \(bad)")
                }
                for good in ["PS256", "ES256", "EdDSA"] {
                    #expect(refusal(profile) { $0[member] = good.asJSON } == nil, "\(member) \(good)")
                }
            }
        }
        #expect(refusal(.oidcLegacy) { $0["request_object_signing_alg"] = "RS256" } == nil)
        #expect(refusal(.oidcSecure) { $0["request_object_signing_alg"] = "RS256" } == "request_object_signing_alg")
    }

    @Test func secretsBelongToTheLegacyProfile() throws {
        for method in ["client_secret_basic", "client_secret_post"] {
            for profile in ClientProfile.allCases {
                let refused = refusal(profile) { $0["token_endpoint_auth_method"] = method.asJSON }
                #expect((refused == nil) == (profile == .oidcLegacy), "\(method) \(profile)")
            }
        }
        // Without a named profile a shared secret means the legacy one, anything else the secure one.
        let secret = try RelyingPartyDocument.parse(TestClients.document("bank"))
        #expect(secret.profile == .oidcLegacy && secret.requiresPKCE)
        let plain = TestClients.document("bank") { $0["token_endpoint_auth_method"] = "none" }
        #expect(try RelyingPartyDocument.parse(plain).profile == .oidcSecure)
        #expect(refusal(.fapi2) { $0["token_endpoint_auth_method"] = "none" } == "token_endpoint_auth_method")
    }

    @Test func proofKeysAreRelaxedForConfidentialLegacyClientsOnly() throws {
        for profile in ClientProfile.allCases {
            let refused = refusal(profile) { $0["require_pkce"] = false }
            #expect((refused == nil) == (profile == .oidcLegacy))
            #expect(refusal(profile) { $0["require_pkce"] = true } == nil)
        }
        #expect(
            refusal(.oidcLegacy) {
                $0["require_pkce"] = false
                $0["token_endpoint_auth_method"] = "none"
            } == "require_pkce")
        let document = TestClients.document(profile: .oidcLegacy) { $0["require_pkce"] = false }
        #expect(try !RelyingPartyDocument.parse(document).requiresPKCE)
    }

    @Test func responseTypesThatPutTokensIntoURLsNeedAnAcceptedRisk() throws {
        for type in ["id_token", "id_token token", "code token", "code id_token token"] {
            for profile in ClientProfile.allCases {
                let refused = refusal(profile) {
                    $0["response_types"] = [type.asJSON]
                    $0["risk_acceptance"] = TestClients.risk([type])
                }
                #expect((refused == nil) == (profile == .oidcLegacy), "\(type) \(profile)")
            }
            #expect(refusal(.oidcLegacy) { $0["response_types"] = [type.asJSON] } == "risk_acceptance")
            #expect(
                refusal(.oidcLegacy) {
                    $0["response_types"] = [type.asJSON]
                    $0["risk_acceptance"] = TestClients.risk(["code id_token"])
                } == "risk_acceptance")
        }
        #expect(refusal(.oidcSecure) { $0["response_types"] = ["code id_token", "code"] } == nil)
        #expect(refusal(.fapi2) { $0["response_types"] = ["code id_token"] } == "response_types")
        for wrong in ["token", "none", "", "code code", "code  id_token", "CODE", "code foo"] {
            #expect(refusal(.oidcLegacy) { $0["response_types"] = [wrong.asJSON] } == "response_types", "\(wrong)")
        }
        let turned = try RelyingPartyDocument.parse(
            TestClients.document(profile: .oidcSecure) { $0["response_types"] = ["id_token code"] })
        #expect(turned.responseTypes == ["code id_token"] && turned.grantTypes == ["authorization_code", "implicit"])
        #expect(turned.allows(responseType: "code id_token") && !turned.allows(responseType: "code"))
    }

    @Test func risksAreRecordedInFull() {
        for member in ["response_types", "by", "reason", "date"] {
            #expect(
                refusal(.oidcLegacy) {
                    var risk = TestClients.risk(["id_token"]).objectValue ?? [:]
                    risk[member] = nil
                    $0["risk_acceptance"] = .object(risk)
                } == "risk_acceptance")
        }
        #expect(refusal(.oidcLegacy) { $0["risk_acceptance"] = "yes" } == "risk_acceptance")
        #expect(
            refusal(.oidcLegacy) {
                var risk = TestClients.risk(["id_token"]).objectValue ?? [:]
                risk["until"] = "x"
                $0["risk_acceptance"] = .object(risk)
            } == "risk_acceptance.until")
    }

    @Test func senderConstraint() throws {
        #expect(try RelyingPartyDocument.parse(TestClients.document(profile: .fapi2)).requiresSenderConstraint)
        #expect(try !RelyingPartyDocument.parse(TestClients.document(profile: .oidcSecure)).requiresSenderConstraint)
        let bound = TestClients.document(profile: .oidcSecure) { $0["dpop_bound_access_tokens"] = true }
        #expect(try RelyingPartyDocument.parse(bound).requiresSenderConstraint)
        #expect(
            refusal(.fapi2) {
                $0["dpop_bound_access_tokens"] = true
                $0["tls_client_certificate_bound_access_tokens"] = true
            } == "dpop_bound_access_tokens")
    }

    @Test func fapiUsesOnlyItsAlgorithms() {
        for profile in [ClientProfile.fapi2, .fapi2MessageSigning] {
            let rules = profile.rules
            for list in [rules.responseAlgorithms, rules.assertionAlgorithms, rules.requestObjectAlgorithms] {
                #expect(Set(list) == Set<JWSAlgorithm>.fapi2)
            }
            #expect(rules.codeLifetime <= 60 && rules.requiresSenderConstraint && rules.responseTypes == ["code"])
            #expect(rules.authenticationMethods.allSatisfy { $0.isConfidential && !$0.usesSecret })
        }
        #expect(ProfileRules.fapi2MessageSigning.responseModes.allSatisfy { $0.hasSuffix("jwt") })
    }

    @Test func theDocumentationShowsTheTable() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appendingPathComponent("docs/relying-parties.md"), encoding: .utf8)
        let shown = text.contains(ProfileRules.documentation)
        #expect(shown, "docs/relying-parties.md does not show this table:\n\(ProfileRules.documentation)")
    }

    @Test func theDocumentationNamesEveryMember() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appendingPathComponent("docs/relying-parties.md"), encoding: .utf8)
        let hidden: Set<String> = ["client_secret_sha256", "first_party"]
        for member in RelyingPartyDocument.standardMembers.union(RelyingPartyDocument.operatorMembers)
        where !hidden.contains(member) {
            let named = text.contains("`\(member)`")
            #expect(named, "\(member)")
        }
    }
}
