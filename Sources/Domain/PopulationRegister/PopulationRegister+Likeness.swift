import Database
import Kernel
import RecordLinkage

extension PopulationRegister {
    /// Persons who look like somebody, with the reasons, the most alike first. Nothing of the persons leaves but their
    /// identifiers and how far each field agrees.
    /// - Parameter limit: at most so many, and at most 20 persons of each name and year are looked at.
    public func alike(
        _ facts: LinkageRecord, _ prepared: PreparedRecord, _ model: LinkageModel, limit: Int,
        in connection: any SQLConnection
    ) async throws -> [(PersonID, LinkageExplanation)] {
        var candidates: Set<PersonID> = []
        for tag in try await likenessTags(facts) {
            candidates.formUnion(try await store.persons(tag: tag, limit: 20, in: connection))
        }
        var found: [(PersonID, LinkageExplanation)] = []
        for person in candidates {
            let snapshot = try await open(person, in: connection).snapshot
            let explanation = model.explain(prepared, PreparedRecord(snapshot.linkage))
            if explanation.decision != .different { found.append((person, explanation)) }
        }
        return Array(found.sorted { ($0.1.total, $0.0.text) > ($1.1.total, $1.0.text) }.prefix(limit))
    }

    /// About how many records stand, inside a transaction.
    ///
    /// Asked once in ten minutes: counting the whole register in every transaction would take longer than all else, and
    /// each would wait for each other.
    public func size(in connection: any SQLConnection) async throws -> Int {
        let now = ambient.now()
        if let known = size.known(at: now) { return known }
        let size = try await store.size(in: connection)
        self.size.note(size, at: now)
        return size
    }

    /// The tags of both scripts for the year of birth, those beside it, and an unknown one.
    private func likenessTags(_ facts: LinkageRecord) async throws -> [[UInt8]] {
        let years = facts.birthDate.map { [$0.year, $0.year - 1, $0.year + 1, 0] } ?? [0]
        let khmer = [facts.name.khmerFamily, facts.name.khmerGiven].compactMap(\.self).joined(separator: " ")
        let latin = [facts.name.latinFamily, facts.name.latinGiven].compactMap(\.self).joined(separator: " ")
        var result: [[UInt8]] = []
        for year in years {
            if !khmer.isEmpty, let tag = try await tags.khmerName(khmer, year: year) { result.append(tag) }
            if !latin.isEmpty, let tag = try await tags.latinName(latin, year: year) { result.append(tag) }
        }
        return result
    }
}

extension PersonSnapshot {
    fileprivate var linkage: LinkageRecord {
        LinkageRecord(
            name: LinkageName(
                khmerFamily: official?.khmer?.family, khmerGiven: official?.khmer?.given,
                latinFamily: official?.latin?.family, latinGiven: official?.latin?.given),
            sex: LinkageSex(rawValue: sex.rawValue), birthDate: birth.date.map(LinkageDate.init),
            birthPlace: birth.place?.text, residence: homeArea)
    }
}

extension LinkageDate {
    /// A date of the register.
    public init(_ date: PartialDate) {
        switch date {
        case .year(let year): self.init(year: year)
        case .month(let year, let month): self.init(year: year, month: month)
        case .day(let day): self.init(year: day.year, month: day.month, day: day.day)
        }
    }
}
