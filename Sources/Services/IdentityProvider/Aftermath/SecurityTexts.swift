import Accountability
import Authenticators
import Database
import Kernel
import Logging
import Outbound

/// Tells people by text message that a new device or passkey is theirs, or that somebody reported their phone as gone: whoever did it in their
/// name cannot keep it from them. The text names nobody and nothing. The number is read through the gate, so the reading stands in the
/// person's journal.
struct SecurityTexts: Sendable {
    let database: any Database
    let surroundings: MessageSurroundings
    let deliveries: DeliveryQueue?
    /// Where the person looks what happened.
    let address: String
    let ambient: Ambient
    private let store = AftermathStore()

    init(
        database: any Database, surroundings: MessageSurroundings, deliveries: DeliveryQueue?, address: String,
        ambient: Ambient
    ) {
        self.database = database
        self.surroundings = surroundings
        self.deliveries = deliveries
        self.address = address
        self.ambient = ambient
    }

    /// The most texts to one person in ``windowSeconds``.
    static let most = 5
    static let windowSeconds: Int64 = 86_400
    /// Seconds for which a text is tried.
    static let lifetime: Int64 = 3600

    /// The purpose that stands in the person's access journal when the number is read.
    static let purpose = Purpose(
        code: "security-notice",
        text: LocalizedText(
            km: "ជូនដំណឹងសុវត្ថិភាពទៅលេខទូរស័ព្ទរបស់អ្នក", en: "Sending a security notice to your phone number"))

    /// Takes one notice on and hands its text over. People without a number, and who had their share, are sent nothing.
    func tell(_ item: AftermathStore.Item) async throws {
        let (now, text) = (ambient.now(), Self.text(item.kind, address: address))
        // What the queue does not carry is handed over after the commit.
        let number: String? = try await database.transaction { connection in
            guard try await store.finish(item.id, at: now, in: connection),
                try await store.texts(
                    to: item.personID, since: now.adding(seconds: -Self.windowSeconds), in: connection) <= Self.most
            else { return nil }
            let disclosed = try await surroundings.gate.disclose(
                DisclosureRequest(
                    subject: item.personID, actor: .system("identity-provider"),
                    organisation: Organisation(
                        code: "camdigikey", name: LocalizedText(km: "CamDigiKey", en: "CamDigiKey")),
                    system: "openid-provider", service: "security-notice", purpose: Self.purpose,
                    basis: .statute("CRVSID"), attributes: [.phoneNumber], traceID: ambient.newID()),
                from: surroundings.attributes, in: connection)
            guard let number = disclosed[.phoneNumber]?.stringValue, !number.isEmpty else { return nil }
            guard let deliveries,
                let delivery = surroundings.gateway.delivery(
                    text, to: number, endsAt: now.adding(seconds: Self.lifetime))
            else { return number }
            try await deliveries.enqueue(delivery, in: connection)
            return nil
        }
        if let number { try await surroundings.gateway.send(text, to: number) }
    }

    /// Khmer first, then English.
    static func text(_ kind: AftermathStore.Kind, address: String) -> String {
        let (km, en) =
            switch kind {
            case .passkey:
                ("កូនសោថ្មីមួយបានបើកដំណើរការសម្រាប់អ្នក។", "A new passkey was activated for your CamDigiKey.")
            case .reportedGone:
                (
                    "មានគេរាយការណ៍ថាទូរស័ព្ទរបស់អ្នកបាត់។ ឧបករណ៍របស់អ្នកត្រូវបានបិទ។",
                    "Your phone was reported as gone. Your devices are blocked."
                )
            default: ("ឧបករណ៍ថ្មីមួយបានបើកដំណើរការសម្រាប់អ្នក។", "A new device was activated for your CamDigiKey.")
            }
        return "CamDigiKey: \(km) បើមិនមែនអ្នកទេ សូមទៅ \(address) ឬការិយាល័យចុះឈ្មោះ។ "
            + "\(en) If this was not you, go to \(address) or to an enrolment office."
    }
}

extension IdentityProvider {
    /// Texts to people; `nil` without a gateway.
    var securityTexts: SecurityTexts? {
        codeLogin.messages.map { messages in
            SecurityTexts(
                database: database, surroundings: messages, deliveries: surroundings.deliveries,
                address: settings.issuer + "/app", ambient: ambient)
        }
    }
}
