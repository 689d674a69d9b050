import Codecs
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Kernel
import Testing

@testable import Web

@Suite struct ErrorAnswerTests {
    struct Secret: Error { let password = "hunter2" }

    static let kinds: [(ErrorKind, Int)] = [
        (.invalid, 400), (.unauthenticated, 401), (.forbidden, 403), (.notFound, 404), (.conflict, 409), (.gone, 410),
        (.precondition, 412), (.tooLarge, 413), (.unsupportedMedia, 415), (.rateLimited, 429), (.unavailable, 503),
        (.internal, 500),
    ]

    @Test(arguments: kinds)
    func everyKindHasItsStatus(_ kind: ErrorKind, _ status: Int) async throws {
        let app = try program { router, _ in
            router.get("/fail") { _, _ -> Response in
                throw RumdulError("test.fail", kind, km: "ខុស", en: "Wrong", cause: "cause-that-stays")
            }
        }
        try await app.test(.router) { client in
            let answer = try await client.execute(uri: "/fail", method: .get)
            #expect(answer.status.code == status)
            #expect(answer.headers[.contentType] == "application/problem+json")
            #expect(answer.headers[.cacheControl] == "no-store")
            let problem = try JSON.parse(text(answer))
            #expect(problem["type"]?.stringValue == "urn:rumdul:error:test.fail")
            #expect(problem["status"]?.integerValue == Int64(status))
            #expect(problem["detail"]?.stringValue == "ខុស")
            #expect(problem["message"]?["en"]?.stringValue == "Wrong")
            #expect(problem["traceId"]?.stringValue?.utf8.count == 32)
            #expect(!text(answer).contains("cause-that-stays"))
        }
    }

    @Test func fieldErrorsAndRetryAfter() async throws {
        let app = try program { router, _ in
            router.get("/fields") { _, _ -> Response in
                throw RumdulError.invalidFields([FieldError("name", FieldTexts.required)])
            }
            router.get("/busy") { _, _ -> Response in throw RumdulError.rateLimited(retryAfter: 7) }
        }
        try await app.test(.router) { client in
            let fields = try await client.execute(
                uri: "/fields", method: .get, headers: [.acceptLanguage: "en-GB, km;q=0.5"])
            let problem = try JSON.parse(text(fields))
            #expect(problem["errors"]?[0]?["field"]?.stringValue == "name")
            #expect(problem["errors"]?[0]?["detail"]?.stringValue == FieldTexts.required.en)
            let busy = try await client.execute(uri: "/busy", method: .get)
            #expect(busy.headers[.retryAfter] == "7")
        }
    }

    @Test func unknownErrorsTellNothing() async throws {
        let log = LogLines()
        let app = try program(logger: log.logger) { router, _ in
            router.get("/boom") { _, _ -> Response in throw Secret() }
            router.get("/framework") { _, _ -> Response in throw HTTPError(.badRequest, message: "hunter2") }
        }
        try await app.test(.router) { client in
            let boom = try await client.execute(uri: "/boom", method: .get)
            #expect(boom.status == .internalServerError)
            #expect(try JSON.parse(text(boom))["code"]?.stringValue == "internal")
            let framework = try await client.execute(uri: "/framework", method: .get)
            #expect(framework.status == .badRequest)
            #expect(try JSON.parse(text(framework))["code"]?.stringValue == "web.bad_request")
            #expect(!text(boom).contains("hunter2") && !text(framework).contains("hunter2"))
        }
        #expect(log.all.contains { $0.contains("code=internal") && $0.contains("Secret") })
        #expect(!log.all.contains { $0.contains("hunter2") })
    }

    @Test func browsersGetAPage() async throws {
        let app = try program { router, _ in router.post("/only-post") { _, _ in EmptyResponse() } }
        try await app.test(.router) { client in
            let page = try await client.execute(uri: "/missing?lang=en&x=%3Cscript%3E", method: .get, headers: html)
            #expect(page.status == .notFound)
            #expect(page.headers[.contentType] == "text/html; charset=utf-8")
            #expect(text(page).contains("data-error=\"web.not_found\""))
            #expect(text(page).contains("<html lang=\"en\">"))
            #expect(!text(page).contains("<script>"))
            let method = try await client.execute(uri: "/only-post", method: .get, headers: html)
            #expect(method.status == .methodNotAllowed)
            #expect(method.headers[.allow] == "POST")
            #expect(text(method).contains("data-error=\"web.method_not_allowed\""))
        }
    }

    @Test func unknownPathsAndMethods() async throws {
        let app = try program { router, _ in
            router.get("/people/:id") { _, _ in EmptyResponse() }
            router.group("/group").put("/deep/{name}.json") { _, _ in EmptyResponse() }
        }
        try await app.test(.router) { client in
            #expect(try await client.execute(uri: "/people", method: .get).status == .notFound)
            #expect(try await client.execute(uri: "/people/1/2", method: .get).status == .notFound)
            #expect(try await client.execute(uri: "/people/1", method: .head).status == .noContent)
            let wrong = try await client.execute(uri: "/people/1", method: .delete)
            #expect(wrong.status == .methodNotAllowed)
            #expect(wrong.headers[.allow] == "GET, HEAD")
            let group = try await client.execute(uri: "/group/deep/a.json", method: .get)
            #expect(group.status == .methodNotAllowed)
            #expect(group.headers[.allow] == "PUT")
            let odd = try #require(HTTPRequest.Method(rawValue: "FROB"))
            #expect(try await client.execute(uri: "/people/1", method: odd).status == .methodNotAllowed)
        }
    }

    @Test func groupMiddlewareErrorsAreAnsweredToo() async throws {
        struct Refuse: RouterMiddleware {
            func handle(
                _ request: Request, context: AppContext,
                next: @concurrent (Request, AppContext) async throws -> Response
            ) async throws -> Response { throw RumdulError.sessionRequired }
        }
        let app = try program { router, _ in
            router.group("/staff").add(middleware: Refuse()).get("/x") { _, _ in EmptyResponse() }
        }
        try await app.test(.router) { client in
            let answer = try await client.execute(uri: "/staff/x", method: .get)
            #expect(answer.status == .unauthorized)
            #expect(answer.headers[.wwwAuthenticate] == nil, "sessions have no scheme")
            #expect(answer.headers[.contentType] == "application/problem+json")
        }
    }
}
