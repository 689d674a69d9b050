import Codecs
import Kernel

/// Where a consent stands. Only `granted` lets data flow.
public enum ConsentState: String, Sendable, Codable {
    case granted
    /// The person took it back: nothing flows from the first request after the withdrawal's answer.
    case withdrawn
    /// Its time has run out (computed, never stored).
    case expired
}

/// What a person grants in one decision: which attributes, to whom, for what, until when, and the signed proof of it.
public struct ConsentGrant: Sendable {
    public var personID: PersonID
    /// The relying party.
    public var clientID: String
    /// The relying party's name as the person saw it.
    public var clientName: LocalizedText
    /// Code of the registered purpose.
    public var purposeCode: String
    /// The purpose as the person saw it.
    public var purposeText: LocalizedText
    /// Names of the attributes granted, in the order shown.
    public var granted: [String]
    /// Names of the attributes that were shown and left out.
    public var refused: [String]
    public var validTo: Instant
    /// Where the decision was made: `device`.
    public var channel: String
    /// Authentication context reached at the grant.
    public var acr: String
    /// Base64url SHA-256 of the details that the device showed (the notice, ISO/IEC TS 27560).
    public var noticeHash: String
    public var deviceID: String
    /// The decision as the device signed it (compact JWS).
    public var decision: String

    public init(
        personID: PersonID, clientID: String, clientName: LocalizedText, purposeCode: String,
        purposeText: LocalizedText,
        granted: [String], refused: [String], validTo: Instant, channel: String, acr: String, noticeHash: String,
        deviceID: String, decision: String
    ) {
        self.personID = personID
        self.clientID = clientID
        self.clientName = clientName
        self.purposeCode = purposeCode
        self.purposeText = purposeText
        self.granted = granted
        self.refused = refused
        self.validTo = validTo
        self.channel = channel
        self.acr = acr
        self.noticeHash = noticeHash
        self.deviceID = deviceID
        self.decision = decision
    }
}

/// A stored consent. The grant never changes; only its state does.
public struct ConsentRecord: Sendable {
    public var id: String
    public var grant: ConsentGrant
    public var grantedAt: Instant
    public var withdrawnAt: Instant?

    /// The state at one moment.
    public func state(at now: Instant) -> ConsentState {
        if withdrawnAt != nil { return .withdrawn }
        return now < grant.validTo ? .granted : .expired
    }
}

extension RumdulError {
    /// The consent is unknown, withdrawn or expired.
    public static let consentNotActive = RumdulError(
        "consent.not_active", .forbidden, km: "ការយល់ព្រមនេះមិនមានសុពលភាពទៀតទេ។", en: "This consent is no longer valid.")

    /// No such consent of this person.
    public static let consentNotFound = RumdulError(
        "consent.not_found", .notFound, km: "រកមិនឃើញការយល់ព្រមនេះទេ។", en: "There is no such consent.")
}
