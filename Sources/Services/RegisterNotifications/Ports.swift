import Database
import Hummingbird
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
