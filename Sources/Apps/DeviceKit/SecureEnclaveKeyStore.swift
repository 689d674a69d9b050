#if canImport(Security)
    import Crypto
    import Foundation
    import JOSE
    import Kernel
    import Security

    /// Key in the Secure Enclave, secret in the keychain, both bound to this device and readable only while it is
    /// unlocked.
    public actor SecureEnclaveKeyStore: DeviceKeyStore {
        private let service: String
        private let unlock: KeyUnlock
        private let ambient: Ambient

        /// - Parameters:
        ///   - service: the keychain service of this enrolment; another person on the same device gets another one.
        ///   - unlock: with `biometric`, each signature needs a finger or a face that is enrolled now; new ones end the key.
        ///   - ambient: gives the randomness of the device secret.
        public init(service: String, unlock: KeyUnlock = .none, ambient: Ambient = .system) {
            self.service = service
            self.unlock = unlock
            self.ambient = ambient
        }

        public func create() throws -> JWK {
            try delete()
            let key = try newKey()
            try add(Data(ambient.randomBytes(PINKey.secretLength)), account: "device-secret")
            try add(key.dataRepresentation, account: "device-key")
            return try JWK(.p256(key.publicKey))
        }

        public func publicKey() throws -> JWK { try JWK(.p256(key().publicKey)) }

        public func sign(_ message: [UInt8]) throws -> [UInt8] {
            Array(try key().signature(for: message).rawRepresentation)
        }

        public func deviceSecret() throws -> [UInt8] { Array(try item("device-secret")) }

        public func delete() throws {
            for account in ["device-key", "device-secret"] {
                let status = SecItemDelete(query(account) as CFDictionary)
                guard status == errSecSuccess || status == errSecItemNotFound else {
                    throw RumdulError.storeUnwritable("keychain \(status)")
                }
            }
        }

        private func newKey() throws -> SecureEnclave.P256.Signing.PrivateKey {
            guard unlock == .biometric else { return try SecureEnclave.P256.Signing.PrivateKey() }
            guard
                let control = SecAccessControlCreateWithFlags(
                    nil, kSecAttrAccessibleWhenUnlockedThisDeviceOnly, [.privateKeyUsage, .biometryCurrentSet], nil)
            else { throw RumdulError.storeUnwritable("access control") }
            return try SecureEnclave.P256.Signing.PrivateKey(accessControl: control)
        }

        private func key() throws -> SecureEnclave.P256.Signing.PrivateKey {
            try SecureEnclave.P256.Signing.PrivateKey(dataRepresentation: try item("device-key"))
        }

        private func query(_ account: String) -> [CFString: Any] {
            [kSecClass: kSecClassGenericPassword, kSecAttrService: service, kSecAttrAccount: account]
        }

        private func add(_ data: Data, account: String) throws {
            var attributes = query(account)
            attributes[kSecValueData] = data
            attributes[kSecAttrAccessible] = kSecAttrAccessibleWhenUnlockedThisDeviceOnly
            let status = SecItemAdd(attributes as CFDictionary, nil)
            guard status == errSecSuccess else { throw RumdulError.storeUnwritable("keychain \(status)") }
        }

        private func item(_ account: String) throws -> Data {
            var attributes = query(account)
            attributes[kSecReturnData] = true
            var result: CFTypeRef?
            let status = SecItemCopyMatching(attributes as CFDictionary, &result)
            if status == errSecItemNotFound { throw RumdulError.notEnrolled }
            guard status == errSecSuccess, let data = result as? Data else {
                throw RumdulError.storeDamaged("keychain \(status)")
            }
            return data
        }
    }
#endif
