import Accountability
import Codecs
import Kernel

/// One entry of a record's history: who did what, when, with which content. Signed and chained when it is written.
public struct RecordAction: Sendable {
    /// 1, 2, 3 ... within the record.
    public let sequence: Int64
    public let kind: VitalAction
    public let actor: CivilActor
    /// The server's time, which counts.
    public let at: Instant
    /// What the device's clock said when it was done without a line: evidence only.
    public let deviceTime: Instant?
    public let content: ActionContent
}

/// Who acts on a record, as its history names them.
public struct CivilActor: Sendable, Hashable {
    /// `officer`, `client`, `self` or `system`.
    public let kind: String
    public let id: String
    public let role: String
    /// The place of the office: a place code, or empty for the whole country.
    public let office: String

    public init(kind: String, id: String, role: String, office: String) {
        self.kind = kind
        self.id = id
        self.role = role
        self.office = office
    }

    var actor: Actor {
        switch kind {
        case "officer": .officer(id: id, role: role)
        case "client": .client(id)
        case "self": .subjectSelf
        default: .system(id)
        }
    }

    var json: JSONValue {
        ["kind": .string(kind), "id": .string(id), "role": .string(role), "office": .string(office)]
    }

    init(json: JSONValue?) throws {
        guard let object = json?.objectValue, let kind = object.string("kind"), let id = object.string("id"),
            let role = object.string("role"), let office = object.string("office")
        else { throw RumdulError.internal("civil.actor") }
        self.init(kind: kind, id: id, role: role, office: office)
    }
}

/// What an action carries; which parts are set depends on its kind.
public struct ActionContent: Sendable, Hashable {
    /// The whole declaration: create, notify, declare.
    public var declaration: [String: String]?
    /// Why: return, archive, revoke, late approval, correction.
    public var reason: String?
    /// What a correction changes.
    public var changes: [FieldChange]?
    /// Whether a correction is clerical or rests on a court.
    public var correction: CorrectionClass?
    /// The legal basis: number of a judgment or decision.
    public var basis: String?
    /// The number that registering gave.
    public var number: String?
    /// The persons whom registering entered or changed, by role.
    public var persons: [ParticipantRole: PersonID]?
    /// The class of lateness that was computed on declaring.
    public var lateness: Lateness?
    /// The rule pack that was applied.
    public var rules: String?
    /// The other record: of a duplicate, of a successor.
    public var record: String?
    /// Findings that question the declaration without refusing it.
    public var flags: [String]?
    /// The certificate or piece of evidence.
    public var item: String?

    public init() {}

    func json(_ kind: VitalEventKind) -> JSONObject {
        var object = JSONObject()
        object["declaration"] = declaration.map { Declaration(kind, $0).json }
        object["reason"] = reason.map(JSONValue.string)
        object["changes"] = changes.map { .array($0.map(\.json)) }
        object["correction"] = correction.map { .string($0.rawValue) }
        object["basis"] = basis.map(JSONValue.string)
        object["number"] = number.map(JSONValue.string)
        object["persons"] = persons.map { persons in
            .object(
                JSONObject(
                    persons.sorted { $0.key.rawValue < $1.key.rawValue }.map {
                        ($0.key.rawValue, .string($0.value.text))
                    }))
        }
        object["lateness"] = lateness.map { .string($0.rawValue) }
        object["rules"] = rules.map(JSONValue.string)
        object["record"] = record.map(JSONValue.string)
        object["flags"] = flags.map { .strings($0) }
        object["item"] = item.map(JSONValue.string)
        return object
    }

    init(_ kind: VitalEventKind, json: JSONObject) throws {
        if let values = json["declaration"] { declaration = try Declaration(kind, json: values).values }
        reason = json.string("reason")
        changes = try json.array("changes")?.map { try FieldChange(json: $0) }
        correction = json.string("correction").flatMap { CorrectionClass(rawValue: $0) }
        basis = json.string("basis")
        number = json.string("number")
        if let object = json.object("persons") {
            var found: [ParticipantRole: PersonID] = [:]
            for member in object.members {
                guard let role = ParticipantRole(rawValue: member.name), let id = member.value.stringValue else {
                    throw RumdulError.internal("civil.persons")
                }
                found[role] = PersonID(id)
            }
            persons = found
        }
        lateness = json.string("lateness").flatMap { Lateness(rawValue: $0) }
        rules = json.string("rules")
        record = json.string("record")
        flags = json.strings("flags")
        item = json.string("item")
    }
}

/// What a correction needs.
public enum CorrectionClass: String, Sendable, Codable, CaseIterable {
    /// A slip of writing; a second officer approves.
    case clerical
    /// Anything else; a court decides, and the decision is named.
    case substantive

    /// The name in both languages.
    public var label: LocalizedText {
        switch self {
        case .clerical: LocalizedText(km: "កំហុសសរសេរ", en: "Clerical")
        case .substantive: LocalizedText(km: "តាមសេចក្តីសម្រេចតុលាការ", en: "By court decision")
        }
    }
}
