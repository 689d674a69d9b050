import Codecs
import Kernel

/// Why an organisation may ask for a person's data.
public enum LegalBasis: String, Sendable, CaseIterable {
    case consent
    case law
    case contract
    case publicTask = "public_task"

    public var label: LocalizedText {
        switch self {
        case .consent: LocalizedText(km: "ការយល់ព្រមរបស់បុគ្គល", en: "The person's consent alone")
        case .law: LocalizedText(km: "ច្បាប់តម្រូវ", en: "A law demands it")
        case .contract: LocalizedText(km: "កិច្ចសន្យាជាមួយបុគ្គល", en: "A contract with the person")
        case .publicTask: LocalizedText(km: "ភារកិច្ចសាធារណៈ", en: "A public task")
        }
    }

    /// Whether it must say which law, contract or task.
    var needsSource: Bool { self != .consent }
}

/// What the organisation states about a registration besides the registration itself; for the operators who decide.
public struct LegalStatement: Sendable, Equatable {
    /// The basis of one purpose.
    public struct Basis: Sendable, Equatable {
        public var kind: LegalBasis
        /// The article, contract or task; empty for consent.
        public var source: String
    }

    /// By the purpose's code.
    public var bases: [String: Basis] = [:]
    /// Why nothing better than `oidc-legacy` can be done, and what is done about it.
    public var legacyReason = ""

    public init() {}

    init(_ object: JSONObject) {
        for member in object.object("bases")?.members ?? [] {
            guard let basis = member.value.objectValue, let kind = basis.string("kind").flatMap(LegalBasis.init) else {
                continue
            }
            bases[member.name] = Basis(kind: kind, source: basis.string("source") ?? "")
        }
        legacyReason = object.string("legacy_reason") ?? ""
    }

    var json: JSONObject {
        var inner: JSONObject = [:]
        for (code, basis) in bases.sorted(by: { $0.key < $1.key }) {
            inner[code] = ["kind": .string(basis.kind.rawValue), "source": .string(basis.source)]
        }
        return ["bases": .object(inner), "legacy_reason": .string(legacyReason)]
    }
}

/// One version of a client: the registration and the statement that goes with it.
public struct ClientVersion: Sendable, Equatable {
    public var document: JSONObject
    public var statement: LegalStatement

    public init(document: JSONObject, statement: LegalStatement) {
        self.document = document
        self.statement = statement
    }
}
