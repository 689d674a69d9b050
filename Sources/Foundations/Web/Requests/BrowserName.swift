/// A few words on a browser from its `User-Agent`, from a fixed vocabulary: nothing of the header itself is shown or stored.
public enum BrowserName {
    /// The browser, and after a comma its system: `Firefox, Linux`; `Browser` when nothing is known.
    public static func words(userAgent: String?) -> String {
        var text = userAgent ?? ""
        text.makeContiguousUTF8()
        let browsers: [(StaticString, String)] = [
            ("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
        ]
        let systems: [(StaticString, String)] = [
            ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
            ("Mac OS X", "macOS"),
            ("Linux", "Linux"),
        ]
        let browser = browsers.first { contains(text, $0.0) }?.1 ?? "Browser"
        guard let system = systems.first(where: { contains(text, $0.0) })?.1 else { return browser }
        return "\(browser), \(system)"
    }

    /// Whether the browser says that it is on a phone or a tablet. A hint for what to offer, never for what to allow.
    public static func isPhone(userAgent: String?) -> Bool {
        var text = userAgent ?? ""
        text.makeContiguousUTF8()
        return contains(text, "Android") || contains(text, "iPhone") || contains(text, "iPad")
    }

    /// Whether a text holds an ASCII word, by bytes.
    private static func contains(_ text: String, _ word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        return text.utf8.withContiguousStorageIfAvailable { bytes in
            guard bytes.count >= count else { return false }
            return (0...(bytes.count - count)).contains { start in
                word.withUTF8Buffer { wanted in wanted.indices.allSatisfy { bytes[start + $0] == wanted[$0] } }
            }
        } ?? false
    }
}
