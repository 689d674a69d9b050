import Codecs
import Crypto
import JOSE
import Kernel
import Testing

@testable import Authenticators

@Suite("Proofs of requests, decisions and activations")
struct ProofTests {
    let clock = TestClock()
    let checker = ProofChecker(audience: TestDevice.issuer)

    private func check(
        _ authorization: String?, _ device: TestDevice, method: String = "GET", path: String = "/device/v1/self",
        body: [UInt8] = []
    ) throws {
        let proof = try checker.requestProof(
            authorization: authorization, method: method, path: path, body: body, now: clock.now)
        try checker.verify(proof, by: device.record())
    }

    @Test func goodProofs() async throws {
        let device = try TestDevice(clock: clock)
        try check(try await device.authorization(), device)
        let body = Array(#"{"decision":"x"}"#.utf8)
        let path = "/device/v1/transactions/1/decision"
        try check(
            try await device.authorization("POST", path, body: body), device, method: "POST", path: path, body: body)
        let lower = "deviceproof " + (try await device.authorization().dropFirst("DeviceProof ".count))
        try check(lower, device)
    }

    @Test func anotherRequestIsRefused() async throws {
        let device = try TestDevice(clock: clock)
        let body = Array("body".utf8)
        let proof = try await device.authorization("POST", "/a", body: body)
        try check(proof, device, method: "POST", path: "/a", body: body)
        #expect(throws: RumdulError.deviceProofInvalid) {
            try check(proof, device, method: "PUT", path: "/a", body: body)
        }
        #expect(throws: RumdulError.deviceProofInvalid) {
            try check(proof, device, method: "POST", path: "/A", body: body)
        }
        #expect(throws: RumdulError.deviceProofInvalid) {
            try check(proof, device, method: "POST", path: "/a", body: body + [0])
        }
        #expect(throws: RumdulError.deviceProofInvalid) {
            try check(proof, device, method: "POST", path: "/a", body: [])
        }
        let bare = try await device.authorization("POST", "/a")
        #expect(throws: RumdulError.deviceProofInvalid) {
            try check(bare, device, method: "POST", path: "/a", body: body)
        }
    }

    @Test func otherKeysAreRefused() async throws {
        let device = try TestDevice(clock: clock)
        let other = try TestDevice(clock: clock)
        let byOther =
            "DeviceProof "
            + (try await device.token(device.requestClaims(), type: "rumdul-device+jwt", by: other.deviceKey))
        #expect(throws: RumdulError.deviceProofInvalid) { try check(byOther, device) }
        let byPIN =
            "DeviceProof "
            + (try await device.token(device.requestClaims(), type: "rumdul-device+jwt", by: device.pinKey))
        #expect(throws: RumdulError.deviceProofInvalid) { try check(byPIN, device) }
    }

    @Test(arguments: ["aud", "htm", "htu", "iat", "jti"])
    func everyClaimIsNeeded(_ name: String) async throws {
        let device = try TestDevice(clock: clock)
        for value in [nil, JSONValue.null, .string(""), .integer(1), .array(["x"])] {
            var claims = device.requestClaims()
            claims[name] = value
            let proof = "DeviceProof " + (try await device.token(claims, type: "rumdul-device+jwt"))
            #expect(throws: RumdulError.deviceProofInvalid) { try check(proof, device) }
        }
    }

    @Test(arguments: [-61, -3600, 61, 3600]) func timeOutsideTheWindow(_ offset: Int64) async throws {
        let device = try TestDevice(clock: clock)
        var claims = device.requestClaims()
        claims["iat"] = .integer(clock.now.seconds + offset)
        let proof = "DeviceProof " + (try await device.token(claims, type: "rumdul-device+jwt"))
        #expect(throws: RumdulError.deviceProofInvalid) { try check(proof, device) }
    }

    @Test(arguments: [-60, 0, 60]) func timeInsideTheWindow(_ offset: Int64) async throws {
        let device = try TestDevice(clock: clock)
        var claims = device.requestClaims()
        claims["iat"] = .integer(clock.now.seconds + offset)
        try check("DeviceProof " + (try await device.token(claims, type: "rumdul-device+jwt")), device)
    }

    @Test func headersBringNothingElse() async throws {
        let device = try TestDevice(clock: clock)
        let key = JSONValue.object(try device.publicDeviceKey.json)
        let payload = Base64URL.encode(JSON.bytes(device.requestClaims()))
        let headers: [JSONObject] = [
            ["alg": "none", "typ": "rumdul-device+jwt", "kid": .string(device.id)],
            ["alg": "HS256", "typ": "rumdul-device+jwt", "kid": .string(device.id)],
            ["alg": "ES256", "typ": "JWT", "kid": .string(device.id)],
            ["alg": "ES256", "kid": .string(device.id)],
            ["alg": "ES256", "typ": "rumdul-device+jwt"],
            ["alg": "ES256", "typ": "rumdul-device+jwt", "kid": ""],
            ["alg": "ES256", "typ": "rumdul-device+jwt", "kid": "a b"],
            ["alg": "ES256", "typ": "rumdul-device+jwt", "kid": .string(device.id), "jwk": key],
            ["alg": "ES256", "typ": "rumdul-device+jwt", "kid": .string(device.id), "crit": ["exp"]],
            ["alg": "ES256", "typ": "rumdul-device+jwt", "kid": .string(device.id), "b64": true],
        ]
        for header in headers {
            let input = Base64URL.encode(JSON.bytes(header)) + "." + payload
            let signature = Base64URL.encode(try device.deviceKey.signature(for: Array(input.utf8)))
            #expect(throws: RumdulError.deviceProofInvalid) { try check("DeviceProof \(input).\(signature)", device) }
            #expect(throws: RumdulError.deviceProofInvalid) { try check("DeviceProof \(input).", device) }
        }
    }

    @Test(arguments: [
        nil, "", "DeviceProof", "DeviceProof ", "Bearer x", "DeviceProof a.b.c", "DeviceProof a.b", "DeviceProof ...",
    ])
    func noProof(_ authorization: String?) throws {
        let device = try TestDevice(clock: clock)
        #expect(throws: RumdulError.deviceProofInvalid) { try check(authorization, device) }
    }

    @Test func zeroSignatureIsRefused() async throws {
        let device = try TestDevice(clock: clock)
        let parts = try await device.authorization().split(separator: ".")
        let zero = Base64URL.encode([UInt8](repeating: 0, count: 64))
        #expect(throws: RumdulError.deviceProofInvalid) { try check("\(parts[0]).\(parts[1]).\(zero)", device) }
    }

    /// Whatever is changed in a good proof or decision, it is refused with the one error; cut off anywhere, too.
    @Test func changedTokensAreRefused() async throws {
        let device = try TestDevice(clock: clock)
        let record = try device.record()
        let proof = Array(try await device.authorization().utf8)
        let decision = Array(try await device.decision().utf8)
        var generator = SeededGenerator(20)
        for round in 0..<4000 {
            let original = round % 2 == 0 ? proof : decision
            var bytes = original
            switch Int.random(in: 0..<4, using: &generator) {
            case 0:
                bytes[Int.random(in: bytes.indices, using: &generator)] = UInt8.random(in: 32..<127, using: &generator)
            case 1: bytes.removeSubrange(Int.random(in: bytes.indices, using: &generator)...)
            case 2:
                bytes.insert(
                    UInt8.random(in: 32..<127, using: &generator), at: Int.random(in: bytes.indices, using: &generator))
            default:
                let (a, b) = (
                    Int.random(in: bytes.indices, using: &generator), Int.random(in: bytes.indices, using: &generator)
                )
                bytes.swapAt(a, b)
            }
            let text = String(decoding: bytes, as: UTF8.self)
            // The scheme's letters may change case; everything after it may not change at all.
            if round % 2 == 0, text.lowercased() == String(decoding: original, as: UTF8.self).lowercased(),
                text.dropFirst(12) == String(decoding: original, as: UTF8.self).dropFirst(12)
            {
                continue
            }
            guard bytes != original else { continue }
            #expect(throws: RumdulError.deviceProofInvalid) {
                if round % 2 == 0 {
                    try check(text, device)
                } else {
                    _ = try checker.decision(text, by: record, now: clock.now)
                }
            }
        }
    }

    /// Bytes without sense never stop the program and never pass.
    @Test func noiseIsRefused() throws {
        let device = try TestDevice(clock: clock)
        let record = try device.record()
        var generator = SeededGenerator(21)
        let alphabet = Array("abcABC019-_.{}\":, ".utf8)
        for _ in 0..<4000 {
            let bytes = (0..<Int.random(in: 0..<160, using: &generator)).map { _ in
                alphabet[Int.random(in: alphabet.indices, using: &generator)]
            }
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(throws: RumdulError.deviceProofInvalid) { try check("DeviceProof " + text, device) }
            #expect(throws: RumdulError.deviceProofInvalid) {
                _ = try checker.decision(text, by: record, now: clock.now)
            }
        }
    }

    @Test func goodDecisions() async throws {
        let device = try TestDevice(clock: clock)
        let jws = try await device.decision()
        let decision = try checker.decision(jws, by: device.record(), now: clock.now)
        #expect(decision.txn == "txn-1")
        #expect(decision.action == .approve)
        #expect(decision.clientID == "bank")
        #expect(decision.attributes == ["name_km", "birthdate"])
        #expect(decision.number == 57)
        #expect(decision.jws == jws)
        for action in ["deny", "report"] {
            let jws = try await device.decision {
                $0["action"] = .string(action)
                $0["attributes"] = []
                $0["number"] = 0
            }
            #expect(try checker.decision(jws, by: device.record(), now: clock.now).action.rawValue == action)
        }
    }

    static let wrongClaims: [(String, JSONValue)] = [
        ("iss", JSONValue.string("device-2")), ("aud", "https://evil.example"), ("aud", ["https://id.example"]),
        ("txn", ""),
        ("txn", "a b"), ("action", "Approve"), ("action", "deny"), ("action", "report"), ("client_id", ""),
        ("attributes", "name"), ("attributes", ["a", "a"]), ("attributes", [1]), ("attributes", [""]), ("number", 100),
        ("number", -1), ("number", "57"), ("number", 5.5), ("details_hash", "AAAA"), ("details_hash", 1), ("iat", 0),
        ("iat", 1.5), ("jti", ""), ("jti", JSONValue.null),
    ]

    @Test(arguments: wrongClaims) func wrongDecisions(_ name: String, _ value: JSONValue) async throws {
        let device = try TestDevice(clock: clock)
        let jws = try await device.decision { $0[name] = value }
        #expect(throws: RumdulError.deviceProofInvalid) {
            _ = try checker.decision(jws, by: device.record(), now: clock.now)
        }
    }

    @Test func decisionOfAnotherDevice() async throws {
        let (device, other) = (try TestDevice(clock: clock), try TestDevice(clock: clock))
        let jws = try await device.decision()
        #expect(throws: RumdulError.deviceProofInvalid) {
            _ = try checker.decision(jws, by: other.record(), now: clock.now)
        }
        // A request proof is no decision, and the other way round.
        let proof = String(try await device.authorization().dropFirst("DeviceProof ".count))
        #expect(throws: RumdulError.deviceProofInvalid) {
            _ = try checker.decision(proof, by: device.record(), now: clock.now)
        }
        #expect(throws: RumdulError.deviceProofInvalid) { try check("DeviceProof " + jws, device) }
    }

    @Test func pinSignatures() async throws {
        let device = try TestDevice(clock: clock)
        let record = try device.record()
        let jws = try await device.decision()
        let (bytes, pin) = (Array(jws.utf8), record.keys.pin)
        #expect(Authenticators.isSigned(bytes, try device.pinSignature(jws), by: pin))
        #expect(!Authenticators.isSigned(bytes, try device.pinSignature(jws, by: device.deviceKey), by: pin))
        let elsewhere = try device.pinSignature(try await device.decision())
        #expect(!Authenticators.isSigned(bytes, elsewhere, by: pin))
        for text in ["", "AAAA", "!", Base64URL.encode([UInt8](repeating: 0, count: 64))] {
            #expect(!Authenticators.isSigned(bytes, text, by: pin))
        }
    }

    @Test func activations() async throws {
        let device = try TestDevice(clock: clock)
        let code = "K7QM-4XRP-2W"
        try checker.check(try await device.activation(code: code), now: clock.now)
        try checker.check(try await device.activation(code: "k7qm4xrp2w"), now: clock.now)

        var otherCode = try await device.activation(code: code)
        otherCode.code = "K7QM-4XRP-2X"
        #expect(throws: RumdulError.deviceProofInvalid) { try checker.check(otherCode, now: clock.now) }
        // Each proof by its own key.
        let swapped = try await device.activation(code: code, by: (device.pinKey, device.deviceKey))
        #expect(throws: RumdulError.deviceProofInvalid) { try checker.check(swapped, now: clock.now) }
        let onlyDevice = try await device.activation(code: code, by: (device.deviceKey, device.deviceKey))
        #expect(throws: RumdulError.deviceProofInvalid) { try checker.check(onlyDevice, now: clock.now) }
        for (name, value) in [
            ("aud", JSONValue.string("https://evil.example")), ("iat", 0), ("device_key", "x"),
            ("pin_key", JSONValue.null), ("code_hash", ""),
        ] {
            let wrong = try await device.activation(code: code) { $0[name] = value }
            #expect(throws: RumdulError.deviceProofInvalid) { try checker.check(wrong, now: clock.now) }
        }
    }

    @Test func keysThatAreRefused() async throws {
        let device = try TestDevice(clock: clock)
        let good = try await device.activation(code: "K7QM4XRP2W")
        var same = good
        same.pinKey = same.deviceKey
        #expect(throws: RumdulError.deviceKeyRefused) { try checker.check(same, now: clock.now) }
        var large = good
        large.pinKey = try TestDevice.bare(try SigningKey.generate(.es384))
        #expect(throws: RumdulError.deviceKeyRefused) { try checker.check(large, now: clock.now) }
        var secret = good
        secret.deviceKey = device.deviceKey.jwk
        #expect(throws: RumdulError.deviceKeyRefused) { try checker.check(secret, now: clock.now) }
        var edwards = good
        edwards.deviceKey = try SigningKey.generate(.edDSA).jwk
        #expect(throws: RumdulError.deviceKeyRefused) { try checker.check(edwards, now: clock.now) }
    }
}
