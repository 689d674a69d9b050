import Accountability
import Codecs
import Kernel

/// One `verified_claims` element of the `claims` parameter (OpenID Connect for Identity Assurance 1.0, section 6), checked and without what
/// is not known here.
struct VerifiedClaimsRequest: Sendable, Equatable {
    /// The members of `verification` that are asked, each null or with its constraints; lists and objects as in the request.
    var verification: JSONObject
    /// Attribute names without language tags, each null or with its constraints.
    var claims: JSONObject

    static let maximumElements = 4
    private static let maximumList = 10
    private static let maximumValues = 20

    /// The elements of a `verified_claims` member: one object or a list of them. Null and an empty object ask for nothing.
    /// - Throws: `invalid_request` for what the standard's schema does not allow, or more than the limits.
    static func elements(_ value: JSONValue?) throws(OAuthError) -> [VerifiedClaimsRequest] {
        guard let value, !value.isNull else { return [] }
        let objects = value.arrayValue ?? [value]
        guard (1...maximumElements).contains(objects.count) else {
            throw .invalidRequest("verified_claims is not a list of one to \(maximumElements) objects")
        }
        var elements: [VerifiedClaimsRequest] = []
        for object in objects {
            guard let object = object.objectValue else {
                throw .invalidRequest("verified_claims is neither an object nor a list of objects")
            }
            if !object.isEmpty { elements.append(try VerifiedClaimsRequest(object)) }
        }
        return elements
    }

    private init(_ object: JSONObject) throws(OAuthError) {
        guard let asked = object.object("verification"), asked.has("trust_framework") else {
            throw .invalidRequest("verified_claims without verification.trust_framework")
        }
        guard let wanted = object.object("claims"), (1...60).contains(wanted.count) else {
            throw .invalidRequest("verified_claims.claims is not an object of one to 60 members")
        }
        verification = try Self.clean(asked, VerificationGrammar.members, at: "verification")
        claims = [:]
        for member in wanted.members {
            let constraint = try Self.constraint(member.value, at: "claims")
            let name = String(member.name.prefix { $0 != "#" })
            if AssuredAttributes.names.contains(name), !claims.has(name) { claims[name] = constraint }
        }
    }

    /// As the transaction's row keeps it.
    var json: JSONValue { .object(["v": .object(verification), "c": .object(claims)]) }

    init?(json: JSONValue) {
        guard let verification = json["v"]?.objectValue, let claims = json["c"]?.objectValue else { return nil }
        self.verification = verification
        self.claims = claims
    }
}

extension VerifiedClaimsRequest {
    /// What of it a purpose allows; `nil` when no claim remains.
    func restricted(to registered: Set<String>) -> VerifiedClaimsRequest? {
        var kept = self
        for name in claims.names where !registered.contains(name) { kept.claims[name] = nil }
        return kept.claims.isEmpty ? nil : kept
    }

    /// Every attribute that an answer would tell: the claims, and what evidence says besides them.
    var attributes: [String] {
        var names = claims.names
        for template in verification.array("evidence") ?? [] where Self.concernsDocuments(template) {
            names.append(AttributeName.documentType.rawValue)
            if template["document_details"]?.objectValue?.has("document_number") ?? false {
                names.append(AttributeName.nationalID.rawValue)
            }
        }
        return names
    }

    /// The same request without the number of a document.
    var withoutDocumentNumber: JSONObject {
        var verification = verification
        guard let evidence = verification.array("evidence") else { return verification }
        verification["evidence"] = .array(
            evidence.map { template in
                guard var object = template.objectValue, var details = object.object("document_details") else {
                    return template
                }
                details["document_number"] = nil
                object["document_details"] = .object(details)
                return .object(object)
            })
        return verification
    }

    private static func concernsDocuments(_ template: JSONValue) -> Bool {
        guard let type = template["type"]?.objectValue else { return true }
        return type.string("value").map { $0 == "document" } ?? type.strings("values")?.contains("document") ?? true
    }
}

extension VerifiedClaimsRequest {
    private static func clean(
        _ object: JSONObject, _ grammar: [VerificationGrammar.Member], at path: String
    ) throws(OAuthError) -> JSONObject {
        var kept: JSONObject = [:]
        for member in grammar {
            guard let value = object[member.name] else { continue }
            let path = path + "." + member.name
            switch member.kind {
            case .simple: kept[member.name] = try constraint(value, at: path)
            case .object(let members):
                guard let inner = value.objectValue ?? (value.isNull ? [:] : nil) else {
                    throw .invalidRequest("\(path) is neither null nor an object")
                }
                kept[member.name] = .object(try clean(inner, members, at: path))
            case .list(let members):
                guard !value.isNull else { continue }
                kept[member.name] = .array(try list(value, members, at: path))
            }
        }
        return kept
    }

    private static func list(
        _ value: JSONValue, _ members: [VerificationGrammar.Member], at path: String
    ) throws(OAuthError) -> [JSONValue] {
        guard let entries = value.arrayValue, (1...maximumList).contains(entries.count) else {
            throw .invalidRequest("\(path) is not a list of one to \(maximumList) objects")
        }
        var kept: [JSONValue] = []
        for entry in entries {
            guard let object = entry.objectValue else {
                throw .invalidRequest("\(path) holds something else than objects")
            }
            kept.append(.object(try clean(object, members, at: path)))
        }
        return kept
    }

    /// Null, or `value`, `values` and `max_age` of an object (sections 6.1 and 6.3). `purpose` and `essential` are checked and change nothing.
    private static func constraint(_ value: JSONValue, at path: String) throws(OAuthError) -> JSONValue {
        guard !value.isNull else { return .null }
        guard let object = value.objectValue else {
            throw .invalidRequest("a member of \(path) is neither null nor an object")
        }
        if let purpose = object["purpose"] {
            guard let text = purpose.stringValue, (3...300).contains(text.unicodeScalars.count) else {
                throw .invalidRequest("a purpose in \(path) is not a text of 3 to 300 characters")
            }
        }
        if let essential = object["essential"], essential.boolValue == nil {
            throw .invalidRequest("essential in \(path) is neither true nor false")
        }
        var kept: JSONObject = [:]
        kept["value"] = object["value"]
        if let values = object["values"] {
            guard let list = values.arrayValue, (1...maximumValues).contains(list.count) else {
                throw .invalidRequest("values in \(path) is not a list of one to \(maximumValues)")
            }
            kept["values"] = values
        }
        if let age = object["max_age"] {
            guard let seconds = age.integerValue, seconds >= 0 else {
                throw .invalidRequest("max_age in \(path) is not a number of seconds")
            }
            kept["max_age"] = age
        }
        return kept.isEmpty ? .null : .object(kept)
    }
}

/// The members of `verification` that this provider has something to say about (OpenID Identity Assurance Schema Definition 1.0, section 5).
enum VerificationGrammar {
    struct Member: Sendable {
        var name: String
        var kind: Kind

        init(_ name: String, _ kind: Kind = .simple) {
            self.name = name
            self.kind = kind
        }
    }

    enum Kind: Sendable {
        /// A text with constraints.
        case simple
        case object([Member])
        /// Entries that filter, linked by "or".
        case list([Member])
    }

    static let members = [
        Member("trust_framework"), Member("assurance_level"), Member("time"), Member("verification_process"),
        Member("evidence", .list(evidence)),
    ]

    private static let evidence = [
        Member("type"),
        Member("check_details", .list([Member("check_method"), Member("organization"), Member("time")])),
        Member(
            "record",
            .object([
                Member("type"), Member("created_at"),
                Member("source", .object([Member("name"), Member("country_code")])),
            ])),
        Member(
            "document_details",
            .object([
                Member("type"), Member("document_number"), Member("issuer", .object([Member("country_code")])),
            ])),
    ]
}

/// What the register can answer for: all but the contacts, which people state themselves.
enum AssuredAttributes {
    static let names: [String] = AttributeCatalogue.all.map(\.name)
        .filter { $0 != .phoneNumber && $0 != .email }.map(\.rawValue)

    static func isEncryptedOnly(_ name: String) -> Bool {
        AttributeCatalogue.description(of: AttributeName(rawValue: name))?.encryptedOnly ?? true
    }
}
