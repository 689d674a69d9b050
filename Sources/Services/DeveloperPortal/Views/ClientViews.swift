import Accountability
import Codecs
import Kernel
import KhmerText
import RelyingParties
import Web

/// What the pages of one client show.
enum ClientViews {
    // MARK: The frame

    private enum Tab: String, CaseIterable {
        case overview = ""
        case edit = "/edit"
        case samples = "/samples"
        case trial = "/try"
        case errors = "/errors"
        case goLive = "/golive"

        var label: LocalizedText {
            switch self {
            case .overview: LocalizedText(km: "ទូទៅ", en: "Overview")
            case .edit: LocalizedText(km: "កែសម្រួល", en: "Edit")
            case .samples: LocalizedText(km: "កូដគំរូ", en: "Samples")
            case .trial: LocalizedText(km: "សាកល្បង", en: "Try")
            case .errors: LocalizedText(km: "កំហុស", en: "Errors")
            case .goLive: LocalizedText(km: "ដាក់ឱ្យប្រើ", en: "Go live")
            }
        }
    }

    /// State and colour of a registration.
    static func state(_ record: RelyingPartyRecord, _ language: Language) -> (text: String, tone: String) {
        if record.state == .suspended { return (LocalizedText(km: "ផ្អាក", en: "suspended")[language], "bad") }
        return record.document.string("environment") == "sandbox"
            ? (LocalizedText(km: "សាកល្បង", en: "sandbox")[language], "warn")
            : (LocalizedText(km: "ផ្លូវការ", en: "production")[language], "good")
    }

    /// A row of a list of clients.
    static func line(_ record: RelyingPartyRecord, _ language: Language) -> [String: Any] {
        let (state, tone) = state(record, language)
        let party = try? record.party
        return [
            "id": record.clientID, "name": party?.name[language] ?? record.clientID,
            "profile": party?.profile.rawValue ?? "—", "state": state, "tone": tone,
            "organisation": party?.organisation?.name[language] ?? "—",
        ]
    }

    private static func page(
        _ template: String, _ file: ClientFile, _ tab: Tab, _ more: [String: Any], _ language: Language
    ) -> Page {
        let (state, tone) = state(file.record, language)
        let path = ClientRoutes.path(file.client.clientID)
        var data: [String: Any] = [
            "clientID": file.client.clientID, "clientName": file.party.name[language], "state": state, "tone": tone,
            "sandbox": file.isSandbox, "notice": false,
        ]
        data["tabs"] = Tab.allCases.map { item -> [String: Any] in
            [
                "path": path + item.rawValue, "text": item.label[language], "current": item == tab,
                "last": item == .goLive,
            ]
        }
        for (name, value) in more { data[name] = value }
        return DeveloperViews.page("developer/" + template, title: file.party.name, data: data)
    }

    // MARK: Overview

    static func overview(
        _ file: ClientFile, logins: [LoginDay], issuer: String, done: String?, csrf: String, language: Language
    ) -> Page {
        let party = file.party
        let document = file.current.document
        var facts: [(String, [String])] = [
            ("issuer", [issuer]), ("client_id", [party.clientID]), ("profile", [party.profile.rawValue]),
            ("token_endpoint_auth_method", [party.authentication.rawValue]),
            ("redirect_uris", document.strings("redirect_uris") ?? []),
            ("grant_types", party.grantTypes), ("id_token_signed_response_alg", [party.idTokenAlgorithm.rawValue]),
        ]
        if let uri = party.keysURI { facts.append(("jwks_uri", [uri])) }
        if let keys = party.keys {
            facts.append(("jwks", keys.keys.map { "\($0.keyType) \($0.keyID ?? "—")" }))
        }
        if !party.scope.isEmpty { facts.append(("scope", party.scope)) }
        if !party.resources.isEmpty { facts.append(("resources", party.resources)) }
        var data: [String: Any] = [
            "csrf": csrf, "notice": DeveloperViews.notice(done, language), "drafted": file.client.draft != nil,
            "open": false, "refusal": false, "secretClient": party.authentication.usesSecret,
            "organisation": file.membership.organisation.id,
            "organisationName": file.membership.organisation.name[language], "hasLogins": !logins.isEmpty,
        ]
        if let request = file.request {
            if request.state == .open { data["open"] = KhmerDates.short(request.requestedAt, language) }
            if request.state == .refused, let reason = request.reason { data["refusal"] = reason }
        }
        data["facts"] = facts.map { ["label": $0.0, "lines": $0.1] as [String: Any] }
        data["purposes"] = party.purposes.map { purpose($0, file.client.statement, language) }
        data["logins"] = logins.map { day -> [String: Any] in
            ["day": KhmerDates.short(day.day, language), "count": KhmerDigits.prose(day.count, language)]
        }
        return page("client", file, .overview, data, language)
    }

    private static func purpose(
        _ purpose: RegisteredPurpose, _ statement: LegalStatement, _ language: Language
    ) -> [String: Any] {
        let basis = statement.bases[purpose.code]
        let source = basis.map { $0.source.isEmpty ? "" : " — " + $0.source } ?? ""
        return [
            "code": purpose.code, "text": purpose.text[language],
            "basis": (basis?.kind.label[language] ?? "—") + source,
            "essential": labels(purpose.essential, language), "optional": labels(purpose.optional, language),
        ]
    }

    static func labels(_ names: [String], _ language: Language) -> String {
        guard !names.isEmpty else { return "—" }
        return names.map { AttributeCatalogue.description(of: AttributeName(rawValue: $0))?.label[language] ?? $0 }
            .joined(separator: language == .km ? " · " : ", ")
    }

    static func secret(_ secret: String, clientID: String, language: Language) -> Page {
        var page = DeveloperViews.page(
            "developer/secret", title: DeveloperStrings.all["secret_made"] ?? DeveloperStrings.title,
            data: ["secret": secret, "clientID": clientID])
        page.languageSwitch = .path(ClientRoutes.path(clientID))
        return page
    }

    // MARK: Samples, errors

    static func samples(_ file: ClientFile, _ samples: CodeSamples, language: Language) -> Page {
        let path = ClientRoutes.path(file.client.clientID) + "/samples?purpose="
        let list: [(String, String, LocalizedText, String?)] = [
            (
                "python", "Python · requests_oauth2client",
                LocalizedText(
                    km: "កម្មវិធីពេញលេញ៖ ពីការស្នើរហូតដល់ userinfo។", en: "A whole program, from the request to userinfo."),
                samples.python
            ),
            (
                "curl", "curl",
                LocalizedText(km: "ជំហាននីមួយៗដោយដៃ។", en: "Each step by hand."), samples.curl
            ),
            (
                "swift", "Swift · RelyingPartyKit",
                LocalizedText(km: "សម្រាប់ម៉ាស៊ីនមេ Swift។", en: "For a server in Swift."), samples.swift
            ),
        ]
        return page(
            "samples", file, .samples,
            [
                "hasPurposes": file.party.purposes.count > 1,
                "choices": file.party.purposes.map { purpose -> [String: Any] in
                    [
                        "path": path + purpose.code, "code": purpose.code,
                        "current": purpose.code == samples.purpose.code,
                    ]
                },
                "samples": list.compactMap { id, title, note, code -> [String: Any]? in
                    code.map { ["id": id, "title": title, "note": note[language], "code": $0] }
                },
            ], language)
    }

    static func errors(
        _ file: ClientFile, _ events: [ClientEvent], catalogue: ErrorCatalogue, trace: String?, next: String?,
        language: Language
    ) -> Page {
        let field = FormField(
            "trace", LocalizedText(km: "លេខតាមដាន (trace_id)", en: "Trace id of an answer"), value: trace ?? "",
            autocomplete: "off", maximumLength: 64, isRequired: false)
        return page(
            "errors", file, .errors,
            [
                "fields": [field.view(language)], "hasEvents": !events.isEmpty, "next": next ?? false as Any,
                "events": events.map { event($0, catalogue, language) },
            ], language)
    }

    private static func event(
        _ event: ClientEvent, _ catalogue: ErrorCatalogue, _ language: Language
    ) -> [String: Any] {
        [
            "code": event.code, "endpoint": event.endpoint, "description": event.description, "trace": event.traceID,
            "at": KhmerDates.short(event.at, language),
            "known": known(event.code, catalogue, language),
        ]
    }

    /// What the catalogue says about a code, or false.
    private static func known(_ code: String, _ catalogue: ErrorCatalogue, _ language: Language) -> Any {
        guard let entry = catalogue[code] else { return false }
        let remedy = language == .km ? entry.khmerRemedy ?? entry.remedy : entry.remedy
        return ["text": entry.text[language], "cause": entry.cause, "remedy": remedy]
    }

    // MARK: Going live

    static func checks(_ lines: [GoLiveCheck.Line], _ language: Language) -> [[String: Any]] {
        lines.map { line in
            [
                "id": line.id, "passed": line.passed ? "true" : "false", "title": line.title[language],
                "tone": line.passed ? "good" : "bad",
                "state":
                    (line.passed
                    ? LocalizedText(km: "ត្រឹមត្រូវ", en: "good") : LocalizedText(km: "ត្រូវកែ", en: "to mend"))[language],
                "advice": line.passed ? false as Any : line.advice[language],
            ]
        }
    }

    static func goLive(
        _ file: ClientFile, _ lines: [GoLiveCheck.Line], refused: RumdulError?, csrf: String, language: Language
    ) -> Page {
        let nothingToAsk = !file.isSandbox && file.client.draft == nil
        let why: LocalizedText =
            if file.isOpen {
                LocalizedText(
                    km: "បានសុំការអនុម័តរួចហើយ។ សូមរង់ចាំអ្នកប្រតិបត្តិ។", en: "Approval is asked for already. The operators decide.")
            } else if nothingToAsk {
                LocalizedText(
                    km: "សេវានេះជាផ្លូវការហើយ ហើយគ្មានការកែប្រែរង់ចាំទេ។", en: "This client is in production, and no change waits.")
            } else {
                LocalizedText(
                    km: "សូមកែចំណុចដែលមិនទាន់ត្រឹមត្រូវ រួចបើកទំព័រនេះម្តងទៀត។", en: "Mend the lines above, then open this page again.")
            }
        var data: [String: Any] = [
            "csrf": csrf, "checks": checks(lines, language),
            "mayAsk": GoLiveCheck.passes(lines) && !file.isOpen && !nothingToAsk, "whyNot": why[language],
        ]
        if let refused { data["notice"] = ["kind": "bad", "text": refused.message[language]] }
        var page = page("golive", file, .goLive, data, language)
        if let refused {
            page.status = .conflict
            page.mainErrorCode = refused.code
            page.languageSwitch = .path(ClientRoutes.path(file.client.clientID) + "/golive")
        }
        return page
    }

    // MARK: Trials

    static func trial(_ file: ClientFile, csrf: String, language: Language) -> Page {
        let purpose: [String: Any] = [
            "name": "purpose", "label": DeveloperStrings.text("purpose", language), "error": false,
            "options": file.party.purposes.enumerated().map { index, purpose -> [String: Any] in
                ["value": purpose.code, "text": purpose.text[language], "selected": index == 0]
            },
        ]
        return page("trial", file, .trial, ["csrf": csrf, "purpose": purpose], language)
    }

    static func trialRefused(
        _ file: ClientFile, error: String, catalogue: ErrorCatalogue, language: Language
    ) -> Page {
        let code = String(error.filter { $0.isASCII && ($0.isLetter || $0 == "_") }.prefix(64))
        var page = page(
            "refused", file, .trial, ["code": code, "known": known(code, catalogue, language)], language)
        page.languageSwitch = .path(ClientRoutes.path(file.client.clientID) + "/try")
        return page
    }

    static func trialResult(
        _ file: ClientFile, _ result: TrialResult, purpose: RegisteredPurpose?, language: Language
    ) -> Page {
        let asked = (purpose?.essential ?? []) + (purpose?.optional ?? [])
        let channels = asked.map { name -> [String: Any] in
            let channel: LocalizedText =
                if result.idToken.has(name) {
                    TrialExplanation.idToken
                } else if result.userInfo.has(name) {
                    TrialExplanation.userInfo
                } else if result.sealed.contains(name) {
                    TrialExplanation.sealed
                } else {
                    TrialExplanation.withheld
                }
            return ["name": name, "channel": channel[language]]
        }
        let binding = LocalizedText(
            km: result.isSenderConstrained ? "ភ្ជាប់នឹងកូនសោរបស់អ្នក" : "Bearer",
            en: result.isSenderConstrained ? "bound to your key (DPoP or certificate)" : "Bearer")
        let seconds = LocalizedText(
            km: "\(KhmerDigits.prose(Int(result.expiresIn), .km)) វិនាទី", en: "\(result.expiresIn) s")
        var page = page(
            "result", file, .trial,
            [
                "idToken": members(result.idToken, language), "userInfo": members(result.userInfo, language),
                "channels": channels,
                "facts": [
                    ["label": "scope", "value": result.scope.joined(separator: " ")],
                    ["label": "access_token", "value": binding[language] + " · " + seconds[language]],
                    ["label": "ID token alg", "value": result.header.string("alg") ?? ""],
                ],
                "json": pretty(["id_token": .object(result.idToken), "userinfo": .object(result.userInfo)]),
            ], language)
        page.languageSwitch = .path(ClientRoutes.path(file.client.clientID) + "/try")
        return page
    }

    private static func members(_ claims: JSONObject, _ language: Language) -> [[String: Any]] {
        claims.members.map { member in
            [
                "name": member.name, "value": member.value.stringValue ?? JSON.text(member.value),
                "meaning": TrialExplanation.text(member.name)[language],
            ]
        }
    }

    /// Two levels of JSON, one member in each line.
    private static func pretty(_ object: JSONObject) -> String {
        let outer = object.members.map { member -> String in
            let inner = (member.value.objectValue?.members ?? []).map { "    " + line($0) }
            return "  " + JSON.text(.string(member.name)) + ": {\n" + inner.joined(separator: ",\n") + "\n  }"
        }
        return "{\n" + outer.joined(separator: ",\n") + "\n}"
    }

    private static func line(_ member: JSONObject.Member) -> String {
        JSON.text(.string(member.name)) + ": " + JSON.text(member.value)
    }
}
