import Codecs
import JOSE
import Kernel

extension Authenticator {
    /// Changes the PIN (device protocol, section 5): the old PIN key, the new one and the device key sign one claims
    /// object, and the server puts the new key in the place of the old one. A wrong old PIN counts as a try.
    ///
    /// Nothing changes on the device itself: the keys are derived anew each time, so a request whose answer was lost
    /// leaves one of the two PINs valid, and the next try shows which.
    /// - Parameters:
    ///   - old: the PIN as typed now.
    ///   - new: the PIN that the person chose. One that this device had before is refused by the server.
    /// - Throws: `device.not_enrolled`, `device.pin_weak`, `device.pin_unchanged` before anything is sent;
    ///   `device.pin_wrong`, `device.pin_locked`, `device.not_active`, `device.key_refused` when the server refuses.
    public func changePIN(from old: PIN, to new: PIN) async throws {
        try new.requireStrong()
        guard !constantTimeEquals(old.digits, new.digits) else { throw RumdulError.pinUnchanged }
        let record = try await enrolment()
        let secret = try await keys.deviceSecret()
        let (oldKey, newKey) = (
            try PINKey(pin: old, deviceSecret: secret), try PINKey(pin: new, deviceSecret: secret)
        )
        let newPublic = try newKey.publicKey()
        let claims: JSONObject = [
            "iss": .string(record.deviceID), "aud": .string(record.issuer.text),
            "pin_key": .string(newPublic.thumbprintText), "iat": .integer(ambient.now().seconds),
            "jti": .string(ambient.newSecret(bytes: 16)),
        ]
        let change = try await DeviceSigner(keyID: record.deviceID, keys.sign).token(
            claims, type: "rumdul-pin-change+jwt")
        let bytes = Array(change.utf8)
        let body: JSONObject = [
            "change": .string(change), "pin_key": .object(newPublic.json),
            "pin_signature": .string(Base64URL.encode(try oldKey.sign(bytes))),
            "new_pin_signature": .string(Base64URL.encode(try newKey.sign(bytes))),
        ]
        let answer = try await call(record, "POST", "/device/v1/pin", body: JSON.bytes(body))
        guard answer.string("status") == "changed" else { throw RumdulError.answerMalformed("status") }
    }
}
