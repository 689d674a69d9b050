import Codecs
import Kernel
import PopulationRegister
import ReferenceData

/// What is declared about an event: the value of each field, as canonical text. Fields without a value are absent.
public struct Declaration: Sendable, Hashable {
    public let kind: VitalEventKind
    public private(set) var values: [String: String]

    public init(_ kind: VitalEventKind, _ values: [String: String] = [:]) {
        self.kind = kind
        self.values = values.filter { !$0.value.isEmpty }
    }

    public subscript(field: String) -> String? {
        get { values[field] }
        set { values[field] = newValue.flatMap { $0.isEmpty ? nil : $0 } }
    }

    public subscript(role: ParticipantRole, name: String) -> String? { values[role.field(name)] }

    /// The code of a registered person in a role, when one was named.
    public func code(_ role: ParticipantRole) -> String? { self[role, "person"] }

    /// The date of the event as far as it is known; of a foundling the day of finding.
    public var occurredOn: PartialDate? { values["event.date"].flatMap { PartialDate(iso: $0) } }

    public var place: PlaceCode? { values["event.place"].flatMap { PlaceCode($0) } }

    /// The name of somebody in one script, family name first; `nil` when none is given.
    public func name(_ role: ParticipantRole, latin: Bool = false) -> NameParts? {
        let script = latin ? "latin" : "km"
        let parts = NameParts(family: self[role, "family_\(script)"] ?? "", given: self[role, "given_\(script)"] ?? "")
        return parts.family.isEmpty && parts.given.isEmpty ? nil : parts
    }

    /// The fields that differ, by name, with the old and the new value.
    public func changes(to other: Declaration) -> [FieldChange] {
        Set(values.keys).union(other.values.keys).sorted().compactMap { field in
            values[field] == other.values[field]
                ? nil : FieldChange(field: field, from: values[field], to: other.values[field])
        }
    }

    /// The declaration after these changes. Throws `civil.changed` when a field no longer has the value that a change
    /// starts from.
    public func applying(_ changes: [FieldChange]) throws(RumdulError) -> Declaration {
        var result = self
        for change in changes {
            guard values[change.field] == change.from else { throw .civilChanged }
            result[change.field] = change.to
        }
        return result
    }

    var json: JSONValue { .object(JSONObject(values.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })) }

    init(_ kind: VitalEventKind, json: JSONValue?) throws {
        guard case .object(let object)? = json else { throw RumdulError.internal("civil.declaration") }
        var values: [String: String] = [:]
        for member in object.members {
            guard case .string(let text) = member.value else { throw RumdulError.internal("civil.declaration") }
            values[member.name] = text
        }
        self.init(kind, values)
    }
}

/// One field that a correction changes.
public struct FieldChange: Sendable, Hashable {
    public let field: String
    public let from: String?
    public let to: String?

    public init(field: String, from: String?, to: String?) {
        self.field = field
        self.from = from
        self.to = to
    }

    var json: JSONValue {
        var object: JSONObject = ["field": .string(field)]
        object["from"] = from.map(JSONValue.string)
        object["to"] = to.map(JSONValue.string)
        return .object(object)
    }

    init(json: JSONValue) throws {
        guard case .object(let object) = json, case .string(let field)? = object["field"] else {
            throw RumdulError.internal("civil.change")
        }
        func text(_ name: String) -> String? { if case .string(let value)? = object[name] { value } else { nil } }
        self.init(field: field, from: text("from"), to: text("to"))
    }
}
