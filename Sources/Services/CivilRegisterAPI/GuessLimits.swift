import Database
import Kernel
import KeyVault
import Web

/// Limits against guessing facts of people, and against trying codes one after the other. The same for every interface
/// that compares or looks up, so that none is a way around another.
public struct GuessLimits: Sendable {
    /// All comparisons and look-ups of one system.
    private let calls: SharedRateLimiter
    /// Of one system about one code.
    private let pair: SharedRateLimiter
    /// Of all systems about one code.
    private let subject: SharedRateLimiter
    /// Answers of one system that showed nothing.
    private let misses: SharedRateLimiter

    init(secret: [UInt8], ambient: Ambient) {
        func limiter(_ name: String, _ burst: Int, per seconds: Int64) -> SharedRateLimiter {
            SharedRateLimiter(
                name: "register.api.guess." + name, limit: RateLimit(burst, per: seconds), secret: secret,
                ambient: ambient)
        }
        calls = limiter("calls", 3_000, per: 600)
        pair = limiter("pair", 10, per: 3_600)
        subject = limiter("subject", 30, per: 3_600)
        misses = limiter("misses", 100, per: 3_600)
    }

    /// The limits of a node, the same for every interface on every node of one vault.
    public static func shared(vault: any KeyVault, ambient: Ambient) async throws -> GuessLimits {
        GuessLimits(secret: try await CivilRegisterAPI.limitSecret(vault), ambient: ambient)
    }

    /// Takes one try about a code as it was typed, whether anybody has it or not. Counts as a miss until `hit`. Throws
    /// `web.rate_limited`.
    public func take(_ client: String, _ digits: String, in database: any Database) async throws {
        try await take(client, in: database)
        try await pair.require(client + "\n" + digits, in: database)
        try await subject.require(digits, in: database)
    }

    /// Takes one look-up that names no code. Throws `web.rate_limited`.
    public func take(_ client: String, in database: any Database) async throws {
        try await calls.require(client, in: database)
        try await misses.require(client, in: database)
    }

    /// The answer showed that the system knows whom it asks about.
    public func hit(_ client: String, in database: any Database) async throws {
        try await database.transaction { try await misses.giveBack(client, in: $0) }
    }
}
