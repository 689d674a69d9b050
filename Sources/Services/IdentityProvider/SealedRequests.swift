import Codecs
import Kernel
import KeyVault

/// A checked authorization request between the consent page and its form: sealed, bound to the browser's cookie, good for a quarter of an
/// hour. Nothing is stored until a person asks for the approval.
struct SealedRequests: Sendable {
    let vault: any KeyVault
    let ambient: Ambient
    static let lifetime: Int64 = 900

    func seal(_ request: AuthorizationRequest, browserHash: [UInt8]) async throws -> String {
        var object = request.json
        object["t"] = .integer(ambient.now().seconds)
        return Base64URL.encode(
            try await vault.seal(JSON.bytes(object), purpose: .sealing, context: Self.context(browserHash)))
    }

    /// The request of this browser. Throws `authorize.request_stale` for anything forged, old, or of another browser.
    func open(_ text: String, browserHash: [UInt8]) async throws -> AuthorizationRequest {
        guard text.utf8.count <= 16_384, let sealed = Base64URL.decode(text) else { throw RumdulError.requestStale }
        let bytes: [UInt8]
        do {
            bytes = try await vault.open(sealed, purpose: .sealing, context: Self.context(browserHash))
        } catch is RumdulError {
            throw RumdulError.requestStale
        }
        let object = try JSON.parseObject(bytes)
        guard let time = object.integer("t"), ambient.now().seconds - time <= Self.lifetime,
            let request = AuthorizationRequest(json: object)
        else { throw RumdulError.requestStale }
        return request
    }

    private static func context(_ browserHash: [UInt8]) -> [UInt8] { Array("rumdul-authorize-v1".utf8) + browserHash }
}
