import HTTPTypes
import Hummingbird
import Kernel
import Logging

/// What is known of a route before any request comes.
struct RouteRecord: Sendable {
    let template: String
    let method: String
    let metrics: RouteMetrics

    static func unmatched(_ environment: WebEnvironment) -> RouteRecord {
        RouteRecord(template: "-", method: "-", metrics: environment.metrics.route("-", "-"))
    }
}

/// Everything that all requests share, in one place for speed: the context is prepared, errors become answers, security
/// headers are added, the request is counted and logged.
struct SharedResponder: HTTPResponder {
    let inner: any HTTPResponder<AppContext>
    let route: RouteRecord
    let environment: WebEnvironment

    func respond(to request: Request, context: AppContext) async throws -> Response {
        let start = ContinuousClock.now
        var context = context
        context.attach(environment, request.head)
        let response: Response
        do {
            response = try await inner.respond(to: request, context: context)
        } catch {
            let answer = ErrorAnswer.make(error, request: request, context: context)
            return SharedResponder.finish(answer, context: context, route: route, since: start)
        }
        return SharedResponder.finish(response, context: context, route: route, since: start)
    }

    /// Answers an error outside of a route.
    static func answer(
        _ error: any Error, to request: Request, context: AppContext, environment: WebEnvironment, route: RouteRecord
    ) -> Response {
        let start = ContinuousClock.now
        var context = context
        context.attach(environment, request.head)
        let answer = ErrorAnswer.make(error, request: request, context: context)
        return finish(answer, context: context, route: route, since: start)
    }

    private static func finish(
        _ response: Response, context: AppContext, route: RouteRecord, since start: ContinuousClock.Instant
    ) -> Response {
        var response = response
        let environment = context.environment
        let note = environment.headers.complete(&response, context: context)
        let elapsed = start.duration(to: .now).components
        let microseconds = elapsed.seconds * 1_000_000 + elapsed.attoseconds / 1_000_000_000_000
        let status = response.status.code
        route.metrics.record(status: status, microseconds: microseconds)
        if environment.settings.accessLog, !(note.quiet && status < 400) {
            environment.logger.info(
                AccessLine.message(
                    route: route, status: status, microseconds: microseconds, trace: context.trace, note: note))
        }
        return response
    }
}

/// The one line that a request leaves in the log. It names the route's template, never the path, the query, the
/// address or
/// anything else that could point to a person.
enum AccessLine {
    static func message(
        route: RouteRecord, status: Int, microseconds: Int64, trace: TraceID, note: ResponseNote
    ) -> Logger.Message {
        var line = "request method="
        line += route.method
        line += " route="
        line += route.template
        line += " status="
        line += String(status)
        line += " us="
        line += String(microseconds)
        line += " trace="
        line += trace.description
        if let code = note.errorCode {
            line += " code="
            line += code
        }
        if let outcome = note.outcome {
            line += " outcome="
            line += outcome
        }
        return Logger.Message(stringLiteral: line)
    }
}
