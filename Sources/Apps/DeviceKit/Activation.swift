import Codecs
import Crypto
import Kernel

/// An activation code: ten Crockford base-32 characters, single use.
public struct ActivationCode: Sendable, Hashable {
    /// The ten characters, upper case, without hyphens.
    let characters: String

    private static let alphabet = Set("0123456789ABCDEFGHJKMNPQRSTVWXYZ".unicodeScalars)

    /// Reads a code as a person types it: any case, hyphens and spaces anywhere, Khmer digits, `O` for zero, `I` and
    /// `L` for one (as Crockford's alphabet allows).
    /// - Throws: `activation.code_malformed`.
    public init(_ text: some StringProtocol) throws(RumdulError) {
        var characters = String.UnicodeScalarView()
        for scalar in text.unicodeScalars.trimmingSpace where scalar != "-" && scalar != " " {
            let upper = (0x61...0x7A).contains(scalar.value) ? Unicode.Scalar(UInt8(scalar.value - 32)) : scalar
            let letter: Unicode.Scalar
            switch upper {
            case "O": letter = "0"
            case "I", "L": letter = "1"
            default: letter = DecimalDigits.value(of: upper).map { Unicode.Scalar(48 + $0) } ?? upper
            }
            guard ActivationCode.alphabet.contains(letter), characters.count < 10 else {
                throw RumdulError.activationCodeMalformed
            }
            characters.append(letter)
        }
        guard characters.count == 10 else { throw RumdulError.activationCodeMalformed }
        self.characters = String(characters)
    }

    /// The code as it is printed: `K7QM-4XRP-2W`.
    public var display: String {
        let all = Array(characters)
        return String(all[0..<4]) + "-" + String(all[4..<8]) + "-" + String(all[8..<10])
    }

    /// base64url(SHA-256(code without hyphens)).
    var hash: String { Base64URL.encode(Array(SHA256.hash(data: Array(characters.utf8)))) }
}

/// What starts an enrolment: a code and the server it is for.
public struct Activation: Sendable, Hashable {
    /// The code.
    public var code: ActivationCode
    /// The issuer that gave the code; every signature of the device names it.
    public var issuer: ServerURL

    public init(code: ActivationCode, issuer: ServerURL) {
        self.code = code
        self.issuer = issuer
    }

    /// Reads the text of an activation QR: `<issuer>/device/v1/activations#code=<code>`.
    /// - Throws: `activation.qr_malformed`, and what ``ServerURL`` and ``ActivationCode`` throw.
    public init(qr text: some StringProtocol) throws(RumdulError) {
        let text = String(String.UnicodeScalarView(text.unicodeScalars.trimmingSpace))
        let pieces = text.split(separator: "#", omittingEmptySubsequences: false)
        let path = "/device/v1/activations"
        guard pieces.count == 2, pieces[0].hasSuffix(path), pieces[1].hasPrefix("code=") else {
            throw RumdulError.activationQRMalformed
        }
        issuer = try ServerURL(pieces[0].dropLast(path.count))
        code = try ActivationCode(pieces[1].dropFirst(5))
    }
}
