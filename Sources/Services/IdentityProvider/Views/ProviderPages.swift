import Accountability
import Codecs
import Kernel
import KhmerText
import RelyingParties
import Web

/// The provider's pages: what they show, as data for the templates.
enum ProviderPages {
    /// All that the consent page shows.
    struct Consent {
        var request: AuthorizationRequest
        var client: RelyingParty
        var purpose: RegisteredPurpose
        var sealed: String
        var identifier: String?
        var refused: RumdulError?
        var chosen: Set<String>
        /// Whether the browser is logged in already.
        var isKnown: Bool
        var now: Instant
    }

    static func consent(_ view: Consent, language: Language) -> Page {
        let attributes: [[String: Any]] = view.request.attributes.map { name in
            let shown = AttributeText(name)
            return [
                "name": name, "label": shown.label[language], "summary": shown.summary[language],
                "essential": view.request.essential.contains(name),
                "checked": view.chosen.contains(name),
            ]
        }
        var data = client(view.client, request: view.request, language: language)
        data["purpose"] = view.purpose.text[language]
        data["until"] = KhmerDates.long(TransactionDetails.validUntil(view.purpose, from: view.now), language)
        data["attributes"] = attributes
        data["has_attributes"] = !attributes.isEmpty
        data["request"] = view.sealed
        data["identifier"] = view.identifier ?? ""
        data["known"] = view.isKnown
        data.merge(CardPages.assisted(view.request.assisted, language)) { own, _ in own }
        let details = view.request.authorizationDetails.flatMap {
            try? AuthorizationDetails($0, allowed: view.client.authorizationDetailTypes)
        }
        data["details"] = (details?.lines ?? []).map { ["text": $0[language]] }
        data["has_details"] = details != nil
        data["error"] = view.refused?.message[language] ?? ""
        data["has_error"] = view.refused != nil
        if let policy = view.client.policyURI { data["policy_uri"] = policy }
        if let terms = view.client.termsURI { data["terms_uri"] = terms }
        var page = Page("idp/consent", title: ProviderStrings.all["consent_title"] ?? view.client.name, data: data)
        if let refused = view.refused {
            page.status = .init(code: refused.kind == .rateLimited ? 429 : 400)
            page.mainErrorCode = refused.code
        }
        return page
    }

    /// Where the consent page of a sealed request is, for the browser that it was sealed for.
    static func consentPath(_ sealed: String) -> String { "/authorize/consent?request=" + sealed }

    /// - Parameter requestPage: where this phone opens the request; `nil` for a browser that is on no phone.
    static func wait(_ item: Transaction, client: RelyingParty, language: Language, requestPage: String?) -> Page {
        var data = self.client(client, request: item.request, language: language)
        data["number"] = item.number
        data["status_url"] = "/authorize/\(item.id)/status"
        data["events_url"] = "/authorize/\(item.id)/events"
        data["self_url"] = "/authorize/\(item.id)"
        let from = surroundings(item, language)
        (data["from"], data["has_from"]) = (from, !from.isEmpty)
        if let requestPage { data["request_url"] = requestPage + "?request=" + item.id }
        data["attributes"] = item.request.attributes.map { name in
            ["label": AttributeText(name).label[language]]
        }
        data["has_attributes"] = !item.request.attributes.isEmpty
        var page = Page("idp/wait", title: ProviderStrings.all["wait_title"] ?? client.name, data: data)
        page.refreshWithoutScript = 5
        return page
    }

    /// What the phone shows of this browser: its name, its network, where that is.
    private static func surroundings(_ item: Transaction, _ language: Language) -> String {
        let details = item.details
        let place = details.object("place").map {
            LocalizedText(km: $0.string("km") ?? "", en: $0.string("en") ?? "").asRoughPlace[language]
        }
        return [details.string("origin"), details.string("network"), place].compactMap { $0 }.joined(separator: " · ")
    }

    static func expired(_ item: Transaction, language: Language) -> Page {
        var page = Page(
            "idp/expired", title: ProviderStrings.all["expired_title"] ?? LocalizedText(km: "", en: ""),
            data: ["continue_url": "/authorize/\(item.id)/continue"])
        page.status = .gone
        page.mainErrorCode = RumdulError.transactionExpired.code
        return page
    }

    /// A form that returns to the relying party by itself (OAuth 2.0 Form Post Response Mode, section 2).
    static func formPost(_ parameters: [(String, String)], to uri: String, client: RelyingParty) -> Page {
        var page = Page(
            "idp/form_post", title: ProviderStrings.all["consent_title"] ?? client.name,
            data: ["target": uri, "fields": parameters.map { ["name": $0.0, "value": $0.1] }])
        page.formTargets = [uri]
        page.languageSwitch = .hidden
        return page
    }

    /// The end of a login that began on another device.
    static func backToDevice(granted: Bool) -> Page {
        Page(
            "idp/device_done", title: ProviderStrings.all["device_done_title"] ?? LocalizedText(km: "", en: ""),
            data: ["granted": granted])
    }

    static func askLogout(csrf: String, hint: String?, target: String?, state: String?) -> Page {
        var data: [String: Any] = ["csrf": csrf]
        let optional = [("id_token_hint", hint), ("post_logout_redirect_uri", target), ("state", state)]
        data["fields"] = optional.compactMap { name, value in value.map { ["name": name, "value": $0] } }
        return Page(
            "idp/logout", title: ProviderStrings.all["logout_title"] ?? LocalizedText(km: "", en: ""), data: data)
    }

    static func loggedOut() -> Page {
        Page("idp/logged_out", title: ProviderStrings.all["logged_out_title"] ?? LocalizedText(km: "", en: ""))
    }

    private static func client(
        _ client: RelyingParty, request: AuthorizationRequest, language: Language
    ) -> [String: Any] {
        var data: [String: Any] = [
            "client_name": client.name[language], "client_host": TransactionDetails.shownHost(request, client),
        ]
        if let logo = LogoRoutes.path(client) { data["logo"] = logo }
        return data
    }
}
