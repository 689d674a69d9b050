import Codecs
import HTTPTypes
import Hummingbird
import Kernel
import Logging
import NIOCore

/// Turns whatever a handler throws into an answer: a page for a browser, a problem document for everyone else.
enum ErrorAnswer {
    static func make(_ error: any Error, request: Request, context: AppContext) -> Response {
        let (known, status, extra) = describe(error, context: context)
        if known.kind == .internal || known.kind == .unavailable {
            context.environment.logger.error(
                "failure code=\(known.code) trace=\(context.traceID) cause=\(known.cause ?? "-")")
        } else if let cause = known.cause {
            context.environment.logger.debug("refused code=\(known.code) trace=\(context.traceID) cause=\(cause)")
        }
        var response: Response
        if context.prefersHTML, request.method == .get || request.method == .post || request.method == .head {
            response = page(known, status: status, request: request, context: context)
        } else {
            response = Problem(known, status: status, type: context.environment.pageAddress(of: known.code))
                .response(language: context.language, traceID: context.traceID)
        }
        for field in extra { response.headers[field.name] = field.value }
        return response
    }

    /// The problem document of an error, whatever the sender would rather read.
    static func problem(_ error: any Error, context: AppContext) -> Response {
        let (known, status, extra) = describe(error, context: context)
        if known.kind == .internal || known.kind == .unavailable {
            context.environment.logger.error(
                "failure code=\(known.code) trace=\(context.traceID) cause=\(known.cause ?? "-")")
        }
        var response = Problem(known, status: status, type: context.environment.pageAddress(of: known.code))
            .response(language: context.language, traceID: context.traceID)
        for field in extra { response.headers[field.name] = field.value }
        return response
    }

    /// The error as one of ours, with its status and further header fields.
    fileprivate static func describe(
        _ error: any Error, context: AppContext
    ) -> (RumdulError, HTTPResponse.Status, HTTPFields) {
        switch error {
        case let error as RumdulError:
            return (error, Problem.status(of: error.kind), [:])
        case let error as MethodNotAllowed:
            return (MethodNotAllowed.error, .methodNotAllowed, [.allow: error.methods.joined(separator: ", ")])
        case is NIOTooManyBytesError:
            return (.tooLarge, .contentTooLarge, [:])
        case let error as HTTPError:
            return (known(error.status), error.status, error.headers)
        case let error as any HTTPResponseError:
            return (known(error.status), error.status, [:])
        default:
            // Only the type: the description of a foreign error may quote the data that caused it.
            return (.internal("unexpected \(String(reflecting: type(of: error)))"), .internalServerError, [:])
        }
    }

    /// The error of ours that says the same as a status of the framework.
    private static func known(_ status: HTTPResponse.Status) -> RumdulError {
        switch status.code {
        case 404: .notFound
        case 405: MethodNotAllowed.error
        case 413: .tooLarge
        case 415: .unsupportedMedia(expected: "-")
        case 401: .sessionRequired
        case 429: .rateLimited(retryAfter: 1)
        case 400..<500: .badRequest(status: status.code)
        default: .internal("framework status \(status.code)")
        }
    }

    /// The first page of the part of the service that a path belongs to.
    private static func home(of path: String) -> String {
        let part = path.split(separator: "/").first.map(String.init) ?? ""
        return ["app", "developers", "enrol", "operator", "register", "statistics"].contains(part) ? "/" + part : "/"
    }

    private static func page(
        _ error: RumdulError, status: HTTPResponse.Status, request: Request, context: AppContext
    ) -> Response {
        let language = context.language
        var data: [String: Any] = [
            "heading": (error.title ?? Problem.title(status))[language], "detail": error.message[language],
            "code": error.code, "trace": context.traceID, "home": home(of: request.uri.path),
        ]
        if !error.fields.isEmpty {
            data["errors"] = error.fields.map { ["field": $0.field, "message": $0.message[language]] }
        }
        if let about = context.environment.pagePath(of: error.code) { data["about"] = about }
        var page = Page("web/error", title: error.title ?? Problem.title(status), data: data)
        page.status = status
        page.mainErrorCode = error.code
        page.languageSwitch = request.method == .get ? .sameAddress : .hidden
        var response = context.environment.pages.response(page, context: context)
        Problem.addRetry(error, to: &response)
        return response.logged(errorCode: error.code)
    }
}

extension AppContext {
    /// The problem document (RFC 9457) of an error that a handler answers itself, for interfaces that never show pages.
    public func problem(_ error: any Error) -> Response { ErrorAnswer.problem(error, context: self) }

    /// An error as one of ours: its status, and its text for a compatible interface with error documents of its own.
    public func known(_ error: any Error) -> (error: RumdulError, status: HTTPResponse.Status) {
        let (known, status, _) = ErrorAnswer.describe(error, context: self)
        if known.kind == .internal || known.kind == .unavailable {
            environment.logger.error("failure code=\(known.code) trace=\(traceID) cause=\(known.cause ?? "-")")
        }
        return (known, status)
    }
}
