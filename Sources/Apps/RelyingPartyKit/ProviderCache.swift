import JOSE
import Kernel

/// Metadata and keys of the provider, fetched once for many logins.
actor ProviderCache {
    private struct Held<Value: Sendable> {
        var value: Value
        var fetchedAt: Instant
    }

    private let configuration: RelyingPartyConfiguration
    private let transport: any OIDCTransport
    private let ambient: Ambient
    private var heldMetadata: Held<ProviderMetadata>?
    private var heldKeys: Held<VerificationKeySet>?
    private var metadataInFlight: Task<ProviderMetadata, any Error>?
    private var keysInFlight: Task<VerificationKeySet, any Error>?

    init(_ configuration: RelyingPartyConfiguration, transport: any OIDCTransport, ambient: Ambient) {
        self.configuration = configuration
        self.transport = transport
        self.ambient = ambient
    }

    /// The metadata, fetched when there are none or they are old. Old ones still serve while the provider is away.
    func metadata() async throws -> ProviderMetadata {
        if let held = heldMetadata, isFresh(held.fetchedAt) { return held.value }
        let task = metadataInFlight ?? Task { try await fetchMetadata() }
        metadataInFlight = task
        defer { metadataInFlight = nil }
        do {
            let value = try await task.value
            heldMetadata = Held(value: value, fetchedAt: ambient.now())
            return value
        } catch let error as RumdulError where error == .providerUnreachable {
            if let held = heldMetadata { return held.value }
            throw error
        }
    }

    /// The keys, fetched when there are none or they are old.
    /// - Parameter unknownKey: a token names a key that we do not have: fetch again, unless that was done a moment ago.
    func keys(unknownKey: Bool = false) async throws -> VerificationKeySet {
        if let held = heldKeys {
            let interval = unknownKey ? configuration.keyRefetchInterval : configuration.cacheLifetime
            if ambient.now() < held.fetchedAt.adding(seconds: interval) { return held.value }
        }
        let task = keysInFlight ?? Task { try await fetchKeys() }
        keysInFlight = task
        defer { keysInFlight = nil }
        do {
            let value = try await task.value
            heldKeys = Held(value: value, fetchedAt: ambient.now())
            return value
        } catch let error as RumdulError where error == .providerUnreachable {
            if let held = heldKeys { return held.value }
            throw error
        }
    }

    private func isFresh(_ moment: Instant) -> Bool {
        ambient.now() < moment.adding(seconds: configuration.cacheLifetime)
    }

    private func fetchMetadata() async throws -> ProviderMetadata {
        guard WebAddress.isIssuer(configuration.issuer) else {
            throw RumdulError.relyingPartyConfiguration("issuer is no https address")
        }
        var base = configuration.issuer[...]
        if base.hasSuffix("/") { base = base.dropLast() }
        let response = try await get(base + "/.well-known/openid-configuration")
        return try ProviderMetadata(response.body, issuer: configuration.issuer)
    }

    private func fetchKeys() async throws -> VerificationKeySet {
        let response = try await get(try await metadata().jwksURI)
        guard let set = try? JWKSet.parse(response.body), !set.keys.contains(where: \.isSecret) else {
            throw RumdulError.providerAnswer("jwks")
        }
        return VerificationKeySet(set)
    }

    private func get(_ url: some StringProtocol) async throws -> OIDCResponse {
        let response = try await transport.send(
            OIDCRequest(method: "GET", url: String(url), headers: [("accept", "application/json")]))
        guard response.body.count <= 1 << 20 else { throw RumdulError.providerAnswer("longer than 1 MiB") }
        guard response.status == 200 else {
            if response.status >= 500 { throw RumdulError.providerUnreachable.because("status \(response.status)") }
            throw RumdulError.providerAnswer("status \(response.status)")
        }
        return response
    }
}
