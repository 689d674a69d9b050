import Codecs
import HTTPTypes
import Hummingbird
import Kernel
import NIOCore

/// The four endpoints. Every answer is `{"status": "ok" | "failed", "errorMessage": "..."}` with what else belongs to it.
struct ConformanceRoutes: Sendable {
    let world: Conformance
    private static let cookie = "conformance"
    private static let longestBody = 1 << 20

    func add(to router: Router<BasicRequestContext>) {
        let world = world
        router.post("attestation/options") { request, _ in
            await answer(request) { try await world.registrationOptions($0, session: $1) }
        }
        router.post("attestation/result") { request, _ in
            await answer(request) {
                try await world.register($0, session: $1)
                return [:]
            }
        }
        router.post("assertion/options") { request, _ in
            await answer(request) { try await world.authenticationOptions($0, session: $1) }
        }
        router.post("assertion/result") { request, _ in
            await answer(request) {
                try await world.authenticate($0, session: $1)
                return [:]
            }
        }
    }

    private func answer(
        _ request: Request, _ work: (JSONObject, String) async throws -> JSONObject
    ) async -> Response {
        do {
            var body = try await request.body.collect(upTo: Self.longestBody)
            let json = try JSON.parseObject(body.readBytes(length: body.readableBytes) ?? [])
            let known = Self.session(of: request)
            let session: String
            if let known { session = known } else { session = await world.newSession() }
            var object: JSONObject = ["status": "ok", "errorMessage": ""]
            for member in try await work(json, session).members { object[member.name] = member.value }
            var response = Self.response(.ok, object)
            if known == nil {
                response.headers[.setCookie] = "\(Self.cookie)=\(session); Path=/; HttpOnly; SameSite=Lax"
            }
            return response
        } catch let error as RumdulError {
            let message = ([error.message.en] + [error.cause].compactMap(\.self)).joined(separator: " ")
            let status: HTTPResponse.Status = error.kind == .internal ? .internalServerError : .badRequest
            return Self.response(
                status, ["status": "failed", "errorMessage": .string(message), "code": .string(error.code)])
        } catch let failure as ConformanceFailure {
            return Self.response(.badRequest, ["status": "failed", "errorMessage": .string(failure.message)])
        } catch {
            return Self.response(.badRequest, ["status": "failed", "errorMessage": "The request cannot be read."])
        }
    }

    private static func session(of request: Request) -> String? {
        request.cookies[cookie].map(\.value).flatMap { $0.utf8.count == 43 ? $0 : nil }
    }

    private static func response(_ status: HTTPResponse.Status, _ object: JSONObject) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(bytes: JSON.bytes(object))))
    }
}
