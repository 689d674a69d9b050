import Foundation
import Kernel
import KeyVault

/// Finds a port that nobody listens on.
public enum FreePort {
    /// A free TCP port on an IPv4 address. Throws `configuration.invalid` when the address is none of this machine's.
    public static func find(host: String) throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw RumdulError.internal("socket") }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        guard inet_pton(AF_INET, host == "localhost" ? "127.0.0.1" : host, &address.sin_addr) == 1 else {
            throw RumdulError.configurationInvalid("host", "port 0 needs an IPv4 address")
        }
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, length) == 0 && getsockname(descriptor, generic, &length) == 0
            }
        }
        guard bound else { throw RumdulError.configurationInvalid("host", "nothing can listen on \(host)") }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}

/// The purposes whose keys are renewed by age.
enum KeyPurposes {
    static let rotating: [KeyPurpose] = [.oidcSigning, .consentReceipt, .ledgerCheckpoint]
}
