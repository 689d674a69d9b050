import Crypto
import Database
import HTTPTypes
import Hummingbird
import Kernel
import NIOCore

/// Requests with an `Idempotency-Key` header take effect once: a repetition within 24 hours gets the stored answer
/// again.
public struct IdempotencyStore: Sendable {
    /// An answer as it is stored.
    public struct Answer: Sendable, Hashable {
        /// The HTTP status.
        public var status: Int
        /// The media type.
        public var contentType: String
        /// The content.
        public var body: [UInt8]

        public init(status: Int = 200, contentType: String = "application/json", body: [UInt8]) {
            self.status = status
            self.contentType = contentType
            self.body = body
        }

        func response(replayed: Bool) -> Response {
            var headers: HTTPFields = [.contentType: contentType]
            if replayed { headers[.idempotencyReplayed] = "true" }
            return Response(
                status: .init(code: status), headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: body)))
        }
    }

    private enum Finding: Sendable {
        case first
        case stored(Answer)
        case running
        case different
    }

    private let database: any Database
    private let ambient: Ambient
    private static let keepSeconds: Int64 = 24 * 3600
    /// A first request that has not answered after so long is taken for lost.
    private static let lostSeconds: Int64 = 60

    public init(database: any Database, ambient: Ambient) {
        self.database = database
        self.ambient = ambient
    }

    /// Runs an action once for each key. Without the header it just runs.
    /// - Parameters:
    ///   - scope: who sends it (client identifier) and what it is for; keys of different scopes never meet.
    ///   - content: the request's content; the same key with another content is refused.
    ///   - action: what to do. When it throws, the key is free again.
    /// - Throws: `web.idempotency_key`, `web.idempotency_mismatch`, `web.idempotency_running`, and what the action
    /// throws.
    public func perform(
        _ request: Request, scope: String, content: [UInt8], action: @Sendable () async throws -> Answer
    ) async throws -> Response {
        guard let key = request.headers[.idempotencyKey] else { return try await action().response(replayed: false) }
        guard (1...255).contains(key.utf8.count), key.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw RumdulError.idempotencyKey
        }
        let id = Array(SHA256.hash(data: Array(scope.utf8) + [0] + Array(key.utf8)))
        let fingerprint = Array(SHA256.hash(data: Array(request.method.rawValue.utf8) + [0] + content))
        switch try await begin(id, fingerprint) {
        case .stored(let answer): return answer.response(replayed: true)
        case .running: throw RumdulError.idempotencyRunning
        case .different: throw RumdulError.idempotencyMismatch
        case .first: break
        }
        do {
            let answer = try await action()
            try await store(answer, id)
            return answer.response(replayed: false)
        } catch {
            _ = try? await database.transaction { connection in
                try await connection.execute("DELETE FROM web_idempotency WHERE id = $1 AND status IS NULL", [id])
            }
            throw error
        }
    }

    private func begin(_ id: [UInt8], _ fingerprint: [UInt8]) async throws -> Finding {
        let now = ambient.now()
        return try await database.transaction { connection in
            try await connection.execute("DELETE FROM web_idempotency WHERE id = $1 AND expires_at <= $2", [id, now])
            let inserted = try await connection.execute(
                """
                INSERT INTO web_idempotency (id, request_hash, started_at, expires_at) VALUES ($1, $2, $3, $4)
                ON CONFLICT (id) DO NOTHING
                """, [id, fingerprint, now, now.adding(seconds: IdempotencyStore.keepSeconds)])
            if inserted == 1 { return .first }
            let row = try await connection.first(
                "SELECT request_hash, status, content_type, body FROM web_idempotency WHERE id = $1", [id])
            guard let row else { return .running }
            guard try row.blob(0) == fingerprint else { return .different }
            if let status = try row.optionalInt64(1) {
                return .stored(
                    Answer(status: Int(status), contentType: try row.string(2), body: try row.optionalBlob(3) ?? []))
            }
            let taken = try await connection.execute(
                "UPDATE web_idempotency SET started_at = $1 WHERE id = $2 AND status IS NULL AND started_at <= $3",
                [now, id, now.adding(seconds: -IdempotencyStore.lostSeconds)])
            return taken == 1 ? .first : .running
        }
    }

    private func store(_ answer: Answer, _ id: [UInt8]) async throws {
        _ = try await database.transaction { connection in
            try await connection.execute(
                "UPDATE web_idempotency SET status = $1, content_type = $2, body = $3 WHERE id = $4",
                [answer.status, answer.contentType, answer.body, id])
        }
    }
}
