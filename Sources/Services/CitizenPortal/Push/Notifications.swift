import Codecs
import Crypto
import Database
import Kernel
import KeyVault
import Logging
import WebPush

/// Browsers that want to be told when something waits, and the telling. What is sent is an opaque identifier alone.
///
/// Sending never holds anybody up: announcements wait in memory, one task works through them. One that is lost with the process is no loss but
/// of comfort: the request waits on the person's pages and devices all the same.
public final class Notifications: Sendable {
    /// The tables of this service.
    public static var migrations: ModuleMigrations { PushSubscriptionStore.migrations }

    /// The most browsers of one person.
    public static let mostBrowsers = 10
    /// The most announcements to one person in ``budgetSeconds``.
    public static let mostAnnouncements = 5
    public static let budgetSeconds: Int64 = 600

    /// One browser, as its person sees it.
    struct Browser: Sendable {
        var id: String
        var words: String
        var since: Instant
        var deliveredAt: Instant?
        /// SHA-256 of the endpoint in hexadecimal, by which the browser knows itself.
        var endpointHash: String
    }

    private struct Announcement: Sendable {
        var person: PersonID
        var id: PushMessageID
        var until: Instant
    }

    private let database: any Database
    private let vault: any KeyVault
    private let sender: PushSender
    private let ambient: Ambient
    private let logger: Logger
    private let store = PushSubscriptionStore()
    private let waiting: AsyncStream<Announcement>
    private let entry: AsyncStream<Announcement>.Continuation
    private let rule: PushRetryRule
    private let retries: PushRetries

    /// - Parameter sender: whose policy says which push services browsers may have.
    public init(
        database: any Database, vault: any KeyVault, sender: PushSender, ambient: Ambient, logger: Logger,
        retrying rule: PushRetryRule = PushRetryRule()
    ) {
        self.rule = rule
        retries = PushRetries(most: rule.mostWaiting)
        self.database = database
        self.vault = vault
        self.sender = sender
        self.ambient = ambient
        self.logger = logger
        (waiting, entry) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(4096))
    }

    /// The key that browsers subscribe with: base64url of 65 bytes.
    func applicationServerKey() async throws -> String { try await vault.applicationServerKey().text }

    // MARK: Browsers

    /// Stores the browser's `PushSubscription` as JSON. Throws `push.subscription`, `push.endpoint`, `citizen.push_too_many`.
    func subscribe(_ json: [UInt8], person: PersonID, browser: String) async throws {
        let subscription = try PushSubscription(json: json, policy: sender.policy)
        let id = try await tag(subscription.endpoint)
        // Only what is needed, in one form, whatever else the browser sent.
        let kept: JSONObject = [
            "endpoint": .string(subscription.endpoint),
            "keys": [
                "p256dh": .string(Base64URL.encode(subscription.p256dh)),
                "auth": .string(Base64URL.encode(subscription.auth)),
            ],
        ]
        let record = PushSubscriptionStore.Record(
            id: id, personID: person,
            sealed: try await vault.seal(
                Array(JSON.text(kept).utf8), purpose: .personalData, context: Self.context(id, person)),
            browser: browser, createdAt: ambient.now())
        let store = store
        let stored = try await database.transaction { connection in
            // Two browsers at once must not both be the tenth.
            try await connection.lock("citizen_push:" + person.text)
            return try await store.put(record, most: Self.mostBrowsers, in: connection)
        }
        guard stored else { throw RumdulError.pushTooMany }
    }

    /// Forgets a browser by its identifier; false when it is not this person's.
    @discardableResult
    func remove(_ id: String, person: PersonID) async throws -> Bool {
        let store = store
        return try await database.transaction { try await store.delete(id, of: person, in: $0) }
    }

    /// Forgets a browser by its endpoint; false when it is not this person's.
    @discardableResult
    func remove(endpoint: String, person: PersonID) async throws -> Bool {
        try await remove(try await tag(endpoint), person: person)
    }

    /// A person's browsers, newest first.
    func browsers(of person: PersonID) async throws -> [Browser] {
        var browsers: [Browser] = []
        for (record, subscription) in try await opened(person) {
            let hash = Hex.encode(Array(SHA256.hash(data: Array(subscription.endpoint.utf8))))
            browsers.append(
                Browser(
                    id: record.id, words: record.browser, since: record.createdAt, deliveredAt: record.deliveredAt,
                    endpointHash: hash))
        }
        return browsers
    }

    // MARK: Telling

    /// Something waits for a person: returns at once. An identifier that may not travel is not sent.
    public func announce(_ id: String, to person: PersonID, until: Instant) {
        guard let id = PushMessageID(id) else { return }
        if case .dropped = entry.yield(Announcement(person: person, id: id, until: until)) {
            logger.warning("push: too many announcements wait; one was dropped")
        }
    }

    /// Sends what is announced until the task is cancelled. One call at a time.
    /// - Parameter requests: what waits for people; a message that is tried again is about a request that is still open.
    public func run(asking requests: any WaitingRequests) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.tellAll() }
            group.addTask {
                await self.retries.run { retry in
                    await self.guarded { try await self.again(retry, asking: requests) }
                }
            }
        }
    }

    private func tellAll() async {
        await withTaskGroup(of: Void.self) { group in
            var running = 0
            for await announcement in waiting {
                if running >= Self.mostAtOnce {
                    await group.next()
                    running -= 1
                }
                running += 1
                group.addTask { await self.guarded { try await self.send(announcement) } }
            }
            group.cancelAll()
        }
    }

    /// Forgets what is no longer needed; returns how many rows.
    public func purge() async throws -> Int {
        let (store, before) = (store, ambient.now().adding(seconds: -Self.budgetSeconds))
        return try await database.transaction { try await store.purge(before: before, in: $0) }
    }

    private static let mostAtOnce = 32
    /// Undelivered messages replace each other: the page shows all that waits. Says nothing about anybody.
    private static let topic = PushTopic("approval")

    /// A failure is logged; it concerns nobody else.
    private func guarded(_ work: () async throws -> Void) async {
        do {
            try await work()
        } catch {
            if !Task.isCancelled { logger.error("push: \(error)") }
        }
    }

    private func send(_ announcement: Announcement) async throws {
        let (store, person) = (store, announcement.person)
        let browsers = try await opened(person)
        guard !browsers.isEmpty else { return }
        let now = ambient.now()
        let isWithin = try await database.transaction { connection in
            try await store.take(
                person, most: Self.mostAnnouncements, seconds: Self.budgetSeconds, now: now, in: connection)
        }
        let left = announcement.until.seconds - now.seconds
        guard isWithin, left > 0 else { return }
        let results = try await sender.send(announcement.id, to: browsers.map(\.subscription), Self.options(left))
        for (browser, result) in zip(browsers, results) {
            try await note(
                result,
                PushRetry(
                    person: person, id: announcement.id, until: announcement.until, browser: browser.record.id,
                    failures: 0))
        }
    }

    /// Sends a message once more, if its request still waits and the browser is still the person's.
    private func again(_ retry: PushRetry, asking requests: any WaitingRequests) async throws {
        let left = retry.until.seconds - ambient.now().seconds
        guard left > 0, try await requests.waiting(for: retry.person).contains(where: { $0.id == retry.id.text }),
            let browser = try await opened(retry.person).first(where: { $0.record.id == retry.browser })
        else { return }
        try await note(try await sender.send(retry.id, to: browser.subscription, Self.options(left)), retry)
    }

    private static func options(_ left: Int64) -> PushOptions {
        PushOptions(timeToLive: left, urgency: .high, topic: topic)
    }

    private func note(_ result: PushResult, _ message: PushRetry) async throws {
        let (store, now) = (store, ambient.now())
        switch result {
        case .delivered: try await database.transaction { try await store.delivered(message.browser, at: now, in: $0) }
        case .gone:
            _ = try await database.transaction { try await store.delete(message.browser, of: message.person, in: $0) }
        case .retry(let wish, _):
            var retry = message
            retry.failures += 1
            let wait = rule.wait(
                afterFailures: retry.failures, wish: wish, left: message.until.seconds - now.seconds,
                chance: ambient.randomBytes(1).first ?? 0)
            if let wait, retries.add(retry, in: wait) { return }
            logger.notice("push: a message was given up after \(retry.failures) attempts: \(result)")
        case .tooLarge, .refused: logger.notice("push: a message was not taken: \(result)")
        }
    }

    /// The browsers of a person whose push service may still be asked.
    private func opened(
        _ person: PersonID
    ) async throws -> [(record: PushSubscriptionStore.Record, subscription: PushSubscription)] {
        let store = store
        var opened: [(record: PushSubscriptionStore.Record, subscription: PushSubscription)] = []
        for record in try await database.read({ try await store.records(of: person, in: $0) }) {
            let json = try await vault.open(
                record.sealed, purpose: .personalData, context: Self.context(record.id, person))
            guard let subscription = try? PushSubscription(json: json, policy: sender.policy) else { continue }
            opened.append((record, subscription))
        }
        return opened
    }

    private func tag(_ endpoint: String) async throws -> String {
        Hex.encode(try await BlindIndex(vault: vault).tag(endpoint, domain: "citizen.push-endpoint"))
    }

    private static func context(_ id: String, _ person: PersonID) -> [UInt8] {
        Array("citizen_push \(id) \(person.text)".utf8)
    }
}

extension RumdulError {
    static let pushTooMany = RumdulError(
        "citizen.push_too_many", .conflict,
        km: "ការជូនដំណឹងបានបើកក្នុងកម្មវិធីរុករក ១០ រួចហើយ។ សូមដកមួយចេញជាមុនសិន។",
        en: "Notifications are on in 10 browsers already. Remove one of them first.")

    static let pushOff = RumdulError(
        "citizen.push_off", .unavailable, km: "ប្រព័ន្ធនេះមិនផ្ញើការជូនដំណឹងទេ។", en: "This system sends no notifications.")
}
