import Crypto
import Kernel
import Testing

@testable import DeviceKit
@testable import JOSE

@Suite struct PINTests {
    @Test(arguments: ["284913", " 284913\n", "២៨៤៩១៣", "២៨4913", "\u{200B}284913"])
    func readsSixDigitsInBothScripts(_ text: String) throws {
        #expect(try PIN(text).digits == Array("284913".utf8))
    }

    @Test(arguments: ["", "28491", "2849133", "28491a", "284 913", "-84913", "٢٨٤٩١٣", "๒๘๔๙๑๓", "２８４９１３", "²84913"])
    func refusesEverythingElse(_ text: String) {
        #expect(throws: RumdulError.pinMalformed) { try PIN(text) }
    }

    @Test(arguments: [
        "000000", "111111", "999999", "123456", "012345", "456789", "654321", "987654", "543210", "១២៣៤៥៦",
    ])
    func refusesWeakPINsWhenChosen(_ text: String) throws {
        #expect(throws: RumdulError.pinWeak) { try PIN(text).requireStrong() }
    }

    @Test(arguments: ["284913", "123457", "112233", "121212", "135790", "000001", "246802"])
    func acceptsOthers(_ text: String) throws {
        try PIN(text).requireStrong()
    }

    @Test func exactlyTwentyOfAllPINsAreWeak() throws {
        var weak = 0
        for number in 0..<1_000_000 where try PIN(String(String(1_000_000 + number).dropFirst())).isWeak { weak += 1 }
        // Ten of equal digits, five runs up (012345 ... 456789), five down.
        #expect(weak == 20)
    }

    @Test func isNeverWritten() throws {
        let pin = try PIN("284913")
        var dumped = ""
        dump(pin, to: &dumped)
        for text in ["\(pin)", String(reflecting: pin), String(describing: Optional(pin)), dumped] {
            #expect(!text.contains("284913") && !text.contains("50"))
        }
    }

    /// Computed with Python: hashlib.scrypt, hmac (RFC 5869 written out) and `cryptography` 48.0 for the point and the
    /// RFC 7638 thumbprint.
    static let vectors: [(pin: String, secret: [UInt8], x: String, thumbprint: String)] = [
        (
            "135790", [UInt8](repeating: 0, count: 32), "VRlV1XHbebpnchEViAr8hP5Dl9hdeicpU3ur-xlazOg",
            "7R0p9VLKCHV8YxfUlE1AONoEBmNhH47f7zudGGpbhXs"
        ),
        (
            "284913", Array(0..<32), "TPOxaB_fqHJiu7c7I7U_7_MifSP5W52UUKGY-E0rGoY",
            "MdD2reIQkkKJ6qekKdrhs5zIi4h8dMsNeohryfESaMY"
        ),
        (
            "000001", [UInt8](repeating: 255, count: 32), "xhSVKYd2VDnq-K08KFR8WTPWhkJprmjekU8xINZ3VRA",
            "dMKyu9ZEkwIuxfzpuT4rjjTz5zPiR3U-i0xgLe1D60M"
        ),
        (
            "918273", Array(SHA256.hash(data: Array("rumdul".utf8))), "uRoZSYm3rqpPPm-jKGRFB5mrxQuGSMFa5ge4212YVik",
            "fzFdCrYnuYz_jwoJBNrqLeuLVmM7xbU2poRqQcEY3R0"
        ),
    ]

    @Test(arguments: vectors.indices)
    func derivesTheKeyOfTheProtocol(_ index: Int) throws {
        let vector = PINTests.vectors[index]
        let key = try PINKey(pin: PIN(vector.pin), deviceSecret: vector.secret).publicKey()
        #expect(key.json.string("x") == vector.x)
        #expect(key.thumbprintText == vector.thumbprint)
    }

    @Test func khmerDigitsGiveTheSameKey() throws {
        let secret = [UInt8](repeating: 7, count: 32)
        let one = try PINKey(pin: PIN("២៨៤៩១៣"), deviceSecret: secret).publicKey()
        #expect(try one == PINKey(pin: PIN("284913"), deviceSecret: secret).publicKey())
    }

    @Test func anotherPINOrSecretGivesAnotherKey() throws {
        let secret = [UInt8](repeating: 7, count: 32)
        var other = secret
        other[31] ^= 1
        let key = try PINKey(pin: PIN("284913"), deviceSecret: secret).publicKey()
        #expect(try key != PINKey(pin: PIN("284914"), deviceSecret: secret).publicKey())
        #expect(try key != PINKey(pin: PIN("284913"), deviceSecret: other).publicKey())
    }

    @Test func aSecretOfAnotherLengthIsRefused() throws {
        let pin = try PIN("284913")
        for length in [0, 31, 33] {
            #expect(throws: RumdulError.storeDamaged("")) {
                _ = try PINKey(pin: pin, deviceSecret: [UInt8](repeating: 1, count: length))
            }
        }
    }

    @Test func aScalarLiesBetweenZeroAndTheOrder() {
        var below = PINKey.order
        below[31] -= 1
        var above = PINKey.order
        above[31] += 1
        let one = [UInt8](repeating: 0, count: 31) + [1]
        #expect(PINKey.isScalar(one) && PINKey.isScalar(below))
        #expect(!PINKey.isScalar([UInt8](repeating: 0, count: 32)))
        #expect(!PINKey.isScalar(PINKey.order) && !PINKey.isScalar(above))
        #expect(!PINKey.isScalar([UInt8](repeating: 255, count: 32)))
        #expect(
            !PINKey.isScalar([UInt8](repeating: 1, count: 31)) && !PINKey.isScalar([UInt8](repeating: 1, count: 33)))
    }
}
