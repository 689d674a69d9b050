import Codecs
import Kernel

/// One comparison of a query.
struct DCIPredicate: Sendable {
    /// `ExpOperator`, without `in`.
    enum Operator: String, Sendable {
        case eq, gt, lt, ge, le

        /// Also the words that expressions of other registries use: `$eq`, `gte`.
        init?(_ text: String) {
            let word = text.hasPrefix("$") ? String(text.dropFirst()) : text
            guard let known = Self(rawValue: ["gte": "ge", "lte": "le"][word] ?? word) else { return nil }
            self = known
        }
    }

    let attribute: String
    let sign: Operator
    let value: String

    /// The most comparisons of one query.
    static let limit = 10

    private init(_ attribute: String?, _ sign: String?, _ value: JSONValue?) throws(RumdulError) {
        guard let attribute, (1...100).contains(attribute.utf8.count), let sign = sign.flatMap({ Operator($0) })
        else {
            throw .dciCriteria(km: "attribute_name ឬ operator", en: "attribute_name and operator (eq, gt, lt, ge, le)")
        }
        self.attribute = attribute
        self.sign = sign
        self.value = try Self.text(value)
    }

    /// A value as text. Throws `dci.criteria`.
    static func text(_ value: JSONValue?) throws(RumdulError) -> String {
        switch value {
        case .string(let text) where (1...400).contains(text.utf8.count): text
        case .integer(let number): String(number)
        default: throw .dciCriteria(km: "attribute_value", en: "attribute_value is a text of at most 400 bytes")
        }
    }

    /// `ExpPredicateWithConditionList`: everything must hold, so `and` is the only condition. Throws `dci.criteria`.
    static func list(_ value: JSONValue) throws(RumdulError) -> [DCIPredicate] {
        guard case .array(let items) = value, (1...limit).contains(items.count) else {
            throw .dciCriteria(km: "query", en: "query is a list of at most ten expressions")
        }
        var found: [DCIPredicate] = []
        for item in items {
            guard let object = item.objectValue else { throw .dciCriteria(km: "query", en: "each has expression1") }
            let condition = object.string("condition") ?? ""
            guard ["", "and"].contains(condition) else { throw .dciCriteria(km: "condition", en: "condition is and") }
            for name in ["expression1", "expression2"] {
                guard let part = object[name], !part.isNull, part != "" else {
                    if name == "expression1" { throw .dciCriteria(km: "expression1", en: "each has expression1") }
                    continue
                }
                found.append(
                    try DCIPredicate(
                        part["attribute_name"]?.stringValue, part["operator"]?.stringValue, part["attribute_value"]))
            }
        }
        guard found.count <= limit else { throw .dciCriteria(km: "query", en: "at most ten comparisons") }
        return found
    }

    /// An expression: the list above, `{"type", "value": {"expression": ...}}`, or an object of attributes with their
    /// comparisons, plain (`{"surname": {"eq": "SOK"}}`) or in the form of a collection's query
    /// (`{"collection": "Person", "query": {"$and": [...]}}`). Throws `dci.criteria`.
    static func expression(_ value: JSONValue) throws(RumdulError) -> [DCIPredicate] {
        if case .array = value { return try list(value) }
        if let inner = value["value"]?["expression"] { return try expression(inner) }
        if value["collection"] != nil, let inner = value["query"] { return try expression(inner) }
        if let inner = value["$and"] {
            guard case .array(let parts) = inner, (1...limit).contains(parts.count) else {
                throw .dciCriteria(km: "$and", en: "$and is a list of at most ten")
            }
            var found: [DCIPredicate] = []
            for part in parts { found += try comparisons(part) }
            guard found.count <= limit else { throw .dciCriteria(km: "query", en: "at most ten comparisons") }
            return found
        }
        return try comparisons(value)
    }

    private static func comparisons(_ value: JSONValue) throws(RumdulError) -> [DCIPredicate] {
        guard let object = value.objectValue, (1...limit).contains(object.count) else {
            throw .dciCriteria(km: "query", en: "an expression is an object of attributes with their comparisons")
        }
        var found: [DCIPredicate] = []
        for member in object.members {
            guard let signs = member.value.objectValue, (1...4).contains(signs.count) else {
                throw .dciCriteria(km: "query", en: "each attribute has an object of comparisons")
            }
            for sign in signs.members { found.append(try DCIPredicate(member.name, sign.name, sign.value)) }
        }
        return found
    }
}
