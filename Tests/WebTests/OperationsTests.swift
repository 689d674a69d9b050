import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Kernel
import Metrics
import Testing

@testable import Web

@Suite struct OperationsTests {
    @Test func requestsAreCountedByTemplate() async throws {
        let app = try program { router, _ in router.get("/people/:id") { _, _ in EmptyResponse() } }
        try await app.test(.router) { client in
            for id in 0..<3 { _ = try await client.execute(uri: "/people/\(id)", method: .get) }
            _ = try await client.execute(uri: "/missing", method: .get)
            let answer = try await client.execute(uri: "/metrics", method: .get)
            #expect(answer.headers[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
            let lines = text(answer).split(separator: "\n")
            #expect(lines.contains(#"http_requests_total{route="/people/{id}",method="GET",status="2xx"} 3"#))
            #expect(lines.contains(#"http_requests_total{route="-",method="-",status="4xx"} 1"#))
            #expect(
                lines.contains(#"http_request_duration_seconds_bucket{route="/people/{id}",method="GET",le="+Inf"} 3"#))
            #expect(lines.contains(#"http_request_duration_seconds_count{route="/people/{id}",method="GET"} 3"#))
            #expect(!text(answer).contains("missing"))
        }
    }

    @Test func expositionFormat() throws {
        let metrics = PrometheusMetrics()
        let counter = Counter(label: "login.approved", dimensions: [("client", "a\"b\\c\nd")], factory: metrics)
        counter.increment(by: 2)
        counter.increment()
        Gauge(label: "queue-depth", factory: metrics).record(4.5)
        Timer(label: "db_time", factory: metrics).recordMilliseconds(3)
        let lines = metrics.exposition().split(separator: "\n").map(String.init)
        #expect(lines.contains("# TYPE login_approved counter"))
        #expect(lines.contains(#"login_approved{client="a\"b\\c\nd"} 3"#))
        #expect(lines.contains("queue_depth 4.5"))
        #expect(lines.contains("# TYPE db_time histogram"))
        #expect(lines.contains(#"db_time_bucket{le="0.0025"} 0"#))
        #expect(lines.contains(#"db_time_bucket{le="0.005"} 1"#))
        #expect(lines.contains("db_time_count 1"))
        // Each line is a comment or a sample with one value.
        for line in lines where !line.hasPrefix("#") {
            #expect(Double(line.split(separator: " ").last ?? "x") != nil, "\(line)")
        }
    }

    @Test func healthAndReadiness() async throws {
        struct Down: Error {}
        let web = try WebApplication(
            settings: WebSettings(baseURL: "http://localhost"), logger: LogLines().logger, ready: { throw Down() })
        try await web.application().test(.router) { client in
            #expect(try await client.execute(uri: "/healthz", method: .get).status == .ok)
            let ready = try await client.execute(uri: "/readyz", method: .get)
            #expect(ready.status == .serviceUnavailable && ready.headers[.retryAfter] == "2")
        }
    }

    @Test func metricsAreForTheirReaders() async throws {
        func statuses(_ readers: [String]) async throws -> [Int] {
            let web = try WebApplication(
                settings: WebSettings(
                    baseURL: "http://localhost", metricsReaders: readers.compactMap(AddressRange.init)),
                logger: LogLines().logger)
            return try await web.application().test(.live) { client in
                var found: [Int] = []
                for headers in [[:], [HTTPField.Name("X-Forwarded-For") ?? .age: "127.0.0.1"]] as [HTTPFields] {
                    found.append(
                        try await client.execute(uri: "/metrics", method: .get, headers: headers) { $0.status.code })
                }
                return found
            }
        }
        #expect(try await statuses(["127.0.0.0/8", "::1"]) == [200, 404], "an address that nobody vouches for")
        #expect(try await statuses(["10.0.0.0/8"]) == [404, 404])
        #expect(try await statuses([]) == [404, 404])
    }

    @Test func metricsCanBeClosed() async throws {
        let web = try WebApplication(
            settings: WebSettings(baseURL: "http://localhost", metrics: false), logger: LogLines().logger)
        try await web.application().test(.router) { client in
            let answer = try await client.execute(uri: "/metrics", method: .get)
            #expect(answer.status == .notFound)
        }
    }
}

@Suite struct QRCodeTests {
    @Test func findersStandInThreeCorners() throws {
        let rows = try QRCode.modules("https://id.example/q/abc")
        #expect(rows.count == 25 || rows.count == 29)
        let last = rows.count - 7
        for (top, left) in [(0, 0), (0, last), (last, 0)] {
            for y in 0..<7 {
                for x in 0..<7 {
                    let ring = y == 0 || y == 6 || x == 0 || x == 6
                    let heart = (2...4).contains(y) && (2...4).contains(x)
                    #expect(rows[top + y][left + x] == (ring || heart))
                }
            }
        }
    }

    @Test func drawsEveryDarkModule() throws {
        let rows = try QRCode.modules("សួស្តី")
        let svg = try QRCode.svg("សួស្តី", label: "<QR>")
        #expect(svg.contains("viewBox=\"0 0 \(rows.count + 8) \(rows.count + 8)\""))
        #expect(svg.contains("shape-rendering=\"crispEdges\"") && svg.contains("aria-label=\"&lt;QR&gt;\""))
        let path = try #require(svg.components(after: "fill=\"#000\" d=\""))
        let drawn = path.split(separator: "M").reduce(0) { sum, run in
            sum + (Int(run.drop { $0 != "h" }.dropFirst().prefix { $0.isNumber }) ?? 0)
        }
        #expect(drawn == rows.joined().filter { $0 }.count)
    }

    @Test func refusesWhatDoesNotFit() throws {
        #expect(throws: RumdulError.qrText) { try QRCode.svg("") }
        #expect(throws: RumdulError.qrText) { try QRCode.svg("a\0b") }
        #expect(throws: RumdulError.qrText) { try QRCode.svg(String(repeating: "x", count: 2400)) }
        #expect(try QRCode.modules(String(repeating: "x", count: 2331)).count == 177)
    }
}

extension String {
    fileprivate func components(after marker: String) -> Substring? {
        guard let range = firstRange(of: marker) else { return nil }
        return self[range.upperBound...].prefix { $0 != "\"" }
    }
}
