import Authenticators
import Codecs
import HTTPTypes
import Hummingbird
import Kernel
import Web

/// The device's side of approvals (device protocol, sections 3 and 4).
struct DeviceTransactionRoutes: Sendable {
    let provider: IdentityProvider

    func add(to router: AppRouter) {
        router.get("/device/v1/transactions", use: list)
        router.post("/device/v1/transactions/{transaction}/decision", use: decide)
    }

    private func device(_ request: Request, body: [UInt8] = []) async throws -> Device {
        let device = try await provider.authenticators.authenticate(
            authorization: request.headers[.authorization], method: request.method.rawValue, path: request.uri.path,
            body: body)
        guard device.state == .active else { throw RumdulError.deviceNotActive }
        return device
    }

    private func list(_ request: Request, _ context: AppContext) async throws -> JSONResponse {
        let device = try await device(request)
        var reader = try QueryParameters.read(request).reader
        let wait = reader.optionalInteger("wait", in: 0...25) ?? 0
        try reader.finish()
        let found = try await provider.approvals.pending(for: device.personID, waitSeconds: wait)
        var writer = JSONWriter(capacity: 1024)
        writer.beginObject()
        writer.name("transactions")
        writer.beginArray()
        for item in found { Self.write(item, to: &writer) }
        writer.endArray()
        writer.endObject()
        return JSONResponse(bytes: writer.bytes)
    }

    /// One waiting transaction as devices read it (device protocol, section 3).
    static func json(_ item: Transaction) -> [UInt8] {
        var writer = JSONWriter(capacity: 1024)
        write(item, to: &writer)
        return writer.bytes
    }

    private static func write(_ item: Transaction, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("id", item.id)
        writer.name("details")
        writer.raw(Array(item.detailsText.utf8))
        writer.name("numbers")
        writer.beginArray()
        for number in item.numbers { writer.value(number) }
        writer.endArray()
        writer.endObject()
    }

    private func decide(_ request: Request, _ context: AppContext) async throws -> JSONResponse {
        let body = try await RawBody.read(request, context: context, limit: 16 << 10, types: ["application/json"])
        let device = try await device(request, body: body)
        let object = try JSON.parseObject(body, limits: JSONLimits(depth: 4, size: body.count))
        guard let decision = object.string("decision") else { throw RumdulError.transactionDecision }
        let id = try context.pathParameter("transaction")
        let status = try await provider.authenticators.rules.paced {
            try await provider.approvals.decide(
                id, jws: decision, pinSignature: object.string("pin_signature"), device: device)
        }
        return JSONResponse(["status": .string(status.rawValue)])
    }
}
