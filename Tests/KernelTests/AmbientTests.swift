import Kernel
import Testing

@Suite("Identifiers, secrets, chance")
struct AmbientTests {
    @Test("Identifiers are version 7, distinct, and in the order of time")
    func identifiers() {
        let earlier = Ambient(now: { Instant(seconds: 1_700_000_000) }, randomBytes: secureRandomBytes)
        let later = Ambient(now: { Instant(seconds: 1_700_000_001) }, randomBytes: secureRandomBytes)
        var seen: Set<String> = []
        for _ in 0..<2000 {
            let (a, b) = (earlier.newID(), later.newID())
            #expect(a < b)
            #expect(a.utf8.count == 36)
            #expect(Array(a.utf8)[14] == UInt8(ascii: "7"))
            #expect("89ab".utf8.contains(Array(a.utf8)[19]))
            #expect(seen.insert(a).inserted)
        }
    }

    @Test("Secrets are 32 bytes as 43 base64url characters")
    func secrets() {
        let secret = Ambient.system.newSecret()
        #expect(secret.utf8.count == 43)
        #expect(
            secret.utf8.allSatisfy {
                ($0 >= 48 && $0 <= 57) || ($0 >= 65 && $0 <= 90) || ($0 >= 97 && $0 <= 122) || $0 == 45 || $0 == 95
            })
        #expect(secret != Ambient.system.newSecret())
    }

    @Test("Draws below a bound are even (chi-square, 9 degrees of freedom, 27.9 at 0.001)")
    func uniformDraws() {
        var counts = [Int](repeating: 0, count: 10)
        for _ in 0..<20_000 { counts[Int(Ambient.system.uniform(below: 10))] += 1 }
        let chiSquare = counts.reduce(0.0) { $0 + (Double($1) - 2000) * (Double($1) - 2000) / 2000 }
        // A right generator exceeds this once in a million runs.
        #expect(chiSquare < 45)
    }

    @Test("Draws outside the even part of the range are rejected, not folded")
    func rejection() {
        // The first eight bytes are in the uneven tail for a bound of 10, the next are 7.
        let script = ScriptedBytes([[255, 255, 255, 255, 255, 255, 255, 255], [0, 0, 0, 0, 0, 0, 0, 7]])
        let ambient = Ambient(now: { Instant(seconds: 0) }, randomBytes: { _ in script.next() })
        #expect(ambient.uniform(below: 10) == 7)
    }

    @Test("Constant-time comparison compares")
    func constantTime() {
        #expect(constantTimeEquals([1, 2, 3], [1, 2, 3]))
        #expect(!constantTimeEquals([1, 2, 3], [1, 2, 4]))
        #expect(!constantTimeEquals([1, 2, 3], [1, 2]))
        #expect(constantTimeEquals([UInt8](), [UInt8]()))
    }

    @Test("Errors are equal by code and never show their cause in their text")
    func errors() {
        let error = RumdulError("x.y", .conflict, km: "ក", en: "a")
        #expect(error == error.because("secret"))
        #expect(!error.because("secret").message.en.contains("secret"))
        #expect(error != RumdulError("x.z", .conflict, km: "ក", en: "a"))
    }
}

/// Hands out prepared bytes in order.
private final class ScriptedBytes: @unchecked Sendable {
    private var rest: [[UInt8]]

    init(_ all: [[UInt8]]) { rest = all }

    func next() -> [UInt8] { rest.isEmpty ? [UInt8](repeating: 0, count: 8) : rest.removeFirst() }
}
