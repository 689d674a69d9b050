import Codecs
import Database
import Kernel
import Ledger

/// Personal data on its way from a register to the gate. Whoever makes one cannot read it again: only the gate can.
public struct ProtectedAttributes: Sendable {
    let values: [AttributeName: JSONValue]

    /// Wraps what a register found. Attributes without a value are left out.
    public init(_ values: [AttributeName: JSONValue]) { self.values = values }
}

/// Personal data that has left the registers, with its entry written. Nothing outside this module can make one, so a
/// function that takes `DisclosedAttributes` is proof that the disclosure stands in the citizen's journal.
public struct DisclosedAttributes: Sendable {
    // A tuple list keeps the order of the request.
    private let disclosed: [(AttributeName, JSONValue)]

    /// Internal: only the gate writes the access entry, so only the gate may build this.
    init(disclosed: [(AttributeName, JSONValue)]) { self.disclosed = disclosed }

    /// The value of an attribute; `nil` when it was not asked for or the register has none.
    public subscript(name: AttributeName) -> JSONValue? { disclosed.first { $0.0 == name }?.1 }

    /// All values in the order of the request.
    public var values: [(AttributeName, JSONValue)] { disclosed }
}

/// A register that can answer the gate. Registers have no other way to hand out attributes.
public protocol AttributeSource: Sendable {
    /// The values of the named attributes of a person, those that exist. Called by the gate only.
    func protectedAttributes(
        of subject: PersonID, _ names: [AttributeName], in connection: any SQLConnection
    ) async throws -> ProtectedAttributes
}

/// The one door through which personal data leaves the registers. Reading and the citizen's entry are one transaction:
/// neither happens without the other.
public struct DisclosureGate: Sendable {
    /// The prefix of the streams that hold access entries.
    public static let streamPrefix = "access-"

    private let ledger: Ledger
    private let ambient: Ambient

    public init(ledger: Ledger, ambient: Ambient) {
        self.ledger = ledger
        self.ambient = ambient
    }

    /// Reads the requested attributes and writes exactly one access entry (one row) in the same transaction; for an
    /// officer a second row, in the audit trail, which says who it was.
    ///
    /// The entry names every requested attribute, also those for which the register has no value: that there is none
    /// was told too. Throws `disclosure.no_basis`, `disclosure.no_purpose`, `disclosure.no_attributes`,
    /// `disclosure.unknown_attribute`, `disclosure.incomplete`, and what the source throws; in each case nothing was
    /// disclosed and nothing is written.
    public func disclose(
        _ request: DisclosureRequest, from source: any AttributeSource, in connection: any SQLConnection
    ) async throws -> DisclosedAttributes {
        try request.validate()
        var names: [AttributeName] = []
        for name in request.attributes where !names.contains(name) { names.append(name) }
        let protected = try await source.protectedAttributes(of: request.subject, names, in: connection)
        let position = try await ledger.append(AccessEntry.ledgerEntry(request, names), in: connection)
        if let officer = AccessEntry.officerEntry(request, at: position) {
            try await ledger.append(officer, in: connection)
        }
        return Self.disclosed(protected, names)
    }

    /// As `disclose` for many people at once, with few statements: exactly one access entry each, all in the transaction
    /// that reads, and for an officer one row each in the audit trail. Answers in the order of the requests; when one is
    /// refused, nothing is disclosed.
    public func disclose(
        many requests: [DisclosureRequest], from source: any AttributeSource, in connection: any SQLConnection
    ) async throws -> [DisclosedAttributes] {
        var found: [(ProtectedAttributes, [AttributeName])] = []
        var entries: [LedgerEntry] = []
        for request in requests {
            try request.validate()
            var names: [AttributeName] = []
            for name in request.attributes where !names.contains(name) { names.append(name) }
            let protected = try await source.protectedAttributes(of: request.subject, names, in: connection)
            entries.append(AccessEntry.ledgerEntry(request, names))
            found.append((protected, names))
        }
        let positions = try await ledger.append(many: entries, in: connection)
        let officers = zip(requests, positions).compactMap { AccessEntry.officerEntry($0, at: $1) }
        if !officers.isEmpty { try await ledger.append(many: officers, in: connection) }
        return found.map { Self.disclosed($0.0, $0.1) }
    }

    /// The only builder; called behind the lines that write the entries.
    private static func disclosed(
        _ protected: ProtectedAttributes, _ names: [AttributeName]
    ) -> DisclosedAttributes {
        return DisclosedAttributes(disclosed: names.compactMap { name in protected.values[name].map { (name, $0) } })
    }
}
