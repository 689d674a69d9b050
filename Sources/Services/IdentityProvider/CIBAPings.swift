import Codecs
import Database
import Kernel
import KeyVault
import Outbound
import RelyingParties

/// Tells clients that a decision can be fetched (OpenID CIBA Core 1.0, section 10.2). A ping goes into the delivery
/// queue in the transaction of the decision itself, so that none is lost and none is sent for a decision that was
/// undone; the queue follows no redirects and does not try again after 401 or 403.
struct CIBAPings: Sendable {
    let database: any Database
    let vault: any KeyVault
    let parties: RelyingPartyStore
    let queue: DeliveryQueue
    let ambient: Ambient
    let requests = CIBAStore()

    /// Seconds for which a ping is tried.
    static let lifetime: Int64 = 900

    /// What a ping needs: the identifier that the client knows, and the token that it gave for this purpose.
    struct Content: Sendable, Equatable {
        var authRequestID: String
        var token: String
    }

    static func seal(_ content: Content, key: String, vault: any KeyVault) async throws -> [UInt8] {
        let object: JSONObject = ["id": .string(content.authRequestID), "token": .string(content.token)]
        return try await vault.seal(JSON.bytes(object), purpose: .sealing, context: context(key))
    }

    static func open(_ sealed: [UInt8], key: String, vault: any KeyVault) async throws -> Content {
        let object = try JSON.parseObject(try await vault.open(sealed, purpose: .sealing, context: context(key)))
        guard let id = object.string("id"), let token = object.string("token") else {
            throw RumdulError.internal("idp_ciba_requests: content of a ping")
        }
        return Content(authRequestID: id, token: token)
    }

    private static func context(_ key: String) -> [UInt8] { Array("rumdul-ciba-ping-v1 \(key)".utf8) }

    /// Puts the ping of a decided transaction into the queue, if its client waits for one. Call `queue.wake()` after
    /// the transaction.
    func decided(_ item: Transaction, in connection: any SQLConnection) async throws {
        guard item.request.redirectURI.isEmpty,
            let found = try await requests.find(transaction: item.id, in: connection)
        else { return }
        try await enqueue(found, in: connection)
    }

    /// Pings for requests that ended without a decision; returns how many requests there were. At most 200 at a time.
    func sweep() async throws -> Int {
        let now = ambient.now()
        let ended = try await database.read { connection in
            try await requests.unpinged(endedBefore: now, limit: 200, in: connection)
        }
        for found in ended {
            try await database.transaction { connection in try await enqueue(found, in: connection) }
        }
        if !ended.isEmpty { queue.wake() }
        return ended.count
    }

    private func enqueue(_ found: CIBAStore.Record, in connection: any SQLConnection) async throws {
        guard let sealed = found.ping, try await requests.takePing(found.id, in: connection),
            let endpoint = try await parties.party(found.clientID, in: connection)?
                .backchannelAuthentication?.notificationEndpoint
        else { return }
        let content = try await Self.open(sealed, key: found.id, vault: vault)
        let body: JSONObject = ["auth_req_id": .string(content.authRequestID)]
        do {
            try await queue.enqueue(
                Delivery(
                    kind: .cibaPing, reference: found.clientID, url: endpoint,
                    headers: [OutboundHeader("Authorization", "Bearer " + content.token)],
                    content: OutboundContent(type: "application/json", bytes: JSON.bytes(body)),
                    endsAt: ambient.now().adding(seconds: Self.lifetime)), in: connection)
        } catch let error as RumdulError where error.code == "outbound.url" {
            // An address that may not be asked must not keep the person from deciding; the client can still poll.
        }
    }
}

extension IdentityProvider {
    /// Pings the clients whose decoupled logins ended without a decision; returns how many. Call it every few seconds.
    @discardableResult
    public func pingExpiredLogins() async throws -> Int { try await approvals.pings?.sweep() ?? 0 }
}
