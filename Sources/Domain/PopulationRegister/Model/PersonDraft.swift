import Kernel
import KhmerText
import ReferenceData

/// What is known of a person who enters the register. Only a name is needed; papers, nationality and a phone are not.
public struct PersonDraft: Sendable {
    public var names: [PersonName]
    public var sex: Sex
    public var birth: Birth
    /// Undetermined unless something else is shown.
    public var nationality: [Nationality]
    public var residence: [Residence]
    public var contacts: [Contact]
    public var documents: [IdentityDocument]
    public var assurance: PersonAssurance?
    /// Where all this comes from.
    public var source: FactSource
    /// How sure the source is, 0...100.
    public var confidence: Int

    public init(
        names: [PersonName], sex: Sex, birth: Birth, nationality: [Nationality] = [Nationality(.undetermined)],
        residence: [Residence] = [], contacts: [Contact] = [], documents: [IdentityDocument] = [],
        assurance: PersonAssurance? = nil, source: FactSource, confidence: Int = 100
    ) {
        self.names = names
        self.sex = sex
        self.birth = birth
        self.nationality = nationality
        self.residence = residence
        self.contacts = contacts
        self.documents = documents
        self.assurance = assurance
        self.source = source
        self.confidence = confidence
    }

    /// The facts of the draft, cleaned. Throws `person.invalid` with the refused fields.
    func facts(on today: CalendarDate) throws -> [PersonFact] {
        var facts: [PersonFact] = [
            .names(names), .sex(sex), .birth(birth),
            .nationality(nationality.isEmpty ? [Nationality(.undetermined)] : nationality), .life(.alive),
        ]
        if !residence.isEmpty { facts.append(.residence(residence)) }
        if !contacts.isEmpty { facts.append(.contacts(contacts)) }
        if !documents.isEmpty { facts.append(.documents(documents)) }
        if let assurance { facts.append(.assurance(assurance)) }
        var rules = FactRules(today: today)
        let cleaned = facts.map { rules.clean($0) }
        rules.check(source, confidence)
        guard rules.errors.isEmpty else { throw RumdulError.personInvalid(rules.errors) }
        return cleaned
    }
}
