import Accountability
import JOSE
import Kernel
import KhmerText
import RelyingParties
import Web

/// The form of a client: only what is needed, in five sections and one for each purpose.
enum ClientFormViews {
    /// What the form is for.
    enum Target {
        case new(DeveloperOrganisation)
        case existing(ClientFile)
    }

    static func page(
        _ form: ClientForm, target: Target, errors: [FieldError], csrf: String, language: Language
    ) -> Page {
        let builder = Builder(form: form, errors: errors, language: language)
        let sections = builder.sections(target)
        var data: [String: Any] = [
            "csrf": csrf, "sections": sections, "profiles": profiles(language), "hasErrors": !errors.isEmpty,
            "explained": false,
        ]
        data["errors"] = errors.map { error -> [String: Any] in
            ["field": error.field, "label": builder.label(error.field), "message": error.message[language]]
        }
        let title: LocalizedText
        let back: String
        switch target {
        case .new(let organisation):
            title = LocalizedText(km: "ចុះឈ្មោះសេវាសាកល្បង", en: "Register a sandbox client")
            back = "/developers/organisations/\(organisation.id)"
            data["action"] = back + "/clients"
            data["lead"] =
                LocalizedText(
                    km: "មិនត្រូវការការអនុម័តទេ។ អាចកែនៅពេលក្រោយ។", en: "No approval is needed. Everything can be changed later.")[
                    language]
        case .existing(let file):
            title = LocalizedText(km: "កែសម្រួលសេវា", en: "Change the client")
            back = ClientRoutes.path(file.client.clientID)
            data["action"] = back + "/edit"
            data["lead"] = file.client.clientID
            if !file.isSandbox {
                data["explained"] =
                    LocalizedText(
                        km: "សេវានេះជាផ្លូវការ។ ការកែប្រែ លើកលែងតែទំនាក់ទំនង និងតំណ ត្រូវការការអនុម័ត ហើយកំណែចាស់នៅតែដំណើរការ។",
                        en:
                            "This client serves people. Every change but contacts and links needs approval; the version before it serves on."
                    )[
                        language]
            }
        }
        data["heading"] = title[language]
        data["back"] = back
        var page = DeveloperViews.page("developer/form", title: title, data: data)
        if !errors.isEmpty {
            page.status = .badRequest
            page.languageSwitch = .path(back)
        }
        return page
    }

    // MARK: The table of profiles

    private static func profiles(_ language: Language) -> [[String: Any]] {
        ClientProfile.allCases.map { profile in
            let rules = profile.rules
            let demands: [(Bool, LocalizedText)] = [
                (rules.proofKey == .required, LocalizedText(km: "PKCE", en: "PKCE")),
                (rules.requiresPushedRequest, LocalizedText(km: "PAR", en: "pushed requests (PAR)")),
                (rules.requiresSignedRequestObject, LocalizedText(km: "សំណើចុះហត្ថលេខា (JAR)", en: "signed requests (JAR)")),
                (rules.requiresJWTResponse, LocalizedText(km: "ចម្លើយចុះហត្ថលេខា (JARM)", en: "signed responses (JARM)")),
                (
                    rules.requiresSenderConstraint,
                    LocalizedText(km: "DPoP ឬវិញ្ញាបនបត្រ", en: "DPoP or certificate-bound tokens")
                ),
            ]
            return [
                "profile": profile.rawValue, "for": audience(profile)[language],
                "authentication": rules.authenticationMethods.map(\.rawValue).joined(separator: ", "),
                "demands": demands.filter(\.0).map { $0.1[language] }.joined(separator: ", "),
            ]
        }
    }

    private static func audience(_ profile: ClientProfile) -> LocalizedText {
        switch profile {
        case .oidcLegacy:
            LocalizedText(
                km: "កម្មវិធីចាស់ដែលស្គាល់តែលេខសម្ងាត់រួម។ ត្រូវបញ្ជាក់ហានិភ័យ។",
                en: "Old software that knows shared secrets only. The risk must be stated for production.")
        case .oidcSecure:
            LocalizedText(km: "សេវាភាគច្រើន។", en: "Most services: start here.")
        case .fapi2:
            LocalizedText(km: "ធនាគារ និងទិន្នន័យរសើប។", en: "Banks and sensitive data (FAPI 2.0 Security Profile).")
        case .fapi2MessageSigning:
            LocalizedText(
                km: "ពេលត្រូវការភស្តុតាងនៃសំណើ និងចម្លើយ។",
                en: "Where requests and answers must be provable (FAPI 2.0 Message Signing).")
        }
    }

    // MARK: The fields

    private struct Builder {
        let form: ClientForm
        let errors: [FieldError]
        let language: Language

        private typealias Text = LocalizedText

        func label(_ field: String) -> Any {
            labels[field].map { $0[language] } ?? purposeLabel(field)?[language] ?? field as Any
        }

        private func purposeLabel(_ field: String) -> LocalizedText? {
            guard field.hasPrefix("p"), let dash = field.firstIndex(of: "-") else { return nil }
            return purposeLabels[String(field[field.index(after: dash)...])]
        }

        private let labels: [String: LocalizedText] = [
            "name_km": Text(km: "ឈ្មោះ (ខ្មែរ)", en: "Name in Khmer"),
            "name_en": Text(km: "ឈ្មោះ (អង់គ្លេស)", en: "Name in English"),
            "profile": Text(km: "ទម្រង់សុវត្ថិភាព", en: "Security profile"),
            "application": Text(km: "ប្រភេទកម្មវិធី", en: "Kind of program"),
            "redirect_uris": Text(km: "អាសយដ្ឋានត្រឡប់ (redirect URI) មួយក្នុងមួយបន្ទាត់", en: "Redirect URIs, one in a line"),
            "authentication": Text(km: "របៀបបញ្ជាក់ខ្លួន", en: "How the client proves itself"),
            "jwks": Text(km: "កូនសោសាធារណៈ (JWKS)", en: "Public keys (JWKS)"),
            "jwks_uri": Text(km: "ឬ jwks_uri", en: "Or jwks_uri"),
            "encryption": Text(km: "អ៊ិនគ្រីប userinfo", en: "Encrypt userinfo"),
            "grant_refresh": Text(km: "refresh token (offline_access)", en: "Refresh tokens (offline_access)"),
            "grant_credentials": Text(km: "client_credentials ពីម៉ាស៊ីនមេទៅម៉ាស៊ីនមេ", en: "Client credentials, server to server"),
            "scope": Text(km: "scope សម្រាប់ client_credentials", en: "Scope values for client credentials"),
            "resources": Text(km: "resource មួយក្នុងមួយបន្ទាត់", en: "Resources (audiences), one in a line"),
            "policy_uri": Text(km: "តំណគោលនយោបាយឯកជនភាព", en: "Link to the privacy policy"),
            "tos_uri": Text(km: "តំណលក្ខខណ្ឌប្រើប្រាស់", en: "Link to the terms"),
            "contacts": Text(km: "អ៊ីមែលទំនាក់ទំនង", en: "Contact mail addresses, one in a line"),
            "logout": Text(km: "អាសយដ្ឋានក្រោយចាកចេញ", en: "Addresses after a logout, one in a line"),
            "legacy_reason": Text(
                km: "ហេតុផល និងវិធានការសម្រាប់ oidc-legacy", en: "For oidc-legacy: why, and what you do about the risk"),
        ]

        private let purposeLabels: [String: LocalizedText] = [
            "code": Text(km: "លេខកូដគោលបំណង", en: "Code of the purpose"),
            "km": Text(km: "ពាក្យពន្យល់ (ខ្មែរ)", en: "What people read, in Khmer"),
            "en": Text(km: "ពាក្យពន្យល់ (អង់គ្លេស)", en: "What people read, in English"),
            "basis": Text(km: "មូលដ្ឋានច្បាប់", en: "Legal basis"),
            "source": Text(km: "មាត្រា កិច្ចសន្យា ឬភារកិច្ច", en: "Article, contract or task"),
            "days": Text(km: "ចំនួនថ្ងៃដែលការយល់ព្រមមានសុពលភាព", en: "Days for which a consent holds"),
            "attributes": Text(km: "ព័ត៌មានដែលត្រូវការ", en: "Attributes to ask for"),
        ]

        func sections(_ target: Target) -> [[String: Any]] {
            var sections = [
                section(
                    Text(km: "សេវា", en: "The service"),
                    items: [
                        field("name_km", maximum: 80), field("name_en", maximum: 80),
                        choice("profile", ClientProfile.allCases.map { ($0.rawValue, $0.rawValue) }),
                        choice(
                            "application",
                            [
                                ("web", Text(km: "លើម៉ាស៊ីនមេ (web)", en: "On a server (web)")[language]),
                                (
                                    "native",
                                    Text(km: "លើទូរស័ព្ទ ឬកុំព្យូទ័រ (native)", en: "On a phone or computer (native)")[language]
                                ),
                            ]),
                        area(
                            "redirect_uris", rows: 3,
                            hint: Text(
                                km: "https ឬ http://127.0.0.1 សម្រាប់សាកល្បង។ ប្រៀបធៀបមួយតួអក្សរម្តងៗ។",
                                en: "https, or http://127.0.0.1 while you develop. Compared character by character.")),
                    ]),
                section(
                    Text(km: "កូនសោ", en: "Keys"),
                    items: [
                        choice("authentication", methods),
                        area(
                            "jwks", rows: 6, optional: true,
                            hint: Text(
                                km: "បិទភ្ជាប់ JWKS ឬ JWK សាធារណៈ។ កុំបិទភ្ជាប់កូនសោឯកជន។",
                                en:
                                    "Paste a JWK set or one JWK. Public keys only: a private key is refused and not kept."
                            )),
                        field("jwks_uri", optional: true, maximum: 512), choice("encryption", encryptions),
                    ]),
            ]
            let used = form.purposes
            let shown = max(1, min(ClientForm.maximumPurposes, (used.last ?? -1) + (isNew(target) ? 1 : 2)))
            for index in 0..<shown { sections.append(purpose(index, isFilled: used.contains(index))) }
            sections.append(
                section(
                    Text(km: "ទំនាក់ទំនង", en: "Links and contact"),
                    hint: Text(
                        km: "ត្រូវការមុនដាក់ឱ្យប្រើជាផ្លូវការ។", en: "Needed before production."),
                    items: [
                        field("policy_uri", optional: true, maximum: 512),
                        field("tos_uri", optional: true, maximum: 512),
                        area("contacts", rows: 2, optional: true), area("logout", rows: 2, optional: true),
                    ]))
            sections.append(
                section(
                    Text(km: "សិទ្ធិបន្ថែម", en: "Further access"),
                    items: [
                        check("grant_refresh"), check("grant_credentials"),
                        field("scope", optional: true, maximum: 1024), area("resources", rows: 2, optional: true),
                        area("legacy_reason", rows: 3, optional: true),
                    ]))
            return sections
        }

        private func isNew(_ target: Target) -> Bool {
            if case .new = target { return true }
            return false
        }

        private var methods: [(String, String)] {
            var methods = [
                (
                    "private_key_jwt",
                    Text(km: "កូនសោ (private_key_jwt) ណែនាំ", en: "A key (private_key_jwt), recommended")[language]
                ),
                (
                    "client_secret_basic",
                    Text(km: "លេខសម្ងាត់ (តែ oidc-legacy)", en: "A secret made here (oidc-legacy only)")[language]
                ),
                ("none", Text(km: "គ្មាន (កម្មវិធី native)", en: "Nothing (public, native programs)")[language]),
            ]
            // One that operators registered stays choosable.
            if let known = form.values["authentication"], !methods.contains(where: { $0.0 == known }),
                ClientAuthenticationMethod(rawValue: known) != nil
            {
                methods.append((known, known))
            }
            return methods
        }

        private var encryptions: [(String, String)] {
            [("", Text(km: "ទេ", en: "No")[language])]
                + SigningAlgorithms.keyManagement.map { ($0.rawValue, $0.rawValue) }
        }

        // MARK: Purposes

        private func purpose(_ index: Int, isFilled: Bool) -> [String: Any] {
            let prefix = "p\(index)-"
            let number = language == .km ? KhmerDigits.toKhmer(index + 1) : String(index + 1)
            let title = Text(km: "គោលបំណង \(number)", en: "Purpose \(number)")
            var bases = LegalBasis.allCases.map { ($0.rawValue, $0.label[language]) }
            bases.insert(("", Text(km: "សូមជ្រើសរើស", en: "Please choose")[language]), at: 0)
            let isFirst = index == 0
            var section = section(
                title,
                hint: isFirst
                    ? Text(
                        km: "បុគ្គលអានពាក្យនេះ ហើយសម្រេចលើព័ត៌មាននីមួយៗ។ សុំតែអ្វីដែលចាំបាច់។",
                        en:
                            "People read it on their device and decide about each attribute. Ask for the least that serves."
                    )
                    : Text(km: "ទុកទទេបើមិនត្រូវការ។", en: "Leave it empty if you need no further purpose."),
                items: [
                    field(
                        prefix + "code", optional: !isFirst, maximum: 64,
                        hint: Text(km: "ឧ. open-account", en: "Such as open-account")),
                    field(prefix + "km", optional: !isFirst, maximum: 200),
                    field(prefix + "en", optional: !isFirst, maximum: 200), choice(prefix + "basis", bases),
                    field(prefix + "source", optional: true, maximum: 300),
                    field(prefix + "days", optional: true, maximum: 3, standard: "90"),
                ])
            section["attributes"] = attributes(prefix, isOpen: isFilled || isFirst)
            return section
        }

        private func attributes(_ prefix: String, isOpen: Bool) -> [String: Any] {
            let error = errors.first { $0.field == prefix + "attributes" }?.message[language]
            let choices: [(String, LocalizedText)] = [
                ("", Text(km: "ទេ", en: "no")), ("optional", Text(km: "ស្រេចចិត្ត", en: "optional")),
                ("essential", Text(km: "ចាំបាច់", en: "essential")),
            ]
            let rows = AttributeCatalogue.all.map { attribute -> [String: Any] in
                let name = prefix + "a-" + attribute.name.rawValue
                let value = form.values[name] ?? ""
                return [
                    "name": name, "label": attribute.label[language],
                    "summary": attribute.name.rawValue
                        + (attribute.encryptedOnly
                            ? Text(km: " · ត្រូវការអ៊ិនគ្រីប", en: " · needs encryption")[language] : ""),
                    "options": choices.map { choice -> [String: Any] in
                        ["value": choice.0, "text": choice.1[language], "selected": choice.0 == value]
                    },
                ]
            }
            return [
                "name": prefix + "attributes", "open": isOpen || error != nil, "error": error ?? false as Any,
                "rows": rows,
            ]
        }

        // MARK: Parts

        private func section(
            _ title: LocalizedText, hint: LocalizedText? = nil, items: [[String: Any]]
        ) -> [String: Any] {
            [
                "title": title[language], "hint": hint.map { $0[language] } ?? false as Any, "items": items,
                "attributes": false,
            ]
        }

        private func text(_ name: String) -> LocalizedText {
            labels[name] ?? purposeLabel(name) ?? Text(km: name, en: name)
        }

        private func field(
            _ name: String, optional: Bool = false, maximum: Int, hint: LocalizedText? = nil, standard: String = ""
        ) -> [String: Any] {
            let field = FormField(
                name, text(name), value: form.values[name] ?? standard, hint: hint, autocomplete: "off",
                maximumLength: maximum, isRequired: !optional)
            return item("field", field.view(language, errors: errors))
        }

        private func area(
            _ name: String, rows: Int, optional: Bool = false, hint: LocalizedText? = nil
        ) -> [String: Any] {
            let error = errors.first { $0.field == name }?.message[language]
            let described = (hint == nil ? [] : ["h-\(name)"]) + (error == nil ? [] : ["e-\(name)"])
            let refused = name == "jwks" && form.values["jwks-refused"] != nil
            return item(
                "area",
                [
                    "name": name, "label": text(name)[language], "rows": rows, "optional": optional,
                    "value": refused ? "" : form.values[name] ?? "", "hint": hint.map { $0[language] } ?? false as Any,
                    "error": error ?? false as Any,
                    "described": described.isEmpty ? false as Any : described.joined(separator: " "),
                ])
        }

        private func choice(_ name: String, _ options: [(String, String)]) -> [String: Any] {
            let value = form.values[name] ?? ""
            let error = errors.first { $0.field == name }?.message[language]
            return item(
                "select",
                [
                    "name": name, "label": text(name)[language], "error": error ?? false as Any,
                    "options": options.map { option -> [String: Any] in
                        ["value": option.0, "text": option.1, "selected": option.0 == value]
                    },
                ])
        }

        private func check(_ name: String) -> [String: Any] {
            item(
                "check",
                [
                    "name": name, "label": text(name)[language], "value": "1",
                    "checked": !(form.values[name] ?? "").isEmpty,
                ])
        }

        private func item(_ kind: String, _ view: [String: Any]) -> [String: Any] {
            var item: [String: Any] = ["field": false, "area": false, "select": false, "check": false]
            item[kind] = view
            return item
        }
    }
}
