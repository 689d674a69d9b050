import Codecs
import JOSE
import Kernel

/// A key of the device as the JOSE module wants it: something that signs with ES256.
struct DeviceSigner: JWSSigner {
    let algorithm = JWSAlgorithm.es256
    let keyID: String
    let signature: @Sendable ([UInt8]) async throws -> [UInt8]

    /// - Parameters:
    ///   - keyID: the `kid` of the header; empty for none.
    ///   - signature: r and s joined over the given bytes.
    init(keyID: String = "", _ signature: @escaping @Sendable ([UInt8]) async throws -> [UInt8]) {
        self.keyID = keyID
        self.signature = signature
    }

    func sign(_ input: [UInt8]) async throws -> [UInt8] {
        let bytes = try await signature(input)
        guard bytes.count == 64 else { throw RumdulError.internal("the key store gave no 64-byte signature") }
        return bytes
    }

    /// A compact JWS over the claims with the given `typ`.
    func token(_ claims: JSONObject, type: String) async throws -> String {
        try await JWSProducer(signer: self, type: type).sign(claims)
    }
}
