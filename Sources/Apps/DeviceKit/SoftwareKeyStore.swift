import Codecs
import Crypto
import CryptoExtras
import JOSE
import Kernel

/// Key and secret in a file of mode 0600, for development, tests and machines without a secure element. With a
/// passphrase the content is sealed: scrypt (N = 2^15, r = 8, p = 1) gives the key of AES-256-GCM.
public actor SoftwareKeyStore: DeviceKeyStore {
    private struct Material {
        var key: P256.Signing.PrivateKey
        var secret: [UInt8]
    }

    private let path: String
    private let passphrase: String?
    private let ambient: Ambient
    private var material: Material?

    private static let scryptCost = 1 << 15
    private static let context = Array("rumdul-device-store-1".utf8)

    /// - Parameters:
    ///   - folder: the folder of this enrolment; made with mode 0700 when it is missing. The file in it is `keys.json`.
    ///   - passphrase: seals the file when given.
    ///   - ambient: gives the randomness.
    public init(folder: String, passphrase: String? = nil, ambient: Ambient = .system) {
        path = folder + "/keys.json"
        self.passphrase = passphrase
        self.ambient = ambient
    }

    public func create() throws -> JWK {
        let fresh = Material(key: try newKey(), secret: ambient.randomBytes(PINKey.secretLength))
        try PrivateFile.write(try encode(fresh), to: path, ambient: ambient)
        material = fresh
        return try JWK(.p256(fresh.key.publicKey))
    }

    public func publicKey() throws -> JWK { try JWK(.p256(load().key.publicKey)) }

    public func sign(_ message: [UInt8]) throws -> [UInt8] {
        Array(try load().key.signature(for: message).rawRepresentation)
    }

    public func deviceSecret() throws -> [UInt8] { try load().secret }

    public func delete() throws {
        material = nil
        try PrivateFile.remove(path)
    }

    /// A key from the randomness of the ambient, so that a test can repeat it.
    private func newKey() throws -> P256.Signing.PrivateKey {
        while true {
            let candidate = ambient.randomBytes(32)
            if PINKey.isScalar(candidate) { return try P256.Signing.PrivateKey(rawRepresentation: candidate) }
        }
    }

    private func load() throws -> Material {
        if let material { return material }
        guard let bytes = try PrivateFile.read(path) else { throw RumdulError.notEnrolled }
        let loaded = try decode(bytes)
        material = loaded
        return loaded
    }

    private func encode(_ material: Material) throws -> [UInt8] {
        let content: JSONObject = [
            "device_key": .string(Base64URL.encode(Array(material.key.rawRepresentation))),
            "device_secret": .string(Base64URL.encode(material.secret)),
        ]
        guard let passphrase else {
            return JSON.bytes(["version": 1, "content": .object(content)] as JSONObject)
        }
        let salt = ambient.randomBytes(16)
        let key = try SoftwareKeyStore.sealingKey(passphrase, salt: salt)
        let nonce = try AES.GCM.Nonce(data: ambient.randomBytes(12))
        let box = try AES.GCM.seal(
            JSON.bytes(content), using: key, nonce: nonce, authenticating: SoftwareKeyStore.context)
        guard let sealed = box.combined else { throw RumdulError.internal("sealing without a combined form") }
        return JSON.bytes(
            [
                "version": 1, "salt": .string(Base64URL.encode(salt)),
                "sealed": .string(Base64URL.encode(Array(sealed))),
            ] as JSONObject)
    }

    private func decode(_ bytes: [UInt8]) throws -> Material {
        guard let file = try? JSON.parseObject(bytes), file.integer("version") == 1 else {
            throw RumdulError.storeDamaged("not a key file of version 1")
        }
        let content = try file.has("sealed") ? unseal(file) : file.object("content")
        guard let content, let scalar = content.string("device_key").flatMap({ Base64URL.decode($0) }),
            let secret = content.string("device_secret").flatMap({ Base64URL.decode($0) }),
            PINKey.isScalar(scalar), secret.count == PINKey.secretLength,
            let key = try? P256.Signing.PrivateKey(rawRepresentation: scalar)
        else { throw RumdulError.storeDamaged("key file content") }
        return Material(key: key, secret: secret)
    }

    private func unseal(_ file: JSONObject) throws -> JSONObject {
        guard let passphrase else { throw RumdulError.storeLocked }
        guard let salt = file.string("salt").flatMap({ Base64URL.decode($0) }),
            let sealed = file.string("sealed").flatMap({ Base64URL.decode($0) }),
            let box = try? AES.GCM.SealedBox(combined: sealed)
        else { throw RumdulError.storeDamaged("sealed key file") }
        let key = try SoftwareKeyStore.sealingKey(passphrase, salt: salt)
        guard let plain = try? AES.GCM.open(box, using: key, authenticating: SoftwareKeyStore.context) else {
            throw RumdulError.storeLocked
        }
        return try JSON.parseObject(Array(plain))
    }

    private static func sealingKey(_ passphrase: String, salt: [UInt8]) throws -> SymmetricKey {
        try KDF.Scrypt.deriveKey(
            from: Array(passphrase.utf8), salt: salt, outputByteCount: 32, rounds: scryptCost, blockSize: 8,
            parallelism: 1)
    }
}
