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

    /// The entry of a model.
    public subscript(aaguid: AAGUID) -> MetadataEntry? { byModel[aaguid].map { entries[$0] } }

    /// The entry of an authenticator: by model, or by its certificate when it names no model.
    func entry(aaguid: AAGUID, leaf: AttestationCertificate?) -> MetadataEntry? {
        if aaguid != .zero { return self[aaguid] }
        return leaf.flatMap { byKey[$0.keyIdentifier] }.map { entries[$0] }
    }
}
