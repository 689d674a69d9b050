import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Kernel
import Testing

@testable import Web

@Suite struct SharedResponderTests {
    static func routes(_ router: AppRouter, _ environment: WebEnvironment) {
        router.get("/json") { _, _ in JSONResponse(["ok": true]) }
        router.get("/page") { _, _ in HTMLResponse("<p>x</p>") }
        let fixed = StaticAnswer(
            Array("{}".utf8), caching: .seconds(60), anyOrigin: true, settings: environment.settings)
        router.get("/fixed") { request, _ in fixed.response(to: request) }
        router.get("/people/:id") { _, _ -> Response in
            EmptyResponse.done.logged(outcome: "person.shown", errorCode: "x.y")
        }
        router.get("/context") { _, context in
            JSONResponse(["lang": .string(context.language.rawValue), "trace": .string(context.traceID)])
        }
    }

    @Test(arguments: ["http://localhost", "https://id.example"])
    func everyAnswerHasSecurityHeaders(_ base: String) async throws {
        let app = try program(baseURL: base, Self.routes)
        try await app.test(.router) { client in
            for path in ["/json", "/page", "/fixed", "/people/1", "/missing", "/healthz", "/metrics"] {
                let answer = try await client.execute(uri: path, method: .get)
                #expect(answer.headers[.xContentTypeOptions] == "nosniff", "\(path)")
                #expect(answer.headers[.contentSecurityPolicy]?.contains("frame-ancestors 'none'") == true, "\(path)")
                #expect(answer.headers[.contentSecurityPolicy]?.contains("default-src 'none'") == true, "\(path)")
                #expect(answer.headers[.referrerPolicy] == "no-referrer", "\(path)")
                #expect((answer.headers[.strictTransportSecurity] != nil) == base.hasPrefix("https"), "\(path)")
                #expect(answer.headers[values: .cacheControl].count == 1, "\(path)")
                #expect(answer.headers[values: .contentSecurityPolicy].count == 1, "\(path)")
                #expect(answer.headers[.noteOutcome] == nil && answer.headers[.noteError] == nil)
            }
            let page = try await client.execute(uri: "/page", method: .get)
            #expect(page.headers[.frameOptions] == "DENY")
            #expect(page.headers[.openerPolicy] == "same-origin")
            #expect(page.headers[.permissionsPolicy] != nil)
            #expect(page.headers[.cacheControl] == "no-store")
        }
    }

    @Test func staticAnswersRevalidate() async throws {
        let app = try program(Self.routes)
        try await app.test(.router) { client in
            let first = try await client.execute(uri: "/fixed", method: .get)
            let tag = try #require(first.headers[.eTag])
            #expect(first.status == .ok && text(first) == "{}")
            #expect(first.headers[.accessControlAllowOrigin] == "*")
            for known in [tag, "W/\(tag)", "\"a\", \(tag)", "*"] {
                let again = try await client.execute(uri: "/fixed", method: .get, headers: [.ifNoneMatch: known])
                #expect(again.status == .notModified && again.body.readableBytes == 0)
                #expect(again.headers[.eTag] == tag)
            }
            let other = try await client.execute(uri: "/fixed", method: .get, headers: [.ifNoneMatch: "\"no\""])
            #expect(other.status == .ok)
            let head = try await client.execute(uri: "/fixed", method: .head)
            #expect(head.headers[.contentLength] == "2" && head.body.readableBytes == 0)
        }
    }

    @Test func logLinesNameTheTemplateOnly() async throws {
        let log = LogLines()
        let app = try program(logger: log.logger, Self.routes)
        try await app.test(.router) { client in
            _ = try await client.execute(
                uri: "/people/220000123?token=geheim", method: .get,
                headers: [.traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"])
            _ = try await client.execute(uri: "/nowhere/220000123", method: .get)
            _ = try await client.execute(uri: "/fixed", method: .get)
        }
        #expect(log.all.count == 2)
        let line = try #require(log.all.first)
        #expect(line.hasPrefix("request method=GET route=/people/{id} status=204 us="))
        #expect(line.contains(" trace=4bf92f3577b34da6a3ce929d0e0e4736 "))
        #expect(line.hasSuffix(" code=x.y outcome=person.shown"))
        #expect(!log.all.contains { $0.contains("220000123") || $0.contains("geheim") || $0.contains("token") })
    }

    static let languages: [(String, HTTPFields, String)] = [
        ("/context", [:], "km"), ("/context?lang=en", [:], "en"), ("/context?a=1&lang=km-KH-u-nu-khmr", [:], "km"),
        ("/context?lang=fr", [.acceptLanguage: "en"], "en"), ("/context", [.cookie: "lang=en"], "en"),
        ("/context?lang=km", [.cookie: "lang=en"], "km"), ("/context", [.acceptLanguage: "de, en;q=0.5"], "en"),
        ("/context", [.cookie: "lang=km", .acceptLanguage: "en"], "km"),
        ("/context", [.cookie: "other=1; lang=en; x=y"], "en"), ("/context?language=en", [:], "km"),
    ]

    @Test(arguments: languages)
    func languageOrder(_ uri: String, _ headers: HTTPFields, _ expected: String) async throws {
        try await program(Self.routes).test(.router) { client in
            let answer = try await client.execute(uri: uri, method: .get, headers: headers)
            #expect(text(answer).contains("\"lang\":\"\(expected)\""))
        }
    }

    @Test(arguments: [
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", true),
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more", false),
        ("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more", true),
        ("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", false),
        ("00-00000000000000000000000000000000-00f067aa0ba902b7-01", false),
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", false),
        ("00-4BF92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", false), ("", false),
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0", false),
    ])
    func traceParent(_ header: String, _ isTaken: Bool) {
        let trace = TraceID(traceparent: header)
        #expect((trace?.description == "4bf92f3577b34da6a3ce929d0e0e4736") == isTaken)
    }

    @Test func newTracesDiffer() {
        let traces = Set((0..<10_000).map { _ in TraceID(sequence: TraceID.nextSequence()) })
        #expect(traces.count == 10_000)
        #expect(traces.allSatisfy { $0.description.utf8.count == 32 })
    }

    @Test func servesOnAPortOfItsOwn() async throws {
        try await program(Self.routes).test(.live) { client in
            let answer = try await client.execute(uri: "/json", method: .get)
            #expect(answer.status == .ok && text(answer) == #"{"ok":true}"#)
            #expect(answer.headers[.contentType] == "application/json")
            #expect(answer.headers[.date] != nil)
            let missing = try await client.execute(uri: "/nope", method: .get)
            #expect(missing.status == .notFound)
        }
    }
}

extension EmptyResponse {
    static let done = Response(status: .noContent)
}
