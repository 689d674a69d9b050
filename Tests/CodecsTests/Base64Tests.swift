import Codecs
import TestVectors
import Testing

@Suite struct Base64Tests {
    @Test(arguments: [
        ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
        ("foobar", "Zm9vYmFy"),
    ])
    func examplesOfRFC4648(plain: String, encoded: String) {
        #expect(Base64URL.encode(Array(plain.utf8)) == encoded)
        #expect(Base64URL.decode(encoded) == Array(plain.utf8))
        let padded = encoded + String(repeating: "=", count: (4 - encoded.count % 4) % 4)
        #expect(Base64.encode(Array(plain.utf8)) == padded)
        #expect(Base64.decode(padded) == Array(plain.utf8))
    }

    @Test func theTwoAlphabetsDiffer() {
        #expect(Base64URL.encode([0xFB, 0xFF, 0xFE]) == "-__-")
        #expect(Base64.encode([0xFB, 0xFF, 0xFE]) == "+//+")
        #expect(Base64URL.decode("+//+") == nil)
        #expect(Base64.decode("-__-") == nil)
    }

    @Test(arguments: [
        "Zg==", "Zg=", "Zm8=", "Z", "Zm9vY", "Zh", "Zm9", "Zm 9v", "Zm9v\n", " Zm9v", "Zm9v.", "Zm9é", "\0\0",
    ])
    func looseTextsAreRefused(text: String) { #expect(Base64URL.decode(text) == nil) }

    @Test(arguments: ["Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "====", "=", "Zg==Zg==", "Z===", "Zm9v\n", "Zm=v"])
    func looseStandardTextsAreRefused(text: String) { #expect(Base64.decode(text) == nil) }

    @Test func everyLengthComesBack() {
        var random = Seeded(1)
        for length in 0..<300 {
            let bytes = random.bytes(length)
            let text = Base64URL.encode(bytes)
            #expect(Base64URL.decode(text) == bytes)
            #expect(Base64URL.decode(ascii: text.utf8) == bytes)
            #expect(Base64URL.decode(text[...]) == bytes)
            #expect(Base64.decode(Base64.encode(bytes)) == bytes)
            #expect(Hex.decode(Hex.encode(bytes)) == bytes)
            var buffer: [UInt8] = [1]
            Base64URL.append(bytes, to: &buffer)
            #expect(buffer == [1] + Array(text.utf8))
        }
    }

    @Test func whatDecodesIsWhatEncodes() {
        var random = Seeded(2)
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/ ".utf8)
        var accepted = 0
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...9, using: &random)
            let text = String(
                decoding: (0..<count).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &random)] },
                as: UTF8.self)
            if let bytes = Base64URL.decode(text) {
                accepted += 1
                #expect(Base64URL.encode(bytes) == text)
            }
            if let bytes = Base64.decode(text) { #expect(Base64.encode(bytes) == text) }
        }
        #expect(accepted > 1000)
    }

    @Test func hexadecimal() {
        #expect(Hex.encode([0, 0x9F, 0xFF] as [UInt8]) == "009fff")
        #expect(Hex.decode("009FfF") == [0, 0x9F, 0xFF])
        for text in ["0", "0g", "0x00", " 00", "００"] { #expect(Hex.decode(text) == nil) }
    }
}
