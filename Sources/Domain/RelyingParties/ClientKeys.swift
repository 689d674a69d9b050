import Codecs
import JOSE
import Kernel
import Synchronization

/// Fetches documents that clients publish. The composition root fills it in; an implementation must not reach private addresses, must
/// not follow redirects, and must end in seconds.
public protocol DocumentFetcher: Sendable {
    /// The JSON value at an https URL and the seconds for which it may be kept (`Cache-Control: max-age`), if said.
    /// - Parameter limit: the greatest size in bytes.
    /// - Throws: any error when there is no such document.
    func fetchValue(_ url: String, limit: Int) async throws -> (JSONValue, maxAge: Int64?)
}

/// Finds the key of a relying party that something is encrypted to.
public enum ClientEncryptionKey {
    /// The first key of the set that may encrypt with this algorithm, or `nil`. A key must say that it is for encryption (`use`) or
    /// name the algorithm.
    public static func find(in keys: JWKSet, for algorithm: JWEAlgorithm) -> JWK? {
        keys.keys.first { key in
            guard key.use == "enc" || key.algorithm == algorithm.rawValue else { return false }
            return (try? EncryptionKey(key))?.algorithms.contains(algorithm) ?? false
        }
    }
}

/// The public keys of clients, from their registration or from behind their `jwks_uri`. Fetched sets are kept for as long as their
/// answer allows, 60 s to a day; fetched again when a `kid` is unknown, at most once in 30 s for each client; and an old set serves on
/// while its address cannot be reached.
///
/// A fetch takes time and can be run only once: ask outside of database transactions.
public final class ClientKeys: Sendable {
    /// Bytes of a key set.
    public static let documentLimit = 65_536
    static let shortest: Int64 = 60
    static let longest: Int64 = 86_400
    /// Seconds between two fetches for one client, whatever comes.
    static let pause: Int64 = 30
    private static let capacity = 4096

    private struct Entry {
        var uri: String
        var keys: JWKSet?
        var goodUntil: Instant
        var fetchedAt: Instant
        var running: Task<JWKSet?, Never>?
    }

    private let fetcher: any DocumentFetcher
    private let ambient: Ambient
    private let entries = Mutex<[String: Entry]>([:])

    public init(fetcher: any DocumentFetcher, ambient: Ambient) {
        self.fetcher = fetcher
        self.ambient = ambient
    }

    /// The client's keys; an empty set when it registered none.
    /// - Parameter keyID: the `kid` of a header that must be answered; an unknown one makes a kept set stale.
    /// - Throws: `relying_party.keys_unavailable` when no set was ever fetched and none can be.
    public func keys(of party: RelyingParty, keyID: String? = nil) async throws -> JWKSet {
        guard let uri = party.keysURI else { return try party.keys ?? JWKSet([JWK]()) }
        if let known = current(party.clientID, uri, keyID: keyID) { return known }
        guard let keys = await fetch(party.clientID, uri) else { throw RumdulError.relyingPartyKeysUnavailable }
        return keys
    }

    /// The keys that check the client's signatures, for a header's `kid`. Throws as ``keys(of:keyID:)``.
    public func verificationKeys(of party: RelyingParty, keyID: String?) async throws -> VerificationKeySet {
        VerificationKeySet(try await keys(of: party, keyID: keyID))
    }

    /// The key that answers to the client are encrypted to, or `nil` when none fits. Throws as ``keys(of:keyID:)``.
    public func encryptionKey(of party: RelyingParty, for algorithm: JWEAlgorithm) async throws -> JWK? {
        ClientEncryptionKey.find(in: try await keys(of: party), for: algorithm)
    }

    /// The kept set when it may answer without a fetch.
    private func current(_ clientID: String, _ uri: String, keyID: String?) -> JWKSet? {
        let now = ambient.now()
        return entries.withLock { entries in
            guard let entry = entries[clientID], entry.uri == uri, let keys = entry.keys else { return nil }
            let resting = now < entry.fetchedAt.adding(seconds: Self.pause)
            let known = keyID.map { keys[$0] != nil } ?? true
            return resting || (known && now < entry.goodUntil) ? keys : nil
        }
    }

    /// Fetches once for all who wait; gives the old set when that fails.
    private func fetch(_ clientID: String, _ uri: String) async -> JWKSet? {
        let now = ambient.now()
        let step: Result<Task<JWKSet?, Never>, NothingNew> = entries.withLock { entries in
            let old = entries[clientID].flatMap { $0.uri == uri ? $0 : nil }
            if let running = old?.running { return .success(running) }
            if let old, now < old.fetchedAt.adding(seconds: Self.pause) { return .failure(NothingNew(keys: old.keys)) }
            let kept = old?.keys
            let task = Task { await self.load(clientID, uri, kept: kept) }
            if entries.count >= Self.capacity, old == nil { entries = entries.filter { $0.value.running != nil } }
            entries[clientID] = Entry(
                uri: uri, keys: kept, goodUntil: old?.goodUntil ?? now, fetchedAt: now, running: task)
            return .success(task)
        }
        switch step {
        case .success(let task): return await task.value
        case .failure(let nothing): return nothing.keys
        }
    }

    private struct NothingNew: Error { var keys: JWKSet? }

    private func load(_ clientID: String, _ uri: String, kept: JWKSet?) async -> JWKSet? {
        var fetched: (keys: JWKSet, life: Int64)?
        if let answer = try? await fetcher.fetchValue(uri, limit: Self.documentLimit),
            let keys = answer.0.objectValue.flatMap({ try? JWKSet($0) }), keys.isPublic, !keys.keys.isEmpty
        {
            fetched = (keys, min(max(answer.maxAge ?? 0, Self.shortest), Self.longest))
        }
        let now = ambient.now()
        return entries.withLock { entries in
            let keys = fetched?.keys ?? kept
            // The registration may name another address by now.
            guard entries[clientID]?.uri == uri else { return keys }
            entries[clientID] = Entry(
                uri: uri, keys: keys, goodUntil: now.adding(seconds: fetched?.life ?? 0), fetchedAt: now)
            return keys
        }
    }
}
