import Accountability
import Kernel
import PopulationRegister
import RumdulServer

/// Brings the invented people into the register.
struct Settling: Sendable {
    /// How many people one transaction enters.
    static let batch = 1000
    /// How many people a test or the story can choose from.
    static let samples = 60

    let node: Node
    let country: SyntheticCountry

    /// Enters people until there are so many. It continues where an earlier run was interrupted: the number of people
    /// in the register says which were entered already, since each batch is one transaction.
    /// - Parameters:
    ///   - others: how many in the register were entered by events of the civil register.
    ///   - samples: called with further people for the record, before the next batch begins.
    ///   - progress: how many are entered, of how many.
    func settle(
        _ wanted: Int, known: Int, others: Int, samples: ([SamplePerson]) throws -> Void,
        progress: @Sendable (Int, Int) -> Void
    ) async throws {
        var done = try await node.register.count() - others
        var chosen = known
        guard done < wanted else { return }
        progress(done, wanted)
        while done < wanted {
            let drafts = country.people(done..<min(done + Settling.batch, wanted))
            let entered = try await node.register.register(many: drafts, by: .system("demo"))
            if chosen < Settling.samples {
                let further = zip(drafts, entered).compactMap(Settling.sample).prefix(Settling.samples - chosen)
                chosen += further.count
                try samples(Array(further))
            }
            done += drafts.count
            progress(done, wanted)
        }
    }

    /// A grown-up with both names, a whole date of birth and a phone; `nil` for others.
    private static func sample(_ draft: PersonDraft, _ registration: Registration) -> SamplePerson? {
        guard let khmer = draft.names.first?.khmer, let latin = draft.names.first?.latin, let date = draft.birth.date,
            case .day(let day) = date, (18...75).contains(day.age(on: SyntheticCountry.day)), !draft.contacts.isEmpty,
            let residence = draft.residence.first
        else { return nil }
        return SamplePerson(
            kidc: registration.kidc.digits, nameKhmer: khmer.full, nameLatin: latin.full, birthdate: date.iso,
            province: residence.place.province.text, gender: draft.sex == .female ? "female" : "male")
    }
}
