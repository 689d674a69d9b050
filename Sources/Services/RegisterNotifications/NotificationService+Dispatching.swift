import Accountability
import Codecs
import Database
import Kernel
import KeyVault
import Outbound

extension NotificationService {
    /// Writes the messages of new events, one for each active subscription that may learn of it; returns how many events
    /// there were. Messages and the mark on the event are one transaction, and one node does it at a time.
    @discardableResult
    public func dispatch() async throws -> Int {
        guard try await outbox.hasNew(in: database.statements) else { return 0 }
        let now = ambient.now()
        return try await database.transaction { connection in
            try await connection.lock(Self.dispatchLock)
            let events = try await outbox.new(limit: 200, in: connection)
            var known: [String: Subscriber?] = [:]
            for event in events {
                try await dispatch(event, &known, at: now, in: connection)
                try await outbox.setDispatched(event.id, at: now, in: connection)
            }
            return events.count
        }
    }

    private func dispatch(
        _ event: OutboxEvent, _ known: inout [String: Subscriber?], at now: Instant,
        in connection: any SQLConnection
    ) async throws {
        guard let topic = try await topic(of: event, in: connection) else { return }
        for item in try await subscriptions.active(on: topic.id, in: connection) {
            if known[item.client] == nil {
                known[item.client] = .some(try await directory.subscriber(item.client, in: connection))
            }
            guard item.concerns(event), let subscriber = known[item.client] ?? nil,
                let right = right(of: subscriber, to: event, on: topic),
                // That something happened to one person names the person.
                item.subject == nil || right.identifiers,
                let host = try? OutboundURL(item.address).host
            else { continue }
            try await outbox.insert(
                ambient.newID(), subscription: item.id, event: event.id, host: host, subjects: event.subjects,
                at: now, in: connection)
        }
    }

    private func topic(
        of event: OutboxEvent, in connection: any SQLConnection
    ) async throws -> NotificationTopic? {
        if event.record != nil { return try await subscriptions.topic(name: event.topic, in: connection) }
        return try await subscriptions.topic(id: event.topic, in: connection)
    }

    /// What a system may learn of an event; `nil` for nothing, not even that there was one.
    private func right(
        of subscriber: Subscriber, to event: OutboxEvent, on topic: NotificationTopic
    ) -> TopicRight? {
        guard let right = subscriber.right(on: topic), !event.isSealed || right.sealed,
            event.record == nil || subscriber.covers(event.office)
        else { return nil }
        return right
    }

    // MARK: What is sent

    /// A message that may be sent now.
    struct Prepared: Sendable {
        var subscription: Subscription
        var isConfirmation: Bool
        var body: [UInt8]
    }

    /// Checks once more that a message may be sent, and puts it together when this is its first attempt: codes of people
    /// come through the disclosure gate, whose entries are written in the same transaction as the content that is sent
    /// from then on, however often. `nil` when it must not be sent, or another node has it.
    func prepare(_ claimed: OutboxStore.Claimed) async throws -> Prepared? {
        let now = ambient.now()
        let found = try await database.transaction { connection -> (Prepared, isOpen: Bool)? in
            guard let held = try await outbox.held(claimed, in: connection) else { return nil }
            let item = try await subscriptions.subscription(held.subscription, in: connection)
            guard let item, let content = try await content(claimed.id, held, item, in: connection) else {
                try await outbox.finish(claimed, .withheld, error: nil, status: nil, at: now, in: connection)
                return nil
            }
            return (
                Prepared(subscription: item, isConfirmation: held.event == nil, body: content.bytes), content.isOpen
            )
        }
        guard let found else { return nil }
        var prepared = found.0
        if !found.isOpen {
            prepared.body = try await vault.open(
                prepared.body, purpose: .sealing, context: Self.messageContext(claimed.id))
        }
        return prepared
    }

    /// The content of a message: as it was sealed before, or new and in the clear. `nil` when it must not be sent.
    private func content(
        _ id: String, _ held: (subscription: String, event: String?, content: [UInt8]?), _ item: Subscription,
        in connection: any SQLConnection
    ) async throws -> (bytes: [UInt8], isOpen: Bool)? {
        guard let subscriber = try await directory.subscriber(item.client, in: connection),
            subscriber.right(on: item.topic) != nil
        else { return nil }
        guard let eventID = held.event else {
            return item.state == .waiting ? held.content.map { ($0, false) } : nil
        }
        guard item.state == .active, let event = try await outbox.event(eventID, in: connection),
            let right = right(of: subscriber, to: event, on: item.topic), item.subject == nil || right.identifiers
        else { return nil }
        if let content = held.content { return (content, false) }
        let bytes: [UInt8]
        if item.form == Subscription.osia {
            bytes = try await compose(id, event, right, item.topic, subscriber, in: connection)
        } else if let form = forms[item.form] {
            bytes = try await form.body(
                formed(id, event, right, item, in: connection), to: subscriber, in: connection)
        } else {
            return nil
        }
        try await outbox.setContent(
            try await vault.seal(bytes, purpose: .sealing, context: Self.messageContext(id)), of: id, in: connection)
        return (bytes, true)
    }

    private func formed(
        _ id: String, _ event: OutboxEvent, _ right: TopicRight, _ item: Subscription, in connection: any SQLConnection
    ) async throws -> FormedEvent {
        var details = JSONObject()
        if let sealed = item.details {
            details = try JSON.parseObject(
                try await vault.open(sealed, purpose: .sealing, context: Self.detailsContext(item.id)))
        }
        return FormedEvent(
            id: id, subscription: item.id, name: event.name, change: event.change, at: event.at,
            participants: right.identifiers ? event.participants : [], details: details)
    }

    /// OSIA: `Message` of the type `Notification`.
    private func compose(
        _ id: String, _ event: OutboxEvent, _ right: TopicRight, _ topic: NotificationTopic,
        _ subscriber: Subscriber, in connection: any SQLConnection
    ) async throws -> [UInt8] {
        let text: String
        if let body = event.body {
            text = String(
                decoding: try await vault.open(body, purpose: .sealing, context: Self.bodyContext(event.id)),
                as: UTF8.self)
        } else {
            text = JSON.text(try await message(id, event, right, subscriber, in: connection))
        }
        let object: JSONObject = [
            "type": "Notification", "topic": .string(topic.id), "message": .string(text), "messageId": .string(id),
            "subject": .string(event.name), "timestamp": .string(event.at.rfc3339),
        ]
        return JSON.bytes(object)
    }

    /// What OSIA lists for the event ("Notification Message"), and a little of ours.
    private func message(
        _ id: String, _ event: OutboxEvent, _ right: TopicRight, _ subscriber: Subscriber,
        in connection: any SQLConnection
    ) async throws -> JSONObject {
        var object: JSONObject = [
            "source": .string(issuer), "event": .string(event.name), "change": .string(event.change),
            "record": .string(try await reference(to: event.record ?? event.id, for: subscriber.id)),
            "sequence": .integer(event.sequence), "recordedAt": .string(event.at.rfc3339),
        ]
        guard right.identifiers else { return object }
        var duplicates: [String] = []
        for participant in event.participants {
            guard
                let code = try await code(of: participant.person, message: id, subscriber, in: connection)
            else { continue }
            if participant.member == "duplicates" {
                duplicates.append(code)
            } else {
                object[participant.member] = .string(code)
            }
        }
        if !duplicates.isEmpty { object["duplicates"] = .strings(duplicates) }
        return object
    }

    /// A person's code through the gate: one access entry, which the person reads, names the subscriber and the message.
    private func code(
        of person: PersonID, message: String, _ subscriber: Subscriber, in connection: any SQLConnection
    ) async throws -> String? {
        do {
            let disclosed = try await gate.disclose(
                DisclosureRequest(
                    subject: person, actor: .client(subscriber.id), organisation: subscriber.organisation,
                    system: subscriber.id, service: "notification", purpose: subscriber.purpose,
                    basis: .statute(subscriber.basis), attributes: [.kidc], traceID: message),
                from: people, in: connection)
            return disclosed[.kidc]?.stringValue
        } catch let error as RumdulError where ["person.not_found", "person.erased"].contains(error.code) {
            // Nobody whose code could be told.
            return nil
        }
    }

    /// What a subscriber knows a record by: always the same for one subscriber, and another for each, so that two cannot
    /// compare what they were told.
    private func reference(to record: String, for client: String) async throws -> String {
        let mac = try await vault.mac(
            Array("notif record 1\n\(client)\n\(record)".utf8), purpose: .sectorToken)
        return Base64URL.encode(Array(mac.prefix(16)))
    }
}

extension Subscription {
    /// Whether it is told of an event at all: of one person's subscription those that the person is in.
    func concerns(_ event: OutboxEvent) -> Bool {
        guard let subject else { return true }
        return event.participants.contains { $0.person == subject }
    }
}
