import Authenticators
import Codecs
import HTTPTypes
import Hummingbird
import Kernel
import NIOCore
import Web

/// The rotating QR code of a waiting page, the same as a link for the phone that shows the page, and the device's claim.
struct QRRoutes: Sendable {
    let provider: IdentityProvider

    static let claims = "/device/v1/claims"

    func add(to router: AppRouter) {
        router.get("/authorize/{transaction}/qr", use: picture)
        router.get("/authorize/{transaction}/app", use: link)
        router.get("/device/v1/claims") { _, context in context.show(QRPages.openInApp()) }
        router.post("/device/v1/claims", use: claim)
    }

    /// What a device reads: an address of ours, the frame behind `#`, so that no server's log ever holds it.
    private func address(_ request: Request, _ context: AppContext) async throws -> String {
        let binding = BrowserBinding(request: request, context: context, ambient: provider.ambient)
        let item = try await provider.approvals.transaction(
            try context.pathParameter("transaction"), browserHash: binding.hash)
        let now = provider.ambient.now()
        guard item.request.startsByQR, item.isPending(at: now) else { throw RumdulError.transactionNotFound }
        let frame = try await QRFrame(transactionID: item.id, second: now.seconds).encoded(vault: provider.vault)
        return provider.settings.issuer + Self.claims + "#f=" + frame
    }

    private func picture(_ request: Request, _ context: AppContext) async throws -> Response {
        let svg = try QRCode.svg(try await address(request, context))
        return Response(
            status: .ok, headers: [.contentType: "image/svg+xml", .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(string: svg)))
    }

    /// On the phone itself there is nothing to scan: the app opens the same address.
    private func link(_ request: Request, _ context: AppContext) async throws -> Response {
        Redirect.found(try await address(request, context))
    }

    private func claim(_ request: Request, _ context: AppContext) async throws -> JSONResponse {
        let body = try await RawBody.read(request, context: context, limit: 4 << 10, types: ["application/json"])
        let device = try await provider.authenticators.authenticate(
            authorization: request.headers[.authorization], method: request.method.rawValue, path: request.uri.path,
            body: body)
        guard device.state == .active else { throw RumdulError.deviceNotActive }
        let object = try JSON.parseObject(body, limits: JSONLimits(depth: 2, size: body.count))
        guard let text = object.string("frame"),
            let frame = try await QRFrame.decode(text, now: provider.ambient.now(), vault: provider.vault)
        else { throw RumdulError.frameStale }
        let item = try await provider.approvals.claim(frame, by: device)
        return JSONResponse(bytes: DeviceTransactionRoutes.json(item))
    }
}
