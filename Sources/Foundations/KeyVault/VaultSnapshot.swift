import Codecs
import Crypto
import Kernel

/// The parsed content of a vault at one moment. Immutable, so that readers share it without waiting for each other.
final class VaultSnapshot: Sendable {
    struct Entry: Sendable {
        let handle: KeyHandle
        /// `nil` once destroyed.
        let material: KeyMaterial?
        /// The 8 bytes of the identifier of a symmetric key; empty for signature keys.
        let keyID: [UInt8]
    }

    let content: VaultContent
    /// The version of the file that this is; `nil` for a vault without a file.
    let stamp: SecretFile.Stamp?
    private let entries: [String: Entry]
    private let active: [KeyPurpose: [Entry]]
    private let living: [KeyPurpose: [KeyHandle]]

    /// Parses every key. Keys that the earlier snapshot already parsed are taken from there. Throws `keyvault.format`.
    init(_ content: VaultContent, stamp: SecretFile.Stamp?, earlier: VaultSnapshot? = nil) throws {
        self.content = content
        self.stamp = stamp
        var entries: [String: Entry] = [:]
        var active: [KeyPurpose: [Entry]] = [:]
        var living: [KeyPurpose: [KeyHandle]] = [:]
        for record in content.records {
            let entry = try Self.entry(record, earlier: earlier?.entries[record.id])
            entries[record.id] = entry
            if record.state == .active { active[record.purpose, default: []].append(entry) }
            if record.state != .destroyed { living[record.purpose, default: []].append(entry.handle) }
        }
        self.entries = entries
        self.active = active.mapValues { $0.sorted { Self.isNewer($0.handle, $1.handle, since: \.stateSince) } }
        self.living = living.mapValues { $0.sorted { Self.isNewer($0, $1, since: \.createdAt) } }
    }

    func entry(_ id: String) -> Entry? { entries[id] }

    func keys(_ purpose: KeyPurpose) -> [KeyHandle] { living[purpose] ?? [] }

    func evidenceKeys(_ purpose: KeyPurpose) -> [KeyHandle] {
        entries.values.map(\.handle).filter { $0.purpose == purpose }
            .sorted { Self.isNewer($0, $1, since: \.createdAt) }
    }

    func active(_ purpose: KeyPurpose, _ algorithm: KeyAlgorithm?) -> Entry? {
        guard let candidates = active[purpose] else { return nil }
        if let algorithm { return candidates.first { $0.handle.algorithm == algorithm } }
        if candidates.count == 1 { return candidates[0] }
        return candidates.first { $0.handle.algorithm == purpose.defaultAlgorithm } ?? candidates.first
    }

    private static func isNewer(_ left: KeyHandle, _ right: KeyHandle, since: KeyPath<KeyHandle, Instant>) -> Bool {
        (left[keyPath: since], left.id) > (right[keyPath: since], right.id)
    }

    private static func entry(_ record: VaultRecord, earlier: Entry?) throws -> Entry {
        let symmetric = record.algorithm.use != .signature
        let keyID = symmetric ? Hex.decode(record.id) ?? [] : []
        if symmetric && keyID.count != SealedBytes.keyIDLength { throw RumdulError.keyVaultFormat("key identifier") }
        var material: KeyMaterial?
        if record.state != .destroyed {
            material = try earlier?.material ?? KeyMaterial(record.algorithm, stored: record.secret)
        }
        var publicKey = earlier?.handle.publicKey
        if !symmetric && publicKey == nil {
            publicKey = try PublicKeyMaterial(record.algorithm, stored: record.publicKey).jwk(
                kid: record.id, algorithm: record.algorithm)
        }
        let handle = KeyHandle(
            id: record.id, purpose: record.purpose, algorithm: record.algorithm, state: record.state,
            createdAt: record.createdAt, stateSince: record.stateSince, publicKey: publicKey)
        return Entry(handle: handle, material: material, keyID: keyID)
    }
}
