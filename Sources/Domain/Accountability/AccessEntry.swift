import Codecs
import Kernel
import Ledger

/// One entry of the citizen's journal: somebody saw data about the person.
public struct AccessEntry: Sendable, Hashable {
    /// The stream and number of the entry in the ledger, for proofs and complaints.
    public let stream: String
    public let sequence: Int64
    public let at: Instant
    public let organisation: Organisation
    public let system: String
    public let service: String
    public let purpose: Purpose
    public let basis: Basis
    public let attributes: [AttributeName]
    /// `officer`, `client`, `self` or `system`. Which officer it was is for the auditor, not for the journal.
    public let actorKind: String
    /// The role of the officer, when it was one.
    public let actorRole: String?
    public let traceID: String
    public let caseReference: String?

    static let kind = "disclosure"

    /// What the gate writes. Names of attributes only, never values; and because the person may show the entry to
    /// anybody, an officer's role only: which officer it was stands in the audit trail (`officerEntry`).
    static func ledgerEntry(_ request: DisclosureRequest, _ names: [AttributeName]) -> LedgerEntry {
        var actor: JSONObject = ["kind": .string(request.actor.kind)]
        if case .officer(_, let role) = request.actor {
            actor["role"] = .string(role)
        } else if let id = request.actor.identifier {
            actor["id"] = .string(id)
        }
        var payload: JSONObject = [
            "v": 1, "actor": .object(actor), "org": coded(request.organisation.code, request.organisation.name),
            "system": .string(request.system), "service": .string(request.service),
            "purpose": coded(request.purpose.code, request.purpose.text),
            "basis": ["kind": .string(request.basis.kind), "id": .string(request.basis.reference)],
            "attributes": .strings(names.map(\.rawValue)), "trace": .string(request.traceID),
        ]
        if let reference = request.caseReference { payload["case"] = .string(reference) }
        return LedgerEntry(
            stream: Ledger.shard("access", by: request.subject.text), kind: kind, subject: request.subject.text,
            payload: .object(payload))
    }

    /// Which officer looked, for the auditor: an audit entry that names the access entry. `nil` when it was no officer.
    static func officerEntry(_ request: DisclosureRequest, at position: LedgerPosition) -> LedgerEntry? {
        guard case .officer(let id, _) = request.actor else { return nil }
        return AuditTrail.entry(
            action: "disclosure.officer", actor: request.actor, subject: id,
            details: [
                "stream": .string(position.stream), "sequence": .integer(position.sequence),
                "trace": .string(request.traceID),
            ])
    }

    private static func coded(_ code: String, _ text: LocalizedText) -> JSONValue {
        ["code": .string(code), "km": .string(text.km), "en": .string(text.en)]
    }

    /// The entry of a ledger record, or `nil` when the record is none.
    init?(stream: String, sequence: Int64, at: Instant, payload: JSONValue) {
        func text(_ value: JSONValue?) -> LocalizedText? {
            guard let km = value?["km"]?.stringValue, let en = value?["en"]?.stringValue else { return nil }
            return LocalizedText(km: km, en: en)
        }
        guard let organisationCode = payload["org"]?["code"]?.stringValue, let organisationName = text(payload["org"]),
            let purposeCode = payload["purpose"]?["code"]?.stringValue, let purposeText = text(payload["purpose"]),
            let basisKind = payload["basis"]?["kind"]?.stringValue,
            let reference = payload["basis"]?["id"]?.stringValue,
            let system = payload["system"]?.stringValue, let service = payload["service"]?.stringValue,
            let attributes = payload["attributes"]?.stringsValue,
            let actorKind = payload["actor"]?["kind"]?.stringValue,
            let trace = payload["trace"]?.stringValue
        else { return nil }
        self.stream = stream
        self.sequence = sequence
        self.at = at
        organisation = Organisation(code: organisationCode, name: organisationName)
        purpose = Purpose(code: purposeCode, text: purposeText)
        basis = Basis(kind: basisKind, reference: reference)
        self.system = system
        self.service = service
        self.attributes = attributes.map(AttributeName.init(rawValue:))
        self.actorKind = actorKind
        actorRole = payload["actor"]?["role"]?.stringValue
        traceID = trace
        caseReference = payload["case"]?.stringValue
    }
}
