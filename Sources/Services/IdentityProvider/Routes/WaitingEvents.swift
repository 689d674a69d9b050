import Codecs
import HTTPTypes
import Hummingbird
import Kernel
import NIOCore
import Web

/// Server-sent events for the page that waits (HTML Living Standard, section 9.2): the browser goes on as soon as the device has decided, without
/// asking. The answer ends with the transaction.
struct WaitingEvents: Sendable {
    let provider: IdentityProvider

    func add(to router: AppRouter) { router.get("/authorize/{transaction}/events", use: events) }

    private func events(_ request: Request, _ context: AppContext) async throws -> Response {
        let binding = BrowserBinding(request: request, context: context, ambient: provider.ambient)
        let id = try context.pathParameter("transaction")
        // Only the browser that started may listen, as it alone may ask.
        let (approvals, hash) = (provider.approvals, binding.hash)
        let expiresAt = try await approvals.expiry(id, browserHash: hash)
        guard approvals.browsers.hasRoom(for: id) else { throw RumdulError.rateLimited(retryAfter: 5) }
        // First the seat, then the look: a decision in between is not missed.
        let seat = BrowserBell.Seat(approvals.browsers, id, expiresAt: expiresAt)
        let first = try await approvals.waitingState(id, browserHash: hash)
        return Response(
            status: .ok,
            headers: [
                .contentType: "text/event-stream", .cacheControl: "no-store",
                // Without it some proxies keep the answer until it is whole.
                Self.buffering: "no",
            ],
            body: ResponseBody { writer in
                defer { seat.leave() }
                try await writer.write(ByteBuffer(string: first.event))
                var isPending = first.isPending
                // What stays for minutes is this loop alone; a look at the database happens in a task of its own, so that its stack is not kept.
                while isPending {
                    switch await seat.waiter.next() {
                    case .beat: try await writer.write(ByteBuffer(string: ":\n\n"))
                    case .closed: isPending = false
                    case .changed:
                        let state = try await Task { try await approvals.waitingState(id, browserHash: hash) }.value
                        isPending = state.isPending
                        if !isPending { try await writer.write(ByteBuffer(string: state.event)) }
                    }
                }
                try await writer.finish(nil)
            })
    }

    private static let buffering: HTTPField.Name = HTTPField.Name("X-Accel-Buffering") ?? .contentLanguage
}

/// What the waiting page is told: whether it still waits, and where it goes.
struct WaitingState: Sendable {
    var isPending: Bool
    /// A path on this server.
    var next: String

    /// The state as the JSON of `/status`.
    var json: [UInt8] {
        var writer = JSONWriter(capacity: 96)
        writer.beginObject()
        writer.member("state", isPending ? "pending" : "done")
        writer.member("next", next)
        writer.endObject()
        return writer.bytes
    }

    /// The state as an event.
    var event: String { "event: state\ndata: \(String(decoding: json, as: UTF8.self))\n\n" }
}

extension ApprovalService {
    /// When a transaction ends, for the browser that started it. Throws `transaction.not_found`.
    func expiry(_ id: String, browserHash: [UInt8]) async throws -> Instant {
        let found = try await store.status(id, in: database.statements)
        guard let found, constantTimeEquals(found.browserHash, browserHash) else {
            throw RumdulError.transactionNotFound
        }
        return found.expiresAt
    }

    /// Where the waiting page of a browser stands. Throws `transaction.not_found`.
    func waitingState(_ id: String, browserHash: [UInt8]) async throws -> WaitingState {
        let (status, expired) = try await status(id, browserHash: browserHash)
        return WaitingState(
            isPending: status == .pending && !expired,
            next: expired ? "/authorize/\(id)" : "/authorize/\(id)/continue")
    }
}
