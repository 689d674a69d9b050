import Codecs
import JOSE
import Kernel
import Synchronization
import Testing

@testable import RelyingParties

/// Documents by address, and how often each was fetched.
final class TestDocuments: DocumentFetcher {
    private let documents = Mutex<[String: (value: JSONValue, maxAge: Int64?)]>([:])
    private let counts = Mutex<[String: Int]>([:])

    func put(_ url: String, _ value: JSONValue?, maxAge: Int64? = nil) {
        documents.withLock { $0[url] = value.map { ($0, maxAge) } }
    }

    func count(_ url: String) -> Int { counts.withLock { $0[url] ?? 0 } }

    func fetchValue(_ url: String, limit: Int) async throws -> (JSONValue, maxAge: Int64?) {
        counts.withLock { $0[url, default: 0] += 1 }
        await Task.yield()
        guard let found = documents.withLock({ $0[url] }) else { throw RumdulError.internal("no such document") }
        return (found.value, maxAge: found.maxAge)
    }
}

@Suite("Keys of clients")
struct ClientKeysTests {
    static let uri = "https://bank.example/keys"
    let clock = TestClock()
    let documents = TestDocuments()

    private func party(_ uri: String = Self.uri, id: String = "bank") throws -> RelyingParty {
        try RelyingPartyDocument.parse(
            TestClients.document(id, profile: .oidcSecure) {
                $0["jwks"] = nil
                $0["jwks_uri"] = .string(uri)
            })
    }

    private func set(_ ids: String...) -> JSONValue {
        ["keys": .array(ids.map { .object(TestClients.jwk(id: $0)) })]
    }

    private func ids(_ keys: JWKSet) -> [String] { keys.keys.compactMap(\.keyID) }

    @Test func keysByValueNeedNoFetch() async throws {
        let keys = ClientKeys(fetcher: documents, ambient: clock.ambient)
        let party = try RelyingPartyDocument.parse(TestClients.document(profile: .oidcSecure))
        #expect(try await ids(keys.keys(of: party, keyID: "unknown")) == ["k1"])
        let none = try RelyingPartyDocument.parse(TestClients.document("plain"))
        #expect(try await keys.keys(of: none).keys.isEmpty)
        #expect(try await keys.encryptionKey(of: none, for: .ecdhES) == nil)
    }

    @Test(arguments: [(nil, 60), (0, 60), (5, 60), (600, 600), (1_000_000, 86_400)] as [(Int64?, Int64)])
    func aSetIsKeptAsLongAsAllowed(_ maxAge: Int64?, _ kept: Int64) async throws {
        let keys = ClientKeys(fetcher: documents, ambient: clock.ambient)
        let party = try party()
        documents.put(Self.uri, set("a"), maxAge: maxAge)
        #expect(try await ids(keys.keys(of: party)) == ["a"])
        documents.put(Self.uri, set("b"), maxAge: maxAge)
        clock.advance(kept - 1)
        #expect(try await ids(keys.keys(of: party)) == ["a"])
        #expect(documents.count(Self.uri) == 1)
        clock.advance(1)
        #expect(try await ids(keys.keys(of: party)) == ["b"])
        #expect(documents.count(Self.uri) == 2)
    }

    @Test func anUnknownKeyIdentifierFetchesAtMostOnceInThirtySeconds() async throws {
        let keys = ClientKeys(fetcher: documents, ambient: clock.ambient)
        let party = try party()
        documents.put(Self.uri, set("a"), maxAge: 3600)
        #expect(try await ids(keys.keys(of: party, keyID: "a")) == ["a"])
        documents.put(Self.uri, set("a", "b"), maxAge: 3600)
        clock.advance(29)
        for _ in 0..<50 { #expect(try await ids(keys.keys(of: party, keyID: "b")) == ["a"]) }
        #expect(documents.count(Self.uri) == 1)
        clock.advance(1)
        // OC-55: the new key is accepted soon after the rotation.
        #expect(try await ids(keys.keys(of: party, keyID: "b")) == ["a", "b"])
        clock.advance(31)
        #expect(try await ids(keys.keys(of: party, keyID: "b")) == ["a", "b"])
        #expect(documents.count(Self.uri) == 2, "a known kid fetches nothing")
        for _ in 0..<50 { _ = try await keys.keys(of: party, keyID: "never") }
        #expect(documents.count(Self.uri) == 3)
    }

    @Test func theOldSetServesWhileTheAddressIsAway() async throws {
        let keys = ClientKeys(fetcher: documents, ambient: clock.ambient)
        let party = try party()
        documents.put(Self.uri, set("a"), maxAge: 60)
        _ = try await keys.keys(of: party)
        let bad: [JSONValue?] = [
            nil, "x", ["keys": []], ["keys": "x"], [:],
            ["keys": [["kty": "oct", "k": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"]]],
        ]
        for wrong in bad {
            documents.put(Self.uri, wrong)
            clock.advance(100)
            #expect(try await ids(keys.keys(of: party)) == ["a"])
            #expect(try await ids(keys.keys(of: party)) == ["a"])
        }
        #expect(documents.count(Self.uri) == 1 + bad.count)
        documents.put(Self.uri, set("b"))
        clock.advance(30)
        #expect(try await ids(keys.keys(of: party)) == ["b"])
    }

    @Test func aSetThatWasNeverThereIsAskedForSeldom() async throws {
        let keys = ClientKeys(fetcher: documents, ambient: clock.ambient)
        let party = try party()
        for _ in 0..<20 {
            #expect(await errorCode { try await keys.keys(of: party) } == "relying_party.keys_unavailable")
        }
        #expect(documents.count(Self.uri) == 1)
        documents.put(Self.uri, set("a"))
        clock.advance(30)
        #expect(try await ids(keys.keys(of: party)) == ["a"])
    }

    @Test func aNewAddressNeverServesTheOldKeys() async throws {
        let keys = ClientKeys(fetcher: documents, ambient: clock.ambient)
        documents.put(Self.uri, set("a"), maxAge: 3600)
        _ = try await keys.keys(of: party())
        let moved = try party("https://bank.example/new")
        #expect(await errorCode { try await keys.keys(of: moved) } == "relying_party.keys_unavailable")
        documents.put("https://bank.example/new", set("c"))
        clock.advance(30)
        #expect(try await ids(keys.keys(of: moved)) == ["c"])
        // Two clients at one address are two entries.
        #expect(try await ids(keys.keys(of: party(id: "shop"))) == ["a"])
    }

    @Test func manyWhoWaitShareOneFetch() async throws {
        let keys = ClientKeys(fetcher: documents, ambient: clock.ambient)
        let party = try party()
        documents.put(Self.uri, set("a"))
        let found = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<200 { group.addTask { (try? await keys.keys(of: party).keys.count) ?? 0 } }
            return await group.reduce(0, +)
        }
        #expect(found == 200 && documents.count(Self.uri) == 1)
    }
}
