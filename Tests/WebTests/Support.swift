import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Kernel
import Logging
import Synchronization

@testable import Web

/// The lines that a program under test has logged.
final class LogLines: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    func add(_ line: String) { lines.withLock { $0.append(line) } }

    var logger: Logger {
        var logger = Logger(label: "test") { _ in Handler(lines: self) }
        logger.logLevel = .info
        return logger
    }

    private struct Handler: LogHandler {
        let lines: LogLines
        var metadata: Logger.Metadata = [:]
        var logLevel: Logger.Level = .info

        init(lines: LogLines) { self.lines = lines }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) { lines.add(event.message.description) }
    }
}

/// A clock that a test moves, and reproducible randomness.
final class TestWorld: Sendable {
    private let state: Mutex<(now: Instant, seed: UInt64)>

    init(seed: UInt64 = 1) { state = Mutex((Instant(seconds: 1_800_000_000), seed)) }

    func advance(seconds: Int64) { state.withLock { $0.now = $0.now.adding(seconds: seconds) } }

    var ambient: Ambient {
        Ambient(
            now: { self.state.withLock { $0.now } },
            randomBytes: { count in
                self.state.withLock { state in
                    (0..<count).map { _ in
                        state.seed = state.seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                        return UInt8(truncatingIfNeeded: state.seed >> 33)
                    }
                }
            })
    }
}

/// A small generator for reproducible fuzzing.
struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return TraceID.mix(state)
    }
}

let html: HTTPFields = [.accept: "text/html,application/xhtml+xml"]
let formType: HTTPFields = [.contentType: "application/x-www-form-urlencoded"]

func text(_ response: TestResponse) -> String { String(buffer: response.body) }

/// A program with these routes.
func program(
    baseURL: String = "http://localhost", templates: [PageTemplates] = [], logger: Logger? = nil,
    proxies: [AddressRange] = [], _ routes: (AppRouter, WebEnvironment) throws -> Void = { _, _ in }
) throws -> Application<RouterResponder<AppContext>> {
    let web = try WebApplication(
        settings: WebSettings(baseURL: baseURL, trustedProxies: proxies), templates: templates,
        logger: logger ?? LogLines().logger)
    try routes(web.router, web.environment)
    return web.application()
}
