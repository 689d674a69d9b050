import Accountability
import Authenticators
import Codecs
import Database
import JOSE
import Kernel

/// What a device posts to use an activation code (device protocol, section 1).
public struct ActivationRequest: Sendable {
    public var proofs: ActivationProofs
    public var deviceName: String
    public var platform: String
    /// What the device says about where its key lives.
    public var attestation: KeyAttestation

    public init(
        proofs: ActivationProofs, deviceName: String, platform: String, attestation: KeyAttestation = .software(.none)
    ) {
        self.attestation = attestation
        self.proofs = proofs
        self.deviceName = deviceName
        self.platform = platform
    }
}

/// The answer to a device that used its code.
public struct ActivationReceipt: Sendable, Equatable {
    public let deviceID: String
    /// Base64url of 16 random bytes, for the comparison code.
    public let serverNonce: String
    public let state: DeviceState
    /// What the server believes about the device key.
    public let protection: KeyProtection
    /// Until when the officer can confirm.
    public let expiresAt: Instant
}

extension EnrolmentService {
    /// Puts a new code on the officer's screen, in place of the one before; a device that waits is revoked.
    ///
    /// Throws `enrolment.not_found`, `officer.forbidden`, `enrolment.state` when the case has ended,
    /// `enrolment.expired`, `recovery.unconfirmed`.
    /// - Parameter afterSerial: `codeSerial` as the officer saw it. When it is no longer that, the press was repeated and
    ///   the present case is returned unchanged.
    public func issueActivationCode(
        _ id: String, afterSerial: Int, by officer: Officer
    ) async throws -> EnrolmentCase {
        let now = ambient.now()
        let new = try await codes.issue(for: id, expiresAt: now.adding(seconds: settings.codeLifetime)).stored
        return try await database.transaction { [store, audit, authenticators, settings] connection in
            let enrolment = try await locked(id, by: officer, in: connection)
            let actor = try officer.acting(.enrolmentActivate, in: enrolment.area)
            guard enrolment.codeSerial == afterSerial else { return enrolment }
            guard enrolment.state(at: now, caseLifetime: settings.caseLifetime) != .expired else {
                throw RumdulError.enrolmentExpired
            }
            try await requireNoOpenRecovery(of: enrolment.personID, in: connection)
            guard enrolment.state.allows(.codeIssued),
                try await store.issue(new, for: id, from: enrolment.state, serial: afterSerial, in: connection)
            else { throw RumdulError.enrolmentState }
            if let device = enrolment.deviceID {
                try await authenticators.setState(
                    device, .revoked, by: officer.id, reason: "new_code", in: connection)
            }
            try await audit.record(
                action: "enrolment.code_issued", actor: actor, subject: enrolment.personID.text,
                details: ["case": .string(id), "serial": .integer(Int64(afterSerial + 1))], in: connection)
            return try await reread(id, in: connection)
        }
    }

    /// The code that is out, to show it again; `nil` when none works now. Throws `enrolment.not_found`,
    /// `officer.forbidden`.
    public func currentCode(_ id: String, by officer: Officer) async throws -> IssuedCode? {
        let enrolment = try await enrolment(id, by: officer)
        try officer.require(.enrolmentActivate, in: enrolment.area)
        guard enrolment.hasWorkingCode(at: ambient.now()), state(of: enrolment) != .expired,
            let expiry = enrolment.codeExpiresAt,
            let source = try await database.read({ [store] in try await store.codeSource(id, in: $0) })
        else { return nil }
        let display = ActivationCode.display(try await codes.code(for: id, key: source.key, salt: source.salt))
        return IssuedCode(
            display: display, url: "\(issuer)/device/v1/activations#code=\(display)", expiresAt: expiry)
    }

    /// A device uses a code. Exactly one device can; the same device may repeat its request while it waits and gets the
    /// same answer.
    ///
    /// Throws `device.proof_invalid`, `device.key_refused`, `device.name_invalid`, `attestation.*`, and
    /// `activation.invalid` for a code that is unknown, used or expired. Whatever it throws, nothing has changed.
    public func activate(_ request: ActivationRequest) async throws -> ActivationReceipt {
        let key = try authenticators.checkActivation(request.proofs, attestation: request.attestation)
        let hashes = try await codes.hashes(of: request.proofs.code)
        guard !hashes.isEmpty else { throw RumdulError.activationInvalid }
        let now = ambient.now()
        let nonce = Base64URL.encode(ambient.randomBytes(16))
        let (deviceThumbprint, pinThumbprint) = (
            request.proofs.deviceKey.thumbprintText, request.proofs.pinKey.thumbprintText
        )
        let binding = EnrolmentStore.Binding(
            deviceThumbprint: deviceThumbprint, pinThumbprint: pinThumbprint, nonce: nonce,
            comparison: ComparisonCode.compute(
                deviceThumbprint: deviceThumbprint, pinThumbprint: pinThumbprint, nonce: nonce),
            confirmBy: now.adding(seconds: settings.comparisonTime))
        return try await database.transaction { [store, authenticators, settings] connection in
            let opened = now.adding(seconds: -settings.caseLifetime)
            if let enrolment = try await store.spend(
                hashes: hashes, at: now, openedAfter: opened, binding: binding, in: connection)
            {
                let device = try await authenticators.bind(
                    person: enrolment.personID, name: request.deviceName, platform: request.platform,
                    deviceKey: request.proofs.deviceKey, pinKey: request.proofs.pinKey, ial: enrolment.ial,
                    key: key, in: connection)
                try await store.setDevice(device.id, of: enrolment.id, in: connection)
                return ActivationReceipt(
                    deviceID: device.id, serverNonce: nonce, state: device.state,
                    protection: key.protection, expiresAt: binding.confirmBy)
            }
            guard
                let before = try await store.bound(
                    hashes: hashes, deviceThumbprint: deviceThumbprint, pinThumbprint: pinThumbprint, at: now,
                    in: connection), let device = before.enrolment.deviceID, let until = before.enrolment.confirmBy
            else { throw RumdulError.activationInvalid }
            // Told from what was stored, not from what came now.
            let known = try await authenticators.device(device, in: connection)
            return ActivationReceipt(
                deviceID: device, serverNonce: before.nonce, state: .pending,
                protection: known?.key.protection ?? .software, expiresAt: until)
        }
    }

    /// The officer's word on the six digits: the same on the phone, and the device becomes active; different, and it is
    /// revoked and the enrolment ends. Repeating the same word changes nothing.
    ///
    /// Throws `enrolment.not_found`, `officer.forbidden`, `enrolment.changed` when another device waits than the
    /// officer saw, `enrolment.expired` when it took too long (the device is revoked then), `enrolment.state`,
    /// `recovery.unconfirmed`, `device.too_many`.
    /// - Parameter device: identifier of the device whose digits the officer saw.
    public func confirm(
        _ id: String, device: String, same: Bool, by officer: Officer
    ) async throws -> EnrolmentCase {
        let now = ambient.now()
        let outcome: EnrolmentCase? = try await database.transaction { [store, authenticators, audit] connection in
            let enrolment = try await locked(id, by: officer, in: connection)
            let actor = try officer.acting(.enrolmentActivate, in: enrolment.area)
            let wanted: EnrolmentState = same ? .completed : .rejected
            if enrolment.state == wanted, enrolment.deviceID == device { return enrolment }
            guard enrolment.state == .deviceBound else { throw RumdulError.enrolmentState }
            guard enrolment.deviceID == device else { throw RumdulError.enrolmentChanged }
            guard same else { return try await end(enrolment, as: .rejected, by: actor, in: connection) }
            guard enrolment.awaitsComparison(at: now), state(of: enrolment) != .expired else {
                try await lapse(enrolment, in: connection)
                return nil
            }
            try await requireNoOpenRecovery(of: enrolment.personID, in: connection)
            guard try await store.move(id, from: .deviceBound, to: .completed, device: device, in: connection) else {
                throw RumdulError.enrolmentState
            }
            try await authenticators.setState(device, .active, by: officer.id, in: connection)
            try await finishRecovery(of: enrolment.personID, device: device, by: officer, in: connection)
            try await audit.record(
                action: "enrolment.completed", actor: actor, subject: enrolment.personID.text,
                details: ["case": .string(id), "device": .string(device)], in: connection)
            return try await reread(id, in: connection)
        }
        guard let outcome else { throw RumdulError.enrolmentExpired }
        return outcome
    }

    /// Ends what nobody finished: cases past their time expire, devices whose digits were not compared in time are
    /// revoked and their case waits for a new code. For a job that runs every minute or so; returns how many cases it
    /// touched.
    @discardableResult
    public func sweep(limit: Int = 200) async throws -> Int {
        let now = ambient.now()
        let oldest = now.adding(seconds: -settings.caseLifetime)
        let stale = try await database.read { [store] in
            try await store.stale(openedBefore: oldest, now: now, limit: limit, in: $0)
        }
        var touched = 0
        for candidate in stale {
            touched += try await database.transaction { [settings] connection in
                try await connection.lock("enrol:" + candidate.id)
                let enrolment = try await reread(candidate.id, in: connection)
                if enrolment.state.isLive, enrolment.state(at: now, caseLifetime: settings.caseLifetime) == .expired {
                    _ = try await end(enrolment, as: .expired, by: .system("enrolment"), in: connection)
                    return 1
                }
                guard enrolment.state == .deviceBound, !enrolment.awaitsComparison(at: now) else { return 0 }
                try await lapse(enrolment, in: connection)
                return 1
            }
        }
        return touched
    }

    /// The time for comparing ran out: the device is revoked, the case waits for a new code.
    private func lapse(_ enrolment: EnrolmentCase, in connection: any SQLConnection) async throws {
        _ = try await end(enrolment, as: .opened, event: "lapsed", by: .system("enrolment"), in: connection)
    }
}
