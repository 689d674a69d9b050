import DatabaseTesting
import DeviceKit
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Kernel
import NIOCore
import Testing
import Web

@testable import DemoWorld

@Suite("The simulated phone")
struct PhoneTests {
    private let server = FakeDeviceServer()

    private func test(_ body: @escaping @Sendable (any TestClientProtocol) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let settings = WebSettings(baseURL: "http://127.0.0.1:1", metrics: false, accessLog: false)
        let web = try WebApplication(settings: settings, assets: PhoneSimulator.assets, logger: silent)
        let phones = Phones(
            folder: folder.path + "/phones", issuer: "http://127.0.0.1:8080", transport: server, ambient: .system)
        PhoneSimulator(phones: phones, settings: settings, story: "http://127.0.0.1:2/").addRoutes(to: web.router)
        try await web.application().test(.router) { client in try await body(client) }
    }

    private func post(
        _ client: any TestClientProtocol, _ path: String, _ form: String, cookie: String = ""
    ) async throws -> TestResponse {
        try await client.execute(
            uri: path, method: .post,
            headers: [.contentType: "application/x-www-form-urlencoded", .cookie: cookie],
            body: ByteBuffer(string: form))
    }

    /// A phone that has used a code; gives its cookie.
    private func enrolled(_ client: any TestClientProtocol) async throws -> String {
        let answer = try await post(client, "/phone/enrol", "code=K7QM-4XRP-2W&name=Phone&pin=246813&pin_again=246813")
        #expect(answer.status == .seeOther)
        return answer.cookie("demo-phone") ?? ""
    }

    private func page(_ client: any TestClientProtocol, _ cookie: String) async throws -> TestResponse {
        try await client.execute(uri: "/phone?lang=en", method: .get, headers: [.cookie: cookie])
    }

    @Test("a new phone asks for code and PIN, labelled as a simulator, in both languages")
    func blank() async throws {
        try await test { client in
            let english = try await client.execute(uri: "/phone?lang=en", method: .get)
            #expect(english.text.contains("Activate this phone"))
            #expect(english.text.contains("A simulator, not the real app"))
            let khmer = try await client.execute(uri: "/phone", method: .get)
            #expect(khmer.text.contains("<html lang=\"km\""))
            #expect(khmer.text.contains("ទូរស័ព្ទក្លែងធ្វើ"))
        }
    }

    @Test("enrolling shows six digits to compare; when the officer has activated, the phone is ready")
    func enrol() async throws {
        try await test { [server] client in
            let cookie = try await enrolled(client)
            let waiting = try await page(client, cookie)
            let digits = waiting.between("data-comparison=\"", "\"") ?? ""
            #expect(digits.utf8.count == 6 && digits.utf8.allSatisfy { (48...57).contains($0) })
            let poll = try await client.execute(
                uri: "/phone/state?seen=officer", method: .get, headers: [.cookie: cookie])
            #expect(poll.text.contains("\"pending\""))
            server.state.withLock { $0.deviceState = "active" }
            let changed = try await client.execute(
                uri: "/phone/state?seen=officer", method: .get, headers: [.cookie: cookie])
            #expect(changed.text.contains("\"changed\""))
            let ready = try await page(client, cookie)
            #expect(ready.text.contains("This phone is ready"))
            #expect(ready.text.contains("Test &lt;phone&gt;"))
        }
    }

    @Test(
        "what cannot be a code or a PIN is refused with its reason, and keeps what was typed",
        arguments: [
            ("code=short&name=P&pin=246813&pin_again=246813", "activation.code_malformed"),
            ("code=K7QM-4XRP-2W&name=P&pin=111111&pin_again=111111", "device.pin_weak"),
            ("code=K7QM-4XRP-2W&name=P&pin=246813&pin_again=246814", "demo.pin_differs"),
            ("code=K7QM-4XRP-2W&name=P&pin=24&pin_again=24", "device.pin_malformed"),
            (
                "code=https://evil.example/device/v1/activations%23code%3DK7QM-4XRP-2W&name=P&pin=246813&pin_again=246813",
                "activation.qr_malformed"
            ),
        ])
    func refused(_ form: String, _ code: String) async throws {
        try await test { client in
            let answer = try await post(client, "/phone/enrol", form)
            #expect(answer.status == .badRequest)
            #expect(answer.text.contains("data-error=\"\(code)\""))
            #expect(answer.cookie("demo-phone") == nil)
            #expect(!answer.text.contains("246813"))
        }
    }

    @Test("a request shows who asks for what; approving gives exactly the ticked attributes and the number")
    func approve() async throws {
        try await test { [server] client in
            let cookie = try await enrolled(client)
            server.state.withLock { state in
                state.deviceState = "active"
                state.transactions = [FakeDeviceServer.login]
            }
            let request = try await page(client, cookie)
            for text in ["Bank &lt;b&gt;", "bank.example", "name=\"give.name_km\"", "value=\"57\"", "Chrome, Android"] {
                #expect(request.text.contains(text), "\(text)")
            }
            let answer = try await post(
                client, "/phone/decide",
                "transaction=tx-1&give.name_km=1&number=57&pin=246813&action=approve", cookie: cookie)
            #expect(answer.headers[.location] == "/phone?done=approved")
            let decision = try #require(server.state.withLock { $0.decisions.first })
            #expect(decision.strings("attributes") == ["name_km"])
            #expect(decision.integer("number") == 57)
            #expect(decision.string("action") == "approve")
        }
    }

    @Test("no and \"not me\" need no PIN", arguments: [("deny", "denied"), ("report", "reported")])
    func refuse(_ action: String, _ status: String) async throws {
        try await test { [server] client in
            let cookie = try await enrolled(client)
            server.state.withLock { state in
                state.deviceState = "active"
                state.transactions = [FakeDeviceServer.login]
            }
            let answer = try await post(client, "/phone/decide", "transaction=tx-1&action=\(action)", cookie: cookie)
            #expect(answer.headers[.location] == "/phone?done=\(status)")
            let decision = try #require(server.state.withLock { $0.decisions.first })
            #expect(decision.string("action") == action)
            #expect(decision.strings("attributes") == [])
        }
    }

    @Test("a wrong PIN may be typed again and keeps the choice; a number that is not offered is not sent")
    func wrongPIN() async throws {
        try await test { [server] client in
            let cookie = try await enrolled(client)
            server.state.withLock { state in
                state.deviceState = "active"
                state.transactions = [FakeDeviceServer.login]
                state.refusal = (403, "device.pin_wrong")
            }
            let form = "transaction=tx-1&give.phone_number=1&number=83&pin=999991&action=approve"
            let answer = try await post(client, "/phone/decide", form, cookie: cookie)
            #expect(answer.text.contains("data-error=\"device.pin_wrong\""))
            #expect(answer.text.contains("name=\"give.phone_number\" value=\"1\" checked"))
            #expect(!answer.text.contains("name=\"give.name_km\" value=\"1\" checked"))
            #expect(!answer.text.contains("999991"))
            let other = try await post(
                client, "/phone/decide", "transaction=tx-1&number=11&pin=246813&action=approve", cookie: cookie)
            #expect(other.text.contains("data-error=\"device.number_not_offered\""))
            #expect(server.state.withLock { $0.decisions.isEmpty })
        }
    }

    @Test(
        "a cookie that no phone has leads to a new phone",
        arguments: ["../../etc", "zz", String(repeating: "a", count: 32)])
    func strangeCookie(_ value: String) async throws {
        try await test { client in
            let answer = try await page(client, "demo-phone=\(value)")
            #expect(answer.text.contains("Activate this phone"))
            let decide = try await post(
                client, "/phone/decide", "transaction=tx-1&action=deny", cookie: "demo-phone=\(value)")
            #expect(decide.text.contains("data-error="))
        }
    }

    @Test("forgetting removes the phone")
    func forget() async throws {
        try await test { client in
            let cookie = try await enrolled(client)
            _ = try await post(client, "/phone/forget", "", cookie: cookie)
            #expect(try await page(client, cookie).text.contains("Activate this phone"))
        }
    }
}
