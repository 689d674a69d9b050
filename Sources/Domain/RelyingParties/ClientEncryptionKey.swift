import JOSE

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
