import Testing
import Web

@Suite("Browsers and networks in words")
struct NetworkNameTests {
    @Test func aSubscribersNetwork() {
        func same(_ one: String, _ other: String) -> Bool {
            NetworkName.subscriber(address: one) == NetworkName.subscriber(address: other)
        }
        #expect(same("203.0.113.77", "::ffff:203.0.113.77") && !same("203.0.113.77", "203.0.113.78"))
        #expect(same("2001:db8:1:2:3:4:5:6", "2001:DB8:1:2::9") && !same("2001:db8:1:2::1", "2001:db8:1:3::1"))
        #expect(!same("2001:db8:1:2::1", "203.0.113.77") && !same("nonsense", "203.0.113.77"))
    }

    @Test func theSubscriberIsLeftOut() {
        #expect(NetworkName.words(address: "203.0.113.77") == "203.0.113.*")
        #expect(NetworkName.words(address: "::ffff:203.0.113.77") == "203.0.113.*")
        #expect(NetworkName.words(address: "2001:db8:1:2:3:4:5:6") == "2001:db8:1:*")
        #expect(NetworkName.words(address: "fe80::1%eth0") == "fe80:0:0:*")
        for text in ["", "unknown", "203.0.113", "203.0.113.256", "<b>"] {
            #expect(NetworkName.words(address: text) == nil, "\(text)")
        }
    }

    @Test func phones() {
        #expect(BrowserName.isPhone(userAgent: "Mozilla/5.0 (Linux; Android 14) Chrome/120.0 Mobile"))
        #expect(BrowserName.isPhone(userAgent: "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X)"))
        #expect(!BrowserName.isPhone(userAgent: "Mozilla/5.0 (X11; Linux x86_64) Chrome/120.0"))
        #expect(!BrowserName.isPhone(userAgent: nil))
    }
}
