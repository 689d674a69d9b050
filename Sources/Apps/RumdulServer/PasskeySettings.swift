import Authenticators
import Codecs
import Foundation
import Kernel
import WebAuthn

extension Configuration {
    /// How much attestation passkeys must bring, as the setting `passkey_attestation` names it.
    static let attestationDemands: [String: AttestationPolicy.Demand] = [
        "optional": .optional, "trusted": .trustedIfPresent, "needed": .needed,
    ]

    /// Who this node is to passkeys, and which authenticators it accepts. The files are read at the start.
    /// - Throws: `configuration.invalid` for files that are missing or no certificates, and for metadata that is not signed by
    ///   a root of `fido_metadata_roots` or is out of date.
    func passkeyParty(issuer: String, now: Instant) throws -> RelyingParty {
        var party = Passkeys.relyingParty(of: issuer, relatedOrigins: passkeyRelatedOrigins)
        party.attestation.demand = Self.attestationDemands[passkeyAttestation] ?? .optional
        if let file = fidoMetadata {
            let roots = try Self.certificates(fidoMetadataRoots, "fido_metadata_roots")
            guard let data = FileManager.default.contents(atPath: file) else {
                throw RumdulError.configurationInvalid("fido_metadata", "the file cannot be read")
            }
            do {
                party.attestation.metadata = try MetadataBLOB(roots: roots).verify(
                    Array(data).filter { $0 > 0x20 }, at: now)
            } catch {
                throw RumdulError.configurationInvalid("fido_metadata", "a BLOB that these roots vouch for")
                    .because(error.cause ?? error.code)
            }
        }
        if let roots = try passkeyRoots.map({ try Self.certificates($0, "passkey_roots") }) {
            for format in ["packed", "tpm", "android-key", "apple", "fido-u2f"] {
                party.attestation.roots[format] = roots
            }
        }
        return party
    }

    static func certificates(_ path: String?, _ name: String) throws -> [AttestationCertificate] {
        guard let path, let data = FileManager.default.contents(atPath: path), data.count <= 1 << 22 else {
            throw RumdulError.configurationInvalid(name, "the path of a PEM file")
        }
        let begin = "-----BEGIN CERTIFICATE-----"
        var found: [AttestationCertificate] = []
        for part in String(decoding: data, as: UTF8.self).components(separatedBy: begin).dropFirst() {
            let body = part.components(separatedBy: "-----END")[0].filter { !$0.isWhitespace }
            guard let der = Base64.decode(body), let certificate = try? AttestationCertificate(der: der) else {
                throw RumdulError.configurationInvalid(name, "certificates in PEM")
            }
            found.append(certificate)
        }
        guard !found.isEmpty else { throw RumdulError.configurationInvalid(name, "certificates in PEM") }
        return found
    }
}
