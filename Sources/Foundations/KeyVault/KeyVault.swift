import Kernel

/// Where private and secret keys live. Callers hold handles; keys never leave. Every operation is asynchronous and may
/// fail, because the keys may live in a hardware module.
///
/// Errors of every operation: `keyvault.no_key` (no such key), `keyvault.state` (the key's state forbids it),
/// `keyvault.algorithm` (the key cannot do this), `keyvault.unavailable` (the backend cannot be reached).
public protocol KeyVault: Sendable {
    /// The key for new signatures, seals and authentication codes. With an algorithm of `nil` the purpose's default
    /// algorithm is preferred, and otherwise the key that became active last is taken.
    func activeKey(_ purpose: KeyPurpose, _ algorithm: KeyAlgorithm?) async throws -> KeyHandle

    /// Every key of a purpose that is not destroyed, newest first: for signature keys this is what a JWK Set publishes.
    func keys(_ purpose: KeyPurpose) async throws -> [KeyHandle]

    /// Every key of a purpose whose public part old evidence may need, newest first: those of `keys` and the destroyed
    /// ones, of which the public part stays.
    func evidenceKeys(_ purpose: KeyPurpose) async throws -> [KeyHandle]

    /// A key by its identifier, destroyed ones included, for checking old evidence; `nil` when there never was one.
    func key(id: String) async throws -> KeyHandle?

    /// Signs with an active key. The signature has the form of RFC 7518 section 3 (`R || S` for ECDSA).
    func sign(_ input: [UInt8], with key: KeyHandle) async throws -> [UInt8]

    /// HMAC-SHA-256 under the active key of the purpose, or under the named active or retired key.
    func mac(_ input: [UInt8], purpose: KeyPurpose, keyID: String?) async throws -> [UInt8]

    /// Encrypts and authenticates under the active key of the purpose. The context is authenticated but not stored:
    /// `open` needs the same. The result names the key (`SealedBytes`).
    func seal(_ plaintext: [UInt8], purpose: KeyPurpose, context: [UInt8]) async throws -> [UInt8]

    /// Opens what `seal` made, with the key named in it. Throws `keyvault.seal` when anything was changed or the
    /// context differs.
    func open(_ sealed: [UInt8], purpose: KeyPurpose, context: [UInt8]) async throws -> [UInt8]

    /// Makes a key. Making an active key retires the active key of the same purpose and algorithm, if there is one.
    /// Throws `keyvault.algorithm` when the purpose needs another kind of key, `keyvault.state` unless the state is
    /// `prePublished` or `active`.
    func create(_ purpose: KeyPurpose, _ algorithm: KeyAlgorithm, state: KeyState) async throws -> KeyHandle

    /// Moves a key along its life (`KeyState.allows`). Activating a key retires the one that was active before, in the
    /// same step.
    func setState(_ keyID: String, _ state: KeyState) async throws
}

extension KeyVault {
    /// A vault that forgets destroyed keys altogether has these.
    public func evidenceKeys(_ purpose: KeyPurpose) async throws -> [KeyHandle] { try await keys(purpose) }

    /// The active key of the purpose's default algorithm.
    public func activeKey(_ purpose: KeyPurpose) async throws -> KeyHandle { try await activeKey(purpose, nil) }

    /// HMAC-SHA-256 under the active key of the purpose.
    public func mac(_ input: [UInt8], purpose: KeyPurpose) async throws -> [UInt8] {
        try await mac(input, purpose: purpose, keyID: nil)
    }
}
