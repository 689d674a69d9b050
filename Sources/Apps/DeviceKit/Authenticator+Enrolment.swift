import Codecs
import Crypto
import JOSE
import Kernel

extension Authenticator {
    /// Enrols this device: makes the keys, proves them, and gives the code that the officer compares (device protocol,
    /// section 1). When anything fails, the new keys are destroyed again.
    /// - Parameters:
    ///   - activation: from the QR or from the code and the server's address.
    ///   - server: where requests go, if not to the issuer's own address.
    ///   - name: what the person calls the device, 1 to 64 characters.
    ///   - pin: the PIN the person chose.
    ///   - platform: what program this is, for instance `rumdul-cli/1`.
    /// - Throws: `device.already_enrolled`, `device.pin_weak`, `device.name_invalid`, `activation.invalid`,
    ///   `device.server_unreachable`, `device.answer_malformed`.
    public func enrol(
        _ activation: Activation, server: ServerURL? = nil, name: String, pin: PIN, platform: String
    ) async throws -> EnrolmentResult {
        try pin.requireStrong()
        guard !name.isEmpty, name.unicodeScalars.count <= 64,
            name.unicodeScalars.allSatisfy({ $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) })
        else { throw RumdulError.deviceName }
        guard try await records.load() == nil else { throw RumdulError.alreadyEnrolled }
        let deviceKey = try await keys.create()
        do {
            let pinKey = try PINKey(pin: pin, deviceSecret: try await keys.deviceSecret())
            let body = try await activationBody(
                activation, name: name, platform: platform, deviceKey: deviceKey, pinKey: pinKey)
            let server = server ?? activation.issuer
            let answer = try await exchange(server, "POST", "/device/v1/activations", body: body)
            let result = try Authenticator.result(answer, deviceKey: deviceKey, pinKey: try pinKey.publicKey())
            try await records.save(
                EnrolmentRecord(
                    issuer: activation.issuer, server: server, deviceID: result.deviceID, name: name,
                    enrolledAt: ambient.now()))
            return result
        } catch {
            try? await keys.delete()
            throw error
        }
    }

    private func activationBody(
        _ activation: Activation, name: String, platform: String, deviceKey: JWK, pinKey: PINKey
    ) async throws -> [UInt8] {
        let pinPublicKey = try pinKey.publicKey()
        let claims: JSONObject = [
            "aud": .string(activation.issuer.text), "code_hash": .string(activation.code.hash),
            "device_key": .string(deviceKey.thumbprintText), "pin_key": .string(pinPublicKey.thumbprintText),
            "iat": .integer(ambient.now().seconds),
        ]
        let type = "rumdul-activation+jwt"
        let proof = try await DeviceSigner(keys.sign).token(claims, type: type)
        let pinProof = try await DeviceSigner(pinKey.sign).token(claims, type: type)
        let attestation = try await attester.attestation(
            for: AttestationRequest(
                issuer: activation.issuer, codeHash: activation.code.hash, deviceKey: deviceKey, pinKey: pinPublicKey))
        return JSON.bytes(
            [
                "code": .string(activation.code.display), "device_name": .string(name), "platform": .string(platform),
                "device_key": .object(deviceKey.json), "pin_key": .object(pinPublicKey.json), "proof": .string(proof),
                "pin_proof": .string(pinProof), "attestation": .object(attestation),
            ] as JSONObject)
    }

    private static func result(
        _ answer: JSONObject, deviceKey: JWK, pinKey: JWK
    ) throws -> EnrolmentResult {
        let nonce = try answer.needString("server_nonce", limit: 64)
        guard Base64URL.decode(nonce)?.count == 16 else { throw RumdulError.answerMalformed("server_nonce") }
        guard answer.string("state") == DeviceState.pending.rawValue else { throw RumdulError.answerMalformed("state") }
        return EnrolmentResult(
            deviceID: try answer.needIdentifier("device_id"),
            comparisonCode: comparisonCode(
                deviceThumbprint: deviceKey.thumbprintText, pinThumbprint: pinKey.thumbprintText, serverNonce: nonce),
            keyProtection: answer.string("key_protection") ?? "software",
            expiresAt: try answer.needInstant("expires_at"))
    }

    /// The six digits that both sides compute and the officer compares: the first 8 bytes of SHA-256 over the label,
    /// the two thumbprints and the server's nonce (all as text), modulo 10^6.
    public static func comparisonCode(deviceThumbprint: String, pinThumbprint: String, serverNonce: String) -> String {
        let input = Array("rumdul-comparison".utf8) + deviceThumbprint.utf8 + pinThumbprint.utf8 + serverNonce.utf8
        let number = SHA256.hash(data: input).prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) } % 1_000_000
        let digits = String(number)
        return String(repeating: "0", count: 6 - digits.utf8.count) + digits
    }
}
