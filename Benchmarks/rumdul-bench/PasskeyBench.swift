import COSE
import Codecs
import Crypto
import Foundation
import Kernel
import WebAuthn

/// One WebAuthn assertion from JSON to verdict, beside the bare verification of its signature, in turns.
enum PasskeyBench {
    private static let rounds = 8

    static func measure(count: Int = 4000) throws -> Table {
        let origin = "https://id.example.kh"
        let party = RelyingParty(id: "id.example.kh", name: "Bench", origins: OriginPolicy(origins: [origin]))
        let key = P256.Signing.PrivateKey()
        let point = Array(key.publicKey.rawRepresentation)
        let record = CredentialRecord(
            id: [UInt8](repeating: 1, count: 32),
            publicKey: try COSEKey(
                encoded: CBOR.encode([
                    1: 2, 3: -7, -1: 1, -2: .bytes(Array(point[..<32])), -3: .bytes(Array(point[32...])),
                ])), signCount: 0, userVerificationInitialized: true, isBackupEligible: false, isBackedUp: false)
        let handle = [UInt8](repeating: 2, count: 32)
        let challenge = [UInt8](repeating: 3, count: 32)
        let client = JSON.bytes(
            .object([
                "type": "webauthn.get", "challenge": .string(Base64URL.encode(challenge)), "origin": .string(origin),
                "crossOrigin": false,
            ]))
        let data = Array(SHA256.hash(data: Array(party.id.utf8))) + [0x05, 0, 0, 0, 0]
        let signed = data + Array(SHA256.hash(data: client))
        let signature = try key.signature(for: signed)
        let id = Base64URL.encode(record.id)
        let answer = JSON.bytes(
            .object([
                "id": .string(id), "rawId": .string(id), "type": "public-key", "clientExtensionResults": [:],
                "response": [
                    "clientDataJSON": .string(Base64URL.encode(client)),
                    "authenticatorData": .string(Base64URL.encode(data)),
                    "signature": .string(Base64URL.encode(Array(signature.derRepresentation))),
                    "userHandle": .string(Base64URL.encode(handle)),
                ],
            ]))
        var raw: [Double] = []
        var whole: [Double] = []
        for _ in 0..<rounds {
            let start = ProcessorTime.own
            for _ in 0..<count / rounds where !key.publicKey.isValidSignature(signature, for: signed) {
                throw RumdulError.bench("P-256")
            }
            let middle = ProcessorTime.own
            for _ in 0..<count / rounds {
                _ = try party.verify(
                    AuthenticationResponse(json: try JSON.parseObject(answer)),
                    AuthenticationExpectation(challenge: challenge, extensions: []), credential: record,
                    userHandle: handle)
            }
            raw.append((middle - start) / Double(count / rounds))
            whole.append((ProcessorTime.own - middle) / Double(count / rounds))
        }
        let ratio = Figure.median(zip(raw, whole).map { $0 / $1 })
        let (one, all) = (Figure.median(raw), Figure.median(whole))
        return Table(
            title: "A passkey's answer, from JSON to verdict",
            columns: ["", "CPU each", "per CPU-second", "of bare P-256 verification", "aim"],
            rows: [
                ["P-256 verification alone", Figure.microseconds(one), Figure.count(1 / one), "", ""],
                ["WebAuthn assertion", Figure.microseconds(all), Figure.count(1 / all), Figure.percent(ratio), "70 %"],
            ])
    }
}
