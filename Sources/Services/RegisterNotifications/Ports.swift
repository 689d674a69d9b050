import CivilRegister
import Codecs
import Database
import Hummingbird
import Kernel
import Web

/// Proves the systems that call. The composition root fills it in.
public protocol NotificationClients: Sendable {
    /// The system behind a request. Throws `api.token_missing`, `api.token`, `api.not_granted`.
    func client(_ request: Request, _ context: AppContext) async throws -> NotificationClient

    /// Adds what an answer needs besides, such as the nonce of the next proof.
    func complete(_ response: inout Response, after request: Request) async throws
}

/// What the operator lets systems learn, asked anew before each message: a right that was withdrawn ends what waits.
public protocol SubscriberDirectory: Sendable {
    /// The system as it is registered now; `nil` when it is suspended, deleted or has no access to the registers.
    func subscriber(_ clientID: String, in connection: any SQLConnection) async throws -> Subscriber?
}

/// An event on its way to a subscription of another form than OSIA's.
public struct FormedEvent: Sendable {
    /// Of the message: the trace of the access entries.
    public let id: String
    public let subscription: String
    public let name: String
    /// `registered`, `corrected`, `cancelled`, `reinstated`.
    public let change: String
    public let at: Instant
    /// Whom it is about; nobody when the subscriber may not know.
    public let participants: [RegisterEvent.Participant]
    /// What the subscription was made with.
    public let details: JSONObject
}

/// Writes messages in another form than OSIA's, such as the DCI registry API's. Rights, order, attempts and replay stay
/// here. The composition root fills it in.
public protocol MessageForm: Sendable {
    /// The stable name that its subscriptions have in the table; never `osia`.
    var name: String { get }

    /// The JSON that is posted, without further header fields, so it must prove itself. Called in the transaction that
    /// sends a message first: access entries of whoever is told of are written there.
    func body(_ event: FormedEvent, to subscriber: Subscriber, in connection: any SQLConnection) async throws -> [UInt8]
}
