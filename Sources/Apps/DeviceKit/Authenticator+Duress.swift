import Codecs
import JOSE
import Kernel

extension Authenticator {
    /// Sets the duress PIN (device protocol, section 6): a second PIN for a person whom somebody forces. Everything that the
    /// device shows after it is what the PIN shows; nothing of it stays on the device.
    /// - Parameters:
    ///   - duress: another PIN than the first one, and than any that this device had before.
    ///   - pin: the PIN as typed now. A wrong one counts as a try.
    /// - Throws: `device.not_enrolled`, `device.pin_weak`, `device.pin_unchanged` before anything is sent;
    ///   `device.duress_off`, `device.pin_wrong`, `device.pin_locked`, `device.pin_changes`, `device.not_active`,
    ///   `device.key_refused` when the server refuses.
    public func setDuressPIN(_ duress: PIN, pin: PIN) async throws {
        try duress.requireStrong()
        guard !constantTimeEquals(duress.digits, pin.digits) else { throw RumdulError.pinUnchanged }
        try await changeDuress(to: duress, pin: pin, expecting: "set")
    }

    /// Clears the duress PIN, whether there is one or not: the answer does not tell.
    /// - Throws: as ``setDuressPIN(_:pin:)``.
    public func clearDuressPIN(pin: PIN) async throws {
        try await changeDuress(to: nil, pin: pin, expecting: "cleared")
    }

    private func changeDuress(to duress: PIN?, pin: PIN, expecting status: String) async throws {
        let record = try await enrolment()
        let secret = try await keys.deviceSecret()
        let pinKey = try PINKey(pin: pin, deviceSecret: secret)
        let duressKey = try duress.map { try PINKey(pin: $0, deviceSecret: secret) }
        let jwk = try duressKey?.publicKey()
        var claims: JSONObject = [
            "iss": .string(record.deviceID), "aud": .string(record.issuer.text), "iat": .integer(ambient.now().seconds),
            "jti": .string(ambient.newSecret(bytes: 16)),
        ]
        claims["duress_key"] = jwk.map { .string($0.thumbprintText) }
        let change = try await DeviceSigner(keyID: record.deviceID, keys.sign).token(
            claims, type: "rumdul-duress-pin+jwt")
        let bytes = Array(change.utf8)
        var body: JSONObject = [
            "change": .string(change), "pin_signature": .string(Base64URL.encode(try pinKey.sign(bytes))),
        ]
        if let jwk, let duressKey {
            body["duress_key"] = .object(jwk.json)
            body["duress_signature"] = .string(Base64URL.encode(try duressKey.sign(bytes)))
        }
        let answer = try await call(record, "POST", "/device/v1/duress-pin", body: JSON.bytes(.object(body)))
        guard answer.string("status") == status else { throw RumdulError.answerMalformed("status") }
    }
}
