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
        var now: Instant
    }

    static func consent(_ view: Consent, language: Language) -> Page {
        let attributes: [[String: Any]] = view.request.attributes.map { name in
            let description = AttributeCatalogue.description(of: AttributeName(rawValue: name))
            return [
                "name": name, "label": description?.label[language] ?? name,
                "summary": description?.summary[language] ?? "", "essential": view.request.essential.contains(name),
                "checked": view.chosen.contains(name),
            ]
        }
        var data = client(view.client, language: language)
        data["purpose"] = view.purpose.text[language]
        data["until"] = KhmerDates.long(TransactionDetails.validUntil(view.purpose, from: view.now), language)
        data["attributes"] = attributes
        data["has_attributes"] = !attributes.isEmpty
        data["request"] = view.sealed
        data["identifier"] = view.identifier ?? ""
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

    static func wait(_ item: Transaction, client: RelyingParty, language: Language) -> Page {
        var data = self.client(client, language: language)
        data["number"] = item.number
        data["status_url"] = "/authorize/\(item.id)/status"
        data["self_url"] = "/authorize/\(item.id)"
        data["attributes"] = item.request.attributes.map { name in
            ["label": AttributeCatalogue.description(of: AttributeName(rawValue: name))?.label[language] ?? name]
        }
        data["has_attributes"] = !item.request.attributes.isEmpty
        var page = Page("idp/wait", title: ProviderStrings.all["wait_title"] ?? client.name, data: data)
        page.refreshWithoutScript = 5
        return page
    }

    static func expired(_ item: Transaction, language: Language) -> Page {
        var page = Page(
            "idp/expired", title: ProviderStrings.all["expired_title"] ?? LocalizedText(km: "", en: ""),
            data: ["continue_url": "/authorize/\(item.id)/continue"])
        page.status = .gone
        page.mainErrorCode = RumdulError.transactionExpired.code
        return page
    }

    private static func client(_ client: RelyingParty, language: Language) -> [String: Any] {
        ["client_name": client.name[language], "client_host": client.host]
    }
}
