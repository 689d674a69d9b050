import Accountability
import Codecs
import Crypto
import Database
import Kernel
import PopulationRegister

/// Which certificate a system wants: of an event of somebody.
public struct CertificateWish: Sendable {
    public let person: PersonIdentifier
    /// The kinds of events that count as what was asked for.
    public let kinds: Set<VitalEventKind>
    /// The other one of two whom the event is about; `nil` when it does not matter.
    public let second: PersonIdentifier?

    public init(_ person: PersonIdentifier, kinds: Set<VitalEventKind>, second: PersonIdentifier?) {
        self.person = person
        self.kinds = kinds
        self.second = second
    }
}

extension CivilRegister {
    /// A numbered extract for a system, as the console prints one. As long as the one that this system was given before
    /// still says what the record says, it is that one again, byte for byte; otherwise a new number is taken and the
    /// document's digest written into the signed history. Everybody registered in the record gets access entries.
    ///
    /// - Parameter print: makes the document of a draft; asked outside of transactions.
    /// - Returns: number and document; `nil` when there is no such event in force of the system's areas: then whoever was
    ///   asked about by the code gets an entry all the same.
    /// - Throws: `person.not_found` for a code that is nobody's, `civil.numbers`, `civil.changed`, `person.search_basis`,
    ///   and what `print` throws.
    public func document(
        _ wish: CertificateWish, by reader: SystemReader, print: (CertificateDraft) async throws -> [UInt8]
    ) async throws -> (number: String, bytes: [UInt8])? {
        guard
            let (draft, isNew) = try await database.transaction({ connection in
                try await draft(wish, by: reader, in: connection)
            })
        else { return nil }
        let bytes = try await print(draft)
        guard isNew else { return (draft.number, bytes) }
        let digest = Base64URL.encode(Array(SHA256.hash(data: bytes)))
        try await database.transaction { connection in
            try await connection.lock("civil:" + draft.record.id)
            var open = try await open(draft.record.id, in: connection)
            guard open.record.version == draft.record.version, open.record.state == draft.record.state else {
                throw RumdulError.civilChanged
            }
            var content = ActionContent()
            content.item = "\(draft.number) \(draft.kind.rawValue) \(digest)"
            try await append(
                .certify, content, to: &open, by: reader.actor(office: open.record.office), transactionID: nil,
                in: connection)
            try await CertificateStore().insert(
                draft.number, record: open.record.id, version: open.record.version, at: draft.issuedAt, in: connection)
        }
        return (draft.number, bytes)
    }

    private func draft(
        _ wish: CertificateWish, by reader: SystemReader, in connection: any SQLConnection
    ) async throws -> (CertificateDraft, isNew: Bool)? {
        guard let person = try await people.usable(wish.person, in: connection) else {
            throw RumdulError.personNotFound
        }
        var second: PersonID?
        if let identifier = wish.second {
            guard let found = try await people.usable(identifier, in: connection) else {
                throw RumdulError.personNotFound
            }
            second = found
        }
        let candidates = try await eventCandidates(
            EventQuery(.person(person), kinds: wish.kinds), by: reader, in: connection)
        guard
            let record = candidates.map(\.record).first(where: { record in
                second == nil || record.kind.subjects.contains { record.persons[$0] == second }
            })
        else {
            try await note(person, nil, [.civilRecord], reader, in: connection)
            return nil
        }
        // Everybody in the record once; those whose codes are printed, with the code.
        var codes: [ParticipantRole: String] = [:]
        for (role, person) in record.persons.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            let isPrinted = record.kind.subjects.contains(role)
            let told = try await note(
                person, record, isPrinted ? [.civilRecord, .kidc] : [.civilRecord], reader, in: connection)
            codes[role] = isPrinted ? told?[.kidc]?.stringValue : nil
        }
        let open = try await open(record.id, in: connection)
        if let (number, then) = try given(open, to: reader) {
            return (
                CertificateDraft(
                    number: number.number, kind: number.kind, record: then, codes: codes,
                    issuedAt: try await CertificateStore().issuedAt(number.number, in: connection) ?? number.issuedAt,
                    isSuperseded: false), false
            )
        }
        let year = ambient.now().dayInCambodia.year
        let serial = try await store.next("C-\(record.office)-\(year)", in: connection)
        guard serial <= 99_999 else { throw RumdulError.civilNumbers }
        return (
            CertificateDraft(
                number: RegistrationNumber.certificate(commune: record.office, year: year, serial: serial),
                kind: .extract, record: open.record, codes: codes, issuedAt: ambient.now(), isSuperseded: false), true
        )
    }

    /// The extract that this system was given before and that still holds, with the record as it was then.
    private func given(
        _ open: OpenRecord, to reader: SystemReader
    ) throws -> (VitalRecord.IssuedCertificate, VitalRecord)? {
        let mine = reader.actor(office: open.record.office)
        guard
            let end = open.actions.lastIndex(where: { $0.kind == .certify && $0.actor == mine }),
            let number = open.actions[end].content.item?.split(separator: " ").first.map(String.init),
            let issued = open.record.certificates.first(where: { $0.number == number }), !issued.isSuperseded
        else { return nil }
        let record = open.record
        return (
            issued,
            try VitalRecord.fold(
                id: record.id, kind: record.kind, trackingID: record.trackingID, office: record.office,
                Array(open.actions[..<end]))
        )
    }

    @discardableResult
    private func note(
        _ person: PersonID, _ record: VitalRecord?, _ attributes: [AttributeName], _ reader: SystemReader,
        in connection: any SQLConnection
    ) async throws -> DisclosedAttributes? {
        guard try await people.state(of: person, in: connection)?.record == .active else { return nil }
        var request = reader.request
        request.subject = person
        request.attributes = attributes
        request.caseReference = request.caseReference ?? record?.number
        return try await gate.disclose(request, from: people, in: connection)
    }
}

extension SystemReader {
    /// A system in the history of a record.
    fileprivate func actor(office: String) -> CivilActor {
        CivilActor(kind: "client", id: request.system, role: "system", office: office)
    }
}
