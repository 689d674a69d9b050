import Codecs
import Database
import Kernel

/// Something that officers must look into. Of a duress PIN nothing that the person's own pages or devices show tells.
public struct SecurityCase: Sendable, Hashable {
    public enum Kind: String, Sendable, Codable {
        /// A duress PIN was typed.
        case duress
        /// The person said "this was not me" to a request.
        case notMe = "not_me"
    }

    public let id: String
    public let personID: PersonID
    /// The device on which it happened; `page` when it was on the person's own pages.
    public let deviceID: String
    public let kind: Kind
    /// The relying party whose request was reported; empty for other kinds.
    public let clientID: String
    public let openedAt: Instant
    /// When it happened last, and how often.
    public let lastAt: Instant
    public let uses: Int
}

extension Authenticators {
    /// The highest rank of the assurance policy that a person can reach now, `nil` when nothing holds it down: lost devices
    /// that were replaced, or an open security case. For everything that computes a level; what pages tell the person is
    /// ``hold(of:in:)`` alone.
    public func highestRank(of person: PersonID, in connection: any SQLConnection) async throws -> Int? {
        let held = try await hold(of: person, in: connection)?.highestRank
        guard rules.allowsDuressPIN, try await DuressStore().isHeldDown(person, in: connection) else {
            return held
        }
        return min(held ?? rules.holdRank, rules.holdRank)
    }

    /// A person said that a request was not theirs: opens a case for the officers of their area, or counts one more report in
    /// the one that is open, and notes a risk event.
    /// - Parameter device: the device; `nil` when the person said it on a page.
    public func reportNotMe(
        of person: PersonID, client: String, device: String?, in connection: any SQLConnection
    ) async throws {
        _ = try await DuressStore().note(
            ambient.newID(), kind: .notMe, person: person, device: device ?? "page", client: client, at: ambient.now(),
            in: connection)
        try await noteRisk(
            .reported, authenticator: device ?? "page", person: person, detail: ["client_id": .string(client)],
            in: connection)
    }

    /// Open security cases, newest first, at most 200.
    /// - Parameter person: whose; `nil` for everybody's.
    public func securityCases(
        of person: PersonID? = nil, in connection: any SQLConnection
    ) async throws -> [SecurityCase] {
        try await DuressStore().openCases(of: person, in: connection)
    }

    /// Closes a case: from then on it holds nothing down. Audited. Throws `security.case_not_found`.
    /// - Parameter reason: a code, never free text.
    public func closeSecurityCase(
        _ id: String, of person: PersonID, by officer: String, reason: String, in connection: any SQLConnection
    ) async throws {
        guard
            try await DuressStore().close(id, of: person, by: officer, at: ambient.now(), in: connection)
        else { throw RumdulError.securityCaseNotFound }
        try await audit(
            "security.case_closed", person: person,
            ["case": .string(id), "by": .string(officer), "reason": .string(reason)], in: connection)
    }
}

extension RumdulError {
    /// There is no such open security case.
    public static let securityCaseNotFound = RumdulError(
        "security.case_not_found", .notFound, km: "រកមិនឃើញករណីសុវត្ថិភាពនេះទេ។", en: "There is no such open case.")

    /// The operator does not allow duress PINs.
    public static let duressOff = RumdulError(
        "device.duress_off", .forbidden, km: "ប្រព័ន្ធនេះមិនមានលេខ PIN សម្រាប់ពេលត្រូវគេបង្ខំទេ។",
        en: "This system does not offer a duress PIN.")

    /// The PIN was changed as often as it may be in a day.
    public static let devicePINChanges = RumdulError(
        "device.pin_changes", .rateLimited, km: "លេខ PIN ត្រូវបានប្តូរច្រើនដងពេក។ សូមព្យាយាមម្តងទៀតនៅថ្ងៃស្អែក។",
        en: "The PIN was changed too often. Please try again tomorrow.", retryAfter: 86_400)
}

extension ErrorRoom {
    /// Errors of duress PINs and security cases.
    static let duress = [
        ErrorEntry(
            .securityCaseNotFound, cause: "The case was closed meanwhile, or is somebody else's.",
            remedy: "Load the page again.", km: "សូមបើកទំព័រម្តងទៀត។"),
        ErrorEntry(
            .duressOff, cause: "`duress_pin` is off at this operator.", remedy: "Ask the operator.",
            km: "សូមសួរអ្នកប្រតិបត្តិប្រព័ន្ធ។"),
        ErrorEntry(
            .devicePINChanges,
            cause: "Where duress PINs are allowed, a device changes or sets PINs five times in 24 hours at most.",
            remedy: "Try again after `Retry-After` seconds.", km: "សូមព្យាយាមម្តងទៀតនៅថ្ងៃស្អែក។"),
    ]
}
