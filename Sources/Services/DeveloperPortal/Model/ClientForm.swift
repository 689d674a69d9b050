import Accountability
import Codecs
import JOSE
import Kernel
import RelyingParties
import Web

/// The form of a client: as typed, as stored, and back. The rules are those of the relying parties' room; the form only finds the
/// field that a refusal belongs to.
struct ClientForm: Sendable {
    /// By field name; what is absent is empty.
    var values: [String: String]

    /// Purposes that the form has room for; more would not fit into one form.
    static let maximumPurposes = 6

    /// A new client: the defaults.
    static let blank = ClientForm(values: [
        "profile": ClientProfile.oidcSecure.rawValue,
        "authentication": ClientAuthenticationMethod.privateKeyJWT.rawValue,
        "application": ApplicationType.web.rawValue, "p0-days": "90", "p0-basis": LegalBasis.consent.rawValue,
    ])

    init(values: [String: String]) { self.values = values }

    /// As sent.
    init(_ fields: FormFields) {
        values = Dictionary(fields.all.map { ($0.name, $0.value) }) { first, _ in first }
        // A private key that was pasted by mistake is not sent back to the browser.
        if Self.holdsSecret(values["jwks"] ?? "") { values["jwks-refused"] = "1" }
    }

    /// As stored.
    init(_ version: ClientVersion) {
        let document = version.document
        var values: [String: String] = [:]
        let name = document.object("client_name")
        values["name_km"] = name?.string("km")
        values["name_en"] = name?.string("en")
        values["profile"] = document.string("profile")
        values["application"] = document.string("application_type")
        values["redirect_uris"] = (document.strings("redirect_uris") ?? []).joined(separator: "\n")
        values["authentication"] = document.string("token_endpoint_auth_method")
        values["jwks"] = document["jwks"].map { JSON.text($0) }
        values["encryption"] = document.string("userinfo_encrypted_response_alg")
        values["resources"] = (document.strings("resources") ?? []).joined(separator: "\n")
        values["contacts"] = (document.strings("contacts") ?? []).joined(separator: "\n")
        values["logout"] = (document.strings("post_logout_redirect_uris") ?? []).joined(separator: "\n")
        for member in ["jwks_uri", "scope", "policy_uri", "tos_uri"] { values[member] = document.string(member) }
        let grants = document.strings("grant_types") ?? []
        if grants.contains(GrantType.refreshToken.rawValue) { values["grant_refresh"] = "1" }
        if grants.contains(GrantType.clientCredentials.rawValue) { values["grant_credentials"] = "1" }
        values["legacy_reason"] = version.statement.legacyReason
        self.values = values
        for (index, purpose) in (document.array("purposes") ?? []).compactMap(\.objectValue).enumerated() {
            fill(purpose, version.statement, index)
        }
    }

    private mutating func fill(_ purpose: JSONObject, _ statement: LegalStatement, _ index: Int) {
        let code = purpose.string("code") ?? ""
        values["p\(index)-code"] = code
        values["p\(index)-km"] = purpose.object("text")?.string("km")
        values["p\(index)-en"] = purpose.object("text")?.string("en")
        values["p\(index)-days"] = String(purpose.integer("valid_days") ?? 90)
        values["p\(index)-basis"] = statement.bases[code]?.kind.rawValue
        values["p\(index)-source"] = statement.bases[code]?.source
        for name in purpose.strings("essential") ?? [] { values["p\(index)-a-\(name)"] = "essential" }
        for name in purpose.strings("optional") ?? [] { values["p\(index)-a-\(name)"] = "optional" }
    }

    /// The places of purposes that hold something.
    var purposes: [Int] {
        (0..<Self.maximumPurposes).filter { index in
            ["code", "km", "en"].contains { !(values["p\(index)-\($0)"] ?? "").isEmpty }
        }
    }

    // MARK: Reading

    /// The version that the form describes, or why it cannot be.
    /// - Parameters:
    ///   - base: the members that the form does not show stay as they are here.
    ///   - callback: the portal's own redirect page, which nobody registers by hand.
    func read(
        clientID: String, organisation: DeveloperOrganisation, base: JSONObject, callback: String
    ) -> Result<ClientVersion, Refused> {
        var errors: [FieldError] = []
        var document = base
        document["client_id"] = .string(clientID)
        document["organisation"] = [
            "code": .string(organisation.code),
            "name": ["km": .string(organisation.name.km), "en": .string(organisation.name.en)],
        ]
        for tagged in ["client_name#km", "client_name#en"] { document[tagged] = nil }
        document["client_name"] = ["km": .string(text("name_km")), "en": .string(text("name_en"))]
        document["profile"] = .string(text("profile"))
        document["application_type"] = .string(text("application"))
        document["redirect_uris"] = .strings(lines("redirect_uris").filter { $0 != callback })
        readKeys(into: &document, &errors)
        readGrants(into: &document)
        for member in ["policy_uri", "tos_uri"] {
            document[member] = text(member).isEmpty ? nil : .string(text(member))
        }
        for (field, member) in [
            ("resources", "resources"), ("contacts", "contacts"), ("logout", "post_logout_redirect_uris"),
        ] {
            document[member] = lines(field).isEmpty ? nil : .strings(lines(field))
        }
        let statement = readPurposes(into: &document, &errors)
        for field in ["name_km", "name_en", "redirect_uris"] where text(field).isEmpty {
            errors.append(FieldError(field, FieldTexts.required))
        }
        if purposes.isEmpty { errors.append(FieldError("p0-code", FieldTexts.required)) }
        if errors.isEmpty { errors = refusals(RegisteredForm.sandbox(document, callback: callback)) }
        guard errors.isEmpty else { return .failure(Refused(fields: errors)) }
        return .success(ClientVersion(document: document, statement: statement))
    }

    struct Refused: Error {
        var fields: [FieldError]
    }

    private func readKeys(into document: inout JSONObject, _ errors: inout [FieldError]) {
        document["token_endpoint_auth_method"] = .string(text("authentication"))
        document["jwks_uri"] = text("jwks_uri").isEmpty ? nil : .string(text("jwks_uri"))
        document["jwks"] = nil
        let pasted = text("jwks")
        if !pasted.isEmpty {
            if let object = try? JSON.parseObject(Array(pasted.utf8), limits: JSONLimits(depth: 8, size: 65_536)) {
                document["jwks"] = object.has("kty") ? ["keys": [.object(object)]] : .object(object)
            } else {
                errors.append(
                    FieldError(
                        "jwks", LocalizedText(km: "មិនមែន JSON ត្រឹមត្រូវទេ។", en: "This is not a JSON key set.")))
            }
        }
        document["userinfo_encrypted_response_alg"] = text("encryption").isEmpty ? nil : .string(text("encryption"))
        if text("encryption").isEmpty { document["userinfo_encrypted_response_enc"] = nil }
    }

    private func readGrants(into document: inout JSONObject) {
        let ours: [GrantType] = [.refreshToken, .clientCredentials]
        var grants = document.strings("grant_types") ?? [GrantType.authorizationCode.rawValue]
        grants.removeAll { name in ours.contains { $0.rawValue == name } }
        if has("grant_refresh") { grants.append(GrantType.refreshToken.rawValue) }
        if has("grant_credentials") { grants.append(GrantType.clientCredentials.rawValue) }
        document["grant_types"] = .strings(grants)
        let scope = text("scope").split(separator: " ").joined(separator: " ")
        document["scope"] = scope.isEmpty ? nil : .string(scope)
    }

    private func readPurposes(into document: inout JSONObject, _ errors: inout [FieldError]) -> LegalStatement {
        var statement = LegalStatement()
        statement.legacyReason = String(text("legacy_reason").prefix(1000))
        var list: [JSONValue] = []
        for index in purposes {
            let code = text("p\(index)-code")
            for name in ["code", "km", "en"] where text("p\(index)-\(name)").isEmpty {
                errors.append(FieldError("p\(index)-\(name)", FieldTexts.required))
            }
            guard let days = Int64(text("p\(index)-days")) else {
                errors.append(FieldError("p\(index)-days", FieldTexts.number))
                continue
            }
            list.append([
                "code": .string(code),
                "text": ["km": .string(text("p\(index)-km")), "en": .string(text("p\(index)-en"))],
                "essential": .strings(attributes(index, "essential")),
                "optional": .strings(attributes(index, "optional")), "valid_days": .integer(days),
            ])
            guard let kind = LegalBasis(rawValue: text("p\(index)-basis")) else {
                errors.append(FieldError("p\(index)-basis", FieldTexts.choice))
                continue
            }
            let source = text("p\(index)-source")
            if kind.needsSource, source.isEmpty {
                errors.append(
                    FieldError(
                        "p\(index)-source",
                        LocalizedText(
                            km: "សរសេរមាត្រា កិច្ចសន្យា ឬភារកិច្ច។", en: "Name the article, the contract or the task.")))
            } else if source.unicodeScalars.count > 300 {
                errors.append(FieldError("p\(index)-source", FieldTexts.tooLong(300)))
            }
            statement.bases[code] = LegalStatement.Basis(kind: kind, source: source)
        }
        document["purposes"] = .array(list)
        return statement
    }

    private func attributes(_ index: Int, _ wanted: String) -> [String] {
        AttributeCatalogue.all.map(\.name.rawValue).filter { text("p\(index)-a-\($0)") == wanted }
    }

    // MARK: Refusals

    /// What the relying parties' rules refuse, at the fields of this form. Purposes are tried one by one, so that each tells its own.
    private func refusals(_ document: JSONObject) -> [FieldError] {
        let list = document.array("purposes") ?? []
        var errors: [FieldError] = []
        for (place, purpose) in zip(purposes, list) {
            var alone = document
            alone["purposes"] = [purpose]
            if let refusal = Self.refusal(alone), refusal.field.hasPrefix("purposes") || refusal.field == "text" {
                let field =
                    switch refusal.field {
                    case "purposes.code": "p\(place)-code"
                    case "text": "p\(place)-en"
                    default: "p\(place)-attributes"
                    }
                errors.append(FieldError(field, refusal.message))
            }
        }
        guard errors.isEmpty else { return errors }
        guard let refusal = Self.refusal(document) else { return [] }
        return [FieldError(Self.field(refusal.field), refusal.message)]
    }

    private static func refusal(_ document: JSONObject) -> FieldError? {
        do {
            _ = try RelyingPartyDocument.parse(document)
            return nil
        } catch let error as RumdulError {
            return error.fields.first ?? FieldError("name_en", error.message)
        } catch {
            return FieldError("name_en", FieldTexts.kind)
        }
    }

    /// The form's field of a member of the registration.
    private static func field(_ member: String) -> String {
        let fields = [
            "client_name": "name_en", "application_type": "application", "token_endpoint_auth_method": "authentication",
            "userinfo_encrypted_response_alg": "encryption", "userinfo_encrypted": "encryption",
            "grant_types": "grant_refresh", "post_logout_redirect_uris": "logout", "purposes.code": "p0-code",
        ]
        return fields[member] ?? member
    }

    private static func holdsSecret(_ jwks: String) -> Bool {
        guard let object = try? JSON.parseObject(Array(jwks.utf8), limits: JSONLimits(depth: 8, size: 65_536)) else {
            return false
        }
        let keys = object.array("keys")?.compactMap(\.objectValue) ?? [object]
        return keys.contains { $0.has("d") || $0.has("k") || $0.has("p") }
    }

    // MARK: Values

    private func text(_ name: String) -> String {
        String((values[name] ?? "").trimmed)
    }

    private func has(_ name: String) -> Bool { !(values[name] ?? "").isEmpty }

    /// The lines of a text that are not empty.
    private func lines(_ name: String) -> [String] {
        text(name).split { $0 == "\n" || $0 == "\r\n" || $0 == "\r" }.map { String(String($0).trimmed) }
            .filter { !$0.isEmpty }
    }
}

extension String {
    /// Without ASCII white space at both ends.
    var trimmed: Substring {
        func isSpace(_ character: Character) -> Bool {
            character == " " || character == "\n" || character == "\r" || character == "\r\n" || character == "\t"
        }
        var text = drop(while: isSpace)
        while let last = text.last, isSpace(last) { text.removeLast() }
        return text
    }
}
