import Codecs
import Kernel
import Web

/// The parameters of one authorization request, from the query, a form, a pushed request or a request object.
struct AuthorizationParameters: Sendable, Equatable {
    private(set) var values: [String: String]
    /// `resource` may come more than once (RFC 8707, section 2).
    var resources: [String]
    /// The pushed request behind these parameters, spent when the authorization is complete.
    var pushedID: String?
    /// The identifier of the request object behind these parameters, spent when the authorization is complete.
    var objectID: String?
    /// The thumbprint of the key that a DPoP proof at the pushed request endpoint showed (RFC 9449, section 10.1).
    var proofThumbprint: String?

    /// The parameter that may be repeated.
    static let repeatable: Set<String> = ["resource"]

    init(_ values: [String: String], resources: [String] = []) {
        self.values = values.filter { !$0.value.isEmpty }
        self.resources = resources
    }

    init(_ fields: FormFields) {
        var values: [String: String] = [:]
        for field in fields.all where !field.value.isEmpty && !Self.repeatable.contains(field.name) {
            values[field.name] = field.value
        }
        self.init(values, resources: fields.all.filter { $0.name == "resource" && !$0.value.isEmpty }.map(\.value))
    }

    /// Members of a request object (RFC 9101, section 4): texts as they are, numbers and truths as text, `claims` and
    /// `authorization_details` as JSON.
    init(requestObject claims: JSONObject) throws(OAuthError) {
        var values: [String: String] = [:]
        var resources: [String] = []
        for name in claims.names where !Self.ownClaims.contains(name) {
            guard let value = claims[name], !value.isNull else { continue }
            if name == "resource" {
                resources = value.stringsValue ?? value.stringValue.map { [$0] } ?? []
            } else if let text = value.stringValue {
                values[name] = text
            } else if value.objectValue != nil || value.arrayValue != nil {
                values[name] = JSON.text(value)
            } else if let number = value.integerValue {
                values[name] = String(number)
            } else if let truth = value.boolValue {
                values[name] = truth ? "true" : "false"
            } else {
                throw OAuthError("invalid_request_object", "a member of the request object is neither text nor object")
            }
        }
        self.init(values, resources: resources)
    }

    /// Claims of the JWT itself; they are no parameters (RFC 9101, section 4, and RFC 7519).
    private static let ownClaims: Set<String> = [
        "iss", "aud", "exp", "iat", "nbf", "jti", "sub", "request", "request_uri",
    ]

    /// All but the repeatable ones.
    var all: [String: String] { values }

    subscript(name: String) -> String? {
        get { values[name] }
        set { values[name] = newValue }
    }

    /// These parameters, with those of a request object in front of them (OpenID Connect Core 1.0, section 6.1).
    func merging(_ object: AuthorizationParameters) -> AuthorizationParameters {
        var merged = self
        merged["request"] = nil
        merged["request_uri"] = nil
        merged.values.merge(object.values) { _, inner in inner }
        if !object.resources.isEmpty { merged.resources = object.resources }
        merged.objectID = object.objectID
        return merged
    }
}

extension AuthorizationParameters {
    /// As stored between the pushed request and the authorization.
    var json: JSONObject {
        var object: JSONObject = [:]
        for (name, value) in values.sorted(by: { $0.key < $1.key }) { object["p." + name] = .string(value) }
        object["resources"] = .strings(resources)
        if let objectID { object["object_id"] = .string(objectID) }
        if let proofThumbprint { object["proof"] = .string(proofThumbprint) }
        return object
    }

    init(json object: JSONObject) {
        var values: [String: String] = [:]
        for name in object.names where name.hasPrefix("p.") { values[String(name.dropFirst(2))] = object.string(name) }
        self.init(values, resources: object.strings("resources") ?? [])
        objectID = object.string("object_id")
        proofThumbprint = object.string("proof")
    }
}
