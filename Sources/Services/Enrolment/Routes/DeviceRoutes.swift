import Authenticators
import Codecs
import Hummingbird
import JOSE
import Kernel
import Web

/// The device protocol's part of enrolment: activation, and a device's view of itself.
struct DeviceRoutes: Sendable {
    let service: EnrolmentService
    let limits: EnrolmentLimits

    func add(to router: AppRouter) {
        router.post("/device/v1/activations") { request, context in try await activate(request, context) }
        // A phone's camera opens the QR code's address in a browser: say what it is for.
        router.get("/device/v1/activations") { _, context in
            context.show(Page("enrol/scan", title: EnrolmentTexts.title))
        }
        router.get("/device/v1/self") { request, context in try await own(request, context) }
    }

    /// Keys and proofs, and a statement that is longer than any that is accepted, so that it gets its own answer.
    private static let activationLimit = 16_384 + 2 * KeyAttestation.maximumSize

    private func activate(_ request: Request, _ context: AppContext) async throws -> Response {
        try await limits.takeActivation(address: context.clientAddress)
        let body = try await JSONBody.object(request, context: context, limit: Self.activationLimit)
        let receipt = try await service.activate(try Self.request(body))
        let answer: JSONObject = [
            "device_id": .string(receipt.deviceID), "server_nonce": .string(receipt.serverNonce),
            "state": .string(receipt.state.rawValue), "key_protection": .string(receipt.protection.rawValue),
            "expires_at": .integer(receipt.expiresAt.seconds),
        ]
        return JSONResponse(.object(answer), status: .created).response
    }

    private func own(_ request: Request, _ context: AppContext) async throws -> Response {
        let device = try await service.authenticators.authenticate(
            authorization: request.headers[.authorization], method: "GET", path: "/device/v1/self", body: [])
        let (notices, hold) = try await service.standing(of: device)
        var answer: JSONObject = [
            "device_id": .string(device.id), "name": .string(device.name), "state": .string(device.state.rawValue),
            "pin_locked": .bool(device.pinLocked), "pin_tries_left": .integer(Int64(device.pinTriesLeft)),
            "ial": .integer(Int64(device.ial.rawValue)), "key_protection": .string(device.key.protection.rawValue),
            "unlock": .string(device.key.unlock.rawValue),
            "notices": .array(
                notices.map { notice in
                    [
                        "kind": .string(notice.kind.rawValue), "at": .integer(notice.at.seconds),
                        "device_name": .string(notice.deviceName),
                    ]
                }),
        ]
        answer["held_until"] = hold.map { .integer($0.until.seconds) }
        return JSONResponse(.object(answer)).response
    }

    /// The request of a device. Throws `activation.malformed`, `device.key_refused`, `attestation.*`.
    static func request(_ body: JSONObject) throws -> ActivationRequest {
        func text(_ name: String, _ longest: Int) throws -> String {
            guard let value = body.string(name), (1...longest).contains(value.utf8.count) else {
                throw RumdulError.activationMalformed.because(name)
            }
            return value
        }
        func key(_ name: String) throws -> JWK {
            guard let object = body.object(name) else { throw RumdulError.activationMalformed.because(name) }
            do { return try JWK(object) } catch {
                throw RumdulError.deviceKeyRefused.because(error.cause ?? error.code)
            }
        }
        return ActivationRequest(
            proofs: ActivationProofs(
                code: try text("code", 64), deviceKey: try key("device_key"), pinKey: try key("pin_key"),
                proof: try text("proof", 4096), pinProof: try text("pin_proof", 4096)),
            deviceName: try text("device_name", 512), platform: try text("platform", 64),
            attestation: try KeyAttestation(body["attestation"]))
    }
}
