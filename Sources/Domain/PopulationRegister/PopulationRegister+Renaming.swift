import Accountability
import Database
import Kernel

extension PopulationRegister {
    /// Gives a person the named parts of a new official name from a day on; parts that are `nil` stay. The old official
    /// name stays known: as the name at birth when there is none yet, otherwise as an alias. Throws what `amend` throws.
    public func rename(
        _ person: PersonID, familyKhmer: String?, givenKhmer: String?, familyLatin: String?, givenLatin: String?,
        validFrom: CalendarDate?, source: FactSource, by actor: Actor, in connection: any SQLConnection
    ) async throws {
        var names = try await open(person, in: connection).snapshot.names
        guard let old = names.first(where: { $0.kind == .official }) else { throw RumdulError.personNotFound }
        var new = old
        if familyKhmer != nil || givenKhmer != nil {
            new.khmer = NameParts(
                family: familyKhmer ?? old.khmer?.family ?? "", given: givenKhmer ?? old.khmer?.given ?? "")
        }
        if familyLatin != nil || givenLatin != nil {
            new.latin = NameParts(
                family: familyLatin ?? old.latin?.family ?? "", given: givenLatin ?? old.latin?.given ?? "")
        }
        guard new != old else { return }
        var kept = old
        kept.kind = names.contains { $0.kind == .birth } ? .alias : .birth
        names.removeAll { $0.kind == .official || $0 == kept }
        // The oldest aliases give way: a person has ten names at most.
        names = [new, kept] + names.prefix(8)
        try await amend(person, .names(names), validFrom: validFrom, source: source, by: actor, in: connection)
    }
}
