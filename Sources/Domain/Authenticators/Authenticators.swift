import Codecs
import Database
import JOSE
import Kernel
import KeyVault
import Ledger
import WebAuthn

/// The authenticators of all persons: device keys with their state, the verifiers of their PINs, and the checks of what
/// they sign.
///
/// Every change is audited in the ledger stream `audit-NN` with the person as its subject; the payload names the
/// device, who did it and the reason's code, nothing personal.
public final class Authenticators: Sendable {
    /// The tables of this module (`auth_*`).
    public static var migrations: ModuleMigrations { DeviceStore.migrations }

    private let database: any Database
    private let ledger: Ledger
    let ambient: Ambient
    let checker: ProofChecker
    private let replays: ReplayCache
    /// When a device's replay was noted last, so that repeating it costs a look into memory and not a row each time.
    private let replaysNoted = GenerationCache<String, Int64>(capacity: 4096)
    let store = DeviceStore()
    /// The passkeys of all persons.
    public let passkeys: Passkeys
    /// How many devices a person may have, and how long levels are held.
    public let rules: DeviceRules
    /// Whose word on device keys is believed.
    public let attestation: AttestationRules
    /// What follows elsewhere.
    public let effects: any AuthenticatorEffects

    /// - Parameters:
    ///   - audience: the issuer URL without a slash at its end, which every signed token of a device must name as `aud`.
    ///   - replayCapacity: how many proofs of the last two minutes this process remembers. When they are more, further
    ///     proofs are refused with `device.busy` rather than checked less.
    ///   - relyingParty: who we are to passkeys; by default the audience's host and origin.
    ///   - effects: what follows elsewhere when authenticators come and go.
    public init(
        database: any Database, ledger: Ledger, ambient: Ambient, audience: String, replayCapacity: Int = 1_000_000,
        rules: DeviceRules = .standard, attestation: AttestationRules = .standard, relyingParty: RelyingParty? = nil,
        effects: any AuthenticatorEffects = NoAuthenticatorEffects()
    ) {
        passkeys = Passkeys(
            relyingParty: relyingParty ?? Passkeys.relyingParty(of: audience), ledger: ledger, ambient: ambient,
            effects: effects)
        self.rules = rules
        self.attestation = attestation
        self.effects = effects
        self.database = database
        self.ledger = ledger
        self.ambient = ambient
        checker = ProofChecker(audience: audience)
        replays = ReplayCache(capacity: replayCapacity)
    }

    // MARK: Binding and life cycle

    /// Binds a new device to a person, as `pending`.
    ///
    /// Throws `device.key_refused` when a key is not on P-256, when both keys are the same, or when either key was ever
    /// bound to any device; `attestation.key` when the key that vouches did so before; `device.name_invalid`.
    /// - Parameter key: what ``checkActivation(_:attestation:)`` found.
    public func bind(
        person: PersonID, name: String, platform: String, deviceKey: JWK, pinKey: JWK, ial: IdentityAssuranceLevel,
        key: KeyProof = .software, in connection: any SQLConnection
    ) async throws -> Device {
        let keys = try DeviceKey.pair(device: deviceKey, pin: pinKey)
        let device = Device(
            id: ambient.newID(), personID: person, name: try DeviceName.checked(name),
            platform: try DeviceName.checkedPlatform(platform), keys: keys, key: key, state: .pending,
            pinFailures: 0, ial: ial, createdAt: ambient.now(), activatedAt: nil)
        let (deviceThumbprint, pinThumbprint) = (keys.device.thumbprint, keys.pin.thumbprint)
        for (thumbprint, kind) in [(deviceThumbprint, "device"), (pinThumbprint, "pin")] {
            guard try await store.claim(key: thumbprint, kind: kind, device: device.id, in: connection) else {
                throw RumdulError.deviceKeyRefused.because("key registered before")
            }
        }
        if let voucher = key.voucher {
            guard try await store.claim(key: voucher, kind: "voucher", device: device.id, in: connection) else {
                throw RumdulError.attestationKey.because("the key vouched before")
            }
        }
        try await store.insert(device, in: connection)
        try await audit(
            "device.bound", person: person,
            [
                "device": .string(device.id), "key": .string(deviceThumbprint), "pin_key": .string(pinThumbprint),
                "key_protection": .string(key.protection.rawValue), "key_unlock": .string(key.unlock.rawValue),
                "ial": .integer(Int64(ial.rawValue)),
            ], in: connection)
        return device
    }

    /// Moves a device along its life: pending → active or revoked, active ⇄ blocked, anything → revoked. Asking for the
    /// state that it has changes nothing and is not audited.
    ///
    /// Throws `device.not_found`, `device.transition`, `device.too_many`.
    /// - Parameters:
    ///   - by: identifier of the officer, or `self`, or a system's name; for the audit.
    ///   - reason: a code such as `lost` or `stolen`, never free text: the ledger keeps it for ever.
    public func setState(
        _ id: String, _ state: DeviceState, by: String, reason: String? = nil, in connection: any SQLConnection
    ) async throws {
        guard let device = try await store.device(id, in: connection) else { throw RumdulError.deviceNotFound }
        guard device.state != state else { return }
        if state == .active { try await requireRoom(for: device, in: connection) }
        guard device.state.allows(state),
            try await store.move(id, from: device.state, to: state, at: ambient.now(), in: connection)
        else { throw RumdulError.deviceTransition.because("\(device.state.rawValue) to \(state.rawValue)") }
        var payload: JSONObject = [
            "device": .string(id), "by": .string(by), "from": .string(device.state.rawValue),
            "to": .string(state.rawValue),
        ]
        payload["reason"] = reason.map(JSONValue.string)
        let kind = device.state == .blocked && state == .active ? "device.unblocked" : Self.kind(of: state)
        try await audit(kind, person: device.personID, payload, in: connection)
        try await announce(device, state, by: by, in: connection)
    }

    /// Gives all tries of the PIN back. Does nothing when none was used. Throws `device.not_found`.
    public func unlockPIN(
        _ id: String, by: String, reason: String? = nil, in connection: any SQLConnection
    ) async throws {
        if let person = try await store.unlock(id, in: connection) {
            var payload: JSONObject = ["device": .string(id), "by": .string(by)]
            payload["reason"] = reason.map(JSONValue.string)
            try await audit("device.pin_unlocked", person: person, payload, in: connection)
        } else if try await store.standing(id, in: connection) == nil {
            throw RumdulError.deviceNotFound
        }
    }

    /// Gives a device another name. Throws `device.not_found`, `device.name_invalid`.
    public func rename(_ id: String, to name: String, by: String, in connection: any SQLConnection) async throws {
        guard let person = try await store.rename(id, to: try DeviceName.checked(name), in: connection) else {
            throw RumdulError.deviceNotFound
        }
        try await audit(
            "device.renamed", person: person, ["device": .string(id), "by": .string(by)], in: connection)
    }

    /// One device in any state, or `nil`.
    public func device(_ id: String, in connection: any SQLConnection) async throws -> Device? {
        try await store.device(id, in: connection)
    }

    /// Whether a device or passkey may act now: one narrow read. What was approved with a printed code names its sheet.
    public func isActive(_ id: String, in connection: any SQLConnection) async throws -> Bool {
        if Passkey.isIdentifier(id) { return try await passkeys.isActive(id, in: connection) }
        if CodeSheet.isIdentifier(id) { return try await CodeSheetStore().isActive(id, in: connection) }
        if PINCard.isIdentifier(id) { return try await PINCardStore().isActive(id, in: connection) }
        if id.utf8.starts(with: TextCodes.prefix.utf8) { return try await TextCodes.isActive(id, in: connection) }
        return try await store.standing(id, in: connection)?.state == .active
    }

    /// Whose authenticator a device or passkey is, and how well its owner was proven when it was bound; `nil` when unknown.
    public func binding(
        of id: String, in connection: any SQLConnection
    ) async throws -> (person: PersonID, ial: IdentityAssuranceLevel, since: Instant)? {
        if Passkey.isIdentifier(id) {
            return try await passkeys.passkey(id, in: connection).map { ($0.personID, $0.ial, $0.createdAt) }
        }
        return try await store.device(id, in: connection).map { ($0.personID, $0.ial, $0.createdAt) }
    }

    /// The highest level at which a person's active devices and passkeys were bound; the lowest when there is none.
    public func provenLevel(
        of person: PersonID, in connection: any SQLConnection
    ) async throws -> IdentityAssuranceLevel {
        let devices = try await store.devices(of: person, in: connection).filter { $0.state == .active }.map(\.ial)
        let keys = try await passkeys.passkeys(of: person, in: connection).filter { $0.state == .active }.map(\.ial)
        return (devices + keys).max() ?? .ial1
    }

    /// All devices of a person in any state, newest first.
    public func devices(of person: PersonID, in connection: any SQLConnection) async throws -> [Device] {
        try await store.devices(of: person, in: connection)
    }

    // MARK: What devices sign

    /// Checks `Authorization: DeviceProof <JWS>` (device protocol, section 2) and returns the device in whatever state
    /// it is; the caller requires `.active` where it matters. Every failure is `device.proof_invalid`, except
    /// `device.busy` when the memory of seen proofs is full.
    ///
    /// A `jti` is accepted once **in this process**. With several nodes behind one address a captured proof could be
    /// used once more on each other node until its `iat` is 60 s old. TLS keeps proofs from being captured, a proof
    /// fits one method, path and body only, and what a replay could reach is either a list for the same device or a
    /// decision that the transaction's row accepts once; nodes that want it closed route by the `Authorization` header.
    ///
    /// Reads the database in its own read transaction.
    /// - Parameters:
    ///   - authorization: the header's value; `nil` fails.
    ///   - path: path of the request as sent, without query.
    ///   - body: the bytes of the body; empty when there is none.
    public func authenticate(
        authorization: String?, method: String, path: String, body: [UInt8]
    ) async throws -> Device {
        let proof = try checker.requestProof(
            authorization: authorization, method: method, path: path, body: body, now: ambient.now())
        let found = try await store.device(proof.device, in: database.statements)
        let (device, outcome) = try judge(proof, of: found)
        if outcome == .seen { try await noteReplay(of: device) }
        return try accepted(device, outcome)
    }

    /// The same on the caller's connection. Only for connections of `Database.read`, or closures that are never run
    /// twice: the memory of seen proofs lies outside the transaction, so a second run of the closure would find its own
    /// proof used.
    public func authenticate(
        authorization: String?, method: String, path: String, body: [UInt8], in connection: any SQLConnection
    ) async throws -> Device {
        let proof = try checker.requestProof(
            authorization: authorization, method: method, path: path, body: body, now: ambient.now())
        let (device, outcome) = try judge(proof, of: try await store.device(proof.device, in: connection))
        return try accepted(device, outcome)
    }

    /// Parses a decision and checks its signature by the device key, its audience and its time (device protocol,
    /// section 4). Pure: the caller checks the transaction, the number, the details hash and the PIN. Every failure is
    /// `device.proof_invalid`.
    public func decision(_ jws: String, by device: Device) throws -> DeviceDecision {
        try checker.decision(jws, by: device, now: ambient.now())
    }

    /// Checks the PIN through the PIN key's signature over the decision, against the count of tries as the caller's
    /// transaction sees it. A wrong try is counted in that transaction: the caller **commits it** and then answers the
    /// error. The fifth wrong try in a row locks, and a locked PIN answers `.locked` for right and wrong alike. A right
    /// PIN writes nothing unless there are wrong tries to forget.
    ///
    /// Throws `device.not_active` when the device is not active any more.
    /// - Parameter signature: base64url of the raw ES256 signature. Text that is no signature counts as a wrong try.
    public func checkPIN(
        signature: String, over decision: DeviceDecision, device: Device, in connection: any SQLConnection
    ) async throws -> PINCheck {
        let what: JSONObject = [
            "action": "approve", "txn": .string(decision.txn), "client": .string(decision.clientID),
        ]
        let bytes = Array(decision.jws.utf8)
        return try await settlePIN(of: device, what: what, in: connection) { key in
            Self.isSigned(bytes, signature, by: key)
        }
    }

    /// Counts one try of the PIN; whose key signed is asked only while tries remain. Where duress PINs are allowed two keys
    /// are looked at for every device, whether it has such a PIN or not, so that the time tells nothing.
    /// - Parameter what: what the PIN is for, for the audit of a duress PIN.
    func settlePIN(
        of device: Device, what: JSONObject, in connection: any SQLConnection, _ isSigned: (DeviceKey) -> Bool
    ) async throws -> PINCheck {
        guard let standing = try await store.standing(device.id, in: connection), standing.state == .active else {
            throw RumdulError.deviceNotActive
        }
        let duress = rules.allowsDuressPIN ? try await DuressStore().pin(of: device.id, in: connection) : nil
        guard standing.failures < Device.pinTries else { return .locked }
        let isRight = isSigned(device.keys.pin)
        let isDuress = rules.allowsDuressPIN ? isSigned(duress?.key ?? device.keys.device) : false
        if isRight {
            if let duress, duress.hasReset { try await DuressStore().giveReset(device.id, in: connection) }
            if standing.failures == 0 { return .correct }
            return try await store.clearFailures(device.id, in: connection) ? .correct : .locked
        }
        if duress != nil, isDuress {
            return try await useDuress(of: device, failures: standing.failures, what: what, in: connection)
        }
        guard let failures = try await store.countFailure(device.id, in: connection) else { return .locked }
        guard failures >= Device.pinTries else { return .wrong(triesLeft: Device.pinTries - failures) }
        try await audit(
            "device.pin_locked", person: device.personID, ["device": .string(device.id)], in: connection)
        try await noteRisk(.pinLocked, authenticator: device.id, person: device.personID, in: connection)
        return .locked
    }

    /// Checks both proofs of an activation (device protocol, section 1): each signed by its key, over the same claims,
    /// with this audience, this code and these keys, within 60 s; then who vouches for the device key.
    ///
    /// Throws `device.proof_invalid`, `device.key_refused`, `attestation.*`.
    /// - Returns: what is known of the device key, for ``bind(person:name:platform:deviceKey:pinKey:ial:key:in:)``.
    @discardableResult
    public func checkActivation(
        _ request: ActivationProofs, attestation statement: KeyAttestation = .software(.none)
    ) throws -> KeyProof {
        let now = ambient.now()
        return try attestation.judge(statement, try checker.check(request, now: now), at: now)
    }

    /// The printed codes of people without a phone, kept beside the devices.
    /// - Parameter vault: holds the key of the codes' hashes.
    public func codeSheets(vault: any KeyVault) -> CodeSheets {
        CodeSheets(vault: vault, ledger: ledger, ambient: ambient, effects: effects)
    }

    /// The PIN cards of people without a phone.
    /// - Parameter vault: holds the key of the cards' verifiers.
    public func pinCards(vault: any KeyVault) -> PINCards { PINCards(vault: vault, ledger: ledger, ambient: ambient) }

    /// Codes by text message.
    /// - Parameter vault: holds the key of the codes' hashes.
    public func textCodes(vault: any KeyVault, rules: TextCodeRules = TextCodeRules()) -> TextCodes {
        TextCodes(vault: vault, ledger: ledger, ambient: ambient, rules: rules)
    }

    // MARK: Within

    private func judge(
        _ proof: ProofChecker.RequestProof, of device: Device?
    ) throws -> (device: Device, outcome: ReplayCache.Outcome) {
        guard let device else { throw RumdulError.deviceProofInvalid.because("unknown device") }
        try checker.verify(proof, by: device)
        let outcome = replays.insert(
            ReplayCache.Key(device: device.id, jti: proof.jti), expiry: proof.iat + ProofChecker.window,
            now: ambient.now().seconds)
        return (device, outcome)
    }

    private func accepted(_ device: Device, _ outcome: ReplayCache.Outcome) throws -> Device {
        switch outcome {
        case .fresh: return device
        case .seen: throw RumdulError.deviceProofInvalid.because("jti seen before")
        case .full: throw RumdulError.deviceBusy
        }
    }

    /// A client that sends again what got lost does this too; whoever reads the event decides.
    private func noteReplay(of device: Device) async throws {
        let now = ambient.now().seconds
        if let last = replaysNoted[device.id], now - last < 60 { return }
        replaysNoted.insert(now, for: device.id)
        try await database.transaction { connection in
            try await self.noteRisk(.deviceReplay, authenticator: device.id, person: device.personID, in: connection)
        }
    }

    private static func kind(of state: DeviceState) -> String {
        switch state {
        case .pending: "device.pending"
        case .active: "device.activated"
        case .blocked: "device.blocked"
        case .revoked: "device.revoked"
        }
    }

    func audit(
        _ kind: String, person: PersonID, _ payload: JSONObject, in connection: any SQLConnection
    ) async throws {
        try await ledger.append(
            LedgerEntry(
                stream: Ledger.shard("audit", by: person.text), kind: kind, subject: person.text,
                payload: .object(payload)), in: connection)
    }
}
