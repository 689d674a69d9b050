import Foundation
import Kernel

/// Finds ports before anything listens: the provider's address must be known to the bank and the phone from the start.
enum DemoPorts {
    /// A port that nobody listens on: exactly this one, which ``ReservedPort`` could not keep beside a server that
    /// ended a moment ago.
    /// - Parameter taken: ports that were given away already.
    /// - Throws: `demo.no_port`.
    static func exactly(_ wanted: Int, host: String, taken: Set<Int>) throws(RumdulError) -> Int {
        guard !taken.contains(wanted), isFree(wanted, host: host) else { throw .demoNoPort }
        return wanted
    }

    /// The first free port from a number on.
    /// - Throws: `demo.no_port` when the next hundred are taken.
    static func from(_ first: Int, host: String, taken: Set<Int>) throws(RumdulError) -> Int {
        for port in first..<min(first + 100, 65536) where !taken.contains(port) && isFree(port, host: host) {
            return port
        }
        throw .demoNoPort
    }

    /// Binds and lets go. A server that ended a moment ago does not stand in the way.
    private static func isFree(_ port: Int, host: String) -> Bool {
        #if os(Linux)
            let stream = Int32(SOCK_STREAM.rawValue)
        #else
            let stream = SOCK_STREAM
        #endif
        let descriptor = socket(AF_INET, stream, 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(truncatingIfNeeded: port).bigEndian)
        if inet_pton(AF_INET, host == "localhost" ? "127.0.0.1" : host, &address.sin_addr) != 1 { return false }
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { Foundation.bind(descriptor, $0, length) }
        }
        // Without listening, a bind with SO_REUSEADDR would also succeed beside another socket that only binds.
        return bound == 0 && listen(descriptor, 1) == 0
    }
}
