import Foundation
import Kernel
import KeyVault
import Outbound

extension Configuration {
    /// The client for requests to addresses that others gave.
    /// Throws `configuration.invalid` when the file of authorities cannot be read or holds none.
    func outboundClient() throws -> OutboundClient {
        let policy = OutboundPolicy(rules: outboundAllow.compactMap(OutboundRule.init))
        return OutboundClient(
            policy: policy, limits: OutboundLimits(timeout: Int64(outboundTimeout) * 1000), trust: try outboundTrust())
    }

    func outboundTrust() throws -> OutboundTrust {
        guard let outboundRoots else { return OutboundTrust() }
        guard let data = FileManager.default.contents(atPath: outboundRoots) else {
            throw RumdulError.configurationInvalid("outbound_roots", "the file cannot be read")
        }
        do {
            return try OutboundTrust(additionalPEM: [UInt8](data))
        } catch {
            throw RumdulError.configurationInvalid("outbound_roots", "the file holds no certificates in PEM form")
        }
    }
}

/// Waiting notifications are sealed by the key vault.
struct VaultDeliverySealer: DeliverySealer {
    let vault: any KeyVault

    func seal(_ bytes: [UInt8], context: [UInt8]) async throws -> [UInt8] {
        try await vault.seal(bytes, purpose: .sealing, context: context)
    }

    func open(_ sealed: [UInt8], context: [UInt8]) async throws -> [UInt8] {
        try await vault.open(sealed, purpose: .sealing, context: context)
    }
}
