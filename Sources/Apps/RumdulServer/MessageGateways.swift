import Codecs
import Foundation
import IdentityProvider
import Kernel
import Outbound

/// Hands text messages to an operator's gateway: `POST {"to": "+855...", "text": "..."}` with a bearer token.
struct HTTPMessageGateway: MessageGateway {
    let client: OutboundClient
    let url: String
    let secret: String?

    private var headers: [OutboundHeader] {
        secret.map { [OutboundHeader("Authorization", "Bearer " + $0)] } ?? []
    }

    private func content(_ text: String, _ number: String) -> OutboundContent {
        let body: JSONObject = ["to": .string(number), "text": .string(text)]
        return .json(JSON.bytes(body))
    }

    func delivery(_ text: String, to number: String, endsAt: Instant) -> Delivery? {
        Delivery(
            kind: .textMessage, reference: "camdigikey", url: url, headers: headers, content: content(text, number),
            endsAt: endsAt)
    }

    func send(_ text: String, to number: String) async throws {
        var request = OutboundRequest(url: url, bodyLimit: nil)
        request.content = content(text, number)
        request.headers = headers
        let answer = try await client.fetch(request)
        guard (200...299).contains(answer.status) else {
            throw RumdulError.internal("the message gateway answered \(answer.status)")
        }
    }
}

/// Writes text messages to a file, a JSON object a line: for development, where nobody's phone should ring.
actor FileMessageGateway: MessageGateway {
    private let path: String

    init(path: String) { self.path = path }

    func send(_ text: String, to number: String) throws {
        let line: JSONObject = ["to": .string(number), "text": .string(text)]
        if !FileManager.default.fileExists(atPath: path) {
            _ = FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600])
        }
        let file = try FileHandle(forWritingTo: URL(filePath: path))
        defer { try? file.close() }
        try file.seekToEnd()
        try file.write(contentsOf: JSON.bytes(line) + [10])
    }
}

extension Configuration {
    /// How text messages are sent; `nil` when nothing is configured.
    /// - Throws: `configuration.invalid`
    func messageGateway(client: OutboundClient) throws -> (any MessageGateway)? {
        guard let messageGatewayURL else { return messageGatewayFile.map { FileMessageGateway(path: $0) } }
        guard messageGatewayFile == nil else {
            throw RumdulError.configurationInvalid("message_gateway_file", "an address is configured as well")
        }
        do { try client.check(messageGatewayURL) } catch {
            throw RumdulError.configurationInvalid(
                "message_gateway_url", "an https address that outbound_allow lets through")
        }
        var secret: String?
        if let messageGatewaySecretFile {
            guard let data = FileManager.default.contents(atPath: messageGatewaySecretFile) else {
                throw RumdulError.configurationInvalid("message_gateway_secret_file", "the file cannot be read")
            }
            let text = String(decoding: data, as: UTF8.self).filter { !$0.isWhitespace }
            guard !text.isEmpty, text.utf8.allSatisfy({ (33...126).contains($0) }) else {
                throw RumdulError.configurationInvalid("message_gateway_secret_file", "a token of visible characters")
            }
            secret = text
        }
        return HTTPMessageGateway(client: client, url: messageGatewayURL, secret: secret)
    }
}
