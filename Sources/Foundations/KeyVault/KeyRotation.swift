import Kernel

/// When the keys of a purpose change. All times are seconds.
public struct RotationPolicy: Sendable, Hashable {
    /// How long a key is published before it is used, so that everybody who keeps our JWK Set for a while has it in
    /// time. A day at least outside of tests.
    public var publishBefore: Int64
    /// How long a key is used.
    public var activeFor: Int64
    /// How long a retired key stays for checking: the longest life of anything that it signed or sealed. `nil` never
    /// destroys it.
    public var keepRetired: Int64?

    public init(publishBefore: Int64 = 86_400, activeFor: Int64 = 90 * 86_400, keepRetired: Int64? = 7 * 86_400) {
        self.publishBefore = publishBefore
        self.activeFor = activeFor
        self.keepRetired = keepRetired
    }

    /// The policy of a purpose, or `nil` for keys that only a planned migration may change (blind indexes, sector
    /// tokens, push subscriptions).
    ///
    /// Keys for data at rest are retired but never destroyed: what they wrapped is still there. Checkpoints are checked
    /// with the public key, which outlives the private one.
    public static func standard(for purpose: KeyPurpose) -> RotationPolicy? {
        switch purpose {
        case .blindIndex, .sectorToken, .webPush: nil
        case .personalData: RotationPolicy(activeFor: 365 * 86_400, keepRetired: nil)
        case .ledgerCheckpoint, .consentReceipt: RotationPolicy(activeFor: 365 * 86_400)
        case .sealing: RotationPolicy(activeFor: 30 * 86_400, keepRetired: 30 * 86_400)
        default: RotationPolicy()
        }
    }
}

/// Renews keys step by step: pre-publish, activate, retire, destroy. Each call does the steps that are due and may be
/// repeated at any time, so a job calls it every hour or so.
public struct KeyRotation: Sendable {
    /// A step that was done.
    public enum Step: Sendable, Hashable {
        case created(String)
        case prePublished(String)
        case activated(String)
        case destroyed(String)
    }

    private let vault: any KeyVault
    private let policy: @Sendable (KeyPurpose) -> RotationPolicy?

    /// - Parameter policy: the policy of a purpose; `nil` leaves its keys alone.
    public init(
        vault: any KeyVault, policy: @escaping @Sendable (KeyPurpose) -> RotationPolicy? = RotationPolicy.standard(for:)
    ) {
        self.vault = vault
        self.policy = policy
    }

    /// Does what is due for one purpose and each of its algorithms.
    ///
    /// - Parameter force: begins to renew now although the active key is not old yet. The new key still waits its time;
    ///   call again to go on.
    /// - Throws: the errors of the vault. Steps that were done before stay done.
    @discardableResult
    public func rotate(_ purpose: KeyPurpose, now: Instant, force: Bool = false) async throws -> [Step] {
        guard let policy = policy(purpose) else { return [] }
        let keys = try await vault.keys(purpose)
        var algorithms = Set(keys.filter { $0.state != .retired }.map(\.algorithm))
        if algorithms.isEmpty { algorithms = [purpose.defaultAlgorithm] }
        var steps: [Step] = []
        for algorithm in algorithms.sorted(by: { $0.rawValue < $1.rawValue }) {
            let same = keys.filter { $0.algorithm == algorithm }
            steps += try await renew(purpose, algorithm, same, policy, now, force)
        }
        guard let keep = policy.keepRetired else { return steps }
        for key in keys where key.state == .retired && key.stateSince.adding(seconds: keep) <= now {
            try await vault.setState(key.id, .destroyed)
            steps.append(.destroyed(key.id))
        }
        return steps
    }

    /// Replaces the active key at once and destroys it: for a key that somebody else may have. What it signed no longer
    /// checks against the published keys, and what it sealed no longer opens.
    @discardableResult
    public func replaceCompromised(_ purpose: KeyPurpose, _ algorithm: KeyAlgorithm) async throws -> KeyHandle {
        let old = try await vault.activeKey(purpose, algorithm)
        let new = try await vault.create(purpose, algorithm, state: .active)
        try await vault.setState(old.id, .destroyed)
        return new
    }

    private func renew(
        _ purpose: KeyPurpose, _ algorithm: KeyAlgorithm, _ keys: [KeyHandle], _ policy: RotationPolicy, _ now: Instant,
        _ force: Bool
    ) async throws -> [Step] {
        guard let active = keys.first(where: { $0.state == .active }) else {
            if let waiting = keys.last(where: { $0.state == .prePublished }) {
                try await vault.setState(waiting.id, .active)
                return [.activated(waiting.id)]
            }
            return [.created(try await vault.create(purpose, algorithm, state: .active).id)]
        }
        let waiting = keys.filter { $0.state == .prePublished }.min { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
        let ends = active.stateSince.adding(seconds: policy.activeFor)
        guard let waiting else {
            guard force || ends.adding(seconds: -policy.publishBefore) <= now else { return [] }
            return [.prePublished(try await vault.create(purpose, algorithm, state: .prePublished).id)]
        }
        guard waiting.createdAt.adding(seconds: policy.publishBefore) <= now, force || ends <= now else { return [] }
        try await vault.setState(waiting.id, .active)
        return [.activated(waiting.id)]
    }
}
