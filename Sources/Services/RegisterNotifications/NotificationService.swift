import Accountability
import Codecs
import Database
import JOSE
import Kernel
import KeyVault
import Logging
import Outbound

/// Tells systems of other agencies what happens in the registers: topics, subscriptions, and signed messages that are
/// sent until they arrive. The outbox (`EventOutbox`) is written with the event itself; who is told, and what, is decided
/// here, at the moment of sending.
public struct NotificationService: Sendable {
    /// The tables of this module.
    public static let migrations = ModuleMigrations(
        "notif", [SubscriptionStore.migration, OutboxStore.migration, SubscriptionStore.forms])
    /// The purpose of the key that signs messages.
    public static let signing = KeyPurpose(rawValue: "register-notification")
    /// Where the public keys are.
    public static let keysPath = "/notif/v1/jwks"

    let database: any Database
    let vault: any KeyVault
    let gate: DisclosureGate
    /// Where the codes of people come from, through the gate.
    let people: any AttributeSource
    let directory: any SubscriberDirectory
    let outbound: OutboundClient
    /// The base URL of this node: `source` of every message.
    let issuer: String
    let ambient: Ambient
    let logger: Logger
    let settings: NotificationSettings
    /// By their names.
    let forms: [String: any MessageForm]
    let subscriptions = SubscriptionStore()
    let outbox = OutboxStore()
    let activity = LeasedWork()

    public init(
        database: any Database, vault: any KeyVault, gate: DisclosureGate, people: any AttributeSource,
        directory: any SubscriberDirectory, outbound: OutboundClient, issuer: String, ambient: Ambient,
        logger: Logger, settings: NotificationSettings = NotificationSettings(), forms: [any MessageForm] = []
    ) {
        self.database = database
        self.vault = vault
        self.gate = gate
        self.people = people
        self.directory = directory
        self.outbound = outbound
        self.issuer = issuer
        self.ambient = ambient
        self.logger = logger
        self.settings = settings
        self.forms = Dictionary(forms.map { ($0.name, $0) }, uniquingKeysWith: { one, _ in one })
    }

    /// Makes the register's own topics. On every start: a later version may have more.
    public func install() async throws {
        let (subscriptions, names, now, ambient) = (subscriptions, Self.ownTopics, ambient.now(), ambient)
        try await database.transaction { connection in
            for name in names {
                try await subscriptions.insert(
                    NotificationTopic(id: ambient.newID(), name: name, owner: nil), at: now, in: connection)
            }
        }
    }

    /// Deletes messages that ended before a moment, the dead ones too, events that nobody waits for, and subscriptions
    /// that ended or were never confirmed.
    @discardableResult
    public func purge(before moment: Instant) async throws -> Int {
        try await database.transaction { connection in
            let messages = try await outbox.purge(before: moment, in: connection)
            return try await messages + subscriptions.purge(before: moment, in: connection)
        }
    }

    // MARK: Topics

    /// The topics that a system may subscribe to or owns.
    func topics(for client: Subscriber) async throws -> [NotificationTopic] {
        try await database.read { try await subscriptions.topics(in: $0) }
            .filter { client.right(on: $0) != nil }
    }

    /// Makes a topic; the same one when the system has it already. Throws `notif.topic_name`, `notif.too_many`.
    func createTopic(_ name: String, by client: Subscriber) async throws -> NotificationTopic {
        guard NotificationTopic.isName(name) else { throw RumdulError.notifTopicName }
        let now = ambient.now()
        return try await database.transaction { connection in
            try await connection.lock("notif-topics:" + client.id)
            if try await subscriptions.topic(name: name, in: connection) == nil {
                guard try await subscriptions.countTopics(of: client.id, in: connection) < Self.limit else {
                    throw RumdulError.notifTooMany
                }
                try await subscriptions.insert(
                    NotificationTopic(id: ambient.newID(), name: name, owner: client.id), at: now, in: connection)
            }
            guard let topic = try await subscriptions.topic(name: name, in: connection), topic.owner == client.id
            else { throw RumdulError.notifTopicName }
            return topic
        }
    }

    /// Deletes a topic of one's own, and ends the subscriptions to it. Throws `notif.topic_unknown`.
    func deleteTopic(_ id: String, by client: Subscriber) async throws {
        let now = ambient.now()
        try await database.transaction { connection in
            guard let topic = try await subscriptions.topic(id: id, in: connection), topic.owner == client.id else {
                throw RumdulError.notifTopicUnknown
            }
            for ended in try await subscriptions.endAll(on: id, at: now, in: connection) {
                try await outbox.withhold(subscription: ended, at: now, in: connection)
            }
            try await subscriptions.deleteTopic(id, in: connection)
        }
    }

    /// Publishes a text on a topic of one's own. Throws `notif.topic_unknown`.
    func publish(_ text: String, subject: String?, on id: String, by client: Subscriber) async throws {
        let event = ambient.newID()
        let sealed = try await vault.seal(Array(text.utf8), purpose: .sealing, context: Self.bodyContext(event))
        try await database.transaction { connection in
            guard let topic = try await subscriptions.topic(id: id, in: connection), topic.owner == client.id else {
                throw RumdulError.notifTopicUnknown
            }
            try await outbox.insert(
                OutboxEvent(
                    id: event, topic: topic.id, name: subject ?? topic.name, record: nil, office: "", sequence: 0,
                    change: "published", isSealed: false, participants: [], body: sealed, at: ambient.now()),
                in: connection)
        }
        activity.wake()
    }

    // MARK: Messages

    /// The latest messages of a system's subscription. Throws `notif.subscription_unknown`.
    func messages(
        of id: String, _ state: MessageRecord.State?, limit: Int, by client: Subscriber
    ) async throws -> [MessageRecord] {
        try await database.read { connection in
            _ = try await own(id, client, in: connection)
            return try await outbox.records(
                subscription: id, client: nil, state: state, limit: limit, in: connection)
        }
    }

    /// The latest messages of everybody or of one system, for an operator.
    public func messages(client: String?, state: MessageRecord.State?, limit: Int) async throws -> [MessageRecord] {
        try await database.read {
            try await outbox.records(subscription: nil, client: client, state: state, limit: limit, in: $0)
        }
    }

    /// Sends dead messages of a subscription again, or one that was delivered or died, with the same identifiers. What
    /// they say is put together anew, with the rights of now. Throws `notif.subscription_unknown`,
    /// `notif.message_unknown`.
    /// - Parameter client: `nil` for an operator.
    /// - Returns: how many.
    @discardableResult
    public func replay(_ id: String, message: String?, by client: String?) async throws -> Int {
        let now = ambient.now()
        let count = try await database.transaction { connection in
            try await connection.lock(Self.dispatchLock)
            guard let item = try await subscriptions.subscription(id, in: connection),
                client == nil || item.client == client
            else { throw RumdulError.notifSubscriptionUnknown }
            let found = try await outbox.replayable(
                subscription: id, message: message, limit: 10_000, in: connection)
            guard !found.isEmpty || message == nil else { throw RumdulError.notifMessageUnknown }
            for one in found {
                guard let event = try await outbox.event(one.event, in: connection) else { continue }
                try await outbox.revive(one.id, at: now, in: connection)
                try await outbox.queue(one.id, subscription: id, subjects: event.subjects, in: connection)
            }
            return found.count
        }
        activity.wake()
        return count
    }

    /// A subscription of the caller's own.
    func own(_ id: String, _ client: Subscriber, in connection: any SQLConnection) async throws -> Subscription {
        guard let item = try await subscriptions.subscription(id, in: connection), item.client == client.id else {
            throw RumdulError.notifSubscriptionUnknown
        }
        return item
    }

    /// The public keys with which receivers check messages (RFC 7517 section 5): also those that will sign next and
    /// those that signed before.
    func publicKeys() async throws -> JSONObject { try await vault.publicKeys(Self.signing).publicJSON }

    /// The most topics or subscriptions of a system.
    static let limit = 100
    static let dispatchLock = "notif-dispatch"

    static func bodyContext(_ event: String) -> [UInt8] { Array("rumdul notif body 1 \(event)".utf8) }
    static func detailsContext(_ id: String) -> [UInt8] { Array("rumdul notif details 1 \(id)".utf8) }
    static func messageContext(_ id: String) -> [UInt8] { Array("rumdul notif message 1 \(id)".utf8) }
}
