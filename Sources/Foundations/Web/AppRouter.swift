import HTTPTypes
import Hummingbird
import Kernel

/// Where services register their routes. Each route is wrapped once in everything that all requests share (errors,
/// security
/// headers, metrics, log), and remembered, so that a wrong method is told from a wrong path.
public final class AppRouter: RouterMethods {
    public typealias Context = AppContext

    private let router: Router<AppContext>
    private let chain: MiddlewareGroup<AppContext>
    private let environment: WebEnvironment
    private var routes: [RouteTemplate] = []

    init(environment: WebEnvironment) {
        self.environment = environment
        router = Router(context: AppContext.self, options: .autoGenerateHeadEndpoints)
        // A router of its own, only for the group: middlewares added here lie inside the shared wrapping.
        chain = Router(context: AppContext.self).middlewares
    }

    @discardableResult
    public func on<Responder: HTTPResponder>(
        _ path: RouterPath, method: HTTPRequest.Method, responder: Responder
    ) -> Self where Responder.Context == AppContext {
        let template = "/" + path.description.drop { $0 == "/" }
        routes.append(RouteTemplate(template, method: method))
        let route = RouteRecord(
            template: template, method: method.rawValue, metrics: environment.metrics.route(template, method.rawValue))
        router.on(
            path, method: method,
            responder: SharedResponder(
                inner: chain.constructResponder(finalResponder: responder), route: route, environment: environment))
        return self
    }

    /// Adds a middleware for the routes registered after it; it runs inside the shared wrapping, so what it throws is
    /// answered.
    @discardableResult
    public func add(middleware: any MiddlewareProtocol<Request, Response, AppContext>) -> Self {
        chain.add(middleware)
        return self
    }

    /// The finished responder. Unknown paths are answered in the same way as errors of handlers.
    func responder() -> RouterResponder<AppContext> {
        router.middlewares.add(UnmatchedRequests(routes: routes, environment: environment))
        return router.buildResponder()
    }
}

/// One registered route, for telling 404 from 405.
struct RouteTemplate: Sendable {
    let method: HTTPRequest.Method
    private let elements: [Substring]

    init(_ template: String, method: HTTPRequest.Method) {
        self.method = method
        elements = Array(template.split(separator: "/")).map { Substring($0) }
    }

    func matches(_ path: [Substring]) -> Bool {
        var index = 0
        for element in elements {
            if element == "**" { return true }
            guard index < path.count, RouteTemplate.matches(element, path[index]) else { return false }
            index += 1
        }
        return index == path.count
    }

    private static func matches(_ element: Substring, _ part: Substring) -> Bool {
        if element == "*" { return true }
        if let open = element.firstIndex(of: "{"), let close = element.lastIndex(of: "}"), open < close {
            let prefix = element[..<open]
            let suffix = element[element.index(after: close)...]
            return part.utf8.count >= prefix.utf8.count + suffix.utf8.count && part.hasPrefix(prefix)
                && part.hasSuffix(suffix)
        }
        return element == part
    }
}

/// Answers requests that no route takes: 405 with `Allow` when the path is known, else 404.
struct UnmatchedRequests: RouterMiddleware {
    let routes: [RouteTemplate]
    let environment: WebEnvironment

    func handle(
        _ request: Request, context: AppContext, next: @concurrent (Request, AppContext) async throws -> Response
    ) async throws -> Response {
        let path = request.uri.path.split(separator: "/")
        var methods = Set(routes.filter { $0.matches(path) }.map(\.method))
        if methods.contains(.get) { methods.insert(.head) }
        let error: any Error =
            methods.isEmpty ? RumdulError.notFound : MethodNotAllowed(methods: methods.map(\.rawValue).sorted())
        return SharedResponder.answer(
            error, to: request, context: context, environment: environment, route: .unmatched(environment))
    }
}
