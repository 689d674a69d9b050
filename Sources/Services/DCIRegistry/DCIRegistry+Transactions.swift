import Codecs
import Database
import Kernel
import KeyVault
import Outbound

/// What became of one message, to be kept and told again without data about people.
struct DCIOutcome: Sendable {
    let action: DCIAction
    let transactionID: String
    let correlationID: String
    let at: Instant
    /// Of a search or a subscription one for each single request, as it was answered but without data; of an
    /// unsubscription one for each code.
    let items: [JSONValue]

    /// The message of the answer (`SearchResponse`, `SubscribeResponse`, `UnSubscribeResponse`).
    func message(_ items: [JSONValue]) -> JSONObject {
        var object: JSONObject = [
            "transaction_id": .string(transactionID), "correlation_id": .string(correlationID),
        ]
        switch action {
        case .search: object["search_response"] = .array(items)
        case .subscribe: object["subscribe_response"] = .array(items)
        default:
            object["timestamp"] = .string(at.rfc3339)
            let done = items.filter { $0["status"] == "unsubscribe" }
            object["status"] = .string((done.isEmpty ? DCIStatus.rejected : .succeeded).rawValue)
            if done.isEmpty { object["status_reason_code"] = "rjct.subscription_code.invalid" }
            object["subscription_status"] = .array(done)
        }
        return object
    }

    var json: JSONObject {
        [
            "transaction_id": .string(transactionID), "correlation_id": .string(correlationID),
            "at": .integer(at.microseconds),
            "items": .array(items),
        ]
    }

    init(
        _ action: DCIAction, _ request: DCIRequest, correlationID: String, at: Instant, items: [JSONValue]
    ) {
        self.action = action
        transactionID = request.transactionID
        self.correlationID = correlationID
        self.at = at
        self.items = items
    }

    /// Throws `internal` for what this did not write.
    init(_ action: DCIAction, _ object: JSONObject) throws(RumdulError) {
        guard let transaction = object.string("transaction_id"), let correlation = object.string("correlation_id"),
            let at = object.integer("at"), let items = object.array("items")
        else { throw .internal("dci_transactions: content") }
        self.action = action
        transactionID = transaction
        correlationID = correlation
        self.at = Instant(microseconds: at)
        self.items = items
    }
}

extension DCIRegistry {
    /// Hands an answer to the queue of deliveries and notes what became of the message, in the transaction that made it.
    /// - Parameters:
    ///   - answer: the message that the callback gets, with data.
    ///   - codes: of subscriptions, by which the transaction can be asked for as well.
    func call(
        _ address: String, _ client: DCIClient, _ outcome: DCIOutcome, _ answer: JSONObject, codes: [String] = [],
        total: Int, in connection: any SQLConnection
    ) async throws {
        let delivery = try await send(
            outcome.action, answer, isRejected: isRejected(answer), total: total, to: address, client, in: connection)
        let content = try await writer.vault.seal(
            JSON.bytes(outcome.json), purpose: .sealing, context: Self.context(outcome.correlationID))
        var names = [
            tag("transaction", client.id, outcome.transactionID), tag("correlation", client.id, outcome.correlationID),
        ]
        names += outcome.items.compactMap { $0["reference_id"]?.stringValue }.map { tag("reference", client.id, $0) }
        names += codes.map { tag("code", client.id, $0) }
        try await store.insert(
            .init(
                id: outcome.correlationID, client: client.id, kind: outcome.action.rawValue, content: content,
                delivery: delivery, createdAt: outcome.at), names: names, in: connection)
    }

    /// Signs an answer and puts it into the queue; the delivery's identifier.
    func send(
        _ action: DCIAction, _ answer: JSONObject, isRejected: Bool, total: Int, to address: String,
        _ client: DCIClient, in connection: any SQLConnection
    ) async throws -> String {
        let header = writer.header(
            action.answer, isRejected ? .rejected : .succeeded, to: client.id, total: total, completed: total)
        let envelope = try await writer.signed(header, answer)
        return try await deliveries.enqueue(
            Delivery(
                kind: Self.callback, reference: client.id, url: address, content: .json(JSON.bytes(envelope)),
                endsAt: ambient.now().adding(seconds: Self.callbackTime)), in: connection)
    }

    /// Whether nothing of an answer succeeded.
    func isRejected(_ answer: JSONObject) -> Bool {
        guard let items = answer.array("search_response") ?? answer.array("subscribe_response") else {
            return answer.string("status") == DCIStatus.rejected.rawValue
        }
        return items.allSatisfy { $0["status"]?.stringValue == DCIStatus.rejected.rawValue }
    }

    /// The status of an earlier transaction of the same system (`TxnStatusResponse`), without data about people: a
    /// request that was answered is pending as long as the answer has not arrived. Throws `dci.transaction`,
    /// `dci.envelope`.
    func status(_ request: DCIRequest, _ client: DCIClient) async throws -> JSONObject {
        guard let wish = request.message.object("txnstatus_request"), let type = wish.string("txn_type"),
            let action = DCIAction(rawValue: type), action != .txnStatus,
            let reference = wish.string("reference_id"), (1...99).contains(reference.utf8.count)
        else { throw RumdulError.dciEnvelope("message.txnstatus_request") }
        let names = try names(wish, client)
        let (found, delivery) = try await database.read { connection in
            guard
                let found = try await store.transaction(
                    named: names, client: client.id, kind: action.rawValue, in: connection)
            else { throw RumdulError.dciTransaction }
            return (found, try await found.delivery.asyncMap { try await deliveries.record($0, in: connection) })
        }
        let bytes = try await writer.vault.open(
            found.content, purpose: .sealing, context: Self.context(found.id))
        let outcome = try DCIOutcome(action, JSON.parseObject(bytes))
        let items = outcome.items.map { Self.item($0, delivery ?? nil) }
        var answer = outcome.message(items)
        if action == .unsubscribe, case .pending? = delivery??.state {
            answer["status"] = .string(DCIStatus.pending.rawValue)
        }
        return [
            "transaction_id": .string(request.transactionID), "correlation_id": .string(outcome.correlationID),
            "txnstatus_response": ["txn_type": .string(action.answer), "txn_status": .object(answer)],
        ]
    }

    private static func item(_ item: JSONValue, _ delivery: DeliveryRecord?) -> JSONValue {
        guard var object = item.objectValue, object.string("status") == DCIStatus.succeeded.rawValue,
            let delivery
        else { return item }
        switch delivery.state {
        case .delivered: break
        case .pending: object["status"] = .string(DCIStatus.pending.rawValue)
        case .failed:
            object["status"] = .string(DCIStatus.rejected.rawValue)
            object["status_reason_message"] = .string(
                "The callback could not be delivered (\(delivery.lastError ?? "-"))")
        }
        return .object(object)
    }

    /// By what a transaction is asked for. Throws `dci.envelope`.
    private func names(_ wish: JSONObject, _ client: DCIClient) throws(RumdulError) -> [[UInt8]] {
        let value = wish["attribute_value"]
        let one = value?.stringValue.map { [$0] }, list = value?.stringsValue
        let kind: (String, [String]?)
        switch wish.string("attribute_type") {
        case "transaction_id": kind = ("transaction", one)
        case "correlation_id": kind = ("correlation", one)
        case "reference_id_list": kind = ("reference", list ?? one)
        case "subscription_code_list": kind = ("code", list ?? one)
        default: throw .dciEnvelope("message.txnstatus_request.attribute_type")
        }
        guard let texts = kind.1, (1...20).contains(texts.count), texts.allSatisfy({ (1...99).contains($0.utf8.count) })
        else { throw .dciEnvelope("message.txnstatus_request.attribute_value") }
        return texts.map { tag(kind.0, client.id, $0) }
    }

    private static func context(_ id: String) -> [UInt8] { Array("rumdul dci transaction 1 \(id)".utf8) }
}

extension Optional {
    fileprivate func asyncMap<Result>(_ transform: (Wrapped) async throws -> Result) async rethrows -> Result? {
        guard let self else { return nil }
        return try await transform(self)
    }
}
