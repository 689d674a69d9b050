import Foundation
import Kernel
import KeyVault

/// A free TCP port that stays reserved while this value lives.
///
/// A provider's issuer holds its port, so the port must be known long before the listener binds it. A port that is
/// asked of the system and given back at once may belong to somebody else by then. This one lies below the range from
/// which the system serves connections and port 0, and it stays bound, without listening: nobody else gets it, and only
/// a listener with `SO_REUSEADDR` (all listeners of this program) can share it.
public final class ReservedPort: Sendable {
    /// 16,000 to 31,999.
    public let number: Int
    private let descriptor: Int32

    private static let range = 16_000..<32_000
    #if os(Linux)
        private static let stream = Int32(SOCK_STREAM.rawValue)
    #else
        private static let stream = SOCK_STREAM
    #endif

    /// Reserves a port of an IPv4 address.
    /// - Throws: `configuration.invalid` when the address is none of this machine's, or none of 256 ports tried is free.
    public init(host: String) throws {
        for _ in 0..<256 {
            let candidate = Int.random(in: Self.range)
            guard let descriptor = try Self.bound(candidate, host: host) else { continue }
            self.number = candidate
            self.descriptor = descriptor
            return
        }
        throw RumdulError.configurationInvalid("host", "nothing can listen on \(host)")
    }

    deinit { close(descriptor) }

    /// A socket bound to the port, or `nil` when somebody has it. `SO_REUSEADDR` follows the bind, so that this socket
    /// shares with nobody who was there before and lets a listener come after.
    private static func bound(_ port: Int, host: String) throws -> Int32? {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        guard inet_pton(AF_INET, host == "localhost" ? "127.0.0.1" : host, &address.sin_addr) == 1 else {
            throw RumdulError.configurationInvalid("host", "port 0 needs an IPv4 address")
        }
        let descriptor = socket(AF_INET, stream, 0)
        guard descriptor >= 0 else { throw RumdulError.internal("socket") }
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let outcome = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { Foundation.bind(descriptor, $0, length) }
        }
        guard outcome == 0 else {
            close(descriptor)
            return nil
        }
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        return descriptor
    }
}
