import Accountability
import CivilRegisterAPI
import Database
import Hummingbird
import Kernel
import RegisterNotifications
import RelyingParties
import Web

/// Systems that subscribe: clients with a grant at the registers, with the topics that the operator named.
struct NotificationSystems: NotificationClients {
    let systems: RegisterSystems
    let directory: RegisteredSubscribers
    let database: any Database

    func client(_ request: Request, _ context: AppContext) async throws -> NotificationClient {
        let client = try await systems.client(request, context, purpose: nil)
        guard let subscriber = try await directory.subscriber(client.id, in: database.statements) else {
            throw RumdulError.apiNotGranted
        }
        return NotificationClient(subscriber: subscriber, scopes: client.scopes)
    }

    func complete(_ response: inout Response, after request: Request) async throws {
        try await systems.complete(&response, after: request)
    }
}

/// The registrations as the directory of subscribers. Reads the row each time, so that a right that an operator took
/// away counts for the next message.
struct RegisteredSubscribers: SubscriberDirectory {
    let syntheticPeople: Bool
    private let parties = RelyingPartyStore()

    init(syntheticPeople: Bool) { self.syntheticPeople = syntheticPeople }

    func subscriber(_ clientID: String, in connection: any SQLConnection) async throws -> Subscriber? {
        guard let party = try await parties.party(clientID, in: connection), let access = party.registerAccess,
            let organisation = party.organisation, let purpose = party.purpose(nil),
            party.environment == .production || syntheticPeople
        else { return nil }
        return Subscriber(
            id: party.clientID, organisation: Organisation(code: organisation.code, name: organisation.name),
            areas: access.areas, basis: access.basis, purpose: Purpose(code: purpose.code, text: purpose.text),
            rights: Dictionary(
                access.topics.map { ($0.name, TopicRight(identifiers: $0.identifiers, sealed: $0.sealed)) },
                uniquingKeysWith: { one, other in
                    TopicRight(
                        identifiers: one.identifiers && other.identifiers, sealed: one.sealed && other.sealed)
                }), attributes: Set(access.attributes.map { AttributeName(rawValue: $0) }))
    }
}

extension Node {
    /// The interface of notifications.
    func notificationRoutes() async throws -> NotificationRoutes {
        try await NotificationRoutes(
            service: registerNotifications,
            clients: NotificationSystems(
                systems: RegisterSystems(
                    resources: provider.resources, syntheticPeople: configuration.syntheticPeople),
                directory: RegisteredSubscribers(syntheticPeople: configuration.syntheticPeople),
                database: database))
    }
}
