import Kernel
import TestVectors
import Testing

@testable import CivilRegister

/// Registration numbers and tracking identifiers: what is written comes back, and no slip of one digit or of two
/// neighbours goes unnoticed.
@Suite struct NumberTests {
    private func number(_ chance: inout Seeded) throws -> RegistrationNumber {
        let kind = try #require(VitalEventKind.allCases.randomElement(using: &chance))
        let commune = String(String(1_000_000 + Int.random(in: 0..<1_000_000, using: &chance)).suffix(6))
        return RegistrationNumber(
            kind, commune: commune, year: Int.random(in: 1900...2199, using: &chance),
            serial: Int.random(in: 1...99_999, using: &chance))
    }

    @Test func aThousandNumbersComeBackHoweverTheyAreTyped() throws {
        var chance = Seeded(41)
        for _ in 0..<1_000 {
            let number = try number(&chance)
            #expect(RegistrationNumber(number.text) == number)
            #expect(RegistrationNumber(number.text.lowercased()) == number)
            let bare = String(String.UnicodeScalarView(number.text.unicodeScalars.filter { $0 != "-" }))
            #expect(RegistrationNumber(bare) == number)
            #expect(RegistrationNumber(" " + number.text + " ") == number)
            #expect(number.text.utf8.count == 22)
        }
    }

    @Test func everySlipOfADigitAndEverySwapOfNeighboursIsCaught() throws {
        var chance = Seeded(42)
        let letters = Set(VitalEventKind.allCases.compactMap(\.letter.asciiValue))
        for _ in 0..<1_000 {
            let text = Array(try number(&chance).text.utf8)
            for place in text.indices where text[place] != 45 {
                let others: [UInt8] = place == 0 ? Array(letters) : Array(48...57)
                for other in others where other != text[place] {
                    var wrong = text
                    wrong[place] = other
                    #expect(RegistrationNumber(String(decoding: wrong, as: UTF8.self)) == nil)
                }
            }
            let bare = text.filter { $0 != 45 }
            for place in 1..<17 where bare[place] != bare[place + 1] {
                var swapped = bare
                swapped.swapAt(place, place + 1)
                #expect(RegistrationNumber(String(decoding: swapped, as: UTF8.self)) == nil)
            }
        }
    }

    /// Worked out by hand with the method of ISO 7064 (MOD 97-10): the letters as 10 to 35, two zeros behind, 98 minus
    /// the remainder.
    @Test func theCheckIsThatOfTheStandard() throws {
        let number = RegistrationNumber(.birth, commune: "120101", year: 2026, serial: 42)
        var remainder = 0
        for digit in "11120101202600042".utf8 { remainder = (remainder * 10 + Int(digit) - 48) % 97 }
        let check = 98 - remainder * 100 % 97
        #expect(number.text == "B-120101-2026-00042-\(check < 10 ? "0" : "")\(check)")
    }

    @Test func everyKindHasALetterOfItsOwn() {
        #expect(Set(VitalEventKind.allCases.map(\.letter)).count == VitalEventKind.allCases.count)
    }

    @Test(arguments: ["", "B", "B-120101-2026-00042", "Q-120101-2026-00042-17", "១២០១០១", "B-12010១-2026-00042-17"])
    func otherTextsAreNoNumbers(_ text: String) { #expect(RegistrationNumber(text) == nil) }

    // MARK: Tracking identifiers

    private func tracking(_ chance: inout Seeded) -> TrackingID {
        let bytes = chance.bytes(8)
        return TrackingID(Ambient(now: { Instant(microseconds: 0) }, randomBytes: { _ in bytes }))
    }

    @Test func aThousandTrackingIdentifiersComeBackHoweverTheyAreTyped() throws {
        var chance = Seeded(43)
        for _ in 0..<1_000 {
            let id = tracking(&chance)
            #expect(id.text.utf8.count == 9)
            #expect(TrackingID(id.text) == id)
            #expect(TrackingID(id.text.lowercased()) == id)
            let lookalikes = id.text.map { ["0": "O", "1": "l"][$0] ?? String($0) }.joined()
            #expect(TrackingID(lookalikes) == id)
            let text = Array(id.text)
            #expect(TrackingID(String(text[0..<4]) + "-" + String(text[4...])) == id)
        }
    }

    @Test func everySlipOfACharacterAndEverySwapOfNeighboursIsCaught() {
        var chance = Seeded(44)
        let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ*~$=U".utf8)
        for _ in 0..<1_000 {
            let text = Array(tracking(&chance).text.utf8)
            for place in text.indices {
                for other in alphabet where other != text[place] {
                    var wrong = text
                    wrong[place] = other
                    #expect(TrackingID(String(decoding: wrong, as: UTF8.self)) == nil)
                }
            }
            for place in 0..<8 where text[place] != text[place + 1] {
                var swapped = text
                swapped.swapAt(place, place + 1)
                #expect(TrackingID(String(decoding: swapped, as: UTF8.self)) == nil)
            }
        }
    }

    @Test func noTextStopsTheReaders() {
        var chance = Seeded(45)
        for _ in 0..<3_000 {
            let text = chance.text(24)
            if let number = RegistrationNumber(text) { #expect(RegistrationNumber(number.text) == number) }
            if let id = TrackingID(text) { #expect(TrackingID(id.text) == id) }
        }
    }
}

extension Seeded {
    /// Any Unicode text of at most so many scalars, often of the scripts and signs that forms know.
    mutating func text(_ limit: Int) -> String {
        var scalars = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0...limit, using: &self) {
            let value: UInt32 =
                switch Int.random(in: 0..<6, using: &self) {
                case 0: UInt32.random(in: 0x1780...0x17FF, using: &self)
                case 1: UInt32.random(in: 0x30...0x39, using: &self)
                case 2: UInt32.random(in: 0x17E0...0x17E9, using: &self)
                case 3: UInt32.random(in: 0x20...0x7E, using: &self)
                case 4: [0x200B, 0x202E, 0x0, 0xA, 0xFEFF, 0x2F, 0x2D, 0x3A][Int.random(in: 0..<8, using: &self)]
                default: UInt32.random(in: 0...0x10_FFFF, using: &self)
                }
            if let scalar = Unicode.Scalar(value) { scalars.append(scalar) }
        }
        return String(scalars)
    }
}
