import Kernel
import NIOCore
import NIOPosix

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Turns a host name into addresses. A request asks once and connects to what was answered then.
public protocol HostResolver: Sendable {
    /// Every address of a name, best first. An answer after the deadline is not used.
    func addresses(of name: String, before deadline: NIODeadline) async throws -> [NetworkAddress]
}

/// The resolver of the operating system (`getaddrinfo`), on threads of its own because it blocks.
public struct SystemResolver: HostResolver {
    private static let threads: NIOThreadPool = {
        let pool = NIOThreadPool(numberOfThreads: 16)
        pool.start()
        return pool
    }()

    public init() {}

    public func addresses(of name: String, before deadline: NIODeadline) async throws -> [NetworkAddress] {
        try await Self.threads.runIfActive {
            // Whoever waited in line until nobody waits for it does not keep the others from their turn.
            guard NIODeadline.now() < deadline else { throw RumdulError.outboundTimeout }
            return Self.lookUp(name)
        }
    }

    private static func lookUp(_ name: String) -> [NetworkAddress] {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        #if canImport(Glibc)
            hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #else
            hints.ai_socktype = SOCK_STREAM
        #endif
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(name, nil, &hints, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        var found: [NetworkAddress] = []
        var next = list
        while let entry = next {
            if let address = address(entry.pointee), !found.contains(address) { found.append(address) }
            next = entry.pointee.ai_next
        }
        return found
    }

    private static func address(_ entry: addrinfo) -> NetworkAddress? {
        guard let pointer = entry.ai_addr else { return nil }
        let raw = UnsafeRawPointer(pointer)
        switch entry.ai_family {
        case AF_INET:
            let socket = raw.loadUnaligned(as: sockaddr_in.self)
            return NetworkAddress(bytes: withUnsafeBytes(of: socket.sin_addr) { Array($0) })
        case AF_INET6:
            let socket = raw.loadUnaligned(as: sockaddr_in6.self)
            return NetworkAddress(bytes: withUnsafeBytes(of: socket.sin6_addr) { Array($0) })
        default: return nil
        }
    }
}
