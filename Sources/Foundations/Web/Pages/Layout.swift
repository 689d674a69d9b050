import Kernel

/// The frame of every page: head, header, main part, footer. Put together from strings, because every page pays for it.
struct Layout {
    let pages: Pages
    let product: LocalizedText
    let page: Page
    let language: Language

    func markup(content: String, target: String) -> String {
        var html = ""
        html.reserveCapacity(content.utf8.count + 4096)
        head(&html)
        header(&html, target: target)
        html += page.isWide ? "<main id=\"main\" class=\"wide\"" : "<main id=\"main\""
        if let code = page.mainErrorCode { html += " data-error=\"\(SafeHTML.escape(code))\"" }
        html += ">\n"
        html += content
        html += "</main>\n<footer class=\"foot\"><p>"
        html += SafeHTML.escape(LayoutTexts.footer[language])
        html += "</p></footer>\n</body>\n</html>\n"
        return html
    }

    private func head(_ html: inout String) {
        html += "<!doctype html>\n<html lang=\"\(language.rawValue)\">\n<head>\n<meta charset=\"utf-8\">\n"
        html += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>"
        html += SafeHTML.escape(page.title[language])
        html += " · "
        html += SafeHTML.escape(product[language])
        html += "</title>\n<link rel=\"stylesheet\" href=\"\(pages.assets.stylesheet)\">\n"
        html += "<link rel=\"icon\" type=\"image/svg+xml\" href=\"\(pages.assets.icon)\">\n"
        html += "<meta name=\"theme-color\" content=\"#14356b\">\n"
        for link in page.headLinks {
            html += "<link rel=\"\(SafeHTML.escape(link.relation))\" href=\"\(SafeHTML.escape(link.path))\">\n"
        }
        if let seconds = page.refreshWithoutScript {
            html += "<noscript><meta http-equiv=\"refresh\" content=\"\(seconds)\"></noscript>\n"
        }
        html += "<script src=\"\(pages.assets.script)\" defer></script>\n"
        for script in page.scripts { html += "<script src=\"\(SafeHTML.escape(script))\" defer></script>\n" }
        html += "</head>\n"
    }

    private func header(_ html: inout String, target: String) {
        html += "<body>\n<a class=\"skip\" href=\"#main\">"
        html += SafeHTML.escape(LayoutTexts.skip[language])
        html += "</a>\n<header class=\"top\"><div class=\"bar\"><a class=\"brand\" href=\"/\">"
        html += Logo.svg
        html += "<span>"
        html += SafeHTML.escape(product[language])
        html += "</span></a>"
        if !page.navigation.isEmpty {
            html += "<nav class=\"menu\" aria-label=\"\(SafeHTML.escape(LayoutTexts.menu[language]))\">"
            for link in page.navigation {
                html += "<a href=\"\(SafeHTML.escape(link.path))\"\(link.isCurrent ? " aria-current=\"page\"" : "")>"
                html += SafeHTML.escape(link.text[language])
                html += "</a>"
            }
            html += "</nav>"
        }
        if let account = page.account {
            html += "<span class=\"account\">\(SafeHTML.escape(account))</span>"
        }
        languageSwitch(&html, target: target)
        html += "</div></header>\n"
    }

    private func languageSwitch(_ html: inout String, target: String) {
        let address: String
        switch page.languageSwitch {
        case .hidden: return
        case .path(let path): address = path
        case .sameAddress: address = target
        }
        let other: Language = language == .km ? .en : .km
        html += "<a class=\"lang\" lang=\"\(other.rawValue)\" hreflang=\"\(other.rawValue)\" href=\""
        html += SafeHTML.escape(Layout.address(address, in: other))
        html += other == .en ? "\">English</a>" : "\">ភាសាខ្មែរ</a>"
    }

    /// The same address with the parameter `lang` set.
    static func address(_ target: String, in language: Language) -> String {
        // A path that begins with two slashes would name another host.
        let bytes = target.utf8.drop { $0 == UInt8(ascii: "/") }
        let question = bytes.firstIndex(of: UInt8(ascii: "?")) ?? bytes.endIndex
        var address = "/"
        address += Substring(bytes[..<question])
        address += "?"
        let query = bytes[question...].dropFirst()
        if target.range(ofASCII: "lang=") {
            for pair in query.split(separator: UInt8(ascii: "&")) where !pair.starts(with: "lang=".utf8) {
                address += Substring(pair)
                address += "&"
            }
        } else if !query.isEmpty {
            address += Substring(query)
            address += "&"
        }
        return address + "lang=\(language.rawValue)"
    }
}

enum LayoutTexts {
    static let skip = LocalizedText(km: "រំលងទៅមាតិកា", en: "Skip to content")
    static let menu = LocalizedText(km: "ម៉ឺនុយ", en: "Menu")
    static let footer = LocalizedText(
        km: "អត្តសញ្ញាណឌីជីថលរបស់អ្នក ស្ថិតក្នុងដៃអ្នក។", en: "Your digital identity, in your hands.")
}
