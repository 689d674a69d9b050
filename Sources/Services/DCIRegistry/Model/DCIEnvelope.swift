import Codecs
import Kernel

/// The operations by their `action`.
enum DCIAction: String, Sendable {
    case search, subscribe, unsubscribe
    case txnStatus = "txn-status"

    /// The action of the answer.
    var answer: String { self == .txnStatus ? "txn-on-status" : "on-" + rawValue }
}

/// `RequestStatus` of the standard.
enum DCIStatus: String, Sendable {
    case received = "rcvd"
    case pending = "pdng"
    case succeeded = "succ"
    case rejected = "rjct"
}

/// `MsgHeader_V1.0.0`.
struct DCIHeader: Sendable {
    let version: String
    let messageID: String
    let messageTime: String
    let action: String
    let senderID: String
    let senderURI: String?
    let receiverID: String?
    let totalCount: Int64
    let isEncrypted: Bool

    /// Throws `dci.envelope`.
    init(_ object: JSONObject) throws(RumdulError) {
        func text(_ name: String, limit: Int = 999) throws(RumdulError) -> String? {
            guard object.has(name) else { return nil }
            guard let text = object.string(name), text.utf8.count <= limit else {
                throw .dciEnvelope("header." + name)
            }
            return text.isEmpty ? nil : text
        }
        func needed(_ name: String, limit: Int) throws(RumdulError) -> String {
            guard let text = try text(name, limit: limit) else { throw .dciEnvelope("header." + name) }
            return text
        }
        version = try text("version", limit: 20) ?? "1.0.0"
        messageID = try needed("message_id", limit: 99)
        messageTime = try needed("message_ts", limit: 40)
        action = try needed("action", limit: 40)
        senderID = try needed("sender_id", limit: 255)
        senderURI = try text("sender_uri", limit: 2_048)
        receiverID = try text("receiver_id", limit: 2_048)
        guard let count = object.integer("total_count") else { throw .dciEnvelope("header.total_count") }
        totalCount = count
        guard !object.has("is_msg_encrypted") || object.bool("is_msg_encrypted") != nil else {
            throw .dciEnvelope("header.is_msg_encrypted")
        }
        isEncrypted = object.bool("is_msg_encrypted") ?? false
    }
}

/// One message as it was proven: the signature is that of the sender over header and message.
struct DCIRequest: Sendable {
    let header: DCIHeader
    let message: JSONObject
    /// Chosen by the sender; at most 99 bytes.
    let transactionID: String

    /// The list of single requests of the message. Throws `dci.envelope`, `dci.total_count`, `dci.total_limit`.
    func items(_ name: String) throws(RumdulError) -> [JSONObject] {
        guard let list = message.array(name), !list.isEmpty else { throw .dciEnvelope("message." + name) }
        guard Int64(list.count) == header.totalCount else { throw .dciTotalCount }
        guard list.count <= Self.limit else { throw .dciTotalLimit }
        var items: [JSONObject] = []
        for item in list {
            guard let object = item.objectValue else { throw .dciEnvelope("message." + name) }
            items.append(object)
        }
        return items
    }

    /// The most single requests of one message.
    static let limit = 10
}

/// What every single request has, of whatever kind.
struct DCIItem: Sendable {
    let reference: String
    let isKhmer: Bool

    /// The reference of a request, also of a faulty one; empty when it has none.
    static func reference(_ object: JSONObject) -> String {
        object.string("reference_id").map { $0.utf8.count <= 99 ? $0 : "" } ?? ""
    }

    /// Throws `dci.reference`, `dci.reference_twice`, `dci.timestamp`.
    init(_ object: JSONObject, known: inout Set<String>) throws(RumdulError) {
        reference = Self.reference(object)
        guard !reference.isEmpty else { throw .dciReference }
        guard known.insert(reference).inserted else { throw .dciReferenceTwice }
        guard object.string("timestamp").flatMap(DCIDateTime.read) != nil else { throw .dciTimestamp }
        isKhmer = Self.isKhmer(object)
    }

    /// The language of names in the answer (ISO 639-3): Khmer, or Latin letters for everything else.
    static func isKhmer(_ object: JSONObject) -> Bool { ["khm", "km"].contains(object.string("locale") ?? "") }
}
