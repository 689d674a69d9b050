import Codecs
import HTTPTypes
import Hummingbird
import Kernel
import KeyVault
import Web

/// The addresses of the standard: `/registry/...`. What the HTTP layer refuses is its `HttpErrorResponse`; a message that
/// was understood and is not taken is answered by an envelope, or by `Response` with the status ERR.
struct DCIRoutes: Sendable {
    let registry: DCIRegistry

    func add(to router: AppRouter) {
        router.post("/registry/sync/search", use: sync(.search) { try await syncSearch($0, $1, $2) })
        router.post(
            "/registry/sync/txn/status",
            use: sync(.txnStatus) { client, request, _ in
                try await registry.status(request, client)
            })
        router.post("/registry/search", use: async(.search) { try await search($0, $1, $2) })
        router.post("/registry/subscribe", use: async(.subscribe) { try await subscribe($0, $1, $2) })
        router.post(
            "/registry/unsubscribe",
            use: async(.unsubscribe) { client, request, _ in
                try await unsubscribe(client, request)
            })
        router.post(
            "/registry/txn/status",
            use: async(.txnStatus) { client, request, _ in
                try await status(client, request)
            })
        router.get("/.well-known/jwks.json") { _, _ in
            JSONResponse(
                .object(try await registry.writer.vault.publicKeys(DCIWriter.signing).publicJSON),
                headers: [.cacheControl: "public, max-age=300", .accessControlAllowOrigin: "*"]
            ).response
        }
    }

    // MARK: At once

    /// The message of the answer to a search.
    private func syncSearch(
        _ client: DCIClient, _ request: DCIRequest, _ context: AppContext
    ) async throws -> JSONObject {
        let searches = try await registry.searches(request, client, traceID: context.traceID)
        let found = try await registry.database.transaction { try await registry.answer(searches, in: $0) }
        try await registry.settle(found, of: client)
        let now = registry.ambient.now()
        return DCIOutcome(
            .search, request, correlationID: registry.ambient.newID(), at: now, items: []
        ).message(found.map { $0.json(at: now) })
    }

    // MARK: Through the callback

    private func search(_ client: DCIClient, _ request: DCIRequest, _ context: AppContext) async throws -> String {
        let callback = try registry.callback(request, client)
        let searches = try await registry.searches(request, client, traceID: context.traceID)
        let correlation = registry.ambient.newID()
        let found = try await registry.database.transaction { connection in
            let found = try await registry.answer(searches, in: connection), now = registry.ambient.now()
            let outcome = DCIOutcome(
                .search, request, correlationID: correlation, at: now,
                items: found.map { $0.json(at: now, withData: false) })
            try await registry.call(
                callback, client, outcome, outcome.message(found.map { $0.json(at: now) }), total: found.count,
                in: connection)
            return found
        }
        try await registry.settle(found, of: client)
        return correlation
    }

    private func subscribe(
        _ client: DCIClient, _ request: DCIRequest, _ context: AppContext
    ) async throws -> String {
        let wishes = try await registry.wishes(request, client, traceID: context.traceID)
        let callback = try registry.callback(request, client)
        let correlation = registry.ambient.newID()
        let known = try await registry.database.transaction { connection in
            let (items, codes, known) = try await registry.subscribe(wishes, callback: callback, in: connection)
            let outcome = DCIOutcome(
                .subscribe, request, correlationID: correlation, at: registry.ambient.now(),
                items: items)
            try await registry.call(
                callback, client, outcome, outcome.message(items), codes: codes, total: items.count, in: connection)
            return known
        }
        for _ in 0..<known { try await registry.limits.hit(client.id, in: registry.database) }
        return correlation
    }

    private func unsubscribe(_ client: DCIClient, _ request: DCIRequest) async throws -> String {
        try DCIRegistry.requireSubscribe(client)
        let callback = try registry.callback(request, client)
        let codes = try DCIRegistry.codes(request), correlation = registry.ambient.newID()
        try await registry.database.transaction { connection in
            let items = try await registry.unsubscribe(codes, client, in: connection)
            let outcome = DCIOutcome(
                .unsubscribe, request, correlationID: correlation, at: registry.ambient.now(), items: items)
            try await registry.call(
                callback, client, outcome, outcome.message(items), codes: codes, total: 1, in: connection)
        }
        return correlation
    }

    private func status(_ client: DCIClient, _ request: DCIRequest) async throws -> String {
        let callback = try registry.callback(request, client)
        let answer = try await registry.status(request, client)
        try await registry.database.transaction { connection in
            _ = try await registry.send(
                .txnStatus, answer, isRejected: false, total: 1, to: callback, client, in: connection)
        }
        return answer.string("correlation_id") ?? ""
    }

    // MARK: In and out

    private typealias Sync = @Sendable (DCIClient, DCIRequest, AppContext) async throws -> JSONObject
    private typealias Async = @Sendable (DCIClient, DCIRequest, AppContext) async throws -> String
    private typealias Handler = @Sendable (Request, AppContext) async throws -> Response

    /// The answer is an envelope.
    private func sync(_ action: DCIAction, _ handle: @escaping Sync) -> Handler {
        guarded { client, request, context in
            do {
                try await registry.check(request, action, from: client)
                let answer = try await handle(client, request, context)
                let total = Int(request.header.totalCount)
                let header = registry.writer.header(
                    action.answer, registry.isRejected(answer) ? .rejected : .succeeded, to: client.id, total: total,
                    completed: total)
                return Self.json(try await registry.writer.signed(header, answer))
            } catch let error as RumdulError {
                guard let reason = DCICode.header(error) else { throw error }
                var header = registry.writer.header(
                    action.answer, .rejected, to: client.id, total: Int(clamping: request.header.totalCount),
                    completed: 0)
                header["status_reason_code"] = .string(reason)
                header["status_reason_message"] = .string("\(error.message[context.language]) (\(error.code))")
                return Self.json(try await registry.writer.signed(header, nil)).logged(errorCode: error.code)
            }
        }
    }

    /// The answer is an acknowledgement; what was asked for comes to the callback.
    private func async(_ action: DCIAction, _ handle: @escaping Async) -> Handler {
        guarded { client, request, context in
            do {
                try await registry.check(request, action, from: client)
                let correlation = try await handle(client, request, context)
                registry.deliveries.wake()
                return Self.acknowledged("ACK", correlation, registry.ambient.now())
            } catch let error as RumdulError {
                guard let reason = DCICode.header(error) else { throw error }
                return Self.acknowledged(
                    "ERR", registry.ambient.newID(), registry.ambient.now(),
                    error: [
                        "code": .string(DCICode.error(error, status: 400)),
                        "message": .string("\(reason): \(error.message[context.language]) (\(error.code))"),
                    ]
                ).logged(errorCode: error.code)
            }
        }
    }

    /// `Response` of the standard.
    private static func acknowledged(
        _ status: String, _ correlation: String, _ now: Instant, error: JSONObject? = nil
    ) -> Response {
        var message: JSONObject = [
            "ack_status": .string(status), "timestamp": .string(now.rfc3339), "correlation_id": .string(correlation),
        ]
        if let error { message["error"] = .object(error) }
        return json(["message": .object(message)])
    }

    private static func json(_ object: JSONObject) -> Response {
        JSONResponse(.object(object), headers: [.cacheControl: "no-store"]).response
    }

    /// The proof of the caller, the limit of messages, and the envelope with its signature.
    private func guarded(
        _ handle: @escaping @Sendable (DCIClient, DCIRequest, AppContext) async throws -> Response
    ) -> Handler {
        { request, context in
            var response: Response
            do {
                let client = try await registry.clients.client(request, context)
                let envelope = try await JSONBody.object(request, context: context, limit: 1 << 17)
                try await registry.messages.require(client.id, in: registry.database)
                response = try await handle(client, try await registry.open(envelope, from: client), context)
            } catch {
                response = Self.refusal(error, context)
            }
            try await registry.clients.complete(&response, after: request)
            return response
        }
    }

    /// `HttpErrorResponse` of the standard.
    private static func refusal(_ error: any Error, _ context: AppContext) -> Response {
        let (known, status) = context.known(error)
        var headers: HTTPFields = [.cacheControl: "no-store"]
        if let challenge = known.challenge { headers[.wwwAuthenticate] = challenge }
        if let seconds = known.retryAfter { headers[.retryAfter] = String(seconds) }
        let item: JSONValue = [
            "code": .string(DCICode.error(known, status: Int(status.code))),
            "message": .string("\(known.message[context.language]) (\(known.code))"),
        ]
        return JSONResponse(["errors": [item]], status: status, headers: headers).response
            .logged(errorCode: known.code)
    }
}
