import Codecs
import Crypto
import Database
import JOSE
import Kernel
import KeyVault

/// Writes and reads the history of a record. Each entry has a header in the clear (of which record, who, what, when, the
/// digest of the sealed content, the hash of the entry before) whose SHA-256 is the entry's hash, which the register's key signs
/// (ES256). So the chain can be checked without the data key, also after a record's data was erased.
struct ActionJournal: Sendable {
    let vault: any KeyVault
    let store: CivilStore

    static let purpose = KeyPurpose(rawValue: "civil-register")

    /// The entry of an action behind `previous` (empty for the first).
    func entry(
        _ action: RecordAction, of record: VitalRecord, key: DataKey, previous: [UInt8], transactionID: String?
    ) async throws -> ActionRow {
        let sealed = try key.seal(
            JSON.bytes(action.content.json(record.kind)), context: Self.context(record.id, action.sequence))
        let header = try CanonicalJSON.encode(
            .object(Self.header(action, record, sealed: sealed, previous: previous)))
        let hash = Array(SHA256.hash(data: header))
        let signing = try await vault.activeKey(Self.purpose)
        return ActionRow(
            sequence: action.sequence, header: header, sealed: sealed, hash: hash,
            signature: try await vault.sign(hash, with: signing), keyID: signing.id, transactionID: transactionID)
    }

    /// The action of a row. Throws `keyvault.seal` when the content was changed.
    func action(_ row: ActionRow, of record: RecordRow, key: DataKey) throws -> RecordAction {
        let header = try JSON.parseObject(row.header)
        guard let kind = header.string("action").flatMap({ VitalAction(rawValue: $0) }),
            let at = header.integer("at")
        else { throw RumdulError.civilChain }
        let content = try key.open(row.sealed, context: Self.context(record.id, row.sequence))
        return RecordAction(
            sequence: row.sequence, kind: kind, actor: try CivilActor(json: header["actor"]),
            at: Instant(microseconds: at), deviceTime: header.integer("device_at").map { Instant(microseconds: $0) },
            content: try ActionContent(record.kind, json: try JSON.parseObject(content)))
    }

    /// Checks every hash, link and signature of a record. Throws `civil.chain` at the first that does not fit.
    func verify(_ rows: [ActionRow], of record: RecordRow) async throws {
        var previous: [UInt8] = []
        for (index, row) in rows.enumerated() {
            let parsed = try? JSON.parseObject(row.header)
            guard let header = parsed, row.sequence == Int64(index) + 1, header.integer("seq") == row.sequence,
                header.string("record") == record.id, header.string("event") == record.kind.rawValue,
                header.string("tracking") == record.trackingID, header.string("office") == record.office,
                header.string("previous") == Base64URL.encode(previous),
                header.string("content") == Base64URL.encode(Array(SHA256.hash(data: row.sealed))),
                Array(SHA256.hash(data: row.header)) == row.hash
            else { throw RumdulError.civilChain.because("record \(record.id), entry \(index + 1)") }
            guard let jwk = try await vault.key(id: row.keyID)?.publicKey,
                let key = try? VerificationKey(jwk), key.isValid(row.signature, for: row.hash, algorithm: .es256)
            else { throw RumdulError.civilChain.because("record \(record.id), signature \(index + 1)") }
            previous = row.hash
        }
        guard rows.count == Int(record.sequence) else {
            throw RumdulError.civilChain.because("record \(record.id): \(rows.count) entries of \(record.sequence)")
        }
    }

    private static func header(
        _ action: RecordAction, _ record: VitalRecord, sealed: [UInt8], previous: [UInt8]
    ) -> JSONObject {
        var header: JSONObject = [
            "v": 1, "record": .string(record.id), "event": .string(record.kind.rawValue),
            "tracking": .string(record.trackingID), "office": .string(record.office), "seq": .integer(action.sequence),
            "action": .string(action.kind.rawValue),
            "actor": action.actor.json, "at": .integer(action.at.microseconds),
            "content": .string(Base64URL.encode(Array(SHA256.hash(data: sealed)))),
            "previous": .string(Base64URL.encode(previous)),
        ]
        header["device_at"] = action.deviceTime.map { .integer($0.microseconds) }
        return header
    }

    private static func context(_ record: String, _ sequence: Int64) -> [UInt8] {
        Array("civil \(record) \(sequence)".utf8)
    }
}
