import Accountability
import Codecs
import Database
import Kernel
import PopulationRegister

extension CivilRegister {
    /// What the register already says against an event of these people: who is registered as dead dies and marries no more,
    /// who is married does not marry. Registration refuses it anyway; here a clerk learns it while the people still stand at
    /// the counter, at the field of their code. Each person asked about gets an access entry.
    ///
    /// Throws `officer.forbidden`.
    public func standing(
        _ kind: VitalEventKind, _ raw: [String: String], office: String, by officer: Officer, traceID: String
    ) async throws -> [FieldError] {
        let roles: [ParticipantRole] =
            switch kind {
            case .marriage: [.spouse1, .spouse2]
            case .death, .presumedDeath: [.deceased]
            case .adoption: [.adopter1, .adopter2]
            default: []
            }
        guard !roles.isEmpty else { return [] }
        let actor = try officer.acting(.civilDeclare, in: office)
        var errors: [FieldError] = []
        for role in roles {
            guard let typed = raw[role.field("person")], let code = try? KIDC(entered: typed),
                code.range == people.codes,
                let person = try await people.person(kidc: code, followingMerges: true)
            else { continue }
            let request = Self.lookUp(
                person, kind, for: [.alive], by: actor, organisation: officer.organisation, traceID: traceID)
            let (isAlive, isMarried) = try await database.transaction { connection in
                _ = try await gate.disclose(request, from: people, in: connection)
                let life = try await people.state(of: person, in: connection)?.life
                let marriages = kind == .marriage ? try await people.marriages(of: person, in: connection) : []
                return (life == .alive, marriages.contains(where: \.isLive))
            }
            if !isAlive {
                errors.append(FieldError(role.field("person"), Consequences.isDead))
            } else if isMarried {
                errors.append(FieldError(role.field("person"), Consequences.isMarried))
            }
        }
        return errors
    }

    /// The request of an officer who works on a record about a person.
    static func lookUp(
        _ person: PersonID, _ kind: VitalEventKind, for attributes: [AttributeName], by actor: Actor,
        organisation: Organisation, traceID: String
    ) -> DisclosureRequest {
        DisclosureRequest(
            subject: person, actor: actor, organisation: organisation, system: "civil-register", service: kind.rawValue,
            purpose: Purpose(
                code: "civil-registration",
                text: LocalizedText(km: "ការងារអត្រានុកូលដ្ឋាន", en: "Work on a record of civil status")),
            basis: .statute("KH-CRVSI-2023"), attributes: attributes, traceID: traceID)
    }
}
