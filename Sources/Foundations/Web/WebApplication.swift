import Codecs
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Kernel
import KhmerText
import Logging
import NIOCore

/// The program's web server: one router for all services, one way to answer.
///
/// ```swift
/// let web = try WebApplication(settings: WebSettings(baseURL: "https://id.example"), templates:
/// [LoginPages.templates])
/// login.addRoutes(to: web.router)
/// try await web.run(host: "0.0.0.0", port: 8080) { port in print("ready on \(port)") }
/// ```
public struct WebApplication {
    /// Where services register their routes.
    public let router: AppRouter
    /// Settings, pages and metrics that all requests share.
    public let environment: WebEnvironment
    private let ready: @Sendable () async throws -> Void

    /// - Parameters:
    ///   - templates: the pages of all modules.
    ///   - assets: styles, scripts and pictures besides the shared design's.
    ///   - metrics: give the same object to `MetricsSystem.bootstrap` to see everyone's figures at `/metrics`.
    ///   - errors: the errors that are explained under `/errors`.
    ///   - ready: throws while the program cannot serve (its database is away); asked by `/readyz`.
    /// - Throws: `internal` when a template is faulty.
    public init(
        settings: WebSettings, templates: [PageTemplates] = [], assets: [Asset] = [],
        metrics: PrometheusMetrics = PrometheusMetrics(), logger: Logger = Logger(label: "rumdul.web"),
        errors: ErrorCatalogue = ErrorCatalogue([.kernel, .codecs, .khmerText, .web]),
        ready: @escaping @Sendable () async throws -> Void = {}
    ) throws {
        let pages = try Pages(
            [ErrorPages.templates] + templates, assets: Assets(adding: assets), product: settings.productName)
        environment = WebEnvironment(settings: settings, pages: pages, metrics: metrics, logger: logger, errors: errors)
        router = AppRouter(environment: environment)
        self.ready = ready
        pages.assets.addRoutes(to: router, settings: settings)
        ErrorPages.addRoutes(to: router)
        addOperationsRoutes()
    }

    /// The settings.
    public var settings: WebSettings { environment.settings }

    private func addOperationsRoutes() {
        let alive = StaticAnswer(Array(#"{"status":"ok"}"#.utf8), caching: .revalidate, settings: settings)
        router.get("/healthz") { request, _ in alive.response(to: request) }
        let ready = ready
        router.get("/readyz") { request, context -> Response in
            do {
                try await ready()
                return alive.response(to: request)
            } catch {
                throw RumdulError.notReady
            }
        }
        guard settings.metrics else { return }
        let metrics = environment.metrics
        let readers = settings.metricsReaders
        router.get("/metrics") { request, context -> Response in
            if let readers {
                // Behind a proxy that nobody vouches for every address is the proxy's own.
                let isForwarded = HTTPField.Name("X-Forwarded-For").map { request.headers.contains($0) } ?? false
                guard !isForwarded || !context.settings.trustedProxies.isEmpty,
                    readers.contains(where: { $0.contains(context.clientAddress) })
                else { throw RumdulError.notFound }
            }
            return Response(
                status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: .init(byteBuffer: ByteBuffer(string: metrics.exposition())))
        }
    }

    /// The application to run or to test. Call it once, after all routes are registered.
    /// - Parameters:
    ///   - port: 0 lets the system choose one.
    ///   - onReady: called with the port once the server listens.
    public func application(
        host: String = "127.0.0.1", port: Int = 0, onReady: @escaping @Sendable (Int) async -> Void = { _ in }
    ) -> Application<RouterResponder<AppContext>> {
        let responder = router.responder()
        let respond = LoopChannel.respond(with: responder, logger: environment.logger)
        return Application(
            responder: responder, server: HTTPServerBuilder { _ in LoopChannel(respond: respond) },
            configuration: .init(address: .hostname(host, port: port), backlog: 1024),
            onServerRunning: { channel in await onReady(channel.localAddress?.port ?? port) },
            logger: environment.logger)
    }

    /// Serves until the task is cancelled or the process receives SIGTERM or SIGINT.
    public func run(
        host: String, port: Int, onReady: @escaping @Sendable (Int) async -> Void = { _ in }
    ) async throws {
        try await application(host: host, port: port, onReady: onReady).runService()
    }
}

extension RumdulError {
    static let notReady = RumdulError(
        "web.not_ready", .unavailable, km: "ប្រព័ន្ធមិនទាន់រួចរាល់។", en: "The system is not ready.", retryAfter: 2)
}
