import Accountability
import CivilRegister
import Codecs
import Database
import Kernel
import PopulationRegister

/// An event on its way to one subscription, as whoever keeps subscriptions hands it over.
public struct DCIEvent: Sendable {
    /// Of the message, which is the trace of the access entries.
    public let id: String
    /// The code of the subscription.
    public let subscription: String
    /// OSIA's name of the event, and what became of it: `registered`, `corrected`, `cancelled`, `reinstated`.
    public let name: String
    public let change: String
    public let at: Instant
    /// Whom it is about by OSIA's members; nobody when the subscriber may not know.
    public let participants: [RegisterEvent.Participant]
    /// What the subscription was made with.
    public let details: JSONObject

    public init(
        id: String, subscription: String, name: String, change: String, at: Instant,
        participants: [RegisterEvent.Participant], details: JSONObject
    ) {
        self.id = id
        self.subscription = subscription
        self.name = name
        self.change = change
        self.at = at
        self.participants = participants
        self.details = details
    }
}

/// Writes `notify` messages: the standard's envelope, signed, with people as far as the operator lets the subscriber know.
public struct DCINotices: Sendable {
    let writer: DCIWriter
    let people: PopulationRegister
    let gate: DisclosureGate

    public init(writer: DCIWriter, people: PopulationRegister, gate: DisclosureGate) {
        self.writer = writer
        self.people = people
        self.gate = gate
    }

    /// The bytes of a message. Everybody who is told of gets one access entry, in the transaction of the caller.
    /// - Parameter client: who is told; its attributes bound what.
    public func message(
        _ event: DCIEvent, to client: DCIClient, in connection: any SQLConnection
    ) async throws -> [UInt8] {
        let isKhmer = event.details.bool("khm") ?? false
        var records: [JSONValue] = []
        let subjects = event.participants.filter { !Self.isParent($0, event) }
        for participant in subjects {
            guard var person = try await person(participant.person, event, client, isKhmer, in: connection) else {
                continue
            }
            for (index, parent) in event.participants.filter({ Self.isParent($0, event) }).prefix(2).enumerated() {
                guard let code = try await code(of: parent.person, event, client, in: connection) else { continue }
                person["parent\(index + 1)_identifier"] = DCIPerson.identifier("UIN", code)
            }
            records.append(.object(person))
        }
        // The standard's notification holds one record, so a marriage is two of them in one message.
        let notices = (records.isEmpty ? [[:]] : records).map { Self.notice($0, event, isKhmer) }
        let header = writer.header(
            "notify", .succeeded, to: client.id, total: notices.count, completed: notices.count,
            meta: [
                "subscription_code": .string(event.subscription), "event": .string(event.name),
                "change": .string(event.change),
            ])
        let message: JSONObject = [
            "transaction_id": .string(event.details.string("transaction_id") ?? event.id),
            "notify_event": .array(notices),
        ]
        return JSON.bytes(try await writer.signed(header, message))
    }

    private static func notice(_ record: JSONValue, _ event: DCIEvent, _ isKhmer: Bool) -> JSONValue {
        var data: JSONObject = ["version": "1.0.0", "reg_type": .string(DCIPerson.registryType)]
        data["reg_event_type"] = event.details["reg_event_type"]
        data["reg_record_type"] = event.details["notify_record_type"] ?? .string(DCIPerson.recordType)
        data["reg_records"] = record
        return [
            "reference_id": .string(event.details.string("reference_id") ?? event.id),
            "timestamp": .string(event.at.rfc3339), "data": .object(data), "locale": isKhmer ? "khm" : "eng",
        ]
    }

    /// Mother and father of a child: told by their codes alone.
    private static func isParent(_ participant: RegisterEvent.Participant, _ event: DCIEvent) -> Bool {
        participant.member != "uin" && event.participants.contains { $0.member == "uin" }
    }

    /// Of a cancelled event the code alone: whoever was told of somebody learns whom to forget.
    private func person(
        _ person: PersonID, _ event: DCIEvent, _ client: DCIClient, _ isKhmer: Bool,
        in connection: any SQLConnection
    ) async throws -> JSONObject? {
        let attributes = DCIPerson.attributes.filter { client.attributes.contains($0) || $0 == .kidc }
        if event.change == RegisterEvent.Change.cancelled.rawValue {
            guard let code = try await code(of: person, event, client, in: connection) else { return nil }
            return [
                "@context": .string(DCIPerson.context), "@type": "CRVS_Person",
                "identifier": [DCIPerson.identifier("UIN", code)],
            ]
        }
        do {
            var request = client.request(service: "dci.notify", traceID: event.id, attributes: attributes)
            request.subject = person
            let told = try await gate.disclose(request, from: people, in: connection)
            return try await writer.person(told, isKhmer: isKhmer, in: connection).json().objectValue
        } catch let error as RumdulError where ["person.not_found", "person.erased"].contains(error.code) {
            return nil
        }
    }

    /// Not optimised: the optimiser of Swift 6.3 ends with a signal on it (in `ComputeEscapeEffects`).
    @_optimize(none)
    private func code(
        of person: PersonID, _ event: DCIEvent, _ client: DCIClient, in connection: any SQLConnection
    ) async throws -> String? {
        var request = client.request(service: "dci.notify", traceID: event.id, attributes: [.kidc])
        request.subject = person
        let disclosed: DisclosedAttributes
        do {
            disclosed = try await gate.disclose(request, from: people.codesEver, in: connection)
        } catch let error as RumdulError where error.code == "person.not_found" || error.code == "person.erased" {
            return nil
        }
        return disclosed[.kidc]?.stringValue
    }
}
