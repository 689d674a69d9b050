import Codecs
import Kernel

/// One key as the vault file holds it.
struct VaultRecord: Sendable, Equatable {
    var id: String
    var purpose: KeyPurpose
    var algorithm: KeyAlgorithm
    var state: KeyState
    var createdAt: Instant
    var stateSince: Instant
    /// The stored secret part; empty once destroyed.
    var secret: [UInt8]
    /// The stored public part; empty for symmetric keys.
    var publicKey: [UInt8]
}

/// What lies inside of the encryption of a vault file: deterministic CBOR (RFC 8949 section 4.2.1), an array of
/// `[generation, [key ...]]` where a key is `[id, purpose, algorithm, state, createdAt, stateSince, secret, public]`.
struct VaultContent: Sendable {
    /// Keys that one vault may hold, destroyed ones included.
    static let maximumKeys = 10_000
    /// Bytes that one stored key may have.
    static let maximumKeyLength = 8192

    /// Grows by one with every change.
    var generation: UInt64 = 0
    var records: [VaultRecord] = []

    func encoded() -> [UInt8] {
        var encoder = CBOREncoder()
        encoder.beginArray(count: 2)
        encoder.write(.unsigned(generation))
        encoder.beginArray(count: records.count)
        for record in records {
            encoder.beginArray(count: 8)
            encoder.write(record.id)
            encoder.write(record.purpose.rawValue)
            encoder.write(record.algorithm.rawValue)
            encoder.write(record.state.rawValue)
            encoder.write(integer: record.createdAt.microseconds)
            encoder.write(integer: record.stateSince.microseconds)
            encoder.write(record.secret)
            encoder.write(record.publicKey)
        }
        return encoder.bytes
    }

    init(generation: UInt64 = 0, records: [VaultRecord] = []) {
        self.generation = generation
        self.records = records
    }

    /// Throws `keyvault.format`.
    init(_ bytes: [UInt8]) throws {
        let options = CBORDecodingOptions(
            deterministic: true, maximumDepth: 4, maximumItems: Self.maximumKeys * 10,
            maximumSize: VaultFile.maximumSize)
        let value: CBORValue
        do {
            value = try CBOR.decode(bytes, options: options)
        } catch {
            throw RumdulError.keyVaultFormat("content is not CBOR: \(error.cause ?? "")")
        }
        guard let parts = value.arrayValue, parts.count == 2, let generation = parts[0].unsignedValue,
            let entries = parts[1].arrayValue, entries.count <= Self.maximumKeys
        else { throw RumdulError.keyVaultFormat("content has another shape") }
        self.generation = generation
        self.records = try entries.map(Self.record)
        guard Set(records.map(\.id)).count == records.count else {
            throw RumdulError.keyVaultFormat("a key stands twice")
        }
    }

    private static func record(_ value: CBORValue) throws -> VaultRecord {
        guard let parts = value.arrayValue, parts.count == 8, let id = parts[0].textValue,
            (1...128).contains(id.utf8.count), let purpose = parts[1].textValue.map(KeyPurpose.init(rawValue:)),
            purpose.isWellFormed, let algorithm = parts[2].textValue.flatMap(KeyAlgorithm.init(rawValue:)),
            let state = parts[3].textValue.flatMap(KeyState.init(rawValue:)), let created = parts[4].integerValue,
            let since = parts[5].integerValue, let secret = parts[6].bytesValue, let publicKey = parts[7].bytesValue,
            secret.count <= maximumKeyLength, publicKey.count <= maximumKeyLength
        else { throw RumdulError.keyVaultFormat("a key has another shape") }
        return VaultRecord(
            id: id, purpose: purpose, algorithm: algorithm, state: state, createdAt: Instant(microseconds: created),
            stateSince: Instant(microseconds: since), secret: secret, publicKey: publicKey)
    }
}
