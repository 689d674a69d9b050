import Codecs
import Kernel
import Testing

@testable import RelyingParties

@Suite struct RegisterAccessTests {
    private func document(_ change: (inout JSONObject) -> Void = { _ in }) -> JSONObject {
        var object: JSONObject = [
            "client_id": "hospital", "client_name": ["km": "មន្ទីរពេទ្យ", "en": "Hospital"], "profile": "oidc-legacy",
            "grant_types": ["client_credentials"], "response_types": [],
            "organisation": ["code": "moh", "name": ["km": "សុខាភិបាល", "en": "Health"]],
            "purposes": [["code": "notice", "text": ["km": "ជូនដំណឹង", "en": "Notice"]]],
            "register_access": ["scopes": ["cr.notice.write"], "areas": ["0811"], "basis": "KH-CRVSI-2023"],
        ]
        change(&object)
        return object
    }

    private func refusal(_ change: (inout JSONObject) -> Void) -> String? {
        do {
            _ = try RelyingPartyDocument.parse(document(change))
            return nil
        } catch { return (error as? RumdulError)?.fields.first?.field }
    }

    @Test func theOperatorsGrantAddsItsScopes() throws {
        let party = try RelyingPartyDocument.parse(document { $0["scope"] = "other" })
        #expect(party.scope == ["other", "cr.notice.write"])
        #expect(party.registerAccess?.areas == ["0811"])
        #expect(try RelyingPartyDocument.parse(RelyingPartyDocument.write(party)) == party)
    }

    @Test func nobodyElseGivesScopesOfTheRegisters() throws {
        for scope in [
            "cr.record.read", "pr.person.read", "ids.verify", "uin.generate", "notif.sub.write", "document.read",
        ] {
            #expect(refusal { $0["scope"] = .string(scope) } == "scope", "\(scope)")
            #expect(
                refusal {
                    $0["register_access"] = nil
                    $0["scope"] = .string(scope)
                } == "scope", "\(scope)")
        }
        #expect(!RelyingPartyDocument.standardMembers.contains("register_access"))
    }

    @Test func anIncompleteGrantIsRefused() {
        #expect(refusal { $0["organisation"] = nil } == "register_access")
        #expect(
            refusal {
                $0["grant_types"] = ["authorization_code"]
                $0["response_types"] = ["code"]
                $0["redirect_uris"] = ["https://x.example/cb"]
            } == "register_access")
        let wrong: [(JSONValue, String)] = [
            (["scopes": [], "basis": "x"], "register_access.scopes"),
            (["scopes": ["profile"], "basis": "x"], "register_access.scopes"),
            (["scopes": ["cr.x"], "basis": "x", "areas": ["081"]], "register_access.areas"),
            (["scopes": ["cr.x"], "basis": "x", "attributes": ["nothing"]], "register_access.attributes"),
            (["scopes": ["cr.x"]], "basis"), (["scopes": ["cr.x"], "basis": "x", "more": 1], "register_access.more"),
        ]
        for (grant, field) in wrong { #expect(refusal { $0["register_access"] = grant } == field) }
    }
}
