import CivilRegister
import Codecs
import Database
import Kernel
import KeyVault
import Outbound
import PopulationRegister

extension NotificationService {
    /// The names of the register's own topics.
    static let ownTopics = RegisterEvent.Topic.allCases.map(\.rawValue)

    /// Seconds for which a confirmation token can be used.
    static let confirmationTime: Int64 = 3 * 86_400

    /// The subscriptions of a system that have not ended.
    func list(of client: Subscriber) async throws -> [Subscription] {
        try await database.read { try await subscriptions.subscriptions(of: client.id, in: $0) }
    }

    /// Subscribes a system to a topic, by name or identifier. The address gets a message with a token; nothing else is
    /// sent there until the system has confirmed with it. The same topic and address is the same subscription; as long
    /// as it is not confirmed, each repetition sends a new token.
    ///
    /// Throws `notif.topic`, `notif.address`, `notif.too_many`.
    func subscribe(
        to name: String, at address: String, _ policy: RetryPolicy?, by client: Subscriber
    ) async throws -> Subscription {
        let host: String
        do {
            try outbound.check(address)
            host = try OutboundURL(address).host
        } catch { throw RumdulError.notifAddress.because(error.cause ?? error.code) }
        let token = ambient.newSecret()
        let hash = try await tokenHash(token)
        let (message, now) = (ambient.newID(), ambient.now())
        let made = try await database.transaction { connection in
            try await connection.lock("notif-client:" + client.id)
            var topic = try await subscriptions.topic(name: name, in: connection)
            if topic == nil { topic = try await subscriptions.topic(id: name, in: connection) }
            guard let topic, client.right(on: topic) != nil else { throw RumdulError.notifTopic }
            var item = try await self.item(on: topic, address, policy, client, in: connection)
            if let policy, policy != item.policy {
                item.policy = policy
                try await subscriptions.setPolicy(policy, of: item.id, in: connection)
            }
            guard item.state == .waiting else { return item }
            // One token counts at a time, and one message carries it.
            try await outbox.withhold(subscription: item.id, at: now, in: connection)
            try await subscriptions.setToken(
                hash, until: now.adding(seconds: Self.confirmationTime), of: item.id, in: connection)
            let body = try await vault.seal(
                confirmation(token, message, topic, at: now), purpose: .sealing,
                context: Self.messageContext(message))
            try await outbox.insert(
                message, subscription: item.id, event: nil, host: host, content: body, subjects: [], at: now,
                in: connection)
            return item
        }
        activity.wake()
        return made
    }

    private func item(
        on topic: NotificationTopic, _ address: String, _ policy: RetryPolicy?, _ client: Subscriber,
        in connection: any SQLConnection
    ) async throws -> Subscription {
        if let known = try await subscriptions.subscription(
            of: client.id, topic: topic.id, address: address, in: connection)
        {
            return known
        }
        guard try await subscriptions.subscriptions(of: client.id, in: connection).count < Self.limit else {
            throw RumdulError.notifTooMany
        }
        let new = Subscription(
            id: ambient.newID(), client: client.id, topic: topic, address: address, policy: policy ?? .standard,
            state: .waiting, createdAt: ambient.now())
        try await subscriptions.insert(new, in: connection)
        return new
    }

    /// Subscribes a system in another form than OSIA's. Nothing is confirmed: whoever calls has proven that the address is
    /// the system's, by the registration. Its code.
    ///
    /// - Parameters:
    ///   - topic: by name.
    ///   - subject: the only person whose events are told; `nil` for everybody's.
    ///   - details: what the form needs; kept sealed.
    /// - Throws: `notif.topic`, `notif.address`, `notif.too_many`, `notif.subscribed`.
    public func subscribe(
        form: String, to topic: String, at address: String, subject: PersonID?, details: JSONObject, client id: String,
        in connection: any SQLConnection
    ) async throws -> String {
        do { try outbound.check(address) } catch { throw RumdulError.notifAddress.because(error.cause ?? error.code) }
        try await connection.lock("notif-client:" + id)
        guard forms[form] != nil, let client = try await directory.subscriber(id, in: connection),
            let topic = try await subscriptions.topic(name: topic, in: connection),
            let right = client.right(on: topic), subject == nil || right.identifiers
        else { throw RumdulError.notifTopic }
        guard
            try await subscriptions.subscription(
                of: id, topic: topic.id, address: address, form: form, subject: subject, in: connection) == nil
        else { throw RumdulError.notifSubscribed }
        guard try await subscriptions.subscriptions(of: id, in: connection).count < Self.limit else {
            throw RumdulError.notifTooMany
        }
        var new = Subscription(
            id: ambient.newID(), client: id, topic: topic, address: address, policy: .standard, state: .active,
            createdAt: ambient.now())
        new.form = form
        new.subject = subject
        new.details = try await vault.seal(
            JSON.bytes(details), purpose: .sealing, context: Self.detailsContext(new.id))
        try await subscriptions.insert(new, in: connection)
        return new.id
    }

    /// Ends a subscription of another form; false when the client has none with this code.
    public func unsubscribe(
        form: String, _ code: String, client: String, in connection: any SQLConnection
    ) async throws -> Bool {
        guard let item = try await subscriptions.subscription(code, in: connection), item.client == client,
            item.form == form
        else { return false }
        let now = ambient.now()
        try await subscriptions.end(code, at: now, in: connection)
        try await outbox.withhold(subscription: code, at: now, in: connection)
        return true
    }

    /// Confirms with the token that was sent to the address. Throws `notif.token`.
    func confirm(_ token: String, by client: Subscriber) async throws {
        let (hash, now) = (try await tokenHash(token), ambient.now())
        let isDone = try await database.transaction {
            try await subscriptions.confirm(hash, client: client.id, at: now, in: $0)
        }
        guard isDone else { throw RumdulError.notifToken }
    }

    /// Ends a subscription; what waits is not sent any more. Throws `notif.subscription_unknown`.
    func unsubscribe(_ id: String, by client: Subscriber) async throws {
        let now = ambient.now()
        try await database.transaction { connection in
            _ = try await own(id, client, in: connection)
            try await subscriptions.end(id, at: now, in: connection)
            try await outbox.withhold(subscription: id, at: now, in: connection)
        }
    }

    /// What is stored of a token: who reads the table cannot confirm with it.
    private func tokenHash(_ token: String) async throws -> [UInt8] {
        try await vault.mac(Array("notif confirmation 1 \(token)".utf8), purpose: .mac)
    }

    /// OSIA: `Message` of the type `SubscriptionConfirmation`.
    private func confirmation(
        _ token: String, _ message: String, _ topic: NotificationTopic, at now: Instant
    ) -> [UInt8] {
        let object: JSONObject = [
            "type": "SubscriptionConfirmation", "token": .string(token), "topic": .string(topic.id),
            "message": .string("Confirm the subscription to \(topic.name): visit subscribeURL with your access token."),
            "messageId": .string(message), "subject": .string(topic.name),
            "subscribeURL": .string(issuer + "/notif/v1/subscriptions/confirm?token=" + token),
            "timestamp": .string(now.rfc3339),
        ]
        return JSON.bytes(object)
    }
}
