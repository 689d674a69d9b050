import Codecs
import Kernel

/// The registration of a client in its two environments, and the changes between versions.
enum RegisteredForm {
    /// Members that belong to the environment, not to the version.
    private static let environmental: Set<String> = ["environment", "client_secret_sha256"]

    /// As registered for trying out: with the portal's own page as the last redirect URI, so that host and sector stay the client's.
    static func sandbox(_ document: JSONObject, callback: String) -> JSONObject {
        var registered = document
        registered["environment"] = "sandbox"
        let uris = (document.strings("redirect_uris") ?? []).filter { $0 != callback }
        registered["redirect_uris"] = .strings(uris + [callback])
        return registered
    }

    static func production(_ document: JSONObject) -> JSONObject {
        var registered = document
        registered["environment"] = "production"
        return registered
    }

    /// The version behind a registration, without what the environment adds.
    static func version(_ registered: JSONObject, callback: String) -> JSONObject {
        var document = registered
        for name in environmental { document[name] = nil }
        if let uris = registered.strings("redirect_uris") {
            document["redirect_uris"] = .strings(uris.filter { $0 != callback })
        }
        return document
    }

    /// Members that the organisation changes alone, also in production: nothing that decides where people's data goes or
    /// what people read.
    private static let free: Set<String> = ["contacts", "client_uri", "policy_uri", "tos_uri", "software_version"]

    /// Whether a change of a client in production needs approval again.
    static func needsApproval(_ change: ClientVersion, after current: ClientVersion) -> Bool {
        if change.statement != current.statement { return true }
        let names = Set(change.document.names + current.document.names).subtracting(free)
        return names.contains { change.document[$0] != current.document[$0] }
    }

    /// One line of a comparison.
    struct Difference: Sendable, Equatable {
        var member: String
        /// Empty when the member is new.
        var before: String
        /// Empty when the member is gone.
        var after: String
        var isChange: Bool { before != after }
    }

    /// All members of a version beside those of the version before, in a stable order.
    static func differences(_ version: ClientVersion, before: ClientVersion?) -> [Difference] {
        let (new, old) = (flat(version), before.map(flat) ?? [])
        let oldValues = Dictionary(old) { first, _ in first }
        let newNames = Set(new.map(\.0))
        return new.map { Difference(member: $0.0, before: oldValues[$0.0] ?? "", after: $0.1) }
            + old.filter { !newNames.contains($0.0) }.map { Difference(member: $0.0, before: $0.1, after: "") }
    }

    /// The members as lines of text; purposes one by one.
    private static func flat(_ version: ClientVersion) -> [(String, String)] {
        var lines: [(String, String)] = []
        for member in version.document.members where !environmental.contains(member.name) {
            if member.name == "purposes", let purposes = member.value.arrayValue {
                lines += purposes.compactMap(\.objectValue).flatMap(purpose)
            } else if member.name == "jwks" {
                let keys = (member.value["keys"]?.arrayValue ?? []).compactMap(\.objectValue)
                lines.append(("jwks", keys.map(key).joined(separator: "\n")))
            } else {
                lines.append((member.name, text(member.value)))
            }
        }
        for (code, basis) in version.statement.bases.sorted(by: { $0.key < $1.key }) {
            let source = basis.source.isEmpty ? "" : ": " + basis.source
            lines.append(("purposes.\(code).legal_basis", basis.kind.rawValue + source))
        }
        if !version.statement.legacyReason.isEmpty { lines.append(("legacy_reason", version.statement.legacyReason)) }
        return lines
    }

    private static func purpose(_ purpose: JSONObject) -> [(String, String)] {
        let code = purpose.string("code") ?? ""
        return purpose.members.filter { $0.name != "code" }.map { member in
            ("purposes.\(code).\(member.name)", text(member.value))
        }
    }

    private static func key(_ key: JSONObject) -> String {
        let parts = ["kty", "crv", "use", "alg", "kid"].compactMap { name in key.string(name) }
        let material = key.string("x") ?? key.string("n") ?? ""
        return (parts + [String(material.prefix(24))]).joined(separator: " ")
    }

    private static func text(_ value: JSONValue) -> String {
        if let text = value.stringValue { return text }
        if let texts = value.stringsValue { return texts.joined(separator: "\n") }
        if let pair = value.objectValue, let km = pair.string("km"), let en = pair.string("en") {
            return km + "\n" + en
        }
        return JSON.text(value)
    }
}
