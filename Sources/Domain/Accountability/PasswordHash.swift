import Codecs
import Crypto
import CryptoExtras
import Foundation
import Kernel

/// Passwords as scrypt (RFC 7914) in the text form `scrypt$<log2 N>$<r>$<p>$<salt>$<hash>` (base64url).
struct PasswordHash: Sendable {
    /// How much work one password costs.
    struct Cost: Sendable, Hashable {
        /// The binary logarithm of N.
        var logN: Int
        var r: Int
        var p: Int

        /// 32 MiB and about a fifth of a second: one of the equivalent settings that OWASP recommends.
        static let standard = Cost(logN: 15, r: 8, p: 3)
        /// For tests.
        static let light = Cost(logN: 4, r: 1, p: 1)
    }

    // One thread for all: passwords may not take the threads that serve requests, nor memory for many at once.
    private static let queue = DispatchQueue(label: "accountability.scrypt")

    let cost: Cost

    /// The text to store for a new password.
    func make(_ password: String, salt: [UInt8]) async throws -> String {
        let hash = try await Self.derive(password, salt: salt, cost: cost)
        return "scrypt$\(cost.logN)$\(cost.r)$\(cost.p)$\(Base64URL.encode(salt))$\(Base64URL.encode(hash))"
    }

    /// Whether a password is the stored one. With nothing stored it does the same work and says no.
    func verify(_ password: String, stored: String?) async throws -> Bool {
        guard let stored, let (cost, salt, expected) = Self.parse(stored) else {
            _ = try await Self.derive(password, salt: [UInt8](repeating: 0, count: 16), cost: cost)
            return false
        }
        return constantTimeEquals(try await Self.derive(password, salt: salt, cost: cost), expected)
    }

    /// Whether a stored text was made with another cost than the present one.
    func isOutdated(_ stored: String) -> Bool { Self.parse(stored)?.0 != cost }

    private static func parse(_ stored: String) -> (Cost, [UInt8], [UInt8])? {
        let parts = stored.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "scrypt", let logN = Int(parts[1]), let r = Int(parts[2]),
            let p = Int(parts[3]),
            (1...20).contains(logN), (1...32).contains(r), (1...16).contains(p), let salt = Base64URL.decode(parts[4]),
            let hash = Base64URL.decode(parts[5]), hash.count == 32
        else { return nil }
        return (Cost(logN: logN, r: r, p: p), salt, hash)
    }

    private static func derive(_ password: String, salt: [UInt8], cost: Cost) async throws -> [UInt8] {
        let bytes = Array(password.utf8)
        return try await withCheckedThrowingContinuation { continuation in
            queue.async {
                continuation.resume(
                    with: Result {
                        try KDF.Scrypt.deriveKey(
                            from: bytes, salt: salt, outputByteCount: 32, rounds: 1 << cost.logN, blockSize: cost.r,
                            parallelism: cost.p
                        ).withUnsafeBytes(Array.init)
                    })
            }
        }
    }
}
