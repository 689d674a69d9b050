import Accountability
import Codecs
import Kernel

/// What a system of an organisation may do at the registers: the operator's decision, member `register_access` of the
/// registration. Nobody else can give these scopes: not the developer of the client, not a dynamic registration.
public struct RegisterAccess: Sendable, Hashable {
    /// Scope values at the registers, such as `cr.notice.write`.
    public var scopes: [String]
    /// Codes of the places that it deals with, 2 to 8 digits; empty for the whole country.
    public var areas: [String]
    /// The code of the legal provision that every access entry names; no consent stands behind a system's access.
    public var basis: String
    /// The attributes that it may read in the clear.
    public var attributes: [String]
    /// The topics of notifications that it may subscribe to, and what it learns on each; no other topic exists for it.
    public var topics: [TopicAccess] = []
    /// The addresses that answers may be sent to (DCI registry API, `sender_uri`); exactly as messages name them.
    public var callbacks: [String] = []

    /// What a system may learn on one topic.
    public struct TopicAccess: Sendable, Hashable {
        public var name: String
        /// Whether messages name those concerned by their codes.
        public var identifiers: Bool
        /// Whether it is told of sealed records.
        public var sealed: Bool
    }

    /// How scope values of the registers begin. A word that begins so is never granted in any other way.
    public static let prefixes = ["cr.", "pr.", "ids.", "uin.", "notif.", "dci."]

    /// Whether a scope value is one of the registers'.
    public static func isReserved(_ scope: String) -> Bool {
        scope == "document.read" || prefixes.contains { scope.hasPrefix($0) }
    }
}

extension RegisterAccess {
    var json: JSONObject {
        var object: JSONObject = ["scopes": .strings(scopes), "basis": .string(basis)]
        if !areas.isEmpty { object["areas"] = .strings(areas) }
        if !attributes.isEmpty { object["attributes"] = .strings(attributes) }
        if !topics.isEmpty {
            object["topics"] = .array(
                topics.map {
                    ["name": .string($0.name), "identifiers": .bool($0.identifiers), "sealed": .bool($0.sealed)]
                })
        }
        if !callbacks.isEmpty { object["callbacks"] = .strings(callbacks) }
        return object
    }
}

extension RelyingPartyDocument {
    /// Reads the operator's grant and adds its scopes to those of the client; refuses such a scope without a grant.
    static func readRegisterAccess(_ reader: DocumentReader, into party: inout RelyingParty) throws {
        let name = "register_access"
        party.registerAccess = try registerAccess(reader, name, party)
        let granted = party.registerAccess?.scopes ?? []
        guard party.scope.allSatisfy({ !RegisterAccess.isReserved($0) || granted.contains($0) }) else {
            throw reader.invalid(
                "scope", km: "scope នៃបញ្ជី ត្រូវឱ្យដោយអ្នកប្រតិបត្តិ",
                "scopes of the registers are granted by an operator (register_access)")
        }
        party.scope += granted.filter { !party.scope.contains($0) }
    }

    private static func registerAccess(
        _ reader: DocumentReader, _ name: String, _ party: RelyingParty
    ) throws -> RegisterAccess? {
        guard reader.has(name) else { return nil }
        guard let object = reader.object.object(name) else {
            throw reader.invalid(name, km: "មិនត្រឹមត្រូវ", "{\"scopes\", \"areas\", \"basis\", \"attributes\"}")
        }
        guard party.organisation != nil, party.authentication.isConfidential,
            party.grantTypes.contains(GrantType.clientCredentials.rawValue)
        else {
            throw reader.invalid(
                name, km: "ត្រូវការអង្គភាព និង client_credentials",
                "needs an organisation and a confidential client with the grant type client_credentials")
        }
        let inner = DocumentReader(object: object)
        try inner.requireKnown(["scopes", "areas", "basis", "attributes", "topics", "callbacks"], in: name + ".")
        var access = RegisterAccess(
            scopes: try inner.words("scopes", limit: 50), areas: try inner.words("areas", limit: 100),
            basis: try inner.text("basis", limit: 100), attributes: try inner.words("attributes", limit: 50))
        guard !access.scopes.isEmpty, access.scopes.allSatisfy(RegisterAccess.isReserved) else {
            throw reader.invalid(
                name + ".scopes", km: "មិនត្រឹមត្រូវ",
                "scope values of the registers: \(RegisterAccess.prefixes.joined(separator: "*, "))*")
        }
        guard
            access.areas.allSatisfy({ code in
                [2, 4, 6, 8].contains(code.utf8.count) && code.utf8.allSatisfy { (48...57).contains($0) }
            })
        else { throw reader.invalid(name + ".areas", km: "មិនត្រឹមត្រូវ", "codes of places, 2, 4, 6 or 8 digits") }
        for attribute in access.attributes
        where !AttributeCatalogue.forSystems.contains(where: { $0.name.rawValue == attribute }) {
            throw reader.invalid(name + ".attributes", km: "មិនស្គាល់ \(attribute)", "unknown attribute \(attribute)")
        }
        access.topics = try topics(inner, in: name + ".topics")
        access.callbacks = try inner.words("callbacks", limit: 20)
        // Where a node may really ask is decided by its rules for outgoing requests, each time.
        guard access.callbacks.allSatisfy({ $0.hasPrefix("https://") || $0.hasPrefix("http://") }) else {
            throw reader.invalid(name + ".callbacks", km: "ត្រូវជាអាសយដ្ឋាន https", "absolute https addresses")
        }
        return access
    }

    private static func topics(_ reader: DocumentReader, in place: String) throws -> [RegisterAccess.TopicAccess] {
        guard reader.has("topics") else { return [] }
        guard let items = reader.object.array("topics"), items.count <= 100 else {
            throw reader.invalid(
                place, km: "បញ្ជីប្រធានបទ", "a list of at most 100 {\"name\", \"identifiers\", \"sealed\"}")
        }
        return try items.map { item in
            guard let object = item.objectValue else {
                throw reader.invalid(place, km: "មិនត្រឹមត្រូវ", "{\"name\", \"identifiers\", \"sealed\"}")
            }
            let inner = DocumentReader(object: object)
            try inner.requireKnown(["name", "identifiers", "sealed"], in: place + ".")
            return RegisterAccess.TopicAccess(
                name: try inner.text("name", limit: 100), identifiers: try inner.truth("identifiers"),
                sealed: try inner.truth("sealed"))
        }
    }
}
