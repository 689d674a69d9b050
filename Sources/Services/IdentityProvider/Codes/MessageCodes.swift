import Accountability
import Authenticators
import Codecs
import Database
import Kernel
import Logging
import Outbound
import RelyingParties

/// Sends text messages. The composition root fills it in; without one, codes by message are not offered.
public protocol MessageGateway: Sendable {
    /// Hands a text over for delivery to a phone number in E.164 form. A thrown error is logged and nothing more: the
    /// page does not depend on it.
    func send(_ text: String, to number: String) async throws

    /// The same as a delivery that the queue carries and repeats until the gateway has taken it; `nil` when the gateway is no server.
    func delivery(_ text: String, to number: String, endsAt: Instant) -> Delivery?
}

extension MessageGateway {
    public func delivery(_ text: String, to number: String, endsAt: Instant) -> Delivery? { nil }
}

/// What codes by message need besides the login itself.
struct MessageSurroundings: Sendable {
    var gateway: any MessageGateway
    var codes: TextCodes
    /// The register's phone numbers, through the gate.
    var attributes: any AttributeSource
    var gate: DisclosureGate
    var logger: Logger
}

extension CodeLogin {
    /// The purpose that stands in the person's access journal when the number is read.
    static let messagePurpose = Purpose(
        code: "login-message",
        text: LocalizedText(km: "ផ្ញើលេខកូដចូលទៅលេខទូរស័ព្ទរបស់អ្នក", en: "Sending a login code to your phone number"))

    /// Whether codes by message are offered.
    var offersMessages: Bool { messages != nil }

    /// Sends a code to the number that the register holds, if there is such a person and number; who is not there gets
    /// the same answer and nothing is sent. Throws `authorize.identifier_invalid`, `codes.too_many_messages`,
    /// `authorize.request_stale` when messages are not offered.
    func sendMessage(
        _ request: AuthorizationRequest, identifier: String, client: RelyingParty, address: String, traceID: String
    ) async throws -> Step {
        guard let messages else { throw RumdulError.requestStale }
        let person = try await person(identifier, client: client)
        let result: (code: TextCode, number: String?) = try await approvals.database.transaction { connection in
            let code = try await messages.codes.make(
                for: person, name: identifier, address: address, in: connection)
            guard let person else { return (code, nil) }
            let disclosed = try await messages.gate.disclose(
                DisclosureRequest(
                    subject: person, actor: .system("identity-provider"),
                    organisation: Organisation(
                        code: "camdigikey", name: LocalizedText(km: "CamDigiKey", en: "CamDigiKey")),
                    system: "openid-provider", service: "login-message", purpose: Self.messagePurpose,
                    basis: .statute("CRVSID"), attributes: [.phoneNumber], traceID: traceID), from: messages.attributes,
                in: connection)
            return (code, disclosed[.phoneNumber]?.stringValue)
        }
        if let number = result.number {
            let text = Self.text(result.code.code, client: client)
            // The answer does not wait for the operator: its time would tell who is there.
            Task {
                do {
                    try await messages.gateway.send(text, to: number)
                } catch {
                    messages.logger.error(
                        "a login code was not handed over", metadata: ["error": .string(Self.code(of: error))])
                }
            }
        }
        return Step(request: request, identifier: identifier, number: 0, message: result.code.id)
    }

    /// Khmer first, then English: who asks, and that nobody else may have it.
    static func text(_ code: String, client: RelyingParty) -> String {
        "CamDigiKey: \(code) សម្រាប់ចូល \(client.name.km)។ កុំប្រាប់អ្នកណាឡើយ។ "
            + "\(code) logs you in to \(client.name.en). Tell it to nobody."
    }

    private static func code(of error: any Error) -> String { (error as? RumdulError)?.code ?? "internal" }
}
