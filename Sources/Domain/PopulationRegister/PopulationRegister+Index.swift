import Database
import Kernel
import RecordLinkage
import RegisterSearch

extension PersonSnapshot {
    /// What the search index knows of the person.
    var searchFacts: SearchFacts {
        SearchFacts(
            names: names.map { name in
                LinkageName(
                    khmerFamily: name.khmer?.family, khmerGiven: name.khmer?.given, latinFamily: name.latin?.family,
                    latinGiven: name.latin?.given)
            }, date: birth.date.map(LinkageDate.init), home: homeArea, born: birth.place?.text)
    }

    /// Whether the person's home lies in one of some places; anybody's does in the whole country (`nil`).
    func livesIn(_ areas: [String]?) -> Bool {
        guard let areas else { return true }
        return areas.contains { area in area.isEmpty || homeArea?.utf8.starts(with: area.utf8) ?? false }
    }
}

extension PopulationRegister {
    /// Enters a person in the search index as the record stands now.
    func reindex(_ open: OpenPerson, in connection: any SQLConnection) async throws {
        try await index.put(
            [(open.row.id.text, try await index.entries(open.snapshot.searchFacts))], in: connection)
    }

    /// Enters standing records that are not in the search index, or were entered by an older program: some at a time, in
    /// transactions of their own, so that it can be stopped and begun again.
    ///
    /// - Parameters:
    ///   - after: the last record of the call before; empty at the beginning.
    ///   - limit: how many at most, 1 to 1,000.
    /// - Returns: how many were entered, and the last of them; `nil` when none is left.
    public func reindexNames(after: String, limit: Int = 500) async throws -> (entered: Int, last: String?) {
        let limit = min(max(limit, 1), Self.batch)
        return try await database.transaction { connection in
            let ids = try await store.unindexed(after: after, limit: limit, in: connection)
            var subjects: [(String, SearchIndex.Entries)] = []
            for id in ids {
                let open = try await open(PersonID(id), in: connection)
                subjects.append((id, try await index.entries(open.snapshot.searchFacts)))
            }
            try await index.put(subjects, in: connection)
            return (ids.count, ids.last)
        }
    }
}

extension PopulationStore {
    /// Standing records that the present program has not entered in the search index, by identifier.
    func unindexed(after: String, limit: Int, in connection: any SQLConnection) async throws -> [String] {
        try await connection.query(
            """
            SELECT p.id FROM population_persons p LEFT JOIN population_search_subjects s ON s.subject = p.id
            WHERE p.id > $1 AND p.record_state = 'active' AND p.data_key IS NOT NULL
                AND (s.form IS NULL OR s.form <> \(SearchIndex.form))
            ORDER BY p.id LIMIT $2
            """, [after, limit]
        ).map { try $0.string(0) }
    }
}
