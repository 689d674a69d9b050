import Codecs
import Kernel

@testable import WebAuthn

/// Metadata of one model, and BLOBs around it.
enum ForgedMetadata {
    static func entry(
        aaguid: [UInt8]?, roots: [AttestationCertificate] = [], algorithms: [String] = [], types: [String] = [],
        statuses: [String] = ["FIDO_CERTIFIED_L1"], protection: [String] = ["hardware"], identifiers: [[UInt8]] = []
    ) -> JSONObject {
        var entry: JSONObject = [
            "metadataStatement": [
                "description": "Forged", "authenticationAlgorithms": .strings(algorithms),
                "attestationTypes": .strings(types), "keyProtection": .strings(protection),
                "attestationRootCertificates": .strings(roots.map { Base64.encode($0.der) }),
            ],
            "statusReports": .array(statuses.map { ["status": .string($0), "effectiveDate": "2024-01-31"] }),
            "timeOfLastStatusChange": "2024-01-31",
        ]
        if let aaguid { entry["aaguid"] = AAGUID(bytes: aaguid).map { .string($0.description) } }
        if !identifiers.isEmpty {
            entry["attestationCertificateKeyIdentifiers"] = .strings(identifiers.map { Hex.encode($0) })
        }
        return entry
    }

    static func directory(
        aaguid: [UInt8]?, roots: [AttestationCertificate] = [], algorithms: [String] = [], types: [String] = [],
        statuses: [String] = ["FIDO_CERTIFIED_L1"], protection: [String] = ["hardware"], identifiers: [[UInt8]] = []
    ) throws -> MetadataDirectory {
        let entry = entry(
            aaguid: aaguid, roots: roots, algorithms: algorithms, types: types, statuses: statuses,
            protection: protection, identifiers: identifiers)
        return MetadataDirectory(
            number: 1, nextUpdate: CalendarDate(daysSinceEpoch: 25000), entries: [try MetadataEntry(entry)])
    }
}
