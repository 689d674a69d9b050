import Codecs
import Kernel

/// Documents of relying parties: key sets (`jwks_uri`), lists of redirect URIs (`sector_identifier_uri`), request
/// objects (`request_uri`).
public struct JSONDocuments: Sendable {
    private let client: OutboundClient

    public init(client: OutboundClient) { self.client = client }

    /// A JSON value and the seconds for which it may be kept (0 when it must not be, `nil` when the host does not say).
    /// Takes `application/json` and every type that ends in `+json`, with status 200.
    /// - Parameter limit: the most bytes.
    /// - Throws: what `OutboundClient.fetch` throws, `outbound.status`, `outbound.response`.
    public func fetchValue(_ url: String, limit: Int = 65_536) async throws -> (JSONValue, maxAge: Int64?) {
        let response = try await get(url, limit, ["application/json", "+json"])
        do throws(RumdulError) {
            return (try JSON.parse(response.body), maxAge: response.maxAge)
        } catch {
            throw RumdulError.outboundResponse("no JSON")
        }
    }

    /// Like `fetchValue`, for a JSON object.
    public func fetchJSON(_ url: String, limit: Int = 65_536) async throws -> (JSONObject, maxAge: Int64?) {
        let (value, maxAge) = try await fetchValue(url, limit: limit)
        guard let object = value.objectValue else { throw RumdulError.outboundResponse("no JSON object") }
        return (object, maxAge: maxAge)
    }

    /// A text in UTF-8, with status 200.
    /// - Parameters:
    ///   - limit: the most bytes.
    ///   - types: the media types to take (`application/oauth-authz-req+jwt`); empty for any.
    /// - Throws: what `OutboundClient.fetch` throws, `outbound.status`, `outbound.response`.
    public func fetchText(_ url: String, limit: Int = 65_536, accepting types: [String]) async throws -> String {
        let response = try await get(url, limit, types)
        guard let text = String(validating: response.body, as: UTF8.self) else {
            throw RumdulError.outboundResponse("no UTF-8")
        }
        return text
    }

    private func get(_ url: String, _ limit: Int, _ types: [String]) async throws -> OutboundResponse {
        let response = try await client.fetch(OutboundRequest(url: url, bodyLimit: limit, accepting: types))
        guard response.status == 200 else { throw RumdulError.outboundStatus(response.status) }
        return response
    }
}
