import Codecs
import HTTPTypes
import Hummingbird
import Kernel
import KeyVault
import Web

/// The interface: OSIA 7.1 Notification 1.2.0 under the server URL `…/notif`, and beside it the keys, what was sent, and
/// replay. Errors are OSIA's `Error`.
public struct NotificationRoutes: Sendable {
    let service: NotificationService
    let clients: any NotificationClients
    /// Subscriptions of one system: each makes this node call an address.
    private let subscribing: SharedRateLimiter
    private let publishing: SharedRateLimiter

    public init(service: NotificationService, clients: any NotificationClients) async throws {
        self.service = service
        self.clients = clients
        let secret = try await service.vault.mac(Array("notification rate limits 1".utf8), purpose: .mac)
        subscribing = SharedRateLimiter(
            name: "notif.subscribe", limit: RateLimit(300, per: 600), secret: secret, ambient: service.ambient)
        publishing = SharedRateLimiter(
            name: "notif.publish", limit: RateLimit(1_000, per: 600), secret: secret, ambient: service.ambient)
    }

    /// Registers all routes.
    public func add(to router: AppRouter) {
        router.post("/notif/v1/subscriptions", use: guarded(by: .subscriptionWrite, subscribe))
        router.get("/notif/v1/subscriptions", use: guarded(by: .subscriptionRead, listSubscription))
        router.get("/notif/v1/subscriptions/confirm", use: guarded(by: .subscriptionWrite, confirm))
        router.delete("/notif/v1/subscriptions/{uuid}", use: guarded(by: .subscriptionWrite, unsubscribe))
        router.get("/notif/v1/subscriptions/{uuid}/messages", use: guarded(by: .subscriptionRead, listMessages))
        router.post("/notif/v1/subscriptions/{uuid}/replay", use: guarded(by: .subscriptionWrite, replay))
        router.post("/notif/v1/topics", use: guarded(by: .topicWrite, createTopic))
        router.get("/notif/v1/topics", use: guarded(by: .topicRead, listTopics))
        router.delete("/notif/v1/topics/{uuid}", use: guarded(by: .topicWrite, deleteTopic))
        router.post("/notif/v1/topics/{uuid}/publish", use: guarded(by: .topicPublish, publish))
        router.get("/notif/v1/jwks") { _, _ in
            JSONResponse(
                .object(try await service.publicKeys()),
                headers: [.cacheControl: "public, max-age=300", .accessControlAllowOrigin: "*"],
                contentType: "application/jwk-set+json"
            ).response
        }
    }

    private typealias Handler = @Sendable (Subscriber, Request, AppContext) async throws -> Response

    /// A handler behind the proof of the caller and a scope.
    private func guarded(
        by scope: NotificationScope, _ handle: @escaping Handler
    ) -> @Sendable (Request, AppContext) async throws -> Response {
        { request, context in
            var response: Response
            do {
                let client = try await clients.client(request, context)
                guard client.scopes.contains(scope.rawValue) else { throw RumdulError.notifScope(scope.rawValue) }
                response = try await handle(client.subscriber, request, context)
            } catch {
                response = OSIAError.response(error, context)
            }
            try await clients.complete(&response, after: request)
            return response
        }
    }

    // MARK: Subscriptions

    @Sendable private func subscribe(
        _ client: Subscriber, _ request: Request, _ context: AppContext
    ) async throws -> Response {
        let query = try QueryParameters.read(request)
        let topic = try Self.text(query, "topic", limit: 100)
        let address = try Self.text(query, "address", limit: 2048)
        if query.has("protocol") {
            guard query.raw("protocol") == "http" else { throw RumdulError.notifProtocol }
        }
        var policy: RetryPolicy?
        if let text = query.raw("policy") {
            guard let read = RetryPolicy(text) else { throw RumdulError.notifPolicy }
            policy = read
        }
        try await subscribing.require(client.id, in: service.database)
        let made = try await service.subscribe(to: topic, at: address, policy, by: client)
        return Self.json(made.json)
    }

    @Sendable private func listSubscription(
        _ client: Subscriber, _ request: Request, _ context: AppContext
    ) async throws -> Response {
        Self.json(.array(try await service.list(of: client).map(\.json)))
    }

    @Sendable private func confirm(
        _ client: Subscriber, _ request: Request, _ context: AppContext
    ) async throws -> Response {
        let query = try QueryParameters.read(request)
        try await service.confirm(try Self.text(query, "token", limit: 200), by: client)
        return Response(status: .ok, headers: [.cacheControl: "no-store"])
    }

    @Sendable private func unsubscribe(
        _ client: Subscriber, _ request: Request, _ context: AppContext
    ) async throws -> Response {
        try await service.unsubscribe(try context.pathParameter("uuid"), by: client)
        return Response(status: .noContent)
    }

    @Sendable private func listMessages(
        _ client: Subscriber, _ request: Request, _ context: AppContext
    ) async throws -> Response {
        let query = try QueryParameters.read(request)
        var state: MessageRecord.State?
        if let text = query.raw("state") {
            guard let known = MessageRecord.State(rawValue: text) else { throw RumdulError.notifParameter("state") }
            state = known
        }
        let limit = query.raw("limit").map { Int($0) ?? 0 } ?? 100
        guard (1...1000).contains(limit) else { throw RumdulError.notifParameter("limit") }
        let found = try await service.messages(
            of: try context.pathParameter("uuid"), state, limit: limit, by: client)
        return Self.json(.array(found.map(\.json)))
    }

    @Sendable private func replay(
        _ client: Subscriber, _ request: Request, _ context: AppContext
    ) async throws -> Response {
        let query = try QueryParameters.read(request)
        let message = query.has("message") ? try Self.text(query, "message", limit: 100) : nil
        try await subscribing.require(client.id, in: service.database)
        let count = try await service.replay(
            try context.pathParameter("uuid"), message: message, by: client.id)
        return Self.json(["replayed": .integer(Int64(count))])
    }

    // MARK: Topics

    @Sendable private func createTopic(
        _ client: Subscriber, _ request: Request, _ context: AppContext
    ) async throws -> Response {
        let query = try QueryParameters.read(request)
        return Self.json(
            try await service.createTopic(try Self.text(query, "name", limit: 100), by: client).json)
    }

    @Sendable private func listTopics(
        _ client: Subscriber, _ request: Request, _ context: AppContext
    ) async throws -> Response {
        Self.json(.array(try await service.topics(for: client).map(\.json)))
    }

    @Sendable private func deleteTopic(
        _ client: Subscriber, _ request: Request, _ context: AppContext
    ) async throws -> Response {
        try await service.deleteTopic(try context.pathParameter("uuid"), by: client)
        return Response(status: .noContent)
    }

    /// OSIA names the media type `plain/text`; the registered one is taken too.
    @Sendable private func publish(
        _ client: Subscriber, _ request: Request, _ context: AppContext
    ) async throws -> Response {
        let query = try QueryParameters.read(request)
        let subject = query.has("subject") ? try Self.text(query, "subject", limit: 200) : nil
        let bytes = try await RawBody.read(
            request, context: context, limit: 64 << 10, types: ["plain/text", "text/plain"])
        guard let text = String(validating: bytes, as: UTF8.self) else { throw RumdulError.notifParameter("body") }
        try await publishing.require(client.id, in: service.database)
        try await service.publish(text, subject: subject, on: try context.pathParameter("uuid"), by: client)
        return Response(status: .ok, headers: [.cacheControl: "no-store"])
    }

    // MARK: In and out

    private static func json(_ value: JSONValue) -> Response {
        JSONResponse(value, headers: [.cacheControl: "no-store"]).response
    }

    /// A parameter that must be there: 1 to so many bytes without control characters.
    private static func text(_ query: FormFields, _ name: String, limit: Int) throws -> String {
        guard let text = query.raw(name), (1...limit).contains(text.utf8.count),
            text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F })
        else { throw RumdulError.notifParameter(name) }
        return text
    }
}
