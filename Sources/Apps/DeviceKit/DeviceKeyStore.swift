import JOSE

/// Where the device key and the device secret live. One store holds one enrolment of one person.
public protocol DeviceKeyStore: Sendable {
    /// Makes a new device key and a new device secret, in place of what was there.
    /// - Returns: the public half of the device key.
    func create() async throws -> JWK
    /// The public half of the device key.
    /// - Throws: `device.not_enrolled` when there is none.
    func publicKey() async throws -> JWK
    /// An ES256 signature by the device key in the form of JOSE: r and s, 32 bytes each (RFC 7518 section 3.4).
    /// - Throws: `device.not_enrolled` when there is no key.
    func sign(_ message: [UInt8]) async throws -> [UInt8]
    /// The 32 bytes that, with the PIN, give the PIN key. They never leave the device.
    /// - Throws: `device.not_enrolled` when there are none.
    func deviceSecret() async throws -> [UInt8]
    /// Destroys key and secret; nothing happens when there are none.
    func delete() async throws
}
