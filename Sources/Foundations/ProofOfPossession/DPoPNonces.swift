import Codecs
import Kernel
import KeyVault
import Synchronization

/// Nonces for DPoP proofs (RFC 9449, sections 8 and 9) without a table: time is cut into slots, and the nonce of a slot
/// is its number under the vault's authentication key. Every node that shares the vault makes and accepts the same ones.
///
/// A nonce is accepted during its own slot and the one after it. That of the slot to come is accepted as well, since the
/// clock of the node that gave it may run ahead; nobody can know it before.
public final class DPoPNonces: Sendable {
    private let vault: any KeyVault
    private let ambient: Ambient
    /// The length of a slot in seconds.
    public let seconds: Int64
    private let slots = Mutex<[Int64: String]>([:])

    /// - Parameter seconds: the length of a slot, 5...3600; values outside become the nearest one inside.
    public init(vault: any KeyVault, ambient: Ambient, seconds: Int64 = 30) {
        self.vault = vault
        self.ambient = ambient
        self.seconds = min(3600, max(5, seconds))
    }

    /// The nonce to send in `DPoP-Nonce`: 32 characters of base64url.
    /// - Throws: `keyvault.*`
    public func current() async throws -> String { try await nonce(ambient.now().seconds / seconds) }

    /// Whether a proof may carry this nonce now.
    /// - Throws: `keyvault.*`
    public func accepts(_ nonce: String) async throws -> Bool {
        guard nonce.utf8.count == 32 else { return false }
        let slot = ambient.now().seconds / seconds
        var isGood = false
        for candidate in [slot, slot - 1, slot + 1] {
            let wanted = try await self.nonce(candidate)
            if constantTimeEquals(wanted.utf8, nonce.utf8) { isGood = true }
        }
        return isGood
    }

    private func nonce(_ slot: Int64) async throws -> String {
        if let known = slots.withLock({ $0[slot] }) { return known }
        var input = Array("dpop-nonce/1:".utf8)
        for shift in stride(from: 56, through: 0, by: -8) { input.append(UInt8(truncatingIfNeeded: slot >> shift)) }
        let mac = try await vault.mac(input, purpose: .mac, keyID: nil)
        let nonce = Base64URL.encode(Array(mac.prefix(24)))
        slots.withLock { slots in
            if slots.count > 8 { slots = slots.filter { abs($0.key - slot) <= 2 } }
            slots[slot] = nonce
        }
        return nonce
    }
}
