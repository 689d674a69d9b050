import Kernel
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Requests that the server makes itself to addresses that others gave it: `jwks_uri`, `sector_identifier_uri`,
/// back-channel logout, CIBA notifications.
///
/// A name is looked up once, every address of the answer is checked, and the connection goes to one of these addresses,
/// while `Host`, SNI and the check of the certificate keep the name: an answer that changes (DNS rebinding) changes
/// nothing. No redirect is followed, no cookie kept, no proxy asked, no connection used twice.
public struct OutboundClient: Sendable {
    /// Where requests may go.
    public let policy: OutboundPolicy
    /// What they may cost.
    public let limits: OutboundLimits
    private let trust: OutboundTrust
    private let resolver: any HostResolver
    private let gate: DestinationGate
    private let group: any EventLoopGroup

    /// How many addresses of a host are tried.
    static let mostAddresses = 4

    public init(
        policy: OutboundPolicy = .publicOnly, limits: OutboundLimits = .standard,
        trust: OutboundTrust = OutboundTrust(),
        resolver: any HostResolver = SystemResolver()
    ) {
        self.policy = policy
        self.limits = limits
        self.trust = trust
        self.resolver = resolver
        gate = DestinationGate(limits)
        group = MultiThreadedEventLoopGroup.singleton
    }

    /// Refuses a URL that could never be asked: for a registration that wants to tell early. Looks nothing up.
    /// - Throws: `outbound.url`.
    public func check(_ url: String) throws(RumdulError) { try policy.check(try OutboundURL(url)) }

    /// Makes one request.
    /// - Throws: `outbound.url`, `outbound.address`, `outbound.busy`, `outbound.unreachable`, `outbound.tls`,
    ///   `outbound.timeout`, `outbound.redirect`, `outbound.too_large`, `outbound.content_type`, `outbound.response`;
    ///   `CancellationError`.
    public func fetch(_ request: OutboundRequest) async throws -> OutboundResponse {
        let deadline = NIODeadline.now() + .milliseconds(limits.timeout)
        let url = try OutboundURL(request.url)
        try policy.check(url)
        let prepared = try PreparedRequest(request, url)
        try gate.enter(url.host, now: NIODeadline.now().uptimeNanoseconds / 1_000_000)
        defer { gate.leave(url.host) }
        let addresses = try await addresses(of: url, before: deadline)
        try policy.check(addresses, of: url)
        var candidates = addresses.prefix(Self.mostAddresses)
        while let address = candidates.popFirst() {
            do {
                let share = (deadline - NIODeadline.now()).nanoseconds / Int64(candidates.count + 1)
                return try await exchange(
                    prepared, url, address, connectTime: .nanoseconds(max(share, 1)), before: deadline)
            } catch is NotConnected where !candidates.isEmpty {
                continue
            } catch is NotConnected {
                throw RumdulError.outboundUnreachable("no connection")
            }
        }
        throw RumdulError.outboundUnreachable("no connection")
    }

    private func addresses(of url: OutboundURL, before deadline: NIODeadline) async throws -> [NetworkAddress] {
        if let address = url.address { return [address] }
        let answer = OneShot<[NetworkAddress]>()
        let timer = group.next().scheduleTask(deadline: deadline) {
            answer.complete(.failure(RumdulError.outboundTimeout))
        }
        defer { timer.cancel() }
        let (resolver, host) = (resolver, url.host)
        // Not a child: it blocks as long as it likes, and nobody waits for it after the deadline.
        Task {
            do {
                answer.complete(.success(try await resolver.addresses(of: host, before: deadline)))
            } catch {
                answer.complete(.failure(RumdulError.outboundAddress("not resolved")))
            }
        }
        return try await answer.value()
    }

    private func exchange(
        _ request: PreparedRequest, _ url: OutboundURL, _ address: NetworkAddress, connectTime: TimeAmount,
        before deadline: NIODeadline
    ) async throws -> OutboundResponse {
        let answer = OneShot<OutboundResponse>()
        let loop = group.next()
        let timer = loop.scheduleTask(deadline: deadline) { answer.complete(.failure(RumdulError.outboundTimeout)) }
        defer { timer.cancel() }
        let context = url.scheme == .https ? try trust.client() : nil
        // An address as host has no place in SNI (RFC 6066 section 3); the certificate is then checked against it.
        let serverName = url.address == nil ? url.host : nil
        let connected = ClientBootstrap(group: loop)
            .connectTimeout(connectTime)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let context {
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(context: context, serverHostname: serverName))
                    }
                    try channel.pipeline.syncOperations.addHTTPClientHandlers(
                        decoderLimitConfiguration: Self.decoderLimits)
                    try channel.pipeline.syncOperations.addHandler(ExchangeHandler(request, answer))
                }
            }
            .connect(to: try SocketAddress(packedIPAddress: ByteBuffer(bytes: address.bytes), port: url.port))
        connected.whenFailure { _ in answer.complete(.failure(NotConnected())) }
        defer { connected.whenSuccess { $0.close(mode: .all, promise: nil) } }
        return try await answer.value()
    }

    private static let decoderLimits: NIOHTTPDecoderLimitConfiguration = {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = 8192
        limits.maxHeaderListSize = 16_384
        limits.maxHeaderFieldCount = 64
        return limits
    }()

    /// No connection to one address came about, so nothing was sent and the next may be tried.
    private struct NotConnected: Error {}
}
