import Crypto
import Foundation
import Kernel

/// What cryptography alone costs: the limit of everything that signs.
struct Signing: Sendable {
    /// Processor seconds of one ES256 signature and of one verification.
    var sign: Double
    var verify: Double

    /// What a login cannot do without: the ID token's signature; the verifications of two request proofs of the device,
    /// of its decision and of the PIN.
    var ofLogin: Double { sign + 4 * verify }

    var table: Table {
        Table(
            title: "ES256 in process (the limit of what signs)", columns: ["", "CPU each", "per CPU-second"],
            rows: [
                ["signature", Figure.microseconds(sign), Figure.count(1 / sign)],
                ["verification", Figure.microseconds(verify), Figure.count(1 / verify)],
                [
                    "1 signature and 4 verifications, as in a login", Figure.microseconds(ofLogin),
                    Figure.count(1 / ofLogin),
                ],
            ])
    }
}

enum SignatureBench {
    static func measure(count: Int = 4000) throws -> Signing {
        let key = P256.Signing.PrivateKey()
        let input = [UInt8](repeating: 7, count: 600)
        var signature = try key.signature(for: input)
        let start = ProcessorTime.own
        for _ in 0..<count { signature = try key.signature(for: input) }
        let middle = ProcessorTime.own
        var valid = 0
        for _ in 0..<count where key.publicKey.isValidSignature(signature, for: input) { valid += 1 }
        let end = ProcessorTime.own
        guard valid == count else { throw RumdulError.bench("ES256") }
        return Signing(sign: (middle - start) / Double(count), verify: (end - middle) / Double(count))
    }
}
