import Kernel
import Testing

@testable import Authenticators

@Suite("Model of authenticators")
struct ModelTests {
    @Test func lifeOfADevice() {
        let legal: Set<[DeviceState]> = [
            [.pending, .active], [.pending, .revoked], [.active, .blocked], [.active, .revoked], [.blocked, .active],
            [.blocked, .revoked],
        ]
        for from in DeviceState.allCases {
            for to in DeviceState.allCases {
                #expect(from.allows(to) == legal.contains([from, to]), "\(from) to \(to)")
            }
        }
    }

    @Test func comparisonCodesFollowTheProtocol() {
        // Computed with another implementation of SHA-256 over "rumdul-comparison" ‖ "aaa" ‖ "bbb" ‖ "ccc".
        #expect(ComparisonCode.compute(deviceThumbprint: "aaa", pinThumbprint: "bbb", nonce: "ccc") == "063021")
        var seen: Set<String> = []
        for index in 0..<2000 {
            let code = ComparisonCode.compute(deviceThumbprint: "d\(index)", pinThumbprint: "p", nonce: "n")
            #expect(code.utf8.count == 6 && code.utf8.allSatisfy { (48...57).contains($0) })
            seen.insert(code)
        }
        #expect(seen.count > 1990)
    }

    @Test func activationCodes() {
        #expect(ActivationCode.display("K7QM4XRP2W") == "K7QM-4XRP-2W")
        #expect(ActivationCode.parse("k7qm-4xrp-2w") == "K7QM4XRP2W")
        #expect(ActivationCode.parse(" K7QM 4XRP 2W") == "K7QM4XRP2W")
        for text in [
            "", "K7QM-4XRP-2", "K7QM-4XRP-2WW", "K7QM-4XRP-2U", "K7QM-4XRP-2é",
            String(repeating: "-", count: 80) + "K7QM4XRP2W",
        ] {
            #expect(ActivationCode.parse(text) == nil)
        }
        let code = ActivationCode.text(of: Array(0..<32))
        #expect(code == "0123456789")
        #expect(ActivationCode.parse(ActivationCode.display(code)) == code)
    }

    @Test func deviceNames() throws {
        #expect(try DeviceName.checked("  Sokha's phone ") == "Sokha's phone")
        #expect(try DeviceName.checked("ទូរស័ព្ទ\u{200B}សុខា") == "ទូរស័ព្ទ\u{200B}សុខា")
        #expect(try DeviceName.checked(String(repeating: "a", count: 64)).count == 64)
        for name in [
            "", "   ", "\u{200B}", "a\u{202E}b", "a\nb", "a\u{0}b", String(repeating: "a", count: 65), "\u{2066}x",
        ] {
            #expect(throws: RumdulError.deviceNameInvalid) { _ = try DeviceName.checked(name) }
        }
        #expect(throws: RumdulError.deviceNameInvalid) { _ = try DeviceName.checkedPlatform("ខ្មែរ") }
    }

    @Test func replaysAreSeenUntilTheyExpire() {
        let cache = ReplayCache(capacity: 10_000)
        var generator = SeededGenerator(3)
        var now: Int64 = 1000
        var accepted: [(ReplayCache.Key, Int64)] = []
        for index in 0..<3000 {
            now += Int64.random(in: 0...1, using: &generator)
            let expiry = now + Int64.random(in: 0...120, using: &generator)
            let key = ReplayCache.Key(device: "d\(index % 7)", jti: "j\(index)")
            #expect(cache.insert(key, expiry: expiry, now: now) == .fresh)
            accepted.append((key, expiry))
            if let (old, until) = accepted.randomElement(using: &generator), until >= now {
                #expect(cache.insert(old, expiry: until, now: now) == .seen)
            }
        }
        #expect(cache.count < 600, "what cannot come back is forgotten")
        #expect(ReplayCache.Key(device: "a", jti: "bc") != ReplayCache.Key(device: "ab", jti: "c"))
    }

    @Test func aFullMemoryRefuses() {
        let cache = ReplayCache(capacity: 3)
        for index in 0..<3 { #expect(cache.insert(.init(device: "d", jti: "\(index)"), expiry: 60, now: 0) == .fresh) }
        #expect(cache.insert(.init(device: "d", jti: "3"), expiry: 60, now: 0) == .full)
        #expect(cache.insert(.init(device: "d", jti: "1"), expiry: 60, now: 0) == .seen)
        #expect(cache.insert(.init(device: "d", jti: "4"), expiry: 400, now: 300) == .fresh)
    }

    @Test func keyMemoryIsBounded() throws {
        let cache = DeviceKeyCache(capacity: 8)
        var stored: [String] = []
        for _ in 0..<40 {
            let key = try DeviceKey(TestDevice(clock: TestClock()).publicDeviceKey)
            stored.append(key.stored)
            #expect(try cache.key(stored: key.stored).thumbprint == key.thumbprint)
            #expect(cache.count <= 8)
        }
        for text in stored { #expect(try cache.key(stored: text).stored == text) }
        #expect(throws: RumdulError.self) { _ = try cache.key(stored: "AAAA") }
    }
}
