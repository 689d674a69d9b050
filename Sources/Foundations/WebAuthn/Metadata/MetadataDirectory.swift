import Codecs
import Kernel

/// The metadata of all models, found by AAGUID or by key identifier.
public struct MetadataDirectory: Sendable {
    /// The BLOB's serial number.
    public let number: Int64
    /// The day by which a new BLOB comes.
    public let nextUpdate: CalendarDate
    public let entries: [MetadataEntry]
    private let byModel: [AAGUID: Int]
    private let byKey: [[UInt8]: Int]

    init(number: Int64, nextUpdate: CalendarDate, entries: [MetadataEntry]) {
        self.number = number
        self.nextUpdate = nextUpdate
        self.entries = entries
        var byModel: [AAGUID: Int] = [:]
        var byKey: [[UInt8]: Int] = [:]
        for (index, entry) in entries.enumerated() {
            if let aaguid = entry.aaguid { byModel[aaguid] = index }
            for identifier in entry.keyIdentifiers { byKey[identifier] = index }
        }
        self.byModel = byModel
        self.byKey = byKey
    }

    /// Statements as makers hand them to FIDO's conformance tool, outside of any BLOB: nothing is reported of them, and nobody has signed
    /// them.
    /// - Parameter day: until when they count as new.
    /// - Throws: `webauthn.metadata`.
    public init(statements: [JSONObject], nextUpdate day: CalendarDate) throws(RumdulError) {
        var entries: [MetadataEntry] = []
        for statement in statements {
            var entry: JSONObject = ["metadataStatement": .object(statement), "statusReports": []]
            for name in ["aaguid", "attestationCertificateKeyIdentifiers"] { entry[name] = statement[name] }
            entries.append(try MetadataEntry(entry))
        }
        self.init(number: 0, nextUpdate: day, entries: entries)
    }

    /// Both directories in one. Where both know a model, the other one's entry counts.
    public func merging(_ other: MetadataDirectory) -> MetadataDirectory {
        MetadataDirectory(
            number: max(number, other.number), nextUpdate: max(nextUpdate, other.nextUpdate),
            entries: entries + other.entries)
    }

    /// The entry of a model.
    public subscript(aaguid: AAGUID) -> MetadataEntry? { byModel[aaguid].map { entries[$0] } }

    /// The entry of an authenticator: by model, or by its certificate when it names no model.
    func entry(aaguid: AAGUID, leaf: AttestationCertificate?) -> MetadataEntry? {
        if aaguid != .zero { return self[aaguid] }
        return leaf.flatMap { byKey[$0.keyIdentifier] }.map { entries[$0] }
    }
}
