import Kernel

/// Keyed tags for looking up by a value that is stored encrypted. The codes of a country are few enough to be tried one
/// by one, so only a key that lives in the vault protects them; a hash, salted or not, would not.
///
/// A tag is HMAC-SHA-256 over `length of domain (2, big endian) || domain || value`, so that equal values in two
/// domains have unrelated tags. Callers normalise the value first: equal means equal bytes.
public struct BlindIndex: Sendable {
    private let vault: any KeyVault

    public init(vault: any KeyVault) { self.vault = vault }

    /// The 32-byte tag of a value in a domain (`"person.kidc"`, at most 65,535 bytes). Throws the errors of
    /// `KeyVault.mac`.
    public func tag(_ value: String, domain: String) async throws -> [UInt8] {
        try await tag(Array(value.utf8), domain: domain)
    }

    /// The 32-byte tag of a value of bytes.
    public func tag(_ value: [UInt8], domain: String) async throws -> [UInt8] {
        let name = domain.utf8
        precondition(name.count <= Int(UInt16.max), "the name of a domain is short")
        var input: [UInt8] = []
        input.reserveCapacity(2 + name.count + value.count)
        input.append(UInt8(name.count >> 8))
        input.append(UInt8(name.count & 255))
        input += name
        input += value
        return try await vault.mac(input, purpose: .blindIndex, keyID: nil)
    }
}
