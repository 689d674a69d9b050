import Accountability
import Authenticators
import Codecs
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Kernel
import Logging
import NIOCore
import Outbound
import RelyingParties
import Synchronization
import Testing
import Web

@testable import IdentityProvider

@Suite("Logos of clients")
struct LogoRouteTests {
    private static let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 1, 2, 3]
    private static let webP = Array("RIFF".utf8) + [4, 0, 0, 0] + Array("WEBP".utf8)

    /// A host that shows pictures, good and bad.
    private final class Host: Sendable {
        let asked = Mutex<[String]>([])
        let fails = Mutex(false)

        func count(_ path: String) -> Int { asked.withLock { $0.filter { $0 == path }.count } }

        static let pictures: [String: (type: String, bytes: [UInt8])] = [
            "/a.png": ("image/png", png), "/a.jpg": ("image/jpeg", [0xFF, 0xD8, 0xFF, 0xE0]),
            "/a.webp": ("image/webp", webP), "/wrong-name.png": ("image/jpeg", png),
            "/a.svg": ("image/svg+xml", Array("<svg xmlns='http://www.w3.org/2000/svg'/>".utf8)),
            "/svg.png": ("image/png", Array("<svg onload='alert(1)'/>".utf8)),
            "/a.gif": ("image/gif", Array("GIF89a".utf8)), "/page.png": ("text/html", png),
            "/empty.png": ("image/png", []),
            "/edge.png": ("image/png", png + [UInt8](repeating: 0, count: LogoCache.largest - png.count)),
            "/large.png": ("image/png", png + [UInt8](repeating: 0, count: LogoCache.largest - png.count + 1)),
        ]

        func run(_ test: @escaping @Sendable (String) async throws -> Void) async throws {
            let router = Router()
            router.get("/moved.png") { request, _ in
                self.asked.withLock { $0.append(request.uri.path) }
                return Response(status: .found, headers: [.location: "/a.png"])
            }
            router.get("/{name}") { request, _ in
                self.asked.withLock { $0.append(request.uri.path) }
                guard !self.fails.withLock({ $0 }), let picture = Self.pictures[request.uri.path] else {
                    return Response(status: .notFound)
                }
                return Response(
                    status: .ok, headers: [.contentType: picture.type],
                    body: .init(byteBuffer: ByteBuffer(bytes: picture.bytes)))
            }
            var logger = Logger(label: "host")
            logger.logLevel = .critical
            let application = Application(
                router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)), logger: logger)
            try await application.test(.live) { client in
                try await test("http://127.0.0.1:\(client.port ?? 0)")
            }
        }
    }

    /// One of its own for each test, so that they do not share the limits of a host.
    private static var client: OutboundClient {
        OutboundClient(
            policy: OutboundPolicy(rules: OutboundPolicy.loopbackEntries.compactMap(OutboundRule.init)),
            limits: OutboundLimits(timeout: 600_000))
    }

    @Test(arguments: [
        ("/a.png", "image/png"), ("/a.jpg", "image/jpeg"), ("/a.webp", "image/webp"), ("/wrong-name.png", "image/png"),
        ("/edge.png", "image/png"),
    ])
    func pictures(path: String, type: String) async throws {
        let host = Host()
        try await host.run { base in
            let cache = LogoCache(client: Self.client, ambient: .system)
            #expect(await cache.logo(at: base + path)?.type == type)
            #expect(await cache.logo(at: base + path)?.bytes == Host.pictures[path]?.bytes)
            #expect(host.count(path) == 1)
        }
    }

    @Test(arguments: [
        "/a.svg", "/svg.png", "/a.gif", "/page.png", "/empty.png", "/large.png", "/none.png", "/moved.png",
    ])
    func notPictures(path: String) async throws {
        let host = Host()
        try await host.run { base in
            let cache = LogoCache(client: Self.client, ambient: .system)
            #expect(await cache.logo(at: base + path) == nil)
            #expect(host.asked.withLock { $0 } == [path], "no redirect is followed")
        }
    }

    @Test func addressesOfOurOwnNetworkAreNotAsked() async throws {
        let host = Host()
        try await host.run { base in
            let cache = LogoCache(client: OutboundClient(), ambient: .system)
            #expect(await cache.logo(at: base + "/a.png") == nil)
            #expect(host.asked.withLock { $0.isEmpty })
            #expect(await LogoCache(client: nil, ambient: .system).logo(at: base + "/a.png") == nil)
        }
    }

    @Test func keptForAnHourAFailureForAMinute() async throws {
        let host = Host()
        try await host.run { base in
            let clock = TestClock()
            let cache = LogoCache(client: Self.client, ambient: clock.ambient)
            host.fails.withLock { $0 = true }
            #expect(await cache.logo(at: base + "/a.png") == nil)
            host.fails.withLock { $0 = false }
            clock.advance(59)
            #expect(await cache.logo(at: base + "/a.png") == nil)
            clock.advance(1)
            #expect(await cache.logo(at: base + "/a.png") != nil)
            host.fails.withLock { $0 = true }
            clock.advance(3599)
            #expect(await cache.logo(at: base + "/a.png") != nil)
            #expect(host.count("/a.png") == 2)
            clock.advance(1)
            #expect(await cache.logo(at: base + "/a.png") == nil)
        }
    }

    @Test func manyAskOneFetchAndMemoryIsBounded() async throws {
        let host = Host()
        try await host.run { base in
            let cache = LogoCache(client: Self.client, ambient: .system)
            await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<20 { group.addTask { await cache.logo(at: base + "/a.png") != nil } }
                for await found in group { #expect(found) }
            }
            #expect(host.count("/a.png") == 1)
        }
        let cache = LogoCache(client: OutboundClient(), ambient: .system)
        for number in 0..<(LogoCache.capacity + 20) { _ = await cache.logo(at: "http://nowhere/\(number)") }
        #expect(await cache.count == LogoCache.capacity)
    }

    @Test func fuzz() {
        var generator = SeededGenerator(7)
        for _ in 0..<2000 {
            let bytes = (0..<Int.random(in: 0...16, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            if let logo = Logo(bytes) { #expect(Logo.types.contains(logo.type)) }
            if let logo = Logo(Array(Self.webP.prefix(bytes.count))) { #expect(logo.type == "image/webp") }
        }
    }

    @Test func theRouteAndThePage() async throws {
        let host = Host()
        try await host.run { base in
            try await World.run(.sqlite) { world in
                for (id, logo) in [("shown", "/a.png"), ("broken", "/a.svg")] {
                    _ = try await world.provider.register(World.document(id) { $0["logo_uri"] = .string(base + logo) })
                }
                let provider = IdentityProvider(
                    database: world.database, vault: world.vault, people: TestPeople(), attributes: TestPeople(),
                    gate: DisclosureGate(ledger: world.ledger, ambient: world.clock.ambient),
                    authenticators: world.provider.authenticators, consents: world.consents,
                    settings: ProviderSettings(issuer: World.issuer), ambient: world.clock.ambient,
                    logger: world.provider.logger, surroundings: ProviderSurroundings(client: Self.client))
                let settings = WebSettings(baseURL: World.issuer, accessLog: false)
                let web = try WebApplication(settings: settings, templates: [IdentityProvider.templates])
                provider.addRoutes(to: web.router, settings: settings)
                try await web.application().test(.router) { client in
                    let browser = Browser(client)
                    let page = try await browser.get(Browser.authorize("shown"))
                    #expect(page.text.contains("<img src=\"/clients/shown/logo\"") && !page.text.contains(base))
                    #expect(try await !browser.get(Browser.authorize("bank")).text.contains("<img"))
                    let logo = try await browser.get("/clients/shown/logo")
                    #expect(logo.status == 200 && logo.headers[.contentType] == "image/png")
                    #expect(logo.headers[.contentSecurityPolicy] == "default-src 'none'; sandbox")
                    #expect(logo.headers[values: .xContentTypeOptions] == ["nosniff"])
                    #expect(logo.headers[.cacheControl] == "public, max-age=3600")
                    for id in ["broken", "bank", "nobody", "..%2F", "%00"] {
                        #expect(try await browser.get("/clients/\(id)/logo").status == 404, "\(id)")
                    }
                }
            }
        }
    }
}
