import Accountability
import Codecs
import Kernel
import RelyingParties
import Testing

@testable import IdentityProvider

@Suite("From scopes and claims to attributes")
struct RequestedAttributesTests {
    private let purpose = RegisteredPurpose(
        code: "p", text: LocalizedText(km: "ក", en: "p"), essential: ["birthdate", "name_km"],
        optional: ["email", "gender"],
        validDays: 1)

    @Test func onlyWhatIsRegisteredIsShownEssentialFirst() {
        let found = RequestedAttributes(
            scope: ["openid", "profile", "email", "kh_identity", "unknown"],
            claimNames: ["kidc", "email", "shoe_size"],
            purpose: purpose)
        #expect(found.shown == ["birthdate", "name_km", "email", "gender"])
        #expect(found.essential == ["birthdate", "name_km"])
        #expect(found.dropped == ["kidc", "shoe_size"])
        #expect(RequestedAttributes(scope: ["openid"], claimNames: [], purpose: purpose).shown == [])
    }

    @Test func everyScopeNamesKnownAttributes() {
        for name in RequestedAttributes.scopes.values.joined() {
            #expect(AttributeCatalogue.description(of: AttributeName(rawValue: name)) != nil, "\(name)")
        }
    }

    @Test func languageTagsAreNames() throws {
        let claims = try ClaimsRequest(##"{"userinfo":{"email#km-Khmr":null,"#":null}}"##)
        #expect(claims.userInfo == ["email", ""])
        #expect(RequestedAttributes(scope: [], claimNames: claims.userInfo, purpose: purpose).shown == ["email"])
    }

    @Test func acrValues() throws {
        let one = try ClaimsRequest(#"{"id_token":{"acr":{"essential":true,"value":"a"}}}"#)
        #expect(one.acrValues == ["a"] && one.acrEssential)
        let many = try ClaimsRequest(#"{"id_token":{"acr":{"values":["a","b"]}}}"#)
        #expect(many.acrValues == ["a", "b"] && !many.acrEssential)
        let odd = try ClaimsRequest(#"{"id_token":{"acr":{"values":[1],"essential":"yes"}}}"#)
        #expect(odd.acrValues == [] && !odd.acrEssential)
    }
}
