import Accountability
import CivilRegister
import Codecs
import Database
import Kernel
import PopulationRegister

/// Subscriptions of one message that passed their first checks and their limits.
struct DCIWishes: Sendable {
    struct Wish: Sendable {
        let event: DCIEventType
        let person: PersonIdentifier?
        /// As the system wrote it; given back to it.
        let criteria: JSONObject
        let isKhmer: Bool
    }

    let client: DCIClient
    let traceID: String
    let transactionID: String
    let items: [(reference: String, wish: Result<Wish, RumdulError>)]
}

extension DCIRegistry {
    /// Reads the subscriptions of a message and takes their limits. Throws `dci.scope`, `dci.envelope`, `dci.total_*`,
    /// `web.rate_limited`.
    func wishes(_ request: DCIRequest, _ client: DCIClient, traceID: String) async throws -> DCIWishes {
        try Self.requireSubscribe(client)
        var known: Set<String> = []
        var items: [(reference: String, wish: Result<DCIWishes.Wish, RumdulError>)] = []
        for object in try request.items("subscribe_request") {
            do {
                let item = try DCIItem(object, known: &known)
                guard let criteria = object.object("subscribe_criteria") else {
                    throw RumdulError.dciNotifyDetails(km: "subscribe_criteria", en: "subscribe_criteria is missing")
                }
                items.append((item.reference, .success(try Self.wish(criteria, isKhmer: item.isKhmer))))
            } catch let error as RumdulError where error.kind == .invalid {
                items.append((DCIItem.reference(object), .failure(error)))
            }
        }
        for case .success(let wish) in items.map(\.wish) {
            if let person = wish.person { try await limits.take(client.id, code: person.digits, in: database) }
        }
        return DCIWishes(client: client, traceID: traceID, transactionID: request.transactionID, items: items)
    }

    static func requireSubscribe(_ client: DCIClient) throws(RumdulError) {
        guard client.scopes.contains(DCIScope.subscribe.rawValue) else { throw .dciScope(DCIScope.subscribe.rawValue) }
    }

    /// `subscribe_criteria`: a type of events, of everybody or of one person. Throws `dci.notify_type`,
    /// `dci.notify_details`, `kidc.*`.
    private static func wish(_ criteria: JSONObject, isKhmer: Bool) throws(RumdulError) -> DCIWishes.Wish {
        guard let event = criteria.string("reg_event_type").flatMap({ DCIEventType($0) }) else { throw .dciNotifyType }
        guard criteria["frequency"].map(\.isNull) ?? true else {
            throw .dciNotifyDetails(km: "frequency", en: "events are told at once; leave frequency out")
        }
        guard criteria.string("notify_record_type")?.isEmpty == false else {
            throw .dciNotifyDetails(km: "notify_record_type", en: "notify_record_type is missing")
        }
        var person: PersonIdentifier?
        switch criteria["filter"] {
        case .object(let filter) where filter.isEmpty: break
        case .array(let filter) where filter.isEmpty: break
        case .object(let filter):
            guard ["", "idtype-value"].contains(criteria.string("filter_type") ?? ""),
                filter.string("type")?.split(separator: ":").last == "UIN", let code = filter.string("value"),
                code.utf8.count <= 100
            else { throw .dciNotifyDetails(km: "filter", en: "filter is empty, or a UIN of the type idtype-value") }
            do {
                person = try PersonIdentifier(entered: code)
            } catch let error as RumdulError { throw error } catch { throw .dciPersonID }
        default: throw .dciNotifyDetails(km: "filter", en: "filter is empty, or a UIN of the type idtype-value")
        }
        return DCIWishes.Wish(event: event, person: person, criteria: criteria, isKhmer: isKhmer)
    }

    /// Subscribes to all of them: what came of each, the codes, and how many named somebody who is there. A person who is
    /// named sees it.
    func subscribe(
        _ wishes: DCIWishes, callback: String, in connection: any SQLConnection
    ) async throws -> (items: [JSONValue], codes: [String], known: Int) {
        let now = ambient.now()
        var items: [JSONValue] = []
        var codes: [String] = []
        var known = 0
        for item in wishes.items {
            var object: JSONObject = ["reference_id": .string(item.reference), "timestamp": .string(now.rfc3339)]
            do {
                let wish = try item.wish.get()
                let code = try await subscribe(wish, item.reference, wishes, callback, in: connection)
                codes.append(code)
                if wish.person != nil { known += 1 }
                object["status"] = .string(DCIStatus.succeeded.rawValue)
                object["subscriptions"] = [Self.info(code, wish, at: now)]
                object["locale"] = wish.isKhmer ? "khm" : "eng"
            } catch let error as RumdulError where error.kind == .invalid {
                object["status"] = .string(DCIStatus.rejected.rawValue)
                object["status_reason_code"] = .string(DCICode.subscribe(error))
                object["status_reason_message"] = .string("\(error.message.en) (\(error.code))")
            }
            items.append(.object(object))
        }
        return (items, codes, known)
    }

    private func subscribe(
        _ wish: DCIWishes.Wish, _ reference: String, _ wishes: DCIWishes, _ callback: String,
        in connection: any SQLConnection
    ) async throws -> String {
        var person: PersonID?
        if let identifier = wish.person {
            guard let found = try await people.usable(identifier, in: connection) else { throw RumdulError.dciPersonID }
            var request = wishes.client.request(
                service: "dci.subscribe", traceID: wishes.traceID, attributes: [.kidc])
            request.subject = found
            _ = try await people.read(request, in: connection)
            person = found
        }
        return try await subscriptions.subscribe(
            DCISubscription(
                client: wishes.client.id, event: wish.event, person: person, callback: callback,
                details: [
                    "transaction_id": .string(wishes.transactionID), "reference_id": .string(reference),
                    "reg_event_type": wish.criteria["reg_event_type"] ?? .string(wish.event.rawValue),
                    "notify_record_type": wish.criteria["notify_record_type"] ?? .string(DCIPerson.recordType),
                    "khm": .bool(wish.isKhmer),
                ]), in: connection)
    }

    /// `SubscriptionInfo`, under both names that the standard gives the code.
    private static func info(_ code: String, _ wish: DCIWishes.Wish, at now: Instant) -> JSONValue {
        var object: JSONObject = [
            "version": "1.0.0", "code": .string(code), "subscription_code": .string(code), "status": "subscribe",
            "timestamp": .string(now.rfc3339), "subscribe_criteria": .object(wish.criteria),
        ]
        object["reg_event_type"] = wish.criteria["reg_event_type"]
        object["notify_record_type"] = wish.criteria["notify_record_type"]
        return .object(object)
    }

    /// Ends subscriptions by their codes; what came of each. Throws `dci.scope`, `dci.envelope`.
    func unsubscribe(
        _ codes: [String], _ client: DCIClient, in connection: any SQLConnection
    ) async throws -> [JSONValue] {
        var items: [JSONValue] = []
        for code in codes {
            let isDone = try await subscriptions.unsubscribe(code, client: client.id, in: connection)
            items.append(["code": .string(code), "status": isDone ? "unsubscribe" : "unknown"])
        }
        return items
    }

    /// The codes of `UnSubscribeRequest`. Throws `dci.envelope`, `dci.total_*`.
    static func codes(_ request: DCIRequest) throws(RumdulError) -> [String] {
        guard let codes = request.message.strings("subscription_codes"), !codes.isEmpty,
            codes.allSatisfy({ (1...99).contains($0.utf8.count) })
        else { throw .dciEnvelope("message.subscription_codes") }
        guard codes.count <= 100 else { throw .dciTotalLimit }
        return codes.reduce(into: []) { known, code in if !known.contains(code) { known.append(code) } }
    }
}
