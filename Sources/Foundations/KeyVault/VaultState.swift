import Codecs
import Crypto
import Kernel
import Synchronization

/// What closes a vault file: the derived key with the way it was derived. The salt stays for the life of the secret, so
/// that reading the file again needs no second derivation; every write has a fresh nonce.
struct VaultLock: Sendable {
    let derivation: KeyDerivation
    let salt: [UInt8]
    let key: SymmetricKey

    /// A lock with a fresh salt. Throws `keyvault.secret` for a passphrase that is too short, and the errors of the
    /// derivation.
    static func new(_ secret: VaultSecret, cost: ScryptCost, ambient: Ambient) throws -> VaultLock {
        let derivation: KeyDerivation
        switch secret {
        case .passphrase(let passphrase):
            guard passphrase.utf8.count >= VaultSecret.minimumPassphraseLength else {
                throw RumdulError.keyVaultSecret.because("a passphrase has at least 12 bytes")
            }
            derivation = .scrypt(cost)
        case .keyFile: derivation = .hkdf
        }
        let salt = ambient.randomBytes(VaultFile.saltLength)
        return VaultLock(derivation: derivation, salt: salt, key: try derivation.key(from: secret, salt: salt))
    }

    func seal(_ content: VaultContent, ambient: Ambient) throws -> [UInt8] {
        try VaultFile.seal(
            content, derivation: derivation, salt: salt, key: key, nonce: ambient.randomBytes(VaultFile.nonceLength))
    }
}

/// The shared part of a file vault: the snapshot in memory and the file behind it.
final class VaultState: Sendable {
    /// Microseconds between two looks at the file.
    static let lookInterval: UInt64 = 2_000_000

    let path: String?
    let ambient: Ambient
    private let inner: Mutex<Inner>

    private struct Inner {
        var snapshot: VaultSnapshot
        var lock: VaultLock?
        var lookedAt: Instant
    }

    init(path: String?, ambient: Ambient, snapshot: VaultSnapshot, lock: VaultLock?) {
        self.path = path
        self.ambient = ambient
        inner = Mutex(Inner(snapshot: snapshot, lock: lock, lookedAt: ambient.now()))
    }

    /// A fresh key. Throws `keyvault.algorithm` when the purpose needs another kind of key.
    static func newRecord(
        _ purpose: KeyPurpose, _ algorithm: KeyAlgorithm, _ state: KeyState, _ ambient: Ambient
    ) throws -> VaultRecord {
        guard purpose.isWellFormed else { throw RumdulError.keyVaultAlgorithm.because("name of the purpose") }
        if KeyPurpose.all.contains(purpose), purpose.defaultAlgorithm.use != algorithm.use {
            throw RumdulError.keyVaultAlgorithm.because("\(algorithm.rawValue) for \(purpose.rawValue)")
        }
        let material = try KeyMaterial.generate(algorithm, random: ambient.randomBytes)
        let publicPart = material.publicPart
        let id = try publicPart?.thumbprint() ?? Hex.encode(ambient.randomBytes(SealedBytes.keyIDLength))
        let now = ambient.now()
        return VaultRecord(
            id: id, purpose: purpose, algorithm: algorithm, state: state, createdAt: now, stateSince: now,
            secret: material.stored, publicKey: publicPart?.stored ?? [])
    }

    /// The snapshot, after a look at the file when the last one is two seconds ago. A file that cannot be read now
    /// leaves the old snapshot standing: the keys in it are still good.
    func current() -> VaultSnapshot {
        guard path != nil else { return inner.withLock { $0.snapshot } }
        let now = ambient.now()
        let (snapshot, due) = inner.withLock { inner in
            let due = (now.microseconds &- inner.lookedAt.microseconds).magnitude >= Self.lookInterval
            if due { inner.lookedAt = now }
            return (inner.snapshot, due)
        }
        return due ? refreshed() ?? snapshot : snapshot
    }

    /// A key by its identifier. One that is unknown causes a look at the file: another process may have made it just
    /// now.
    func entry(_ id: String) -> VaultSnapshot.Entry? {
        if let entry = current().entry(id) { return entry }
        return path == nil ? nil : refreshed()?.entry(id)
    }

    /// Changes the content and writes it, under the lock of the file and on top of what other processes wrote. Writes
    /// nothing when the change changed nothing or threw.
    func update(_ change: (inout VaultContent, Ambient) throws -> Void) async throws {
        guard let path else { return try updateInMemory(change) }
        try await SecretFile.locked(path) {
            let (snapshot, lock) = try latest(path)
            var content = snapshot.content
            try change(&content, ambient)
            guard content.records != snapshot.content.records else { return }
            try write(&content, lock: lock, path: path, earlier: snapshot)
        }
    }

    /// Writes the content under another lock.
    func changeLock(to lock: VaultLock) async throws {
        guard let path else { return }
        try await SecretFile.locked(path) {
            let (snapshot, _) = try latest(path)
            var content = snapshot.content
            try write(&content, lock: lock, path: path, earlier: snapshot)
        }
    }

    private func write(
        _ content: inout VaultContent, lock: VaultLock, path: String, earlier: VaultSnapshot
    ) throws {
        content.generation += 1
        // Parsed before it is written: nothing that cannot be read again reaches the file.
        _ = try VaultSnapshot(content, stamp: nil, earlier: earlier)
        try SecretFile.replace(path, with: lock.seal(content, ambient: ambient))
        let snapshot = try VaultSnapshot(content, stamp: SecretFile.stamp(path), earlier: earlier)
        inner.withLock { inner in
            inner.snapshot = snapshot
            inner.lock = lock
        }
    }

    private func updateInMemory(_ change: (inout VaultContent, Ambient) throws -> Void) throws {
        try inner.withLock { inner in
            var content = inner.snapshot.content
            try change(&content, ambient)
            inner.snapshot = try VaultSnapshot(content, stamp: nil, earlier: inner.snapshot)
        }
    }

    /// The newest snapshot, or `nil` when the file is as it was or cannot be read.
    private func refreshed() -> VaultSnapshot? {
        guard let path, SecretFile.stamp(path) != inner.withLock({ $0.snapshot.stamp }) else { return nil }
        return try? latest(path).snapshot
    }

    /// Reads the file when it is not the version in memory. Throws when it cannot be read, or is older than the version
    /// in memory.
    private func latest(_ path: String) throws -> (snapshot: VaultSnapshot, lock: VaultLock) {
        let (known, lock) = inner.withLock { ($0.snapshot, $0.lock) }
        guard let lock else { throw RumdulError.internal("keyvault: a vault with a file has a lock") }
        guard let (bytes, stamp) = try SecretFile.readStamped(path, limit: VaultFile.maximumSize) else {
            throw RumdulError.keyVaultUnavailable("the key vault file is gone")
        }
        guard stamp != known.stamp else { return (known, lock) }
        let file = try VaultFile(parsing: bytes)
        guard file.derivation == lock.derivation, file.salt == lock.salt else {
            throw RumdulError.keyVaultSecret.because("the vault was closed with another secret meanwhile")
        }
        let content = try file.open(with: lock.key)
        guard content.generation >= known.content.generation else {
            throw RumdulError.keyVaultFormat("the file is older than what was read before")
        }
        let snapshot = try VaultSnapshot(content, stamp: stamp, earlier: known)
        inner.withLock { inner in
            if inner.snapshot.content.generation <= content.generation { inner.snapshot = snapshot }
        }
        return (snapshot, lock)
    }
}
