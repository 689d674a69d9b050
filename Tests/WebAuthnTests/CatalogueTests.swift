import Kernel
import Testing

@testable import WebAuthn

@Suite struct CatalogueTests {
    @Test func everyCheckIsExplained() {
        let catalogue = ErrorCatalogue([.webAuthn])
        var texts: Set<String> = []
        for check in WebAuthnCheck.allCases {
            let entry = catalogue[check.code]
            #expect(entry?.kind == check.kind)
            #expect(entry?.cause.isEmpty == false && entry?.remedy.isEmpty == false)
            #expect(!check.text.km.isEmpty && !check.text.en.isEmpty)
            #expect(check.text.km.unicodeScalars.contains { (0x1780...0x17FF).contains($0.value) })
            texts.insert(check.text.en)
        }
        // Two checks of the backup state share a text.
        #expect(texts.count >= WebAuthnCheck.allCases.count - 1)
        #expect(Set(WebAuthnCheck.allCases.map(\.code)).count == WebAuthnCheck.allCases.count)
    }

    @Test func models() {
        #expect(AAGUID("EE882879-721C-4913-9775-3DFCCE97072A")?.description == "ee882879-721c-4913-9775-3dfcce97072a")
        #expect(AAGUID("ee882879721c491397753dfcce97072a") == nil)
        #expect(AAGUID("ee882879-721c-4913-9775-3dfcce97072") == nil)
        #expect(AAGUID("") == nil)
        #expect(AAGUID(bytes: [1]) == nil)
        #expect(AAGUID.zero.description == "00000000-0000-0000-0000-000000000000")
    }
}
