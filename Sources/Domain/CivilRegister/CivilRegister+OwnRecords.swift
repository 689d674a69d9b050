import Accountability
import Database
import Kernel
import PopulationRegister

/// A registered event of somebody's own life, or of their child who is not of age.
public struct OwnRecord: Sendable {
    public let kind: VitalEventKind
    public let number: String
    public let registeredAt: Instant
    /// ISO 8601, perhaps partial.
    public let occurredOn: String?
    /// The commune that keeps it, six digits.
    public let office: String
    /// What the person is in it.
    public let role: ParticipantRole
    /// Whom it is about, as it is written.
    public let nameKhmer: String
    public let nameLatin: String
    /// Certificates that were printed and still say what the record says, newest first.
    public let certificates: [VitalRecord.IssuedCertificate]
}

extension CivilRegister {
    /// What a person sees of their own records in the app. Not there: what is sealed, not in force, or says of whom one is
    /// a child by law (adoption, recognition, legitimation), which the offices tell in person.
    private static let ownKinds: Set<VitalEventKind> = [
        .birth, .foundling, .marriage, .divorce, .annulment, .judicialSeparation, .nameChange, .sexCorrection,
        .nationalityChange,
    ]

    /// A person's own registered events, newest first, at most 100; the look is one entry of their journal.
    /// Throws what the gate throws.
    /// - Parameter request: the person's own request; what is asked for is set here.
    public func ownRecords(_ request: DisclosureRequest) async throws -> [OwnRecord] {
        var request = request
        request.attributes = [.civilRecord]
        let (wish, person) = (request, request.subject)
        return try await database.transaction { connection in
            _ = try await gate.disclose(wish, from: self, in: connection)
            let rows = try await store.records(of: person.text, in: connection)
                .filter { $0.state == .registered && !$0.isSealed && Self.ownKinds.contains($0.kind) }
            var found: [OwnRecord] = []
            for row in rows.prefix(100) {
                if let own = try own(try await open(row, in: connection).record, person) { found.append(own) }
            }
            return found.sorted { $0.registeredAt > $1.registeredAt }
        }
    }

    /// The record as its person's own; `nil` when it is somebody else's.
    private func own(_ record: VitalRecord, _ person: PersonID) throws -> OwnRecord? {
        let today = ambient.now().dayInCambodia
        let roles = record.persons.filter { $0.value == person }.map(\.key)
        var mine = record.kind.subjects.first(where: roles.contains)
        if mine == nil, record.kind == .birth,
            let parent = [ParticipantRole.mother, .father].first(where: roles.contains),
            let born = record.declaration.occurredOn, born.earliest.age(on: today) < 18
        {
            mine = parent
        }
        guard let role = mine, let number = record.number, let at = record.registeredAt else { return nil }
        func names(latin: Bool) -> String {
            record.kind.subjects.compactMap { record.declaration.name($0, latin: latin)?.full }.joined(separator: " · ")
        }
        return OwnRecord(
            kind: record.kind, number: number, registeredAt: at, occurredOn: record.declaration["event.date"],
            office: record.office, role: role, nameKhmer: names(latin: false), nameLatin: names(latin: true),
            certificates: record.certificates.reversed().filter { !$0.isSuperseded })
    }
}
