import Codecs
import Database
import JOSE
import Kernel

/// What a device sends to set or clear its duress PIN (device protocol, section 6).
public struct DuressChange: Sendable {
    /// Compact JWS by the device key, type `rumdul-duress-pin+jwt`.
    public var change: String
    /// The duress PIN's key; `nil` to clear it.
    public var key: JWK?
    /// Base64url of the PIN key's signature over the ASCII bytes of `change`.
    public var pinSignature: String
    /// Base64url of the duress key's signature over the same bytes; `nil` to clear.
    public var duressSignature: String?

    public init(change: String, key: JWK?, pinSignature: String, duressSignature: String?) {
        self.change = change
        self.key = key
        self.pinSignature = pinSignature
        self.duressSignature = duressSignature
    }
}

/// The duress PIN: a second PIN that a person types when somebody forces them. Every answer is that of the right PIN; what it
/// sets off is silent. The rules that keep it from becoming a way to search for the real PIN:
///
/// * It makes wrong tries forgotten, as the real PIN does, but once only until the real PIN is used.
/// * Changes of PINs are counted, five a day, whichever PIN allows them; so a change cannot be used to try PINs.
extension Authenticators {
    /// How many changes of PINs a device may make in 24 hours where duress PINs are allowed.
    static let changesPerDay = 5

    /// Sets or clears the duress PIN of a device. A wrong PIN counts as a try: the caller **commits** and then answers.
    /// Whoever has the duress PIN in the place of the PIN gets the same answers, and nothing changes.
    ///
    /// Throws `device.duress_off`, `device.proof_invalid`, `device.key_refused` before anything is tried,
    /// `device.not_active`.
    public func changeDuressPIN(
        _ request: DuressChange, of deviceID: String, in connection: any SQLConnection
    ) async throws -> PINCheck {
        guard rules.allowsDuressPIN else { throw RumdulError.duressOff }
        guard let device = try await device(deviceID, in: connection) else { throw RumdulError.deviceProofInvalid }
        guard device.state == .active else { throw RumdulError.deviceNotActive }
        let key = try request.key.map { try DeviceKey.pair(device: device.deviceKey, pin: $0).pin }
        try checker.duressChange(request, key: key, by: device, now: ambient.now())
        let (store, bytes) = (DuressStore(), Array(request.change.utf8))
        let check = try await settlePIN(of: device, what: ["action": "duress_change"], in: connection) { pin in
            Self.isSigned(bytes, request.pinSignature, by: pin)
        }
        guard check == .correct || check == .duress else { return check }
        guard try await store.takeChange(device.id, most: Self.changesPerDay, at: ambient.now(), in: connection) else {
            return .refused(.devicePINChanges)
        }
        if check == .duress {
            let known = try await store.pin(of: device.id, in: connection)?.key.thumbprint
            return key != nil && key?.thumbprint == known ? .refused(.deviceKeyRefused) : .correct
        }
        guard let key else {
            try await store.clear(device.id, in: connection)
            try await audit(
                "security.duress_cleared", person: device.personID, ["device": .string(device.id)], in: connection)
            return .correct
        }
        guard try await self.store.claim(key: key.thumbprint, kind: "duress", device: device.id, in: connection) else {
            return .refused(.deviceKeyRefused)
        }
        try await store.set(key, of: device.id, at: ambient.now(), in: connection)
        try await audit(
            "security.duress_set", person: device.personID,
            ["device": .string(device.id), "duress_key": .string(key.thumbprint)], in: connection)
        return .correct
    }

    /// A change of the PIN that the duress PIN asked for: the real PIN stays, and the new one becomes the duress PIN, so that
    /// whoever forced it learns nothing by trying it.
    func pretendChange(
        to new: DeviceKey, of device: Device, in connection: any SQLConnection
    ) async throws -> PINCheck {
        guard try await store.claim(key: new.thumbprint, kind: "duress", device: device.id, in: connection) else {
            return .refused(.deviceKeyRefused)
        }
        try await DuressStore().set(new, of: device.id, at: ambient.now(), in: connection)
        try await audit(
            "security.duress_pin_changed", person: device.personID,
            ["device": .string(device.id), "duress_key": .string(new.thumbprint)], in: connection)
        _ = try await SafetyStore().add(
            DeviceNotice(kind: .pinChanged, at: ambient.now(), deviceName: device.name), device: device.id,
            person: device.personID, in: connection)
        return .correct
    }

    /// The duress PIN was typed: the case, and what the person sees of the tries.
    /// - Parameter what: what it was typed for, for the audit.
    func useDuress(
        of device: Device, failures: Int, what: JSONObject, in connection: any SQLConnection
    ) async throws -> PINCheck {
        let duress = DuressStore()
        if failures > 0, try await duress.takeReset(device.id, in: connection) {
            guard try await store.clearFailures(device.id, in: connection) else { return .locked }
        }
        let id = try await duress.note(
            ambient.newID(), kind: .duress, person: device.personID, device: device.id, at: ambient.now(),
            in: connection)
        var payload: JSONObject = ["case": .string(id), "device": .string(device.id)]
        for member in what.members { payload[member.name] = member.value }
        try await audit("security.duress_used", person: device.personID, payload, in: connection)
        return .duress
    }

    static func isSigned(_ bytes: [UInt8], _ signature: String, by key: DeviceKey) -> Bool {
        guard let raw = Base64URL.decode(signature) else { return false }
        return key.verifier.isValid(raw, for: bytes, algorithm: .es256)
    }
}

extension ProofChecker {
    /// Checks everything about a change of the duress PIN but the PIN: the device's signature and the duress key's, over
    /// claims that name that key. Throws `device.proof_invalid`.
    func duressChange(_ request: DuressChange, key: DeviceKey?, by device: Device, now: Instant) throws {
        let token = try DeviceToken(request.change, type: "rumdul-duress-pin+jwt")
        let claims = token.claims
        guard let kid = token.keyID, sameCodePoints(kid, device.id), let iss = claims.string("iss"),
            sameCodePoints(iss, device.id)
        else { throw RumdulError.deviceProofInvalid.because("kid or iss") }
        try requireAudience(claims)
        _ = try time(claims, now: now)
        guard claims.string("jti") != nil, claims.has("duress_key") == (key != nil) else {
            throw RumdulError.deviceProofInvalid.because("jti or duress_key")
        }
        try verify(token, key: device.keys.device)
        guard let key else { return }
        guard let named = claims.string("duress_key"), sameCodePoints(named, key.thumbprint),
            let signature = request.duressSignature,
            Authenticators.isSigned(Array(request.change.utf8), signature, by: key)
        else { throw RumdulError.deviceProofInvalid.because("duress_key or its signature") }
    }
}
