import Database
import Kernel
import KeyVault
import Web

/// How often things may be tried here, shared by all nodes through the database.
struct EnrolmentLimits: Sendable {
    private let database: any Database
    private let activationAddress: SharedRateLimiter
    private let activationAll: SharedRateLimiter
    private let search: SharedRateLimiter
    private let assist: SharedRateLimiter

    init(database: any Database, vault: any KeyVault, ambient: Ambient) async throws {
        self.database = database
        let secret = try await vault.mac(Array("enrolment rate limits 1".utf8), purpose: .mac)
        func limiter(_ name: String, _ limit: RateLimit) -> SharedRateLimiter {
            SharedRateLimiter(name: "enrol.\(name)", limit: limit, secret: secret, ambient: ambient)
        }
        // An office behind one address enrols a few people a minute. A code has 50 bits and lives ten minutes, so even
        // the limit for all leaves a guess no chance; it is that high so that one attacker cannot shut the offices.
        activationAddress = limiter("activation.address", RateLimit(30, per: 600))
        activationAll = limiter("activation.all", RateLimit(6000, per: 600))
        search = limiter("search", RateLimit(60, per: 600))
        assist = limiter("assist", RateLimit(30, per: 600))
    }

    /// Throws `web.rate_limited`. The address first, so that one address cannot use up what is there for all.
    func takeActivation(address: String) async throws {
        try await activationAddress.require(address, in: database)
        try await activationAll.require("all", in: database)
    }

    /// Throws `web.rate_limited`: officers look for people one at a time.
    func takeSearch(officer: String) async throws { try await search.require(officer, in: database) }

    /// Throws `web.rate_limited`: people come to a counter one at a time.
    func takeAssist(officer: String) async throws { try await assist.require(officer, in: database) }
}
