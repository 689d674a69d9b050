import Accountability
import Codecs
import IdentityProvider
import JOSE
import Kernel

/// The registrations of the demonstration: the bank, and two clients for outside programs that test the provider.
enum DemoClients {
    static let bank = "model-bank"
    static let test = "test-client"
    static let sealed = "sealed-client"
    static let accountOpening = "account-opening"
    static let ageCheck = "age-check"

    static let bankName = LocalizedText(km: "ធនាគារ គំរូ", en: "Model Bank")

    /// Registers or renews all three; secrets and keys that the record holds are kept.
    static func install(
        in provider: IdentityProvider, bankURL: String, testRedirects: [String], record: inout DemoRecord
    ) async throws {
        let bankRedirects = [bankURL + "/callback"]
        try await register(bankDocument(bankRedirects), bankRedirects, in: provider, record: &record)
        try await register(testDocument(testRedirects), testRedirects, in: provider, record: &record)
        let key = try sealedKey(record)
        try await register(
            sealedDocument(testRedirects, key: key), testRedirects, privateKey: key.jwk.json, in: provider,
            record: &record)
    }

    private static func register(
        _ document: JSONObject, _ redirects: [String], privateKey: JSONObject? = nil, in provider: IdentityProvider,
        record: inout DemoRecord
    ) async throws {
        let id = document.string("client_id") ?? ""
        let known = record.client(id)?.secret
        let registration = try await provider.register(document, keepSecret: known != nil)
        record.set(
            DemoClient(
                clientID: id, secret: registration.secret ?? known ?? "", redirectURIs: redirects,
                privateKey: privateKey))
    }

    private static func sealedKey(_ record: DemoRecord) throws -> DecryptionKey {
        if let known = record.client(sealed)?.privateKey, let jwk = try? JWK(known), let key = try? DecryptionKey(jwk) {
            return key
        }
        return try DecryptionKey.generate(.ecdhESA256KW)
    }

    static func bankDocument(_ redirects: [String]) -> JSONObject {
        [
            "client_id": .string(bank), "client_name": ["km": .string(bankName.km), "en": .string(bankName.en)],
            "redirect_uris": .strings(redirects), "token_endpoint_auth_method": "client_secret_basic",
            "sector_identifier": "model-bank.example", "id_token_signed_response_alg": "ES256",
            "purposes": [
                [
                    "code": .string(accountOpening),
                    "text": ["km": "បើកគណនីសន្សំ", "en": "Opening a savings account"],
                    "essential": ["name_km", "name_latin", "birthdate"],
                    "optional": ["phone_number", "address_province", "gender"], "valid_days": 90,
                ],
                [
                    "code": .string(ageCheck),
                    "text": ["km": "ពិនិត្យថាអ្នកមានអាយុគ្រប់ ១៨ ឆ្នាំ", "en": "Checking that you are 18 or older"],
                    "essential": ["age_over_18"], "optional": [], "valid_days": 1,
                ],
            ],
        ]
    }

    /// Whatever may be asked for without encryption.
    static func testDocument(_ redirects: [String]) -> JSONObject {
        let open = AttributeCatalogue.all.filter { !$0.encryptedOnly }.map(\.name.rawValue)
        let essential = ["name_km", "birthdate"]
        return [
            "client_id": .string(test), "client_name": ["km": "កម្មវិធីសាកល្បង", "en": "Test client"],
            "redirect_uris": .strings(redirects), "token_endpoint_auth_method": "client_secret_basic",
            "sector_identifier": "test-client.example",
            "purposes": [
                [
                    "code": "test", "text": ["km": "សាកល្បងការចូលប្រើ", "en": "Testing the login"],
                    "essential": .strings(essential), "optional": .strings(open.filter { !essential.contains($0) }),
                ]
            ],
        ]
    }

    /// Identifiers, which leave only inside an encrypted answer.
    static func sealedDocument(_ redirects: [String], key: DecryptionKey) -> JSONObject {
        let publicKey = key.jwk.publicKey?.json ?? [:]
        return [
            "client_id": .string(sealed), "client_name": ["km": "កម្មវិធីអ៊ិនគ្រីប", "en": "Sealed client"],
            "redirect_uris": .strings(redirects), "token_endpoint_auth_method": "client_secret_basic",
            "sector_identifier": "sealed-client.example", "jwks": ["keys": [.object(publicKey)]],
            "userinfo_signed_response_alg": "ES256", "userinfo_encrypted_response_alg": "ECDH-ES+A256KW",
            "userinfo_encrypted_response_enc": "A256GCM",
            "purposes": [
                [
                    "code": "identity", "text": ["km": "បញ្ជាក់អត្តសញ្ញាណពេញលេញ", "en": "Full proof of identity"],
                    "essential": ["kidc", "name_km", "birthdate"],
                    "optional": ["national_id", "name_latin", "phone_number"],
                ]
            ],
        ]
    }
}
