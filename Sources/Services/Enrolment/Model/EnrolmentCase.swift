import Kernel

/// Where an enrolment stands.
public enum EnrolmentState: String, Sendable, Codable, CaseIterable {
    /// The officer has seen the evidence; no code is out.
    case opened
    /// A code is on the officer's screen.
    case codeIssued
    /// A device used the code; officer and person compare the six digits.
    case deviceBound
    /// The device is active. An end.
    case completed
    /// The digits differed: the device is revoked. An end.
    case rejected
    /// Called off by an officer. An end.
    case cancelled
    /// Nobody finished it in time. An end.
    case expired

    /// True when something can still happen.
    public var isLive: Bool { self == .opened || self == .codeIssued || self == .deviceBound }

    /// True when an enrolment may go from this state to another one.
    public func allows(_ next: EnrolmentState) -> Bool {
        switch (self, next) {
        case (.opened, .codeIssued), (.codeIssued, .codeIssued), (.codeIssued, .deviceBound): true
        case (.deviceBound, .completed), (.deviceBound, .rejected), (.deviceBound, .codeIssued): true
        // The time for comparing ran out: the device is revoked, the case goes on.
        case (.deviceBound, .opened): true
        case (_, .cancelled), (_, .expired): isLive
        default: false
        }
    }
}

/// One enrolment: one person at one counter, to bind one device. Holds nothing that names the person but the internal
/// identifier.
public struct EnrolmentCase: Sendable {
    public let id: String
    public let personID: PersonID
    /// Place code of the person's residence when the case was opened; `nil` when none is on record. Decides who may
    /// work on it.
    public let area: String?
    /// The officer who saw the evidence.
    public let officerID: String
    public let state: EnrolmentState
    public let evidenceTypes: [EvidenceType]
    public let ial: IdentityAssuranceLevel
    public let openedAt: Instant
    /// How many codes were issued, from 0.
    public let codeSerial: Int
    /// Until when the code works.
    public let codeExpiresAt: Instant?
    /// The device that used the code.
    public let deviceID: String?
    /// The six digits to compare, while a device waits.
    public let comparisonCode: String?
    /// Until when the digits may be confirmed.
    public let confirmBy: Instant?

    /// How the case stands at one moment: what has run out is not told as if it still stood.
    public func state(at now: Instant, caseLifetime: Int64) -> EnrolmentState {
        state.isLive && now >= openedAt.adding(seconds: caseLifetime) ? .expired : state
    }

    /// True when a code is out and still works.
    public func hasWorkingCode(at now: Instant) -> Bool {
        state == .codeIssued && codeExpiresAt.map { now < $0 } ?? false
    }

    /// True when a device waits and the digits may still be confirmed.
    public func awaitsComparison(at now: Instant) -> Bool {
        state == .deviceBound && confirmBy.map { now < $0 } ?? false
    }
}

/// How long things take, seconds.
public struct EnrolmentSettings: Sendable {
    /// Life of an activation code.
    public var codeLifetime: Int64
    /// Time to compare the digits after a device used the code.
    public var comparisonTime: Int64
    /// Life of a case.
    public var caseLifetime: Int64
    /// Life of a link to a person's page on the officer's screen.
    public var personLinkLifetime: Int64

    public init(
        codeLifetime: Int64 = 600, comparisonTime: Int64 = 600, caseLifetime: Int64 = 86_400,
        personLinkLifetime: Int64 = 1800
    ) {
        self.codeLifetime = codeLifetime
        self.comparisonTime = comparisonTime
        self.caseLifetime = caseLifetime
        self.personLinkLifetime = personLinkLifetime
    }
}

/// A code on the officer's screen.
public struct IssuedCode: Sendable, Equatable {
    /// Ten characters with hyphens.
    public let display: String
    /// What the QR code holds.
    public let url: String
    public let expiresAt: Instant
}
