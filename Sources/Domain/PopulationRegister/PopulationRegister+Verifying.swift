import Accountability
import Codecs
import Database
import Kernel
import KhmerText

/// A code or an alias as somebody typed it.
public enum PersonIdentifier: Sendable, Hashable {
    case code(KIDC)
    case alias(VID)

    /// Reads ten or sixteen digits. Throws `kidc.malformed`, `kidc.check_digit`, `vid.malformed`, `vid.check_digit`.
    public init(entered text: String) throws {
        let digits = (try? KhmerDigits.identifier(text, limit: 16))?.utf8.count
        self = digits == 16 ? .alias(try VID(entered: text)) : .code(try KIDC(entered: text))
    }

    /// The digits, for keys of limits. Never for logs.
    public var digits: String {
        switch self {
        case .code(let code): code.digits
        case .alias(let alias): alias.digits
        }
    }
}

/// What a verification says: nothing but agreement, field by field.
public struct PersonVerification: Sendable, Hashable {
    /// In the order of `PersonClaims.fields`.
    public let verdicts: [PersonClaims.Field: ClaimVerdict]
    /// Whether an anchor matched. When none did, every verdict is `noMatch`, and a code that nobody has cannot be told
    /// from one of somebody else.
    public let isAnchored: Bool
}

extension PopulationRegister {
    /// Compares claims with the person of a code or alias, through the gate: one access entry that names the fields that
    /// were asked, no value. A one-time alias is used up. When there is no such person, an audit entry
    /// `person.verify_unknown` is written instead, and the answer is that of a person whom nothing fits.
    ///
    /// Without an anchor (`PersonClaims.anchors`) that matches, every field is `noMatch`: who knows neither name nor
    /// birth date learns nothing, not even whether the code is in use.
    ///
    /// - Parameter request: who asks, why and for whom. Subject and attributes are set here. The basis must be a legal
    ///   provision.
    /// - Throws: `kidc.wrong_range`, `person.verify_anchor`, `person.search_basis` and what the gate throws.
    public func verify(
        _ identifier: PersonIdentifier, _ claims: PersonClaims, as request: DisclosureRequest,
        in connection: any SQLConnection
    ) async throws -> PersonVerification {
        guard case .statute = request.basis else { throw RumdulError.searchBasis }
        guard !claims.anchors.isEmpty else { throw RumdulError.verifyAnchor }
        guard let person = try await usable(identifier, in: connection) else {
            try await audit.record(
                action: "person.verify_unknown", actor: request.actor, subject: request.actor.identifier ?? "",
                in: connection)
            return .nothing(claims)
        }
        let verdicts = try await compare(claims, with: person, as: request, in: connection)
        guard claims.anchors.contains(where: { verdicts[$0] == .match }) else { return .nothing(claims) }
        return PersonVerification(verdicts: verdicts, isAnchored: true)
    }

    /// Compares claims with a person, through the gate: one access entry that names the fields, no value. Without the
    /// rule of `verify` about anchors, for interfaces that tell whether a code is in use anyway. Throws
    /// `person.not_found`, `person.erased` and what the gate throws.
    public func compare(
        _ claims: PersonClaims, with person: PersonID, as request: DisclosureRequest, in connection: any SQLConnection
    ) async throws -> [PersonClaims.Field: ClaimVerdict] {
        var disclosure = request
        disclosure.subject = person
        disclosure.attributes = claims.fields.map(\.attribute)
        let told = try await gate.disclose(
            disclosure, from: ClaimComparison(register: self, claims: claims), in: connection)
        var verdicts: [PersonClaims.Field: ClaimVerdict] = [:]
        for field in claims.fields {
            verdicts[field] = told[field.attribute]?.stringValue.flatMap { ClaimVerdict(rawValue: $0) } ?? .notKnown
        }
        return verdicts
    }

    /// The person of an identifier whose record stands and is not erased; an alias loses one use.
    public func usable(_ identifier: PersonIdentifier, in connection: any SQLConnection) async throws -> PersonID? {
        let found: PersonID?
        switch identifier {
        case .code(let code): found = try await person(kidc: code, in: connection)
        case .alias(let alias): found = try await use(alias, in: connection)
        }
        guard let found, let row = try await store.person(found, in: connection), row.record == .active,
            row.dataKey != nil
        else { return nil }
        return found
    }
}

extension PersonVerification {
    /// The answer about a code that nobody has, and about a person whom nothing fits.
    fileprivate static func nothing(_ claims: PersonClaims) -> PersonVerification {
        PersonVerification(
            verdicts: Dictionary(uniqueKeysWithValues: claims.fields.map { ($0, .noMatch) }), isAnchored: false)
    }
}

/// The register as a source of verdicts: what comes out of the gate is whether a claim agrees, never a value.
private struct ClaimComparison: AttributeSource {
    let register: PopulationRegister
    let claims: PersonClaims

    func protectedAttributes(
        of subject: PersonID, _ names: [AttributeName], in connection: any SQLConnection
    ) async throws -> ProtectedAttributes {
        let snapshot = try await register.open(subject, in: connection).snapshot
        var values: [AttributeName: JSONValue] = [:]
        for field in claims.fields {
            values[field.attribute] = snapshot.compare(field, of: claims).map { .string($0.rawValue) }
        }
        return ProtectedAttributes(values)
    }
}
