import Codecs
import JOSE
import Kernel
import RelyingParties
import Testing

@testable import DeveloperPortal

@Suite("The form of a client")
struct ClientFormTests {
    private let organisation = DeveloperOrganisation(
        id: "o", code: "bank", name: LocalizedText(km: "ធនាគារ", en: "Bank"), createdAt: Instant(seconds: 0))
    private let callback = "https://id.example/developers/try/callback"

    private func read(_ changes: [String: String]) throws -> Result<ClientVersion, ClientForm.Refused> {
        ClientForm(values: try World.form(changes)).read(
            clientID: "bank-1", organisation: organisation, base: [:], callback: callback)
    }

    private func refused(_ changes: [String: String]) throws -> [String] {
        guard case .failure(let refused) = try read(changes) else { return [] }
        return refused.fields.map(\.field)
    }

    @Test func whatIsStoredComesBack() throws {
        let version = try read([
            "p1-code": "second", "p1-km": "ទីពីរ", "p1-en": "Second", "p1-basis": "consent", "p1-days": "10",
            "grant_refresh": "1", "resources": "https://api.example/\nhttps://b.example/",
            "logout": "https://bank.example/out",
        ]).get()
        let again = ClientForm(version).read(
            clientID: "bank-1", organisation: organisation, base: version.document, callback: callback)
        #expect(try again.get() == version)
        #expect(version.document.strings("grant_types") == ["authorization_code", "refresh_token"])
        #expect(version.statement.bases["second"]?.kind == .consent)
    }

    /// Each refusal stands at its own field.
    @Test(
        arguments: [
            (["name_km": ""], "name_km"), (["redirect_uris": ""], "redirect_uris"),
            (["redirect_uris": "http://bank.example/cb"], "redirect_uris"),
            (["redirect_uris": "https://bank.example/cb#x"], "redirect_uris"), (["profile": "best"], "profile"),
            (["authentication": "client_secret_basic"], "authentication"), (["jwks": "{"], "jwks"),
            (["jwks": ""], "jwks"),
            (["jwks": "{\"keys\":[]}"], "jwks"), (["jwks_uri": "https://bank.example/jwks"], "jwks"),
            (["jwks_uri": "http://bank.example/jwks", "jwks": ""], "jwks_uri"), (["policy_uri": "x"], "policy_uri"),
            (["p0-code": "Open Account"], "p0-code"), (["p0-code": ""], "p0-code"), (["p0-en": ""], "p0-en"),
            (["p0-basis": ""], "p0-basis"), (["p0-source": ""], "p0-source"), (["p0-days": "x"], "p0-days"),
            (["p0-days": "900"], "p0-attributes"), (["p0-a-kidc": "essential"], "p0-attributes"),
            (["scope": "a\"b"], "scope"), (["resources": "api"], "resources"),
            (["encryption": "ECDH-ES"], "encryption"),
            (["p0-code": "", "p0-km": "", "p0-en": ""], "p0-code"),
            (
                ["p1-code": "open-account", "p1-km": "ក", "p1-en": "b", "p1-basis": "consent", "p1-days": "9"],
                "p0-code"
            ),
            (["p1-code": "x", "p1-km": "ក", "p1-en": "\u{202E}b", "p1-basis": "consent", "p1-days": "9"], "p1-en"),
        ] as [([String: String], String)])
    func refusals(_ changes: [String: String], _ field: String) throws {
        let fields = try refused(changes)
        #expect(fields.first == field, "\(fields)")
    }

    @Test func aPrivateKeyIsRefusedAndNotShownAgain() throws {
        let secret = JSON.text(.object(try SigningKey.generate(.es256).jwk.json))
        #expect(try refused(["jwks": secret]) == ["jwks"])
        let page = ClientFormViews.page(
            ClientForm(.init(try World.form(["jwks": secret]).map { ($0.key, $0.value) })), target: .new(organisation),
            errors: [], csrf: "", language: .en)
        #expect(!"\(page.data)".contains("\"d\""))
    }

    @Test func theCallbackIsNobodysOwn() throws {
        let version = try read(["redirect_uris": "https://bank.example/cb\n" + callback]).get()
        #expect(version.document.strings("redirect_uris") == ["https://bank.example/cb"])
    }
}

@Suite("The check before going live")
struct GoLiveTests {
    private func failures(_ changes: [String: String], login: Int64? = 0) async throws -> Set<String> {
        let clock = TestClock()
        let documents = StubDocuments()
        documents.publish(.object(try JSON.parseObject(Array(World.jwks().utf8))), at: "https://bank.example/jwks")
        documents.publish(["keys": []], at: "https://bank.example/empty")
        let organisation = DeveloperOrganisation(
            id: "o", code: "bank", name: LocalizedText(km: "ធ", en: "B"), createdAt: clock.now)
        let version = try ClientForm(values: try World.form(changes)).read(
            clientID: "bank-1", organisation: organisation, base: [:], callback: "https://id.example/cb"
        ).get()
        let lines = await GoLiveCheck(fetcher: documents, ambient: clock.ambient).run(
            version, lastLogin: login.map { clock.now.adding(seconds: -$0) })
        return Set(lines.filter { !$0.passed }.map(\.id))
    }

    @Test func whatPasses() async throws {
        #expect(try await failures([:]).isEmpty)
        #expect(try await failures(["jwks": "", "jwks_uri": "https://bank.example/jwks"]).isEmpty)
        #expect(
            try await failures([
                "profile": "oidc-legacy", "authentication": "client_secret_basic", "jwks": "",
                "legacy_reason": "The vendor's server of 2012 knows no keys; behind a reverse proxy.",
            ]).isEmpty)
        #expect(
            try await failures([
                "application": "native", "authentication": "none", "jwks": "", "redirect_uris": "kh.bank.app:/cb",
            ])
            .isEmpty)
    }

    @Test func whatDoesNot() async throws {
        for uri in [
            "http://127.0.0.1:3000/cb", "http://localhost/cb", "https://localhost/cb", "https://127.0.0.1/cb",
            "https://app.localhost/cb", "https://[::1]/cb", "https://intranet/cb",
        ] {
            #expect(try await failures(["redirect_uris": uri]) == ["redirect_uris"], "\(uri)")
        }
        #expect(try await failures([:], login: nil) == ["login"])
        #expect(try await failures([:], login: 31 * 86_400) == ["login"])
        #expect(try await failures([:], login: 29 * 86_400).isEmpty)
        #expect(try await failures(["policy_uri": ""]) == ["links"])
        #expect(try await failures(["tos_uri": "http://127.0.0.1/terms"]) == ["links"])
        #expect(try await failures(["contacts": ""]) == ["contact"])
        #expect(try await failures(["authentication": "none", "jwks": ""]) == ["keys"])
        for uri in ["https://bank.example/gone", "https://bank.example/empty"] {
            #expect(try await failures(["jwks": "", "jwks_uri": uri]) == ["jwks_uri"], "\(uri)")
        }
        #expect(
            try await failures(["profile": "oidc-legacy", "authentication": "client_secret_basic", "jwks": ""])
                == ["profile"])
    }
}

@Suite("Versions and samples")
struct VersionTests {
    @Test func differences() throws {
        func version(_ uris: [String], _ essential: [String]) -> ClientVersion {
            var statement = LegalStatement()
            statement.bases["p"] = .init(kind: .law, source: "Article \(essential.count)")
            return ClientVersion(
                document: [
                    "client_id": "a", "redirect_uris": .strings(uris), "environment": "sandbox",
                    "purposes": [["code": "p", "essential": .strings(essential)]],
                ], statement: statement)
        }
        let (old, new) = (version(["https://a/"], ["name"]), version(["https://a/", "https://b/"], ["name", "email"]))
        let changed = RegisteredForm.differences(new, before: old).filter(\.isChange)
        #expect(changed.map(\.member) == ["redirect_uris", "purposes.p.essential", "purposes.p.legal_basis"])
        #expect(changed.first?.before == "https://a/" && changed.first?.after == "https://a/\nhttps://b/")
        #expect(RegisteredForm.differences(old, before: old).allSatisfy { !$0.isChange })
        var gone = old
        gone.document["redirect_uris"] = nil
        #expect(
            RegisteredForm.differences(gone, before: old).contains { $0.member == "redirect_uris" && $0.after.isEmpty })
    }

    @Test func bothEnvironments() {
        let document: JSONObject = ["redirect_uris": ["https://a/"], "environment": "production"]
        let sandbox = RegisteredForm.sandbox(document, callback: "https://id/cb")
        #expect(sandbox.strings("redirect_uris") == ["https://a/", "https://id/cb"])
        #expect(RegisteredForm.sandbox(sandbox, callback: "https://id/cb") == sandbox)
        #expect(RegisteredForm.version(sandbox, callback: "https://id/cb") == ["redirect_uris": ["https://a/"]])
    }

    @Test(arguments: ["oidc-secure", "fapi2", "fapi2-ms", "oidc-legacy"]) func samplesNameTheClient(_ profile: String)
        throws
    {
        let organisation = DeveloperOrganisation(
            id: "o", code: "bank", name: LocalizedText(km: "ធ", en: "B"), createdAt: Instant(seconds: 0))
        let version = try ClientForm(values: try World.form(["profile": profile])).read(
            clientID: "bank-77", organisation: organisation, base: [:], callback: "https://id.example/cb"
        ).get()
        let party = try RelyingPartyDocument.parse(version.document)
        let samples = CodeSamples(issuer: "https://id.example", client: party, purpose: party.purposes[0])
        let swift = try #require(samples.swift)
        #expect(swift.contains("protection: .fapi2(proofKey: proofKey)") == (profile == "fapi2"))
        #expect(swift.contains("protection: .messageSigning(") == (profile == "fapi2-ms"))
        #expect(swift.contains("let signer") && swift.contains("let proofKey") == profile.hasPrefix("fapi2"))
        #expect(!swift.contains("configuration.protection."))
        for text in [samples.python, samples.curl, samples.swift].compactMap(\.self) {
            #expect(
                text.contains("bank-77") && text.contains("https://bank.example/cb") && text.contains("open-account"))
        }
        #expect(samples.python.contains("client.pushed_authorization_request") == profile.hasPrefix("fapi2"))
        #expect(samples.python.contains("Jwt.sign") == (profile == "fapi2-ms"))
        #expect(!samples.python.contains("testing=True"), "only for http")
    }
}
