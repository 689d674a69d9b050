import Codecs
import JOSE
import Kernel
import Testing

@testable import RelyingParties

@Suite("Client metadata")
struct MetadataTests {
    /// A document with every member that can stand beside the others.
    static func full() throws -> JSONObject {
        var sealing = try #require(try DecryptionKey.generate(.ecdhESA256KW).jwk.publicKey)
        sealing.use = "enc"
        sealing.keyID = "e1"
        let enc = sealing.json
        return TestClients.document("full", profile: .oidcLegacy) {
            $0["jwks"] = ["keys": [.object(TestClients.key), .object(enc)]]
            $0["client_name"] = "Example"
            $0["client_name#km"] = "ឧទាហរណ៍"
            $0["application_type"] = "web"
            $0["environment"] = "sandbox"
            $0["organisation"] = ["code": "moi", "name": ["km": "ក្រសួង", "en": "Ministry"]]
            $0["response_types"] = ["code", "id_token token code"]
            $0["risk_acceptance"] = TestClients.risk(["code id_token token"])
            $0["grant_types"] = [
                "authorization_code", "implicit", "refresh_token", "client_credentials",
                "urn:openid:params:grant-type:ciba", "urn:ietf:params:oauth:grant-type:device_code",
                "urn:ietf:params:oauth:grant-type:token-exchange",
            ]
            $0["token_exchange"] = [
                "resources": ["https://api.example/v1"], "audiences": ["https://tax.example/"],
                "scopes": ["person.read"],
            ]
            $0["require_pkce"] = false
            $0["scope"] = "person.read person.verify"
            $0["resources"] = ["https://api.example/v1"]
            $0["authorization_details_types"] = ["kh_payment"]
            $0["require_pushed_authorization_requests"] = true
            $0["require_signed_request_object"] = true
            $0["request_object_signing_alg"] = "RS256"
            $0["request_uris"] = ["https://bank.example/request.jwt#abc"]
            $0["default_max_age"] = 3600
            $0["require_auth_time"] = true
            $0["default_acr_values"] = ["urn:kh:camdigikey:aal:2"]
            $0["initiate_login_uri"] = "https://bank.example/start"
            $0["backchannel_token_delivery_mode"] = "ping"
            $0["backchannel_client_notification_endpoint"] = "https://bank.example/ciba"
            $0["backchannel_authentication_request_signing_alg"] = "PS256"
            $0["backchannel_user_code_parameter"] = true
            $0["ciba_trusted"] = true
            $0["userinfo_signed_response_alg"] = "PS256"
            $0["introspection_signed_response_alg"] = "ES256"
            $0["authorization_signed_response_alg"] = "EdDSA"
            for prefix in ["id_token", "userinfo", "authorization"] {
                $0[prefix + "_encrypted_response_alg"] = "ECDH-ES+A256KW"
                $0[prefix + "_encrypted_response_enc"] = "A256CBC-HS512"
            }
            $0["token_endpoint_auth_signing_alg"] = "ES256"
            $0["dpop_bound_access_tokens"] = true
            $0["subject_type"] = "public"
            $0["public_subject_reason"] = "moves over from the old system"
            $0["sector_identifier_uri"] = "https://sector.example/uris.json"
            $0["post_logout_redirect_uris"] = ["https://bank.example/bye"]
            $0["backchannel_logout_uri"] = "https://bank.example/logout"
            $0["backchannel_logout_session_required"] = true
            $0["frontchannel_logout_uri"] = "https://bank.example/front"
            $0["frontchannel_logout_session_required"] = true
            for member in ["logo_uri", "client_uri", "policy_uri", "tos_uri"] {
                $0[member] = .string("https://bank.example/\(member)")
            }
            $0["contacts"] = ["security@bank.example"]
            $0["software_id"] = "shop"
            $0["software_version"] = "1.2"
        }
    }

    @Test func everythingComesBack() throws {
        let refused = TestClients.refusedField(try Self.full())
        #expect(refused == nil)
        let party = try RelyingPartyDocument.parse(Self.full())
        for names in [RelyingPartyDocument.NameForm.pair, .tagged] {
            let written = RelyingPartyDocument.write(party, names: names)
            #expect(try RelyingPartyDocument.parse(written) == party)
            #expect(RelyingPartyDocument.write(try RelyingPartyDocument.parse(written), names: names) == written)
        }
        #expect(party.responseTypes == ["code", "code id_token token"])
        #expect(party.name == LocalizedText(km: "ឧទាហរណ៍", en: "Example"))
        #expect(party.sector == "sector.example" && party.subjectSector == RelyingParty.publicSector)
        #expect(party.backchannelAuthentication?.delivery == .ping)
        #expect(!party.requiresPKCE && party.requiresPushedRequest && party.requiresSignedRequestObject)
        #expect(party.assertionAlgorithms == [.es256] && party.requestObjectAlgorithms == [.rs256])
        #expect(party.organisation?.code == "moi" && party.environment == .sandbox)
    }

    @Test func secretsAreWrittenOnlyWhenAsked() throws {
        var document = TestClients.document("bank")
        document["client_secret_sha256"] = .string(Base64URL.encode([UInt8](repeating: 7, count: 32)))
        let party = try RelyingPartyDocument.parse(document)
        #expect(!RelyingPartyDocument.write(party).has("client_secret_sha256"))
        let whole = RelyingPartyDocument.write(party, withSecretHash: true)
        #expect(try RelyingPartyDocument.parse(whole) == party)
    }

    @Test func namesInBothForms() throws {
        func name(_ change: (inout JSONObject) -> Void) -> LocalizedText? {
            try? RelyingPartyDocument.parse(
                TestClients.document("bank") {
                    $0["client_name"] = nil
                    change(&$0)
                }
            ).name
        }
        #expect(name { $0["client_name"] = "Bank" } == LocalizedText(km: "Bank", en: "Bank"))
        #expect(name { $0["client_name#km"] = "ធនាគារ" } == LocalizedText(km: "ធនាគារ", en: "ធនាគារ"))
        #expect(
            name {
                $0["client_name"] = "Bank"
                $0["client_name#km"] = "ធនាគារ"
            } == LocalizedText(km: "ធនាគារ", en: "Bank"))
        #expect(name { _ in } == nil)
        #expect(name { $0["client_name#fr"] = "Banque" } == nil)
        #expect(
            name {
                $0["client_name"] = "Bank"
                $0["client_name#km"] = "\u{202E}x"
            } == nil)
    }

    /// Each line: a member, a value that is wrong, and the member that the refusal names when that is another.
    static let wrongs: [(String, JSONValue, String?)] = [
        ("profile", "oidc", nil), ("profile", 1, nil), ("application_type", "desktop", nil),
        ("environment", "test", nil), ("organisation", "moi", nil), ("organisation", ["code": "moi"], nil),
        ("organisation", ["code": "MoI", "name": ["km": "ក", "en": "x"]], nil),
        ("grant_types", ["password"], nil), ("grant_types", "authorization_code", nil), ("grant_types", [], nil),
        ("grant_types", ["refresh_token"], nil), ("grant_types", ["authorization_code", "authorization_code"], nil),
        ("response_types", "code", nil), ("response_types", [], "grant_types"), ("scope", ["a"], nil),
        ("scope", "a  b", nil), ("scope", "a a", nil), ("scope", "a\"b", nil), ("scope", "", nil),
        ("token_exchange", [:], nil), ("token_exchange", "x", nil),
        ("resources", ["ftp://x.example"], nil), ("resources", ["https://x.example/#f"], nil),
        ("authorization_details_types", ["a b"], nil), ("authorization_details_types", ["x", "x"], nil),
        ("require_pushed_authorization_requests", "true", nil), ("require_signed_request_object", 1, nil),
        ("request_uris", ["http://127.0.0.1/x"], nil), ("request_uris", ["https://a@b.example/x"], nil),
        ("default_max_age", -1, nil), ("default_max_age", "1", nil), ("default_max_age", 1.5, nil),
        ("default_acr_values", "urn:x", nil), ("initiate_login_uri", "http://bank.example/start", nil),
        ("initiate_login_uri", "http://127.0.0.1/start", nil), ("jwks_uri", "http://127.0.0.1/keys", nil),
        ("jwks_uri", "https://bank.example/keys", "jwks"), ("sector_identifier_uri", "http://a.example/", nil),
        ("subject_type", "public", nil), ("subject_type", "private", nil),
        ("backchannel_token_delivery_mode", "push", nil), ("backchannel_token_delivery_mode", "poll", "grant_types"),
        ("ciba_trusted", true, "grant_types"), ("backchannel_user_code_parameter", true, "grant_types"),
        ("post_logout_redirect_uris", ["http://bank.example/bye"], nil), ("post_logout_redirect_uris", "x", nil),
        ("backchannel_logout_uri", "http://localhost/x", nil),
        ("frontchannel_logout_uri", "https://other.example/x", nil),
        ("logo_uri", "javascript:alert(1)", nil), ("logo_uri", "data:image/png;base64,AA", nil), ("client_uri", 1, nil),
        ("contacts", [1], nil), ("contacts", [.string(String(repeating: "a", count: 255))], nil),
        ("software_id", "\u{202E}", nil), ("tls_client_auth_san_dns", "bank.example", nil),
        ("token_endpoint_auth_signing_alg", "HS256", nil), ("introspection_signed_response_alg", "none", nil),
        ("id_token_encrypted_response_alg", "RSA1_5", nil), ("id_token_encrypted_response_alg", "dir", nil),
        ("id_token_encrypted_response_enc", "A256GCM", "id_token_encrypted_response_alg"),
        ("authorization_encrypted_response_alg", "ECDH-ES", nil),
    ]

    @Test(arguments: wrongs.indices) func wrongMembersAreNamed(_ index: Int) {
        let (member, value, named) = Self.wrongs[index]
        let document = TestClients.document(profile: .oidcSecure) { $0[member] = value }
        #expect(TestClients.refusedField(document) == named ?? member, "\(member): \(JSON.text(value))")
    }

    @Test func certificates() throws {
        func tls(_ change: (inout JSONObject) -> Void) -> String? {
            TestClients.refusedField(
                TestClients.document(profile: .fapi2) {
                    $0["token_endpoint_auth_method"] = "tls_client_auth"
                    change(&$0)
                })
        }
        #expect(tls { _ in } == "tls_client_auth_subject_dn")
        #expect(tls { $0["tls_client_auth_subject_dn"] = "CN=bank,O=Bank,C=KH" } == nil)
        #expect(tls { $0["tls_client_auth_san_ip"] = "192.0.2.1" } == nil)
        #expect(tls { $0["tls_client_auth_subject_dn"] = "CN=a\nb" } == "tls_client_auth_subject_dn")
        #expect(
            tls {
                $0["tls_client_auth_san_uri"] = "https://bank.example"
                $0["tls_client_auth_san_email"] = "a@bank.example"
            } == "tls_client_auth_subject_dn")
        func own(_ keys: JSONValue?) -> String? {
            TestClients.refusedField(
                TestClients.document(profile: .fapi2) {
                    $0["token_endpoint_auth_method"] = "self_signed_tls_client_auth"
                    $0["jwks"] = keys
                })
        }
        #expect(own(["keys": [.object(TestClients.key)]]) == "jwks")
        var withCertificate = TestClients.key
        withCertificate["x5c"] = ["MIIB"]
        #expect(own(["keys": [.object(withCertificate)]]) == nil)
        let found = TestClients.document(profile: .fapi2) {
            $0["token_endpoint_auth_method"] = "tls_client_auth"
            $0["tls_client_auth_san_dns"] = "bank.example"
        }
        #expect(try RelyingPartyDocument.parse(found).certificateSubject == .dnsName("bank.example"))
    }

    @Test func clientsWithoutABrowser() throws {
        let service = TestClients.document("service", profile: .oidcSecure) {
            $0["redirect_uris"] = nil
            $0["grant_types"] = ["client_credentials"]
            $0["scope"] = "person.read"
        }
        let party = try RelyingPartyDocument.parse(service)
        #expect(party.responseTypes == [] && party.host == "service" && party.scope == ["person.read"])
        #expect(
            TestClients.refusedField(
                TestClients.document(profile: .oidcSecure) {
                    $0["token_endpoint_auth_method"] = "none"
                    $0["grant_types"] = ["authorization_code", "client_credentials"]
                }) == "grant_types")
        #expect(TestClients.refusedField(TestClients.document("x") { $0["redirect_uris"] = nil }) == "redirect_uris")
        func ciba(_ change: (inout JSONObject) -> Void) -> String? {
            TestClients.refusedField(
                TestClients.document(profile: .oidcSecure) {
                    $0["redirect_uris"] = nil
                    $0["grant_types"] = ["urn:openid:params:grant-type:ciba"]
                    change(&$0)
                })
        }
        #expect(ciba { _ in } == "backchannel_token_delivery_mode")
        #expect(ciba { $0["backchannel_token_delivery_mode"] = "poll" } == nil)
        let endpoint = "backchannel_client_notification_endpoint"
        #expect(ciba { $0["backchannel_token_delivery_mode"] = "ping" } == endpoint)
        #expect(
            ciba {
                $0["backchannel_token_delivery_mode"] = "ping"
                $0[endpoint] = "http://bank.example/ciba"
            } == endpoint)
    }

    @Test func tokenExchangeNeedsItsPolicy() {
        let grant = "urn:ietf:params:oauth:grant-type:token-exchange"
        func exchange(_ policy: JSONValue?) -> String? {
            TestClients.refusedField(
                TestClients.document(profile: .oidcSecure) {
                    $0["grant_types"] = ["authorization_code", grant.asJSON]
                    $0["token_exchange"] = policy
                })
        }
        let whole: JSONObject = [
            "resources": ["https://a.example/"], "audiences": ["https://b.example/"], "scopes": ["person.read"],
        ]
        #expect(exchange(.object(whole)) == nil)
        #expect(exchange(nil) == "token_exchange")
        for member in whole.names {
            var part = whole
            part[member] = nil
            #expect(exchange(.object(part)) == "token_exchange")
            part[member] = "x"
            #expect(exchange(.object(part)) == member)
        }
        var more = whole
        more["audience"] = []
        #expect(exchange(.object(more)) == "token_exchange.audience")
    }

    @Test func tokensInTheBrowserNeedHTTPS() {
        #expect(
            TestClients.refusedField(
                TestClients.document(profile: .oidcSecure) {
                    $0["response_types"] = ["code id_token"]
                    $0["redirect_uris"] = ["http://127.0.0.1:8000/cb"]
                }) == "redirect_uris")
    }

    @Test func nativeClients() throws {
        let native = try RelyingPartyDocument.parse(
            TestClients.document("app") {
                $0["application_type"] = "native"
                $0["token_endpoint_auth_method"] = "none"
                $0["redirect_uris"] = ["kh.example.app:/cb", "http://127.0.0.1/cb", "http://[::1]:80/cb?x=1"]
            })
        for good in [
            "kh.example.app:/cb", "http://127.0.0.1/cb", "http://127.0.0.1:51004/cb", "http://[::1]/cb?x=1",
            "http://[::1]:9/cb?x=1",
        ] { #expect(native.accepts(redirectURI: good), "\(good)") }
        for bad in [
            "http://127.0.0.1:51004/cb2", "http://127.0.0.1:51004/cb?x=1", "http://127.0.0.1:/cb",
            "http://localhost/cb",
            "http://127.0.0.1:1@evil.example/cb", "http://127.0.0.1.evil.example/cb", "http://127.0.0.1:123456/cb",
            "https://127.0.0.1/cb", "kh.example.app:/cb2", "http://127.0.0.1:80a/cb", "http://[::1]/cb",
        ] { #expect(!native.accepts(redirectURI: bad), "\(bad)") }
        let web = try RelyingPartyDocument.parse(
            TestClients.document("web") { $0["redirect_uris"] = ["http://127.0.0.1:80/cb"] })
        #expect(
            web.accepts(redirectURI: "http://127.0.0.1:80/cb") && !web.accepts(redirectURI: "http://127.0.0.1:81/cb"))
        for bad in [
            "app:/cb", "kh.example.app://cb", "javascript:/x", "KH.example:/x", ".a:/x", "kh.example:x", "a.:/b",
        ] {
            #expect(!RedirectURI.isRegistrableNative(bad), "\(bad)")
        }
    }

    @Test func fuzzedFullDocumentsNeverCrash() throws {
        var generator = SeededGenerator(11)
        let seed = JSON.bytes(try Self.full())
        var parsed = 0
        for _ in 0..<3000 {
            var bytes = seed
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                if Bool.random(using: &generator) {
                    bytes[place] = UInt8.random(in: 32...126, using: &generator)
                } else {
                    bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...4, using: &generator)))
                }
            }
            guard let object = try? JSON.parseObject(bytes), let party = try? RelyingPartyDocument.parse(object) else {
                continue
            }
            parsed += 1
            #expect(try RelyingPartyDocument.parse(RelyingPartyDocument.write(party)) == party)
            #expect(party.redirectURIs.allSatisfy(RedirectURI.isRegistrableNative))
        }
        #expect(parsed > 0)
    }
}
