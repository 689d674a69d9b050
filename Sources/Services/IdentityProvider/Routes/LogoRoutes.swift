import HTTPTypes
import Hummingbird
import Kernel
import NIOCore
import Outbound
import RelyingParties
import Web

/// The logos of clients, from our own address: the pages load nothing from elsewhere, and a client's host does not learn who
/// looks at them.
struct LogoRoutes: Sendable {
    let provider: IdentityProvider
    let logos: LogoCache

    init(provider: IdentityProvider) {
        self.provider = provider
        logos = LogoCache(client: provider.surroundings.client, ambient: provider.ambient)
    }

    /// Where the pages find a client's logo; `nil` when it registered none.
    static func path(_ client: RelyingParty) -> String? {
        client.logoURI == nil ? nil : "/clients/\(client.clientID)/logo"
    }

    func add(to router: AppRouter) {
        router.get("/clients/{client}/logo", use: logo)
    }

    private func logo(_ request: Request, _ context: AppContext) async throws -> Response {
        let id = try context.pathParameter("client")
        let party = try await provider.parties.party(id, in: provider.database)
        guard let address = party?.logoURI, let logo = await logos.logo(at: address) else { throw RumdulError.notFound }
        return Response(
            status: .ok,
            headers: [
                .contentType: logo.type, .cacheControl: "public, max-age=\(LogoCache.kept)",
                .contentSecurityPolicy: "default-src 'none'; sandbox",
                .crossOriginResourcePolicy: "same-origin",
            ], body: .init(byteBuffer: ByteBuffer(bytes: logo.bytes)))
    }
}

/// A picture that was looked at: its type is what its bytes say.
struct Logo: Sendable, Equatable {
    var type: String
    var bytes: [UInt8]

    static let types = ["image/png", "image/jpeg", "image/webp"]

    /// `nil` for anything but PNG, JPEG and WebP; never SVG, which may carry scripts.
    init?(_ bytes: [UInt8]) {
        if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
            type = "image/png"
        } else if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
            type = "image/jpeg"
        } else if bytes.count >= 12, bytes.starts(with: Array("RIFF".utf8)), bytes[8..<12].elementsEqual("WEBP".utf8) {
            type = "image/webp"
        } else {
            return nil
        }
        self.bytes = bytes
    }
}

/// Logos in memory, by address: each is fetched once an hour, one that cannot be had at most once a minute, however many ask.
actor LogoCache {
    /// Seconds for which a logo is kept, and for which a failure is.
    static let kept: Int64 = 3600
    static let failureKept: Int64 = 60
    /// The most bytes of one, and the most addresses: 16 MiB in all.
    static let largest = 65_536
    static let capacity = 256

    private enum Entry {
        case fetching(Task<Logo?, Never>)
        case known(Logo?, until: Instant)
    }

    private let client: OutboundClient?
    private let ambient: Ambient
    private var entries: [String: Entry] = [:]

    init(client: OutboundClient?, ambient: Ambient) {
        self.client = client
        self.ambient = ambient
    }

    var count: Int { entries.count }

    func logo(at address: String) async -> Logo? {
        guard let client else { return nil }
        switch entries[address] {
        case .fetching(let task): return await task.value
        case .known(let logo, let until) where ambient.now() < until: return logo
        case .known, nil: break
        }
        guard makeRoom() else { return nil }
        // Not a child: whoever asked first may go away, and the others wait for the same answer.
        let task = Task { await Self.fetch(address, client) }
        entries[address] = .fetching(task)
        let logo = await task.value
        let seconds = logo == nil ? Self.failureKept : Self.kept
        entries[address] = .known(logo, until: ambient.now().adding(seconds: seconds))
        return logo
    }

    /// Forgets the entry that ends first. False when everything is being fetched just now.
    private func makeRoom() -> Bool {
        guard entries.count >= Self.capacity else { return true }
        let ends = entries.compactMap { address, entry -> (address: String, until: Instant)? in
            guard case .known(_, let until) = entry else { return nil }
            return (address, until)
        }
        guard let first = ends.min(by: { $0.until < $1.until }) else { return false }
        entries[first.address] = nil
        return true
    }

    private static func fetch(_ address: String, _ client: OutboundClient) async -> Logo? {
        let answer = try? await client.fetch(
            OutboundRequest(url: address, bodyLimit: largest, accepting: Logo.types))
        guard let answer, answer.status == 200 else { return nil }
        return Logo(answer.body)
    }
}
