import Accountability
import CivilRegister
import Codecs
import Crypto
import Database
import JOSE
import Kernel
import KeyVault
import Outbound
import PopulationRegister
import Web

/// The façade of the DCI registry API 1.0.0 (Digital Convergence Initiative, CRVS profile) for social protection: search,
/// subscription to events, status of transactions. Envelopes are signed both ways; every answer about a person goes
/// through the disclosure gate.
public struct DCIRegistry: Sendable {
    /// The tables of this module.
    public static let migrations = DCIStore.migrations
    /// Callbacks, delivered at least once.
    public static let callback = DeliveryKind(rawValue: "dci_callback")
    /// Seconds for which a callback is tried again.
    public static let callbackTime: Int64 = 3_600

    let database: any Database
    let people: PopulationRegister
    let civil: CivilRegister
    let clients: any DCIClients
    let limits: any DCISearchLimits
    let subscriptions: any DCISubscriptions
    let deliveries: DeliveryQueue
    let outbound: OutboundClient
    let writer: DCIWriter
    let store = DCIStore()
    /// Messages of one system of whatever kind.
    let messages: SharedRateLimiter
    private let secret: [UInt8]

    var ambient: Ambient { writer.ambient }

    public init(
        database: any Database, people: PopulationRegister, civil: CivilRegister, clients: any DCIClients,
        limits: any DCISearchLimits, subscriptions: any DCISubscriptions, deliveries: DeliveryQueue,
        outbound: OutboundClient, writer: DCIWriter
    ) async throws {
        self.database = database
        self.people = people
        self.civil = civil
        self.clients = clients
        self.limits = limits
        self.subscriptions = subscriptions
        self.deliveries = deliveries
        self.outbound = outbound
        self.writer = writer
        secret = try await writer.vault.mac(Array("dci names 1".utf8), purpose: .mac)
        messages = SharedRateLimiter(
            name: "dci.messages", limit: RateLimit(1_000, per: 600), secret: secret, ambient: writer.ambient)
    }

    /// Registers all routes.
    public func add(to router: AppRouter) { DCIRoutes(registry: self).add(to: router) }

    /// Forgets what is older than a moment, and messages that are too old to be sent again.
    @discardableResult
    public static func purge(before moment: Instant, now: Instant, in connection: any SQLConnection) async throws -> Int
    {
        try await DCIStore().purge(
            messagesBefore: now.adding(seconds: -3 * clock), transactionsBefore: moment, in: connection)
    }

    // MARK: Envelopes

    /// Seconds by which the clock of a sender may differ.
    static let clock: Int64 = 600
    /// The algorithms of callers' signatures.
    static let algorithms: Set<JWSAlgorithm> = [
        .es256, .es384, .es512, .edDSA, .ps256, .ps384, .ps512, .rs256, .rs384, .rs512,
    ]

    /// Opens an envelope: whose it is, whether it is signed by a registered key over exactly this header and message.
    /// Throws `dci.*` for what ends the whole request; header faults are left to `check`.
    func open(_ envelope: JSONObject, from client: DCIClient) async throws -> DCIRequest {
        for name in envelope.names where !["signature", "header", "message"].contains(name) {
            throw RumdulError.dciEnvelope(String(name.prefix(40)))
        }
        guard let head = envelope.object("header") else { throw RumdulError.dciEnvelope("header") }
        guard let message = envelope.object("message") else { throw RumdulError.dciEnvelope("message") }
        let header = try DCIHeader(head)
        guard header.senderID == client.id else { throw RumdulError.dciSender }
        try await verify(envelope["signature"], head, message, client)
        guard !header.isEncrypted else { throw RumdulError.dciEncrypted }
        if let receiver = header.receiverID, receiver != writer.issuer { throw RumdulError.dciReceiver }
        guard let transaction = message.string("transaction_id"), (1...99).contains(transaction.utf8.count) else {
            throw RumdulError.dciEnvelope("message.transaction_id")
        }
        return DCIRequest(header: header, message: message, transactionID: transaction)
    }

    /// A compact JWS whose payload is JSON of `{"header", "message"}`, or one with detached content (RFC 7515, appendix F)
    /// over the canonical JSON of the same.
    private func verify(
        _ signature: JSONValue?, _ header: JSONObject, _ message: JSONObject, _ client: DCIClient
    ) async throws {
        guard let text = signature?.stringValue, !text.isEmpty else { throw RumdulError.dciSignatureMissing }
        let signed: JSONObject = ["header": .object(header), "message": .object(message)]
        do {
            let parsed: UnverifiedJWS
            if text.contains("..") {
                parsed = try UnverifiedJWS.parse(
                    text, detachedPayload: CanonicalJSON.encode(.object(signed)), maximumSize: 1 << 19)
            } else {
                parsed = try UnverifiedJWS.parse(text, maximumSize: 1 << 19)
            }
            let keys = try await clients.keys(of: client, keyID: parsed.header.keyID)
            let proven = try parsed.verify(algorithms: Self.algorithms, keys: keys)
            guard try JSON.parseObject(proven.payload) == signed else { throw RumdulError.dciSignature }
        } catch let error as RumdulError where error.kind != .internal && error.kind != .unavailable {
            throw RumdulError.dciSignature.because(error.code)
        }
    }

    /// Checks a header: each fault has a reason of the standard's. Throws `dci.version`, `dci.message_ts`, `dci.action`,
    /// `dci.message_id`. The last is noted, so this is done once for each message.
    func check(_ request: DCIRequest, _ action: DCIAction, from client: DCIClient) async throws {
        let header = request.header, now = ambient.now()
        guard header.version == "1.0.0" else { throw RumdulError.dciVersion }
        guard header.action == action.rawValue else { throw RumdulError.dciAction }
        guard let at = DCIDateTime.read(header.messageTime), abs(at.seconds - now.seconds) <= Self.clock else {
            throw RumdulError.dciMessageTime
        }
        let tag = tag("message", client.id, header.messageID)
        guard try await database.transaction({ try await store.take(tag, at: now, in: $0) }) else {
            throw RumdulError.dciMessageID
        }
    }

    /// The address that is called back: the one that the message names, when it is registered, or the first. Throws
    /// `dci.callback`.
    func callback(_ request: DCIRequest, _ client: DCIClient) throws -> String {
        guard let address = request.header.senderURI ?? client.callbacks.first, client.callbacks.contains(address)
        else { throw RumdulError.dciCallback }
        do { try outbound.check(address) } catch { throw RumdulError.dciCallback.because(error.cause ?? error.code) }
        return address
    }

    /// What stands in a table for a name that a system chose.
    func tag(_ kind: String, _ client: String, _ name: String) -> [UInt8] {
        Array(
            HMAC<SHA256>.authenticationCode(
                for: Array("\(kind)\n\(client)\n\(name)".utf8), using: SymmetricKey(data: secret)))
    }
}
