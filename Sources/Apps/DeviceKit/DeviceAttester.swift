import Codecs
import Crypto
import JOSE
import Kernel

/// What unlocks a device key (device protocol, section 1).
public enum KeyUnlock: String, Sendable, CaseIterable {
    /// Nothing: the key signs whenever the program asks.
    case none
    /// A finger or a face, for each use or shortly before it.
    case biometric
}

/// What a statement about a device key must be bound to.
public struct AttestationRequest: Sendable {
    /// The issuer that gave the code.
    public var issuer: ServerURL
    /// base64url(SHA-256(code without hyphens)): the server's challenge.
    public var codeHash: String
    public var deviceKey: JWK
    public var pinKey: JWK

    public init(issuer: ServerURL, codeHash: String, deviceKey: JWK, pinKey: JWK) {
        self.issuer = issuer
        self.codeHash = codeHash
        self.deviceKey = deviceKey
        self.pinKey = pinKey
    }

    /// What an App Attest key signs as the hash of client data.
    public func appleClientDataHash(_ unlock: KeyUnlock) -> [UInt8] {
        let lines = [
            "rumdul-app-attest-1", issuer.text, codeHash, pinKey.thumbprintText, deviceKey.thumbprintText,
            unlock.rawValue,
        ]
        return Array(SHA256.hash(data: Array(lines.joined(separator: "\n").utf8)))
    }
}

/// Says where a device key lives, with proof where there is one.
public protocol DeviceAttester: Sendable {
    /// The member `attestation` of an activation.
    func attestation(for request: AttestationRequest) async throws -> JSONObject
}

/// A program says that it is a program: there is no hardware that could vouch for its key.
public struct SoftwareAttester: DeviceAttester {
    private let unlock: KeyUnlock

    /// - Parameter unlock: what this program asks for before it signs. Servers believe it only where their operator takes
    ///   software at its word.
    public init(unlock: KeyUnlock = .none) { self.unlock = unlock }

    public func attestation(for request: AttestationRequest) -> JSONObject {
        ["format": "software", "unlock": .string(unlock.rawValue)]
    }
}

#if canImport(DeviceCheck)
    import DeviceCheck
    import Foundation

    /// Apple's App Attest: a key of the genuine app on a genuine device vouches once for the device key in the Secure Enclave,
    /// whose thumbprint is part of what it signs (Apple, "Establishing your app's integrity").
    public struct AppAttestAttester: DeviceAttester {
        private let unlock: KeyUnlock

        /// - Parameter unlock: how ``SecureEnclaveKeyStore`` made the device key. The app's own word, which counts because the
        ///   app is genuine.
        public init(unlock: KeyUnlock) { self.unlock = unlock }

        /// Whether this device can attest.
        public static var isSupported: Bool { DCAppAttestService.shared.isSupported }

        public func attestation(for request: AttestationRequest) async throws -> JSONObject {
            let service = DCAppAttestService.shared
            let name = try await service.generateKey()
            let statement = try await service.attestKey(
                name, clientDataHash: Data(request.appleClientDataHash(unlock)))
            guard let keyID = Data(base64Encoded: name) else { throw RumdulError.storeDamaged("App Attest key") }
            return [
                "format": "apple-app-attest", "key_id": .string(Base64URL.encode(Array(keyID))),
                "statement": .string(Base64URL.encode(Array(statement))), "unlock": .string(unlock.rawValue),
            ]
        }
    }
#endif
