/// What a person decides about a transaction.
public enum DecisionAction: String, Sendable, Codable, CaseIterable {
    case approve
    case deny
    /// "This was not me": denies, and stops this relying party's prompts for a while.
    case report
}

/// A decision whose device signature verifies. Who holds one still checks the transaction: that it is open and this
/// person's, the number, the details hash, that the attributes were requested, and the PIN for an approval.
public struct DeviceDecision: Sendable, Equatable {
    /// Identifier of the transaction.
    public let txn: String
    public let action: DecisionAction
    /// The relying party that the device showed.
    public let clientID: String
    /// Names of the attributes that the person lets go, in the order signed, each once; empty unless approved.
    public let attributes: [String]
    /// The number picked, 0...99; 0 unless approved.
    public let number: Int
    /// Base64url SHA-256 of the canonical JSON of the details shown (43 characters).
    public let detailsHash: String
    /// When it was signed, seconds since the epoch by the device's clock.
    public let iat: Int64
    /// The decision's own identifier.
    public let jti: String
    /// The compact JWS, for evidence and for the PIN signature, which is made over its ASCII bytes.
    public let jws: String
}
