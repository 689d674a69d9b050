import Codecs
import Database
import DatabaseTesting
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Kernel
import Synchronization
import Testing

@testable import Web

func request(_ method: HTTPRequest.Method = .get, _ path: String = "/", _ headers: HTTPFields = [:]) -> Request {
    Request(
        head: HTTPRequest(method: method, scheme: "http", authority: "localhost", path: path, headerFields: headers),
        body: RequestBody(buffer: ByteBuffer()))
}

/// The request that a browser with this cookie sends.
func request(with cookie: HTTPField) -> Request {
    request(.get, "/", [.cookie: String(cookie.value.prefix { $0 != ";" })])
}

@Suite struct SessionTests {
    static let policy = SessionPolicy(kind: "citizen", idleSeconds: 600, absoluteSeconds: 3600)

    static func with(
        _ kind: DatabaseKind, _ test: @Sendable (SessionStore, any Database, TestWorld) async throws -> Void
    ) async throws {
        let world = TestWorld()
        try await TestDatabases.with(kind, migrations: [WebStorage.migrations]) { database in
            let store = SessionStore(
                database: database, settings: WebSettings(baseURL: "https://id.example"), ambient: world.ambient,
                policy: Self.policy)
            try await test(store, database, world)
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func startsLoadsAndEnds(_ kind: DatabaseKind) async throws {
        try await Self.with(kind) { store, database, _ in
            let started = try await store.start(subject: "p1", data: ["level": 3])
            #expect(started.cookie.value.hasPrefix("__Host-rumdul-citizen="))
            for attribute in ["Path=/", "HttpOnly", "SameSite=Lax", "Secure"] {
                #expect(started.cookie.value.contains("; \(attribute)"))
            }
            let visit = request(with: started.cookie)
            let session = try await store.require(visit)
            #expect(session.subject == "p1" && session.data.integer("level") == 3)
            let rows = try await database.read { try await $0.query("SELECT token_hash FROM web_sessions") }
            #expect(try rows.first?.blob(0) == Session.hash(session.token))
            let cleared = try await store.end(session)
            #expect(cleared.value.contains("Max-Age=0"))
            #expect(try await store.load(visit) == nil)
            await #expect(throws: RumdulError.sessionRequired) { try await store.require(visit) }
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func idleAndAbsoluteEnds(_ kind: DatabaseKind) async throws {
        try await Self.with(kind) { store, database, world in
            let visit = request(with: try await store.start(subject: "p1").cookie)
            for _ in 0..<6 {
                world.advance(seconds: 590)
                #expect(try await store.load(visit) != nil)
            }
            world.advance(seconds: 60)
            #expect(try await store.load(visit) == nil, "an hour has passed")
            let second = request(with: try await store.start(subject: "p1").cookie)
            world.advance(seconds: 600)
            #expect(try await store.load(second) == nil, "ten minutes idle")
            world.advance(seconds: 4000)
            let now = world.ambient.now()
            let purged = try await database.transaction { try await WebStorage.purge(now: now, in: $0) }
            #expect(purged == 2)
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func renewalVoidsTheOldSecret(_ kind: DatabaseKind) async throws {
        try await Self.with(kind) { store, database, _ in
            let before = try await store.start(subject: nil)
            let after = try await database.transaction { connection in
                try await store.renew(before.session, subject: "p1", in: connection)
            }
            #expect(try await store.load(request(with: before.cookie)) == nil)
            #expect(try await store.load(request(with: after.cookie))?.subject == "p1")
            #expect(before.session.csrfToken != after.session.csrfToken)
            let changed = try await database.transaction { connection in
                try await store.update(after.session, data: ["step": "pin"], in: connection)
            }
            #expect(changed.data.string("step") == "pin")
            #expect(try await store.load(request(with: after.cookie))?.data.string("step") == "pin")
            let ended = try await database.transaction { try await store.endAll(subject: "p1", in: $0) }
            #expect(ended == 1)
            #expect(try await store.load(request(with: after.cookie)) == nil)
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func kindsAndForgeriesAreKeptApart(_ kind: DatabaseKind) async throws {
        try await Self.with(kind) { store, database, world in
            let started = try await store.start(subject: "p1")
            let officers = SessionStore(
                database: database, settings: WebSettings(baseURL: "https://id.example"), ambient: world.ambient,
                policy: SessionPolicy(kind: "officer", idleSeconds: 600, absoluteSeconds: 3600, sameSite: .strict))
            let value = started.session.token
            let wrong = request(.get, "/", [.cookie: "__Host-rumdul-officer=\(value)"])
            #expect(try await officers.load(wrong) == nil)
            #expect(try await officers.start(subject: "o").cookie.value.contains("SameSite=Strict"))
            for forged in ["", "x", value + "x", String(value.reversed()), "\"\(value)\""] {
                let visit = request(.get, "/", [.cookie: "__Host-rumdul-citizen=\(forged)"])
                #expect(try await store.load(visit) == nil)
            }
            // Without the prefix another host of the domain could have set it.
            #expect(try await store.load(request(.get, "/", [.cookie: "rumdul-citizen=\(value)"])) == nil)
        }
    }
}

@Suite struct CSRFTests {
    let csrf = CSRF(settings: WebSettings(baseURL: "https://id.example"), ambient: TestWorld().ambient)

    func post(_ headers: HTTPFields = [:], cookie: HTTPField?) -> Request {
        var headers = headers
        if let cookie { headers[.cookie] = String(cookie.value.prefix { $0 != ";" }) }
        return request(.post, "/", headers)
    }

    @Test func tokenMustFitTheCookie() throws {
        let token = csrf.formToken(request())
        let form = FormFields([("csrf", token.value)])
        try csrf.verify(form, post(cookie: token.cookie))
        let other = csrf.formToken(request())
        #expect(other.value != token.value)
        for (fields, cookie) in [
            (form, nil), (form, other.cookie), (FormFields(), token.cookie), (FormFields([("csrf", "")]), token.cookie),
            (FormFields([("csrf", token.value + "A")]), token.cookie),
        ] {
            #expect(throws: RumdulError.csrf) { try csrf.verify(fields, post(cookie: cookie)) }
        }
        // A browser that has the cookie keeps it: two open pages both work.
        let again = csrf.formToken(post(cookie: token.cookie))
        #expect(again.value == token.value && again.cookie == nil)
    }

    static let sources: [(HTTPFields, Bool)] = [
        ([.fetchSite: "same-origin"], true), ([.fetchSite: "none"], true), ([.fetchSite: "cross-site"], false),
        ([.fetchSite: "same-site"], false), ([.origin: "https://id.example"], true), ([.origin: "null"], true),
        ([.origin: "https://evil.example"], false), ([.origin: "https://id.example.evil.example"], false),
        ([.origin: "null", .fetchSite: "cross-site"], false), ([.origin: "null", .fetchSite: "same-origin"], true),
    ]

    @Test(arguments: sources)
    func theBrowserMayNotSpeakAgainstIt(_ headers: HTTPFields, _ isFine: Bool) throws {
        let token = csrf.formToken(request())
        let form = FormFields([("csrf", token.value)])
        if isFine {
            try csrf.verify(form, post(headers, cookie: token.cookie))
        } else {
            #expect(throws: RumdulError.csrf) { try csrf.verify(form, post(headers, cookie: token.cookie)) }
        }
    }
}

@Suite struct RateLimitTests {
    @Test func burstThenSteady() {
        let world = TestWorld()
        let limiter = RateLimiter(RateLimit(3, per: 30), ambient: world.ambient)
        for _ in 0..<3 { #expect(limiter.take("a").isAllowed) }
        #expect(limiter.take("a") == RateDecision(isAllowed: false, retryAfter: 10))
        #expect(limiter.take("b").isAllowed, "keys do not share")
        world.advance(seconds: 9)
        #expect(limiter.take("a").retryAfter == 1)
        world.advance(seconds: 1)
        #expect(limiter.take("a").isAllowed)
        #expect(!limiter.take("a").isAllowed)
        #expect(throws: RumdulError.rateLimited(retryAfter: 1)) { try limiter.require("a") }
    }

    @Test func memoryIsBounded() {
        let limiter = RateLimiter(RateLimit(1, per: 60), capacity: 100, ambient: TestWorld().ambient)
        for index in 0..<10_000 { _ = limiter.take("key \(index)") }
        #expect(limiter.remembered <= 101)
        #expect(!limiter.take("key 9999").isAllowed, "the latest keys are remembered")
    }

    /// The limit in the database decides as the one in memory does, event for event.
    @Test(arguments: TestDatabases.kinds)
    func sharedLimiterAgrees(_ kind: DatabaseKind) async throws {
        let world = TestWorld()
        let limit = RateLimit(4, per: 20)
        let local = RateLimiter(limit, ambient: world.ambient)
        let shared = SharedRateLimiter(name: "t", limit: limit, secret: [1, 2, 3], ambient: world.ambient)
        try await TestDatabases.with(kind, migrations: [WebStorage.migrations]) { database in
            var generator = Seeded(state: 3)
            for step in 0..<120 {
                world.advance(seconds: Int64.random(in: 0...4, using: &generator))
                let key = "k\(Int.random(in: 0..<2, using: &generator))"
                let decision = try await shared.take(key, in: database)
                #expect(decision == local.take(key), "step \(step)")
            }
            let rows = try await database.read { try await $0.query("SELECT key_hash FROM web_rate_limits") }
            #expect(rows.count == 2)
            for _ in 0..<5 { _ = try await shared.take("k0", in: database) }
            await #expect(throws: RumdulError.rateLimited(retryAfter: 1)) {
                try await shared.require("k0", in: database)
            }
            try await database.transaction { try await shared.reset("k0", in: $0) }
            try await shared.require("k0", in: database)
        }
    }
}

@Suite struct IdempotencyTests {
    @Test(arguments: TestDatabases.kinds)
    func runsOnce(_ kind: DatabaseKind) async throws {
        let world = TestWorld()
        try await TestDatabases.with(kind, migrations: [WebStorage.migrations]) { database in
            let store = IdempotencyStore(database: database, ambient: world.ambient)
            let runs = Mutex(0)
            @Sendable func send(_ key: String?, _ content: String = "a", scope: String = "c1", fail: Bool = false)
                async throws -> Response
            {
                let headers: HTTPFields = key.map { [.idempotencyKey: $0] } ?? [:]
                let post = request(.post, "/", headers)
                return try await store.perform(post, scope: scope, content: Array(content.utf8)) {
                    let run = runs.withLock { count in
                        count += 1
                        return count
                    }
                    if fail { throw RumdulError.databaseUnavailable }
                    return .init(status: 201, body: Array("\(run)".utf8))
                }
            }
            let first = try await send("k")
            let second = try await send("k")
            #expect(first.status.code == 201 && second.status.code == 201)
            #expect(first.headers[.idempotencyReplayed] == nil && second.headers[.idempotencyReplayed] == "true")
            #expect(runs.withLock { $0 } == 1)
            await #expect(throws: RumdulError.idempotencyMismatch) { try await send("k", "b") }
            _ = try await send("k", scope: "c2")
            #expect(runs.withLock { $0 } == 2, "another client's key is another key")
            await #expect(throws: RumdulError.databaseUnavailable) { try await send("f", fail: true) }
            _ = try await send("f")
            #expect(runs.withLock { $0 } == 4, "after a failure the key is free")
            for bad in ["", " ", "a b", String(repeating: "x", count: 256)] where !bad.isEmpty {
                await #expect(throws: RumdulError.idempotencyKey) { try await send(bad) }
            }
            _ = try await send(nil)
            _ = try await send(nil)
            #expect(runs.withLock { $0 } == 6)
            world.advance(seconds: 24 * 3600)
            _ = try await send("k")
            #expect(runs.withLock { $0 } == 7, "after a day the key is free")
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func theSecondWaitsForTheFirst(_ kind: DatabaseKind) async throws {
        let world = TestWorld()
        try await TestDatabases.with(kind, migrations: [WebStorage.migrations]) { database in
            let store = IdempotencyStore(database: database, ambient: world.ambient)
            let post = request(.post, "/", [.idempotencyKey: "k"])
            let outer = try await store.perform(post, scope: "c", content: []) {
                await #expect(throws: RumdulError.idempotencyRunning) {
                    try await store.perform(post, scope: "c", content: []) { .init(body: []) }
                }
                return .init(body: [1])
            }
            #expect(outer.status == .ok)
        }
    }
}

@Suite struct CursorTests {
    @Test func roundTripAndForgery() throws {
        let codec = CursorCodec(secret: [9, 9], list: "access:p1")
        let cursor = codec.encode(["2026", "ក"])
        #expect(try codec.decode(cursor, count: 2) == ["2026", "ក"])
        #expect(throws: RumdulError.invalidCursor) { try codec.decode(cursor, count: 1) }
        #expect(throws: RumdulError.invalidCursor) {
            try CursorCodec(secret: [9, 9], list: "access:p2").decode(cursor, count: 2)
        }
        #expect(throws: RumdulError.invalidCursor) {
            try CursorCodec(secret: [9], list: "access:p1").decode(cursor, count: 2)
        }
    }

    @Test func fuzzedCursors() {
        let codec = CursorCodec(secret: [1], list: "l")
        var generator = Seeded(state: 11)
        let valid = Array(codec.encode(["abc"]).utf8)
        for _ in 0..<5000 {
            var bytes = valid
            let index = Int.random(in: 0..<bytes.count, using: &generator)
            let value = UInt8.random(in: 33...126, using: &generator)
            guard bytes[index] != value else { continue }
            bytes[index] = value
            #expect(throws: RumdulError.invalidCursor) {
                try codec.decode(String(decoding: bytes, as: UTF8.self), count: 1)
            }
        }
    }
}
