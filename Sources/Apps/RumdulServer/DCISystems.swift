import Accountability
import CivilRegister
import CivilRegisterAPI
import Codecs
import DCIRegistry
import Database
import Hummingbird
import IdentityProvider
import JOSE
import Kernel
import KeyVault
import Outbound
import PopulationRegister
import RegisterNotifications
import RelyingParties
import Web

/// Systems of social protection at the DCI registry API: clients with a grant at the registers, and the keys that they
/// registered.
struct DCISystems: DCIClients {
    let systems: RegisterSystems
    let database: any Database
    let keys: ClientKeys
    private let parties = RelyingPartyStore()

    init(systems: RegisterSystems, database: any Database, keys: ClientKeys) {
        self.systems = systems
        self.database = database
        self.keys = keys
    }

    func client(_ request: Request, _ context: AppContext) async throws -> DCIClient {
        let (client, party) = try await systems.proven(request, context, purpose: nil)
        return DCIClient(
            id: client.id, organisation: client.organisation, scopes: client.scopes, areas: client.areas,
            basis: client.basis, purpose: client.purpose, attributes: client.attributes,
            callbacks: party.registerAccess?.callbacks ?? [])
    }

    func keys(of client: DCIClient, keyID: String?) async throws -> VerificationKeySet {
        guard let party = try await parties.party(client.id, in: database.statements) else {
            throw RumdulError.apiNotGranted
        }
        return try await keys.verificationKeys(of: party, keyID: keyID)
    }

    func complete(_ response: inout Response, after request: Request) async throws {
        try await systems.complete(&response, after: request)
    }
}

/// The limits that all interfaces share.
struct SharedGuessLimits: DCISearchLimits {
    let limits: GuessLimits

    func take(_ client: String, code digits: String?, in database: any Database) async throws {
        if let digits {
            try await limits.take(client, digits, in: database)
        } else {
            try await limits.take(client, in: database)
        }
    }

    func hit(_ client: String, in database: any Database) async throws {
        try await limits.hit(client, in: database)
    }
}

/// DCI's messages as a form of notifications.
struct DCIMessages: MessageForm {
    static let form = "dci"
    let notices: DCINotices

    var name: String { Self.form }

    func body(
        _ event: FormedEvent, to subscriber: Subscriber, in connection: any SQLConnection
    ) async throws -> [UInt8] {
        try await notices.message(
            DCIEvent(
                id: event.id, subscription: event.subscription, name: event.name, change: event.change, at: event.at,
                participants: event.participants, details: event.details),
            to: DCIClient(
                id: subscriber.id, organisation: subscriber.organisation, scopes: [], areas: subscriber.areas,
                basis: subscriber.basis, purpose: subscriber.purpose, attributes: subscriber.attributes, callbacks: []),
            in: connection)
    }
}

/// Subscriptions lie with the notifications of the registers.
struct NotifiedSubscriptions: DCISubscriptions {
    let notifications: NotificationService

    func subscribe(_ wish: DCISubscription, in connection: any SQLConnection) async throws -> String {
        do {
            return try await notifications.subscribe(
                form: DCIMessages.form, to: wish.event.topic.rawValue, at: wish.callback, subject: wish.person,
                details: wish.details, client: wish.client, in: connection)
        } catch let error as RumdulError {
            switch error.code {
            case RumdulError.notifTopic.code: throw RumdulError.dciNotifyType
            case RumdulError.notifSubscribed.code: throw RumdulError.dciSubscribed
            case RumdulError.notifTooMany.code:
                throw RumdulError.dciNotifyDetails(
                    km: RumdulError.notifTooMany.message.km, en: RumdulError.notifTooMany.message.en)
            default: throw error
            }
        }
    }

    func unsubscribe(_ code: String, client: String, in connection: any SQLConnection) async throws -> Bool {
        try await notifications.unsubscribe(form: DCIMessages.form, code, client: client, in: connection)
    }
}

extension Node {
    /// The façade of the DCI registry API.
    func dciRegistry() async throws -> DCIRegistry {
        let systems = RegisterSystems(resources: provider.resources, syntheticPeople: configuration.syntheticPeople)
        return try await DCIRegistry(
            database: database, people: register, civil: civil,
            clients: DCISystems(
                systems: systems, database: database,
                keys: ClientKeys(
                    fetcher: OutboundDocuments(documents: JSONDocuments(client: outbound)), ambient: ambient)),
            limits: SharedGuessLimits(limits: try await GuessLimits.shared(vault: vault, ambient: ambient)),
            subscriptions: NotifiedSubscriptions(notifications: registerNotifications), deliveries: deliveries,
            outbound: outbound,
            writer: DCIWriter(vault: vault, reference: reference, issuer: baseURL, ambient: ambient))
    }
}
