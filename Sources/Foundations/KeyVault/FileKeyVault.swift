import Crypto
import Kernel
import Synchronization

/// A key vault in one encrypted file (`VaultFile`), for development, single machines and tests. The keys are parsed
/// once and live in memory; an operation takes no actor hop. Several processes may use one file: writers take a lock
/// and read what changed first, readers notice a new version within two seconds, or at once when they meet a key that
/// they do not know.
///
/// What it does not defend against: somebody who reads the memory of the process, and somebody who puts an old copy of
/// the file back.
public struct FileKeyVault: KeyVault {
    let state: VaultState

    /// Opens a vault file, or makes it (mode 0600) when it is missing and `create` allows.
    ///
    /// - Parameters:
    ///   - path: the file; its folder must exist.
    ///   - secret: the passphrase or key file that it was, or will be, closed with.
    ///   - cost: the cost of guessing a passphrase, for a new file only.
    /// - Throws: `keyvault.secret` when the secret does not fit, `keyvault.permissions` when others may read the file,
    ///   `keyvault.format` when it is damaged, `keyvault.unavailable` when it is missing or cannot be written.
    public static func open(
        path: String, secret: VaultSecret, ambient: Ambient = .system, cost: ScryptCost = .standard, create: Bool = true
    ) async throws -> FileKeyVault {
        if let vault = try existing(path, secret, ambient) { return vault }
        guard create else { throw RumdulError.keyVaultUnavailable("there is no key vault file") }
        return try await SecretFile.locked(path) {
            if let vault = try existing(path, secret, ambient) { return vault }
            let lock = try VaultLock.new(secret, cost: cost, ambient: ambient)
            let content = VaultContent()
            try SecretFile.replace(path, with: lock.seal(content, ambient: ambient))
            let snapshot = try VaultSnapshot(content, stamp: SecretFile.stamp(path))
            return FileKeyVault(state: VaultState(path: path, ambient: ambient, snapshot: snapshot, lock: lock))
        }
    }

    /// A vault without a file, whose keys are gone with the process: for tests and demonstrations. It has a key for
    /// each purpose.
    public static func ephemeral(
        ambient: Ambient = .system, purposes: [KeyPurpose] = KeyPurpose.all
    ) throws -> FileKeyVault {
        var content = VaultContent()
        for purpose in purposes {
            let record = try VaultState.newRecord(purpose, purpose.defaultAlgorithm, .active, ambient)
            content.records.append(record)
        }
        let snapshot = try VaultSnapshot(content, stamp: nil)
        return FileKeyVault(state: VaultState(path: nil, ambient: ambient, snapshot: snapshot, lock: nil))
    }

    private static func existing(_ path: String, _ secret: VaultSecret, _ ambient: Ambient) throws -> FileKeyVault? {
        guard let (bytes, stamp) = try SecretFile.readStamped(path, limit: VaultFile.maximumSize) else { return nil }
        let file = try VaultFile(parsing: bytes)
        let lock = VaultLock(
            derivation: file.derivation, salt: file.salt, key: try file.derivation.key(from: secret, salt: file.salt))
        let snapshot = try VaultSnapshot(file.open(with: lock.key), stamp: stamp)
        return FileKeyVault(state: VaultState(path: path, ambient: ambient, snapshot: snapshot, lock: lock))
    }

    /// Makes an active key for every purpose that has none, with the purpose's default algorithm. One write at most.
    public func ensure(_ purposes: [KeyPurpose]) async throws {
        try await ensure(purposes.map { ($0, $0.defaultAlgorithm) })
    }

    /// Makes an active key for every pair of purpose and algorithm that has none. One write at most.
    public func ensure(_ needs: [(purpose: KeyPurpose, algorithm: KeyAlgorithm)]) async throws {
        let snapshot = state.current()
        guard needs.contains(where: { snapshot.active($0.purpose, $0.algorithm) == nil }) else { return }
        try await state.update { content, ambient in
            for need in needs
            where !content.records.contains(where: {
                $0.state == .active && $0.purpose == need.purpose && $0.algorithm == need.algorithm
            }) {
                content.records.append(try VaultState.newRecord(need.purpose, need.algorithm, .active, ambient))
            }
        }
    }

    /// Closes the file with another secret from now on. Other processes that have it open must be started again with
    /// the new one.
    public func changeSecret(to secret: VaultSecret, cost: ScryptCost = .standard) async throws {
        try await state.changeLock(to: VaultLock.new(secret, cost: cost, ambient: state.ambient))
    }

    public func activeKey(_ purpose: KeyPurpose, _ algorithm: KeyAlgorithm?) async throws -> KeyHandle {
        guard let entry = state.current().active(purpose, algorithm) else {
            throw RumdulError.keyVaultNoKey.because("no active key for \(purpose.rawValue)")
        }
        return entry.handle
    }

    public func keys(_ purpose: KeyPurpose) async throws -> [KeyHandle] { state.current().keys(purpose) }

    public func evidenceKeys(_ purpose: KeyPurpose) async throws -> [KeyHandle] {
        state.current().evidenceKeys(purpose)
    }

    public func key(id: String) async throws -> KeyHandle? { state.entry(id)?.handle }

    /// Seconds for which a handle that was fetched while the key was active still signs after the key retired, so that
    /// a rotation never fails a request that is under way.
    static let graceSeconds: Int64 = 60

    public func sign(_ input: [UInt8], with key: KeyHandle) async throws -> [UInt8] {
        guard let entry = state.entry(key.id) else { throw RumdulError.keyVaultNoKey }
        switch entry.handle.state {
        case .active: break
        case .retired
        where key.state == .active
            && state.ambient.now() < entry.handle.stateSince.adding(seconds: Self.graceSeconds):
            break
        default: throw RumdulError.keyVaultState.because("signing with a key that is \(entry.handle.state.rawValue)")
        }
        guard let material = entry.material else { throw RumdulError.keyVaultState }
        return try material.sign(input, entry.handle.algorithm)
    }

    public func mac(_ input: [UInt8], purpose: KeyPurpose, keyID: String?) async throws -> [UInt8] {
        let entry = try symmetric(purpose, keyID, .hmacSHA256)
        var mac = HMAC<SHA256>(key: try material(entry).symmetricKey())
        mac.update(data: input)
        return [UInt8](mac.finalize())
    }

    public func seal(_ plaintext: [UInt8], purpose: KeyPurpose, context: [UInt8]) async throws -> [UInt8] {
        let entry = try symmetric(purpose, nil, .aes256gcm)
        return try SealedBytes.seal(
            plaintext, key: material(entry).symmetricKey(), keyID: entry.keyID,
            nonce: state.ambient.randomBytes(SealedBytes.nonceLength), context: context)
    }

    public func open(_ sealed: [UInt8], purpose: KeyPurpose, context: [UInt8]) async throws -> [UInt8] {
        guard let keyID = SealedBytes.keyID(of: sealed), let entry = state.entry(keyID),
            entry.handle.purpose == purpose, entry.handle.algorithm == .aes256gcm, let material = entry.material
        else { throw RumdulError.keyVaultSeal }
        return try SealedBytes.open(sealed, key: material.symmetricKey(), context: context)
    }

    public func create(
        _ purpose: KeyPurpose, _ algorithm: KeyAlgorithm, state wanted: KeyState
    ) async throws -> KeyHandle {
        guard wanted == .prePublished || wanted == .active else { throw RumdulError.keyVaultState }
        // Outside of the lock: an RSA key takes its time.
        let record = try VaultState.newRecord(purpose, algorithm, wanted, state.ambient)
        try await state.update { content, ambient in
            if wanted == .active { content.retireActive(purpose, algorithm, at: ambient.now()) }
            content.records.append(record)
        }
        guard let entry = state.current().entry(record.id) else { throw RumdulError.keyVaultNoKey }
        return entry.handle
    }

    public func setState(_ keyID: String, _ wanted: KeyState) async throws {
        try await state.update { content, ambient in
            guard let index = content.records.firstIndex(where: { $0.id == keyID }) else {
                throw RumdulError.keyVaultNoKey
            }
            let record = content.records[index]
            guard record.state.allows(wanted) else {
                throw RumdulError.keyVaultState.because("\(record.state.rawValue) to \(wanted.rawValue)")
            }
            guard record.state != wanted else { return }
            if wanted == .active { content.retireActive(record.purpose, record.algorithm, at: ambient.now()) }
            content.records[index].state = wanted
            content.records[index].stateSince = ambient.now()
            if wanted == .destroyed { content.records[index].secret = [] }
        }
    }

    /// The named or active key of a purpose, which must have the algorithm and must not be waiting for its time.
    private func symmetric(
        _ purpose: KeyPurpose, _ keyID: String?, _ algorithm: KeyAlgorithm
    ) throws -> VaultSnapshot.Entry {
        guard let keyID else {
            guard let entry = state.current().active(purpose, algorithm) else {
                throw RumdulError.keyVaultNoKey.because("no active key for \(purpose.rawValue)")
            }
            return entry
        }
        guard let entry = state.entry(keyID), entry.handle.purpose == purpose else { throw RumdulError.keyVaultNoKey }
        guard entry.handle.algorithm == algorithm else { throw RumdulError.keyVaultAlgorithm }
        return entry
    }

    private func material(_ entry: VaultSnapshot.Entry) throws -> KeyMaterial {
        guard let material = entry.material else { throw RumdulError.keyVaultState }
        return material
    }
}

extension VaultContent {
    /// Retires what is active for a purpose and algorithm.
    mutating func retireActive(_ purpose: KeyPurpose, _ algorithm: KeyAlgorithm, at now: Instant) {
        for index in records.indices
        where records[index].state == .active && records[index].purpose == purpose
            && records[index].algorithm == algorithm
        {
            records[index].state = .retired
            records[index].stateSince = now
        }
    }
}
