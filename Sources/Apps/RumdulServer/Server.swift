import CitizenPortal
import CivilRegisterAPI
import DCIRegistry
import DeveloperPortal
import Enrolment
import Foundation
import Hummingbird
import IdentityProvider
import Kernel
import Ledger
import Logging
import Metrics
import OfficerDesk
import ProofOfPossession
import RegisterNotifications
import RegistrarConsole
import ServiceLifecycle
import StatisticsPages
import Synchronization
import Web

/// One node serving: routes of the configured services, checkpoints, clean-up.
public struct Server: Sendable {
    /// Opens a node, serves until SIGTERM or SIGINT, closes it.
    /// - Parameter ready: called with the base URL once the server listens.
    public static func run(
        _ configuration: Configuration, ready: @escaping @Sendable (String) async -> Void
    ) async throws {
        var configuration = configuration
        // The issuer must be known before the first route, so a free port is chosen here and not by the system at bind time.
        let reserved = configuration.port == 0 ? try ReservedPort(host: configuration.host) : nil
        defer { withExtendedLifetime(reserved) {} }
        if let reserved { configuration.port = reserved.number }
        let node = try await Node.open(configuration)
        do {
            try await serve(node, further: [], ready: ready)
            await node.close()
        } catch {
            await node.close()
            throw error
        }
    }

    /// Serves an opened node together with further services (the demonstration's listeners) until told to stop.
    public static func serve(
        _ node: Node, further: [any Service], ready: @escaping @Sendable (String) async -> Void
    ) async throws {
        if node.authenticators.attestation.trustsSoftware {
            node.logger.warning(
                "software_devices is trusted: software keys count as hardware. For demonstrations only.")
        }
        let draining = Draining(state: Draining.State(), seconds: node.configuration.drainSeconds)
        let services =
            try await listeners(node, draining.state, ready: ready) + [Housekeeping(node: node)] + further + [draining]
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services.map {
                    .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup)
                }, gracefulShutdownSignals: [.sigterm, .sigint], logger: node.logger))
        try await group.run()
    }

    /// What a node listens with: the plain listener, and one with TLS where it is configured.
    private static func listeners(
        _ node: Node, _ draining: Draining.State, ready: @escaping @Sendable (String) async -> Void
    ) async throws -> [any Service] {
        let (configuration, baseURL) = (node.configuration, node.baseURL)
        let secure = try configuration.tlsListener()
        _ = try configuration.certificateRoots()
        let web = try await web(node, draining)
        let waiting = Mutex(secure == nil ? 1 : 2)
        let listening: @Sendable (Int) async -> Void = { _ in
            let isLast = waiting.withLock { count in
                count -= 1
                return count == 0
            }
            if isLast { await ready(baseURL) }
        }
        let plain = web.application(host: configuration.host, port: configuration.port, onReady: listening)
        guard let secure else { return [plain] }
        return [plain, web.application(secure, beside: plain, onReady: listening)]
    }

    /// The web application of a node on its plain listener.
    public static func application(
        _ node: Node, ready: @escaping @Sendable (String) async -> Void = { _ in }
    ) async throws -> some ApplicationProtocol {
        let baseURL = node.baseURL
        let web = try await web(node, Draining.State())
        return web.application(host: node.configuration.host, port: node.configuration.port) { _ in await ready(baseURL)
        }
    }

    /// The routes of a node's services.
    private static func web(_ node: Node, _ draining: Draining.State) async throws -> WebApplication {
        let settings = WebSettings(
            baseURL: node.baseURL, trustedProxies: node.configuration.trustedProxies.compactMap(AddressRange.init),
            metricsReaders: node.configuration.metricsFrom.compactMap(AddressRange.init),
            accessLog: node.logger.logLevel <= .info,
            clientCertificateHeader: try node.configuration.trustedCertificateHeader())
        let database = node.database
        let web = try WebApplication(
            settings: settings,
            templates: [
                IdentityProvider.templates, EnrolmentPages.templates, CitizenPortal.templates, FrontDoor.templates,
                OfficerDesk.templates, RegistrarConsole.templates, StatisticsPages.templates,
            ] + DeveloperPortal.templates,
            assets: IdentityProvider.assets + CitizenPortal.assets + RegistrarConsole.assets + StatisticsPages.assets,
            metrics: Telemetry.metrics, logger: node.logger, errors: .node,
            ready: {
                guard !draining.isDraining else { throw CancellationError() }
                try await database.read { connection in _ = try await connection.query("SELECT 1") }
            })
        let services = node.configuration.services
        if services.contains(.identity) { node.provider.addRoutes(to: web.router, settings: settings) }
        if services.contains(.enrolment) {
            try await EnrolmentRoutes(
                service: node.enrolment, directory: node.officers, reference: node.reference, database: node.database,
                vault: node.vault, ambient: node.ambient, settings: settings, assist: node.assist,
                peopleCookies: IdentityProvider.browserCookies + ["rumdul-" + CitizenPortal.sessionPolicy.kind],
                corrections: RegisterCorrections(register: node.register)
            ).add(to: web.router)
        }
        if services.contains(.registration) {
            try await RegistrarConsole(
                civil: node.civil, people: node.register, directory: node.officers, reference: node.reference,
                database: node.database, vault: node.vault, ambient: node.ambient, settings: settings
            ).add(to: web.router)
            try await node.registerAPI().add(to: web.router)
            try await node.notificationRoutes().add(to: web.router)
            try await node.dciRegistry().add(to: web.router)
        }
        if services.contains(.statistics) {
            StatisticsPages(
                civil: node.civil, reference: node.reference, ambient: node.ambient, settings: settings,
                releases: node.configuration.statisticsReleases
            ).add(to: web.router)
        }
        if services.contains(.citizen) {
            let access = CitizenAccess(provider: node.provider, baseURL: node.baseURL)
            try await access.install()
            CitizenPortal(
                database: node.database, login: access, logins: access, effects: access, consents: node.consents,
                journal: node.journal, authenticators: node.authenticators,
                sessions: SessionStore(
                    database: node.database, settings: settings, ambient: node.ambient,
                    policy: CitizenPortal.sessionPolicy), app: node.citizenApp, ambient: node.ambient,
                checkpointSeconds: Int(node.configuration.checkpointSeconds)
            ).addRoutes(to: web.router, settings: settings)
        }
        if services.contains(.developers) {
            try await node.addDeveloperPages(to: web.router, settings: settings)
        }
        FrontDoor.addRoutes(to: web.router, services: services)
        OpenAPIDocument.addRoute(to: web.router, services: services, settings: settings)
        return web
    }
}

/// The process's metrics. The system can be set once in a process only.
enum Telemetry {
    static let metrics: PrometheusMetrics = {
        let metrics = PrometheusMetrics()
        MetricsSystem.bootstrap(metrics)
        return metrics
    }()
}

/// Work beside the requests: ledger checkpoints every few seconds, notifications to relying parties, abandoned
/// enrolments every minute, key rotation and clean-up every hour.
struct Housekeeping: Service {
    let node: Node

    func run() async throws {
        let logger = node.logger
        let checkpointer = LedgerCheckpointer(
            ledger: node.ledger, interval: .seconds(node.configuration.checkpointSeconds)
        ) { error in logger.error("checkpoint failed: \(error)") }
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await checkpointer.run() }
                group.addTask { await node.deliveries.run() }
                group.addTask { await node.registerNotifications.run() }
                group.addTask { await node.clientEvents.run() }
                group.addTask { await node.notifications?.run(asking: ProviderRequests(provider: node.provider)) }
                group.addTask { await node.provider.serveWaitingBrowsers() }
                group.addTask { await once { try await node.civil.fillStatistics() } }
                group.addTask { await every(seconds: 5) { try await node.provider.pingExpiredLogins() } }
                group.addTask { await every(seconds: 5) { try await node.provider.followUp() } }
                group.addTask { await every(seconds: 60) { try await sweep() } }
                group.addTask { await every(seconds: 300) { try await forget() } }
                group.addTask { await every(seconds: 3600) { try await tidy() } }
            }
        }
    }

    /// Repeats some work until the task is cancelled; a failure is logged and tried again the next time.
    private func every(seconds: Int, _ work: () async throws -> Void) async {
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(seconds))
            guard !Task.isCancelled else { return }
            do { try await work() } catch { node.logger.error("housekeeping failed: \(error)") }
        }
    }

    /// Does some work at start; a failure is logged, and the next start tries again.
    private func once(_ work: () async throws -> some Any) async {
        do { _ = try await work() } catch { node.logger.error("housekeeping failed: \(error)") }
    }

    /// Ends external checks that nobody answered, and enrolments that nobody finished with the devices that waited for
    /// them.
    private func sweep() async throws {
        if node.configuration.services.contains(.registration) { try await node.civil.expireChecks() }
        guard node.configuration.services.contains(.enrolment) else { return }
        try await node.enrolment.sweep()
    }

    /// Forgets proofs that could not be used again anyway.
    private func forget() async throws {
        let now = node.ambient.now()
        _ = try await node.database.transaction { try await PossessionStorage.purge(now: now, in: $0) }
    }

    /// Deletes what has ended, renews keys that are due.
    private func tidy() async throws {
        let now = node.ambient.now()
        let days = Int64(node.configuration.transactionRetentionDays)
        _ = try await node.provider.purgeTransactions(before: now.adding(seconds: -days * 86_400))
        _ = try await node.database.transaction { connection in try await WebStorage.purge(now: now, in: connection) }
        let (deliveries, kept) = (node.deliveries, now.adding(seconds: -days * 86_400))
        _ = try await node.database.transaction { try await deliveries.purge(before: kept, in: $0) }
        _ = try await node.registerNotifications.purge(before: kept)
        _ = try await node.database.transaction { try await DCIRegistry.purge(before: kept, now: now, in: $0) }
        _ = try await node.clientEvents.purge()
        while try await node.register.expireReservations() > 0 {}
        _ = try await node.notifications?.purge()
        for purpose in KeyPurposes.rotating { _ = try await node.rotation.rotate(purpose, now: now) }
    }
}
