import Authenticators
import Codecs
import DatabaseTesting
import HummingbirdTesting
import Kernel
import Synchronization
import Testing

@testable import IdentityProvider

/// A gateway that keeps what it is given.
final class TestMessages: MessageGateway {
    private let kept = Mutex<[(text: String, number: String)]>([])

    var sent: [(text: String, number: String)] { kept.withLock { $0 } }

    func send(_ text: String, to number: String) async throws { kept.withLock { $0.append((text, number)) } }

    /// The code of the newest message, once so many were sent.
    func code(after count: Int) async throws -> String {
        for _ in 0..<200 where sent.count < count { try await Task.sleep(for: .milliseconds(10)) }
        let text = try #require(sent.last).text
        return String(try #require(text.firstMatch(of: /[0-9]{6}/)).output)
    }
}

@Suite("Logging in with a code by message")
struct MessageCodeTests {
    private func ask(_ browser: Browser, _ identifier: String) async throws -> Page {
        let consent = try await browser.get(Browser.authorize("spa"))
        let person = try await browser.post(
            "/authorize/code", [("request", try #require(consent.input("request"))), ("attr.name_km", "on")])
        #expect(person.text.contains("formaction=\"/authorize/code/message\""))
        return try await browser.post(
            "/authorize/code/message",
            [("request", try #require(person.input("request"))), ("identifier", identifier)])
    }

    private func enter(_ browser: Browser, _ page: Page, _ code: String) async throws -> Page {
        try await browser.post("/authorize/code/enter", [("login", try #require(page.input("login"))), ("code", code)])
    }

    @Test(arguments: TestDatabases.kinds) func aLoginByMessage(_ kind: DatabaseKind) async throws {
        try await World.serve(kind) { world, client in
            let browser = Browser(client)
            let page = try await ask(browser, "2345678901")
            #expect(page.status == 200)
            let code = try await world.messages.code(after: 1)
            let message = try #require(world.messages.sent.first)
            #expect(message.number == "phone_number of person-sokha", "the register's number and no other")
            #expect(message.text.contains("ធនាគារ") && message.text.contains("The spa"))
            let done = try await enter(browser, page, code)
            #expect(done.status == 303)
            let item = try await world.find(String(done.location.split(separator: "/")[1]))
            #expect(item.factors == [.oneTimeCode, .textMessage] && item.acr == "urn:kh:camdigikey:aal:1")
            #expect(AssurancePolicy.methods(item.factors) == ["otp", "sms"], "one factor: no mfa")
            let entries = try await world.database.read { [ledger = world.ledger] in
                try await ledger.entries(
                    subject: TestPeople.sokha.text, streamPrefix: "access-", before: nil, limit: 9, in: $0)
            }
            #expect(entries.count == 1, "reading the number left an entry")
            #expect(try await enter(browser, page, code).error == "authorize.code_refused", "used")
            let again = try await ask(browser, "2345678901")
            let late = try await world.messages.code(after: 2)
            world.clock.advance(301)
            #expect(try await enter(browser, again, late).error == "authorize.code_refused", "five minutes")
        }
    }

    /// Three tries, also when they come at once from many nodes.
    @Test(arguments: TestDatabases.kinds) func threeTries(_ kind: DatabaseKind) async throws {
        try await World.serve(kind) { world, client in
            let browser = Browser(client)
            let page = try await ask(browser, "2345678901")
            let code = try await world.messages.code(after: 1)
            let wrong = code == "000000" ? "111111" : "000000"
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<10 {
                    group.addTask {
                        let answer = try await enter(browser, page, wrong)
                        #expect(answer.error == "authorize.code_refused")
                    }
                }
                try await group.waitForAll()
            }
            let failures = try await world.database.read {
                try await $0.query("SELECT failures FROM auth_text_codes").map { try $0.int(0) }
            }
            #expect(failures == [3])
            #expect(try await enter(browser, page, code).error == "authorize.code_refused")
        }
    }

    /// Three messages in ten minutes; for people who are not there as well, who are sent none.
    @Test func threeMessages() async throws {
        for identifier in ["2345678901", "9999999999"] {
            try await World.serve { world, client in
                for _ in 0..<3 {
                    let page = try await ask(Browser(client), identifier)
                    #expect(page.status == 200 && page.text.contains("maxlength=\"24\""))
                }
                let refused = try await ask(Browser(client), identifier)
                #expect(refused.status == 429 && refused.error == "codes.too_many_messages")
                #expect(refused.headers[.retryAfter] == "600")
                if identifier == "9999999999" { #expect(world.messages.sent.isEmpty) }
                world.clock.advance(601)
                #expect(try await ask(Browser(client), identifier).status == 200)
            }
        }
    }
}
