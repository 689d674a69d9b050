import Authenticators
import Codecs
import Hummingbird
import JOSE
import Kernel
import Web

/// The device changes its own PIN (device protocol, section 5).
struct PINRoutes: Sendable {
    let service: EnrolmentService

    func add(to router: AppRouter) {
        router.post("/device/v1/pin") { request, context in try await change(request, context) }
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
        let jwk: JWK
        do { jwk = try JWK(key) } catch { throw RumdulError.deviceKeyRefused.because(error.cause ?? error.code) }
        let wanted = PINChange(change: change, pinKey: jwk, pinSignature: old, newPINSignature: new)
        let check = try await service.database.transaction { [authenticators = service.authenticators] in
            try await authenticators.changePIN(wanted, of: device.id, in: $0)
        }
        switch check {
        case .correct: return JSONResponse(["status": "changed"]).response
        case .wrong(let left): throw RumdulError.devicePINWrong.with("tries_left", left)
        case .locked: throw RumdulError.devicePINLocked
        }
    }
}
