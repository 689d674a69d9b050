import Accountability
import Authenticators
import CitizenPortal
import CivilRegister
import Consent
import DCIRegistry
import Database
import DeveloperPortal
import Enrolment
import Foundation
import IdentityProvider
import Kernel
import KeyVault
import Ledger
import Logging
import Outbound
import PopulationRegister
import ProofOfPossession
import ReferenceData
import RegisterNotifications
import RegistrarConsole
import RelyingParties
import Web

/// The parts of one node, wired: the only place that knows which implementation stands behind which port.
public struct Node: Sendable {
    public let configuration: Configuration
    public let ambient: Ambient
    public let logger: Logger
    public let database: any Database
    public let vault: FileKeyVault
    public let rotation: KeyRotation
    public let ledger: Ledger
    public let reference: ReferenceData
    public let audit: AuditTrail
    public let officers: OfficerDirectory
    public let gate: DisclosureGate
    public let journal: AccessJournal
    public let register: PopulationRegister
    /// Births, deaths, marriages and the other vital events.
    public let civil: CivilRegister
    /// What tells systems of other agencies what happens in the registers.
    public let registerNotifications: NotificationService
    public let authenticators: Authenticators
    public let consents: Consents
    public let provider: IdentityProvider
    public let enrolment: EnrolmentService
    /// Assisted sessions at officers' terminals.
    public let assist: AssistDesk
    /// Requests to addresses that others gave.
    public let outbound: OutboundClient
    /// Notifications to relying parties.
    public let deliveries: DeliveryQueue
    /// What developers read of their clients' errors.
    public let clientEvents: ClientEventLog
    /// Browsers that are told when something waits; `nil` when this node tells none.
    public let notifications: Notifications?
    /// What people see of the audit trail.
    public let auditJournal: AuditJournal

    /// The public base URL and issuer.
    public let baseURL: String

    /// Every module's tables, in the order in which they are made.
    public static let migrations: [ModuleMigrations] = [
        Ledger.migrations, WebStorage.migrations, ReferenceData.migrations, OfficerDirectory.migrations,
        PopulationRegister.migrations, CivilRegister.migrations, Authenticators.migrations, Consents.migrations,
        RelyingPartyStore.migrations,
        IdentityProvider.migrations, EnrolmentService.migrations, DeliveryQueue.migrations,
        PossessionStorage.migrations, DeveloperPortal.migrations, Notifications.migrations, RegistrarConsole.migrations,
        NotificationService.migrations, DCIRegistry.migrations,
    ]

    /// Opens database and vault, brings the tables up to date, and wires the parts.
    /// Throws `database.unavailable`, `keyvault.*`, `configuration.invalid`.
    public static func open(
        _ configuration: Configuration, ambient: Ambient = .system, logger: Logger? = nil
    ) async throws -> Node {
        var logger = logger ?? Logger(label: "rumdul")
        logger.logLevel = Logger.Level(rawValue: configuration.logLevel) ?? .notice
        try FileManager.default.createDirectory(
            atPath: configuration.dataDirectory, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        let vault = try await openVault(configuration, ambient: ambient)
        let outbound = try configuration.outboundClient()
        var postgresql = PostgreSQLDatabase.Options()
        postgresql.connections = configuration.databaseConnections
        let database = try await DatabaseLocation(configuration.databaseLocation).open(postgresql: postgresql)
        do {
            try await database.migrate(migrations)
            let node = try wired(
                configuration, database: database, vault: vault, outbound: outbound, ambient: ambient, logger: logger)
            try await node.reference.install()
            try await node.registerNotifications.install()
            return node
        } catch {
            await database.close()
            throw error
        }
    }

    private static func openVault(_ configuration: Configuration, ambient: Ambient) async throws -> FileKeyVault {
        let secret: VaultSecret
        if let file = configuration.vaultPassphraseFile {
            guard let data = FileManager.default.contents(atPath: file) else {
                throw RumdulError.configurationInvalid("vault_passphrase_file", "the file cannot be read")
            }
            let text = String(decoding: data, as: UTF8.self)
            secret = .passphrase(String(text.prefix { $0 != "\n" && $0 != "\r\n" }))
        } else {
            try KeyFile.createIfMissing(at: configuration.vaultKeyPath, ambient: ambient)
            secret = .keyFile(configuration.vaultKeyPath)
        }
        let vault = try await FileKeyVault.open(path: configuration.vaultPath, secret: secret, ambient: ambient)
        try await vault.ensure(
            KeyPurpose.all + [CivilRegister.signing, NotificationService.signing, DCIWriter.signing])
        try await vault.ensure([
            (.oidcSigning, .es256), (.oidcSigning, .rs256), (.oidcSigning, .ps256), (.oidcSigning, .eddsa),
        ])
        return vault
    }

    /// Makes the parts and puts them together. Not optimised: it runs once, and the optimiser of Swift 6.3 ends with a
    /// signal on it (in `DestroyHoisting`).
    @_optimize(none)
    private static func wired(
        _ configuration: Configuration, database: any Database, vault: FileKeyVault, outbound: OutboundClient,
        ambient: Ambient, logger: Logger
    ) throws -> Node {
        let baseURL = configuration.baseURL ?? "http://\(configuration.host):\(configuration.port)"
        let deliveries = DeliveryQueue(
            database: database, client: outbound, sealer: VaultDeliverySealer(vault: vault), ambient: ambient,
            logger: logger, policies: [.textMessage: .anySuccess, DCIRegistry.callback: .anySuccess])
        let clientEvents = ClientEventLog(database: database, ambient: ambient, logger: logger)
        let notifications = try configuration.notifications(
            database: database, vault: vault, ambient: ambient, logger: logger)
        let rotation = KeyRotation(vault: vault)
        let ledger = Ledger(database: database, vault: vault, ambient: ambient)
        let reference = ReferenceData(database: database)
        let audit = AuditTrail(ledger: ledger)
        let officers = OfficerDirectory(database: database, audit: audit, ambient: ambient)
        let gate = DisclosureGate(ledger: ledger, ambient: ambient)
        let journal = AccessJournal(ledger: ledger, database: database)
        let auditJournal = AuditJournal(ledger: ledger, database: database)
        let register = PopulationRegister(
            database: database, vault: vault, ledger: ledger, gate: gate, referenceData: reference, ambient: ambient,
            codes: configuration.syntheticPeople ? .synthetic : .production)
        let authenticators = Authenticators(
            database: database, ledger: ledger, ambient: ambient, audience: baseURL, rules: configuration.deviceRules,
            attestation: try configuration.attestationRules(),
            relyingParty: try configuration.passkeyParty(issuer: baseURL, now: ambient.now()),
            effects: Aftermath(ambient: ambient))
        let consents = Consents(ledger: ledger, vault: vault, ambient: ambient, issuer: baseURL)
        var civil = CivilRegister(
            database: database, vault: vault, ledger: ledger, gate: gate, people: register, referenceData: reference,
            effects: LifeEventAftermath(authenticators: authenticators, consents: consents, vault: vault),
            events: EventOutbox(ambient: ambient), ambient: ambient)
        civil.externalChecks = configuration.externalChecks
        let registerNotifications = NotificationService(
            database: database, vault: vault, gate: gate, people: register.codesEver,
            directory: RegisteredSubscribers(syntheticPeople: configuration.syntheticPeople), outbound: outbound,
            issuer: baseURL, ambient: ambient, logger: logger,
            forms: [
                DCIMessages(
                    notices: DCINotices(
                        writer: DCIWriter(vault: vault, reference: reference, issuer: baseURL, ambient: ambient),
                        people: register, gate: gate))
            ])
        let assist = AssistDesk(database: database, officers: officers, ledger: ledger, ambient: ambient)
        let surroundings = try configuration.providerSurroundings(
            database: database, client: outbound, deliveries: deliveries, register: register
        ).serving(
            developers: clientEvents, database: database, syntheticPeople: configuration.syntheticPeople
        ).telling(notifications).assisted(by: assist)
        let provider = IdentityProvider(
            database: database, vault: vault, people: RegisterDirectory(register: register), attributes: register,
            gate: gate, authenticators: authenticators, consents: consents,
            settings: settings(configuration, issuer: baseURL), ambient: ambient, logger: logger,
            surroundings: surroundings)
        let enrolment = EnrolmentService(
            database: database, vault: vault, ledger: ledger, authenticators: authenticators,
            finder: RegisterFinder(database: database, register: register, gate: gate), ambient: ambient,
            issuer: baseURL)
        return Node(
            configuration: configuration, ambient: ambient, logger: logger, database: database, vault: vault,
            rotation: rotation, ledger: ledger, reference: reference, audit: audit, officers: officers, gate: gate,
            journal: journal, register: register, civil: civil, registerNotifications: registerNotifications,
            authenticators: authenticators, consents: consents, provider: provider, enrolment: enrolment,
            assist: assist, outbound: outbound, deliveries: deliveries, clientEvents: clientEvents,
            notifications: notifications, auditJournal: auditJournal, baseURL: baseURL)
    }

    private static func settings(_ configuration: Configuration, issuer: String) -> ProviderSettings {
        var settings = ProviderSettings(issuer: issuer, loginsPerMinute: configuration.loginsPerMinute)
        settings.mutualTLSBase = configuration.mutualTLSBase
        if configuration.deviceAttestation.trustsSoftware { settings.policy.softwareRank = nil }
        settings.requestPage = configuration.services.contains(.citizen) ? CitizenPortal.requestPage : nil
        return settings
    }

    /// The civil register with another clock: for demonstrations, whose events did not all happen today.
    public func civilRegister(at ambient: Ambient) -> CivilRegister {
        CivilRegister(
            database: database, vault: vault, ledger: ledger, gate: gate, people: register, referenceData: reference,
            effects: LifeEventAftermath(authenticators: authenticators, consents: consents, vault: vault),
            events: EventOutbox(ambient: ambient), ambient: ambient)
    }

    /// Ends the node's connections, after a last checkpoint of what is new.
    public func close() async {
        await clientEvents.flush()
        do { try await ledger.checkpoint() } catch { logger.error("last checkpoint failed: \(error)") }
        await database.close()
    }
}

/// The register as the identity provider's `PersonDirectory`.
struct RegisterDirectory: PersonDirectory {
    let register: PopulationRegister

    func person(loginIdentifier: String) async throws -> PersonID? {
        guard (try? KIDC(entered: loginIdentifier)) != nil || (try? VID(entered: loginIdentifier)) != nil else {
            throw RumdulError.identifierInvalid
        }
        guard let person = try await register.person(loginIdentifier: loginIdentifier),
            let state = try await register.state(of: person), state.life == .alive, state.record == .active
        else { return nil }
        return person
    }

    func mayLogIn(_ person: PersonID) async throws -> Bool {
        guard let state = try await register.state(of: person) else { return false }
        return state.life == .alive && state.record == .active
    }

    func subject(of person: PersonID, sector: String) async throws -> String {
        try await register.subject(of: person, sector: sector)
    }
}
