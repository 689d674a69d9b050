import Accountability
import Authenticators
import Database
import Kernel

/// What an officer can do to a sheet of printed codes.
public enum OfficerCodesAction: String, Sendable, CaseIterable {
    case unlock
    case end

    /// The right that it needs.
    var permission: Permission { self == .unlock ? .deviceUnlock : .deviceBlock }

    /// The name in both languages.
    public var label: LocalizedText {
        switch self {
        case .unlock: LocalizedText(km: "ដោះសោសន្លឹកលេខកូដ", en: "Unlock the sheet")
        case .end: LocalizedText(km: "បញ្ឈប់សន្លឹកលេខកូដ", en: "End the sheet")
        }
    }
}

/// Printed one-time codes for people without a phone: made at the counter, the person being there.
extension EnrolmentService {
    private var sheets: CodeSheets { authenticators.codeSheets(vault: vault) }

    /// Prints a sheet for a person who is present; it ends the one before. The result is shown once.
    ///
    /// Throws `officer.forbidden`, `enrolment.not_found`, `codes.shown_once` when the request key was used.
    /// - Parameter requestKey: an unguessable value of the form, 16...128 ASCII characters.
    public func printCodes(
        person: PersonID, evidence: Evidence, requestKey: String, by officer: Officer
    ) async throws -> PrintedCodes {
        guard (16...128).contains(requestKey.utf8.count), requestKey.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else {
            throw RumdulError.enrolmentState.because("request key")
        }
        guard let match = try await finder.match(person) else { throw RumdulError.enrolmentNotFound }
        try officer.require(.codesPrint, in: match.area)
        let sheets = sheets
        return try await database.transaction { connection in
            try await connection.lock("codes:" + match.personID.text)
            return try await sheets.print(
                for: match.personID, ial: evidence.assuranceLevel, evidence: evidence.items.map(\.type.rawValue),
                requestKey: requestKey, by: officer.id, in: connection)
        }
    }

    /// The sheet that a person uses, or `nil`.
    public func codeSheet(of match: PersonMatch) async throws -> CodeSheet? {
        let sheets = sheets
        return try await database.read { try await sheets.sheet(of: match.personID, in: $0) }
    }

    /// What this officer may do to a sheet now.
    public func actions(on sheet: CodeSheet, area: String?, by officer: Officer) -> [OfficerCodesAction] {
        OfficerCodesAction.allCases.filter { action in
            (action == .end || sheet.failures > 0) && officer.may(action.permission, in: area)
        }
    }

    /// Unlocks or ends a sheet; audited with the reason. Repeating it changes nothing. Throws `officer.forbidden`,
    /// `enrolment.not_found`, `codes.not_found` for a sheet of somebody else.
    public func perform(
        _ action: OfficerCodesAction, onSheet id: String, of person: PersonID, reason: OfficerDeviceReason,
        by officer: Officer
    ) async throws {
        guard let match = try await finder.match(person) else { throw RumdulError.enrolmentNotFound }
        try officer.require(action.permission, in: match.area)
        let sheets = sheets
        try await database.transaction { connection in
            switch action {
            case .unlock:
                try await sheets.unlock(
                    id, of: match.personID, by: officer.id, reason: reason.rawValue, in: connection)
            case .end:
                try await sheets.end(id, of: match.personID, by: officer.id, reason: reason.rawValue, in: connection)
            }
        }
    }
}
