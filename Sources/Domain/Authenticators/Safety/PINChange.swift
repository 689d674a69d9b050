import Codecs
import Database
import JOSE
import Kernel

/// What a device sends to change its PIN (device protocol, section 5): one claims object, signed three times.
public struct PINChange: Sendable {
    /// Compact JWS by the device key, type `rumdul-pin-change+jwt`.
    public var change: String
    /// The new PIN key.
    public var pinKey: JWK
    /// Base64url of the old PIN key's signature over the ASCII bytes of `change`.
    public var pinSignature: String
    /// Base64url of the new PIN key's signature over the same bytes.
    public var newPINSignature: String

    public init(change: String, pinKey: JWK, pinSignature: String, newPINSignature: String) {
        self.change = change
        self.pinKey = pinKey
        self.pinSignature = pinSignature
        self.newPINSignature = newPINSignature
    }
}

extension Authenticators {
    /// Replaces the PIN key of a device, all or nothing; audited, and told to the person's other devices.
    ///
    /// A wrong old PIN counts as a try: the caller **commits** and then answers the error. A request that cannot be right
    /// spends no try. Under a duress PIN the answer is the same, and the real PIN stays. Throws `device.proof_invalid`, `device.key_refused`, `device.not_active`.
    public func changePIN(
        _ request: PINChange, of deviceID: String, in connection: any SQLConnection
    ) async throws -> PINCheck {
        guard let device = try await device(deviceID, in: connection) else { throw RumdulError.deviceProofInvalid }
        guard device.state == .active else { throw RumdulError.deviceNotActive }
        let new = try DeviceKey.pair(device: device.deviceKey, pin: request.pinKey).pin
        // Nothing before the try may depend on the old PIN: whatever answered differently would be a way to search for it
        // without spending tries.
        try checker.pinChange(request, new: new, by: device, now: ambient.now())
        let bytes = Array(request.change.utf8)
        let check = try await settlePIN(of: device, what: ["action": "pin_change"], in: connection) { key in
            Self.isSigned(bytes, request.pinSignature, by: key)
        }
        guard check == .correct || check == .duress else { return check }
        if rules.allowsDuressPIN {
            let isFree = try await DuressStore().takeChange(
                device.id, most: Self.changesPerDay, at: ambient.now(), in: connection)
            guard isFree else { return .refused(.devicePINChanges) }
        }
        if check == .duress { return try await pretendChange(to: new, of: device, in: connection) }
        guard try await store.claim(key: new.thumbprint, kind: "pin", device: device.id, in: connection) else {
            // A refused change counts as one where changes are counted, so it is answered after the commit.
            guard rules.allowsDuressPIN else { throw RumdulError.deviceKeyRefused.because("key registered before") }
            return .refused(.deviceKeyRefused)
        }
        guard try await store.replacePINKey(device.id, from: device.keys.pin, to: new, in: connection) else {
            throw RumdulError.deviceKeyRefused.because("the PIN was changed meanwhile")
        }
        try await audit(
            "device.pin_changed", person: device.personID,
            ["device": .string(device.id), "pin_key": .string(new.thumbprint)], in: connection)
        _ = try await SafetyStore().add(
            DeviceNotice(kind: .pinChanged, at: ambient.now(), deviceName: device.name), device: device.id,
            person: device.personID, in: connection)
        return .correct
    }
}

extension ProofChecker {
    /// Checks everything about a change of the PIN but the old PIN: the device's signature and the new key's, over
    /// claims that name the new key. Throws `device.proof_invalid`.
    func pinChange(_ request: PINChange, new: DeviceKey, by device: Device, now: Instant) throws {
        let token = try DeviceToken(request.change, type: "rumdul-pin-change+jwt")
        let claims = token.claims
        guard let kid = token.keyID, sameCodePoints(kid, device.id), let iss = claims.string("iss"),
            sameCodePoints(iss, device.id)
        else { throw RumdulError.deviceProofInvalid.because("kid or iss") }
        try requireAudience(claims)
        _ = try time(claims, now: now)
        guard let named = claims.string("pin_key"), sameCodePoints(named, new.thumbprint), claims.string("jti") != nil
        else { throw RumdulError.deviceProofInvalid.because("pin_key or jti") }
        try verify(token, key: device.keys.device)
        guard let raw = Base64URL.decode(request.newPINSignature),
            new.verifier.isValid(raw, for: Array(request.change.utf8), algorithm: .es256)
        else { throw RumdulError.deviceProofInvalid.because("signature of the new PIN key") }
    }
}
