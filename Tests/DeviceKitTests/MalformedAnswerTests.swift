import Codecs
import DeviceKit
import Kernel
import Testing

@Suite struct MalformedAnswerTests {
    @Test(arguments: [
        "", "{}", "[]", "null", "not json", #"{"device_id":"d"}"#,
        #"{"device_id":"device-1","name":"","state":"asleep","pin_locked":false,"pin_tries_left":5,"ial":1}"#,
        #"{"device_id":"device-1","name":"","state":"active","pin_locked":0,"pin_tries_left":5,"ial":1}"#,
        #"{"device_id":"device-1","name":"","state":"active","pin_locked":false,"pin_tries_left":6,"ial":1}"#,
        #"{"device_id":"device-1","name":"","state":"active","pin_locked":false,"pin_tries_left":5,"ial":4}"#,
        #"{"device_id":"device-2","name":"","state":"active","pin_locked":false,"pin_tries_left":5,"ial":1}"#,
    ])
    func statusAnswers(_ body: String) async throws {
        let world = World()
        let authenticator = try await world.ready()
        await world.server.set { _, _ in DeviceResponse(status: 200, body: Array(body.utf8)) }
        #expect(await code { _ = try await authenticator.status() } == "device.answer_malformed")
    }

    @Test(arguments: [
        #"{"device_id":"../x","server_nonce":"AAAAAAAAAAAAAAAAAAAAAA","state":"pending","expires_at":1}"#,
        #"{"device_id":"d","server_nonce":"AAAA","state":"pending","expires_at":1}"#,
        #"{"device_id":"d","server_nonce":"AAAAAAAAAAAAAAAAAAAAAA==","state":"pending","expires_at":1}"#,
        #"{"device_id":"d","server_nonce":"AAAAAAAAAAAAAAAAAAAAAA","state":"active","expires_at":1}"#,
        #"{"device_id":"d","server_nonce":"AAAAAAAAAAAAAAAAAAAAAA","state":"pending","expires_at":-1}"#,
        #"{"device_id":"d","server_nonce":"AAAAAAAAAAAAAAAAAAAAAA","state":"pending"}"#,
    ])
    func activationAnswers(_ body: String) async throws {
        let world = World()
        await world.server.set { _, _ in DeviceResponse(status: 201, body: Array(body.utf8)) }
        let refused = await code {
            _ = try await world.authenticator.enrol(world.activation(), name: "x", pin: PIN("284913"), platform: "t")
        }
        #expect(refused == "device.answer_malformed")
        #expect(await code { _ = try await world.authenticator.enrolment() } == "device.not_enrolled")
    }

    @Test(arguments: [
        (401, #"{"code":"device.proof_invalid"}"#, "device.proof_invalid"),
        (403, #"{"code":"device.pin_wrong","tries_left":99}"#, "device.pin_wrong"),
        (418, #"{"code":"something.new"}"#, "something.new"), (500, "<html>", "device.server_refused"),
        (302, "", "device.server_refused"), (400, #"{"code":"\u001b[2J"}"#, "device.server_refused"),
        (400, #"{"code":7}"#, "device.server_refused"),
    ])
    func problems(_ status: Int, _ body: String, _ expected: String) async throws {
        let world = World()
        let authenticator = try await world.ready()
        await world.server.set { _, _ in DeviceResponse(status: status, body: Array(body.utf8)) }
        #expect(await code { _ = try await authenticator.status() } == expected)
    }

    @Test func anAnswerAboveTheLimitIsRefused() async throws {
        let world = World()
        let authenticator = try await world.ready()
        await world.server.set { _, _ in
            DeviceResponse(status: 200, body: [UInt8](repeating: 32, count: 1 << 20 + 1))
        }
        #expect(await code { _ = try await authenticator.status() } == "device.answer_malformed")
    }

    @Test func anotherStatusThanTheDecisionIsRefused() async throws {
        let world = World()
        let authenticator = try await world.ready()
        let transaction = try await authenticator.transaction("tx-1")
        await world.server.set { _, _ in DeviceResponse(status: 200, body: Array(#"{"status":"approved"}"#.utf8)) }
        #expect(await code { try await authenticator.deny(transaction) } == "device.answer_malformed")
    }

    @Test func anUnreachableServerIsNamed() async throws {
        let world = World()
        let authenticator = try await world.ready()
        await world.server.set { _, _ in throw RumdulError.serverUnreachable }
        #expect(await code { _ = try await authenticator.status() } == "device.server_unreachable")
    }

    @Test func duplicateAttributesAreRefused() async throws {
        let world = World()
        let authenticator = try await world.ready()
        let attribute: JSONValue = ["name": "name_km", "km": "ក", "en": "a", "essential": true]
        await world.server.change("tx-1", member: "attributes", [attribute, attribute])
        #expect(await code { _ = try await authenticator.pendingTransactions() } == "device.answer_malformed")
    }

    /// Thousands of mutated answers: every one is either understood or refused with the one code.
    @Test func mutatedAnswersNeverHarm() async throws {
        let world = World()
        let authenticator = try await world.ready()
        let list: JSONObject = [
            "transactions": [["id": "tx-1", "details": .object(World.details), "numbers": [12, 57, 83]]]
        ]
        let good = JSON.bytes(list)
        var generator = SeededGenerator(99)
        for _ in 0..<3000 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let place = Int.random(in: bytes.indices, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes.remove(at: place)
                case 2:
                    bytes.insert(contentsOf: Array(#"{"[]}:,0"#.utf8).shuffled(using: &generator).prefix(1), at: place)
                default: bytes[place] = UInt8(ascii: "9")
                }
            }
            let body = bytes
            await world.server.set { _, _ in DeviceResponse(status: 200, body: body) }
            let found = await code {
                for transaction in try await authenticator.pendingTransactions() { _ = try transaction.details.hash() }
            }
            #expect(found == nil || found == "device.answer_malformed")
        }
    }
}
