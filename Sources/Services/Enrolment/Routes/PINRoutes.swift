import Authenticators
import Codecs
import Database
import Hummingbird
import JOSE
import Kernel
import Web

/// The device changes its own PIN, and sets or clears its duress PIN (device protocol, sections 5 and 6).
struct PINRoutes: Sendable {
    let service: EnrolmentService

    func add(to router: AppRouter) {
        router.post("/device/v1/pin") { request, context in try await change(request, context) }
        router.post("/device/v1/duress-pin") { request, context in try await changeDuress(request, context) }
    }

    private func change(_ request: Request, _ context: AppContext) async throws -> Response {
        let body = try await RawBody.read(request, context: context, limit: 16 << 10, types: ["application/json"])
        let device = try await service.authenticators.authenticate(
            authorization: request.headers[.authorization], method: "POST", path: "/device/v1/pin", body: body)
        guard device.state == .active else { throw RumdulError.deviceNotActive }
        let object = try JSON.parseObject(body, limits: JSONLimits(depth: 4, size: body.count))
        guard let change = object.string("change"), let key = object.object("pin_key"),
            let old = object.string("pin_signature"), let new = object.string("new_pin_signature")
        else { throw RumdulError.deviceProofInvalid.because("members of a PIN change") }
        let wanted = PINChange(change: change, pinKey: try Self.key(key), pinSignature: old, newPINSignature: new)
        return try await answer("changed") { [authenticators = service.authenticators] connection in
            try await authenticators.changePIN(wanted, of: device.id, in: connection)
        }
    }

    private func changeDuress(_ request: Request, _ context: AppContext) async throws -> Response {
        let body = try await RawBody.read(request, context: context, limit: 16 << 10, types: ["application/json"])
        let device = try await service.authenticators.authenticate(
            authorization: request.headers[.authorization], method: "POST", path: "/device/v1/duress-pin", body: body)
        guard device.state == .active else { throw RumdulError.deviceNotActive }
        let object = try JSON.parseObject(body, limits: JSONLimits(depth: 4, size: body.count))
        guard let change = object.string("change"), let signature = object.string("pin_signature"),
            object.has("duress_key") == object.has("duress_signature")
        else { throw RumdulError.deviceProofInvalid.because("members of a change of the duress PIN") }
        let key = try object.has("duress_key") ? Self.key(object.object("duress_key") ?? [:]) : nil
        let wanted = DuressChange(
            change: change, key: key, pinSignature: signature, duressSignature: object.string("duress_signature"))
        return try await answer(key == nil ? "cleared" : "set") {
            [authenticators = service.authenticators] connection in
            try await authenticators.changeDuressPIN(wanted, of: device.id, in: connection)
        }
    }

    private static func key(_ object: JSONObject) throws -> JWK {
        do { return try JWK(object) } catch { throw RumdulError.deviceKeyRefused.because(error.cause ?? error.code) }
    }

    private func answer(
        _ status: String, _ work: @escaping @Sendable (any SQLConnection) async throws -> PINCheck
    ) async throws -> Response {
        try await service.authenticators.rules.paced {
            switch try await service.database.transaction(work) {
            case .correct, .duress: return JSONResponse(["status": .string(status)]).response
            case .wrong(let left): throw RumdulError.devicePINWrong.with("tries_left", left)
            case .locked: throw RumdulError.devicePINLocked
            case .refused(let error): throw error
            }
        }
    }
}
