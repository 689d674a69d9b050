import Accountability
import Codecs
import Database
import Hummingbird
import JOSE
import Kernel
import PopulationRegister
import Web

/// A system that proved itself with an access token, as far as this interface needs it.
public struct DCIClient: Sendable {
    /// The identifier that it is registered under; `sender_id` of its messages.
    public let id: String
    public let organisation: Organisation
    /// The scopes of its token.
    public let scopes: Set<String>
    /// Codes of the places that it deals with; empty for the whole country.
    public let areas: [String]
    /// The code of the legal provision behind its access.
    public let basis: String
    public let purpose: Purpose
    /// The attributes that it may read in the clear.
    public let attributes: Set<AttributeName>
    /// The addresses that may be called back, as registered.
    public let callbacks: [String]

    public init(
        id: String, organisation: Organisation, scopes: Set<String>, areas: [String], basis: String, purpose: Purpose,
        attributes: Set<AttributeName>, callbacks: [String]
    ) {
        self.id = id
        self.organisation = organisation
        self.scopes = scopes
        self.areas = areas
        self.basis = basis
        self.purpose = purpose
        self.attributes = attributes
        self.callbacks = callbacks
    }
}

/// Proves the systems that call. The composition root fills it in.
public protocol DCIClients: Sendable {
    /// The system behind a request. Throws `api.token_missing`, `api.token`, `api.not_granted`.
    func client(_ request: Request, _ context: AppContext) async throws -> DCIClient

    /// The keys that the system registered for its signatures. Asked outside of transactions: they may have to be
    /// fetched.
    func keys(of client: DCIClient, keyID: String?) async throws -> VerificationKeySet

    /// Adds what an answer needs besides, such as the nonce of the next proof.
    func complete(_ response: inout Response, after request: Request) async throws
}

/// The limits against guessing that this interface shares with all others that look people up.
public protocol DCISearchLimits: Sendable {
    /// Takes one look-up of a system, about a code as it was typed or about none. Throws `web.rate_limited`.
    func take(_ client: String, code digits: String?, in database: any Database) async throws
    /// The answer showed that the system knows whom it asks about.
    func hit(_ client: String, in database: any Database) async throws
}

/// A wish to be told of events.
public struct DCISubscription: Sendable {
    public let client: String
    public let event: DCIEventType
    /// The only person whose events are told; `nil` for everybody's.
    public let person: PersonID?
    /// The registered address that is called back.
    public let callback: String
    /// What the messages need of it, opaque to whoever keeps it: given back to `DCINotices`.
    public let details: JSONObject
}

/// Who keeps subscriptions and sends what they ask for, in order and until it arrives. The composition root fills it in.
public protocol DCISubscriptions: Sendable {
    /// Keeps a subscription; its code. Throws `dci.notify_type`, `dci.subscribed`, `dci.notify_details`.
    func subscribe(_ wish: DCISubscription, in connection: any SQLConnection) async throws -> String
    /// Ends a subscription; false when the client has none with this code.
    func unsubscribe(_ code: String, client: String, in connection: any SQLConnection) async throws -> Bool
}
