import Authenticators
import Kernel
import KeyVault

/// Makes activation codes from a secret of the vault and a salt, so that the officer's page can show a code again while
/// nothing that is stored gives it away: the table holds the salt and a keyed hash.
struct ActivationCodes: Sendable {
    /// How many keys a code is looked up under: the active one and those retired lately.
    private static let keysTried = 3

    let vault: any KeyVault
    let ambient: Ambient

    /// A new code for a case: the code itself and what to store.
    func issue(for id: String, expiresAt: Instant) async throws -> (code: String, stored: EnrolmentStore.NewCode) {
        let key = try await vault.activeKey(.mac)
        let salt = ambient.randomBytes(16)
        let code = try await code(for: id, key: key.id, salt: salt)
        return (
            code,
            EnrolmentStore.NewCode(
                key: key.id, salt: salt, hash: try await hash(code, key: key.id), expiresAt: expiresAt)
        )
    }

    /// The code that was issued with this key and salt.
    func code(for id: String, key: String, salt: [UInt8]) async throws -> String {
        let bytes = try await vault.mac(Self.label("rumdul-activation-code", id) + salt, purpose: .mac, keyID: key)
        return ActivationCode.text(of: bytes)
    }

    /// The hashes under which a code may be stored, newest key first. Empty for a text that cannot be a code.
    func hashes(of typed: String) async throws -> [[UInt8]] {
        guard let code = ActivationCode.parse(typed) else { return [] }
        var hashes: [[UInt8]] = []
        for key in try await vault.keys(.mac) where key.state == .active || key.state == .retired {
            hashes.append(try await hash(code, key: key.id))
            if hashes.count == Self.keysTried { break }
        }
        return hashes
    }

    private func hash(_ code: String, key: String) async throws -> [UInt8] {
        try await vault.mac(Self.label("rumdul-activation-hash", code), purpose: .mac, keyID: key)
    }

    private static func label(_ name: String, _ value: String) -> [UInt8] {
        Array(name.utf8) + [0] + Array(value.utf8) + [0]
    }
}
