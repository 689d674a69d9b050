import Kernel

/// Maps proven factors onto the scheme's levels. The table is data: the level reached is looked up, never claimed.
///
/// The scheme's names are coarser than NIST SP 800-63B-4: a PIN checked by the server together with possession of a software key is a
/// multi-factor authentication that NIST would call AAL2, but the scheme's second level asks for a biometric, so it is reported as the first.
public struct AssurancePolicy: Sendable {
    /// One row: all these factors are needed for the level.
    public struct Level: Sendable {
        public var acr: String
        /// Levels are ordered: a request for one is met by any of the same or a higher rank.
        public var rank: Int
        public var anyOf: [Set<AuthenticationFactor>]
    }

    public var levels: [Level]
    /// The highest rank that is reached with a key that no hardware vouches for. `nil`: the operator trusts software, and such
    /// a key counts as hardware, as in a demonstration.
    public var softwareRank: Int? = 2

    /// Whether software counts as hardware.
    public var trustsSoftware: Bool { softwareRank == nil }

    /// The scheme's table (`urn:kh:camdigikey:aal:*`).
    public static let scheme = AssurancePolicy(levels: [
        Level(acr: "urn:kh:camdigikey:aal:1", rank: 1, anyOf: [[.pin], [.oneTimeCode], [.possession, .userPresence]]),
        Level(
            acr: "urn:kh:camdigikey:aal:2", rank: 2,
            anyOf: [
                [.fingerprint, .possession, .hardwareKey], [.face, .possession, .hardwareKey],
                // A key whose attestation says that it needs one of both.
                [.biometric, .possession, .hardwareKey],
                // A passkey whose authenticator verified its user, synced or not.
                [.possession, .userVerification, .phishingResistant],
            ]),
        Level(
            acr: "urn:kh:camdigikey:aal:3", rank: 3,
            anyOf: [
                [.fingerprint, .pin, .possession, .hardwareKey], [.face, .pin, .possession, .hardwareKey],
                [.biometric, .pin, .possession, .hardwareKey],
            ]),
    ])

    /// The highest level that these factors reach, or `nil`.
    /// - Parameter highestRank: no level above it is reached while a person's levels are held; `nil` when they are not. It has no
    ///   default, so that no way to log in forgets it.
    public func reached(by factors: Set<AuthenticationFactor>, highestRank: Int?) -> Level? {
        var (proven, highest) = (factors, highestRank)
        if factors.contains(.softwareKey), !factors.contains(.hardwareKey) {
            if let softwareRank {
                highest = min(highest ?? softwareRank, softwareRank)
            } else {
                proven.insert(.hardwareKey)
            }
        }
        return levels.filter { level in
            level.rank <= highest ?? level.rank && level.anyOf.contains { $0.isSubset(of: proven) }
        }.max { $0.rank < $1.rank }
    }

    /// Whether the level reached satisfies a requested `acr` value.
    public func satisfies(_ reached: String, requested: String) -> Bool {
        guard let have = levels.first(where: { $0.acr == reached }),
            let want = levels.first(where: { $0.acr == requested })
        else { return false }
        return have.rank >= want.rank
    }

    /// `amr` values (RFC 8176) in a fixed order; two or more factor classes add `mfa`.
    public static func methods(_ factors: Set<AuthenticationFactor>) -> [String] {
        let order: [AuthenticationFactor] = [
            .face, .fingerprint, .pin, .possession, .hardwareKey, .softwareKey, .userPresence, .phishingResistant,
            .oneTimeCode, .textMessage, .pinCard,
        ]
        var methods = order.filter(factors.contains).map(\.rawValue)
        let knows = factors.contains(.pin)
        let has = factors.contains(.possession)
        // What verified a passkey's user is a second factor, whichever it is.
        let inherits = !factors.isDisjoint(with: [.face, .fingerprint, .biometric, .userVerification])
        if [knows, has, inherits].filter({ $0 }).count >= 2 { methods.append("mfa") }
        return methods
    }
}
