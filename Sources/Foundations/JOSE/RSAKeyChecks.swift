import Kernel

/// What an RSA public key must fulfil before it is used.
public enum RSAKeyChecks {
    /// - Throws: `jose.key` for a modulus that is even, shorter than 2048 or longer than 8192 bits, for an exponent
    ///   that is even, 1 or longer than 32 bits, for leading zeros, and for keys with the fingerprint of ROCA
    ///   (CVE-2017-15361).
    static func check(n: [UInt8], e: [UInt8]) throws(RumdulError) {
        guard let first = n.first, first != 0, let leading = e.first, leading != 0 else {
            throw .joseKey("an RSA number is empty or has leading zeros")
        }
        let bits = n.count * 8 - first.leadingZeroBitCount
        guard bits >= 2048, bits <= 8192 else { throw .joseKey("the RSA modulus has \(bits) bits") }
        guard let last = n.last, last & 1 == 1 else { throw .joseKey("the RSA modulus is even") }
        guard e.count <= 4, let exponentEnd = e.last, exponentEnd & 1 == 1, e != [1] else {
            throw .joseKey("the RSA exponent is not acceptable")
        }
        guard !hasROCAFingerprint(n) else { throw .joseKey("the RSA key is weak (CVE-2017-15361)") }
    }

    /// Primes modulo which 65537 generates a proper subgroup; a modulus whose residues all lie in these subgroups comes
    /// from the flawed generator (Nemec et al., "The Return of Coppersmith's Attack", 2017).
    private static let primes: [Int] = [
        11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157,
    ]

    private static let subgroups: [(prime: Int, members: [Bool])] = primes.map { prime in
        var members = [Bool](repeating: false, count: prime)
        var power = 1
        repeat {
            members[power] = true
            power = power * 65537 % prime
        } while power != 1
        return (prime, members)
    }

    /// Whether a modulus (big-endian) comes from the flawed generator of CVE-2017-15361, which many TPMs carried.
    public static func hasROCAFingerprint(_ n: [UInt8]) -> Bool {
        subgroups.allSatisfy { prime, members in members[n.reduce(0) { ($0 << 8 | Int($1)) % prime }] }
    }
}
