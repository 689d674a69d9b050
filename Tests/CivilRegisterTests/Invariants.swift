import Database
import Kernel
import Testing

@testable import Accountability
@testable import CivilRegister
@testable import PopulationRegister

/// Everything that must hold of both registers at any moment, checked from outside the services: on the rows, the folds
/// and the opened persons.
struct Invariants {
    let world: World
    private let began: Instant
    /// What was seen of each code, by tag: to whom it belongs, where it stood.
    private var codes: [[UInt8]: (person: String, state: String)] = [:]
    /// The bytes of every entry seen so far.
    private var entries: [String: [UInt8]] = [:]
    private var looks = 0

    init(_ world: World) {
        self.world = world
        began = world.clock.now
    }

    /// The register as it is now, in the clear.
    struct Picture {
        struct Someone {
            let row: PersonRow
            let snapshot: PersonSnapshot
            let code: KIDC?
        }

        struct Code {
            let tag: [UInt8]
            let person: String
            let state: String
        }

        var records: [VitalRecord] = []

        /// A record with those in whose place it came.
        func lineage(_ record: VitalRecord) -> Set<String> {
            var found: Set<String> = [record.id]
            var next = record.predecessor
            while let id = next, found.insert(id).inserted { next = records.first { $0.id == id }?.predecessor }
            return found
        }

        var actions: [String: [RecordAction]] = [:]
        var people: [PersonID: Someone] = [:]
        var codes: [Code] = []
        var edges: [Relationship] = []

        func registered(_ kinds: VitalEventKind...) -> [VitalRecord] {
            records.filter { kinds.contains($0.kind) && $0.state == .registered }
        }
    }

    mutating func check() async throws {
        let picture = try await picture()
        invariant1EachPersonHasOneCode(picture)
        invariant2NoCodeIsIssuedTwice(picture)
        try await invariant3EveryStateIsTheFoldOfSignedActions(picture)
        invariant5ABirthInForceHasOneLivePerson(picture)
        invariant5ABirthInForceHasItsParents(picture)
        invariant6TheDeadAreDead(picture)
        invariant7NobodyIsMarriedTwice(picture)
        invariant7SpousesWereOfAge(picture)
        invariant8ParentsAreOlder(picture)
        try await invariant9OldEntriesNeverChange()
        try await invariant13SealedRecordsAreNotThere(picture)
        try await invariant14EveryLookIsWrittenOnce(picture)
        invariant18OnlyTheServersClockCounts(picture)
        try await numbersHaveNoGaps(picture)
    }

    func picture() async throws -> Picture {
        let (civil, people) = (world.civil, world.people)
        return try await world.database.read { connection in
            var picture = Picture()
            for row in try await connection.query("SELECT id FROM civil_records ORDER BY created_at, id", []) {
                let open = try await civil.open(try row.string(0), in: connection)
                picture.records.append(open.record)
                picture.actions[open.record.id] = open.actions
            }
            for row in try await connection.query("SELECT id FROM population_persons", []) {
                let id = PersonID(try row.string(0))
                let open = try await people.open(id, in: connection)
                let code = open.row.record == .active ? try await people.code(of: id, in: connection) : nil
                picture.people[id] = Picture.Someone(row: open.row, snapshot: open.snapshot, code: code)
                picture.edges += try await people.relationships(of: id, in: connection).filter { $0.person == id }
            }
            picture.codes = try await connection.query("SELECT tag, person_id, state FROM population_codes", []).map {
                Picture.Code(tag: try $0.blob(0), person: try $0.string(1), state: try $0.string(2))
            }
            return picture
        }
    }

    // MARK: Codes

    private func invariant1EachPersonHasOneCode(_ picture: Picture) {
        for (id, someone) in picture.people {
            let own = picture.codes.filter { $0.person == id.text }.map(\.state)
            switch someone.row.record {
            case .active: #expect(own == ["active"], "an active person has one active code")
            case .provisional: #expect(own == ["reserved"])
            default: #expect(!own.contains("active") && !own.contains("reserved"), "\(someone.row.record): \(own)")
            }
        }
        let digits = picture.people.values.compactMap { $0.code?.digits }
        #expect(Set(digits).count == digits.count, "a code belongs to one person")
        #expect(digits.count == picture.people.values.filter { $0.row.record == .active }.count)
    }

    private mutating func invariant2NoCodeIsIssuedTwice(_ picture: Picture) {
        let moves: Set<[String]> = [
            ["reserved", "active"], ["reserved", "error"], ["active", "annulled"], ["annulled", "active"],
        ]
        for (tag, known) in codes {
            guard let now = picture.codes.first(where: { $0.tag == tag }) else {
                Issue.record("a code was forgotten")
                continue
            }
            #expect(now.person == known.person, "a code was given to somebody else")
            #expect(
                now.state == known.state || moves.contains([known.state, now.state])
                    // More than one step since the last look.
                    || known.state == "reserved" && now.state == "annulled", "\(known.state) became \(now.state)")
        }
        for code in picture.codes { codes[code.tag] = (code.person, code.state) }
    }

    // MARK: History

    private func invariant3EveryStateIsTheFoldOfSignedActions(_ picture: Picture) async throws {
        for record in picture.records {
            await #expect(throws: Never.self) { try await world.civil.verifyHistory(of: record.id) }
            let rows = try await world.database.read { connection in
                try await connection.query(
                    "SELECT role, person_id FROM civil_participants WHERE record_id = $1", [record.id]
                ).map { (try $0.string(0), try $0.string(1)) }
            }
            let stored = Dictionary(uniqueKeysWithValues: rows)
            let folded = Dictionary(uniqueKeysWithValues: record.persons.map { ($0.key.rawValue, $0.value.text) })
            #expect(stored == folded, "the participants of \(record.kind) are those of the fold")
        }
    }

    private mutating func invariant9OldEntriesNeverChange() async throws {
        let now = try await world.database.read { connection in
            try await connection.query(
                "SELECT record_id, seq, header, sealed, hash, signature FROM civil_actions", []
            ).map { row in
                ("\(try row.string(0)) \(try row.int(1))", try (2...5).flatMap { try row.blob($0) })
            }
        }
        let rows = Dictionary(uniqueKeysWithValues: now)
        for (place, bytes) in entries { #expect(rows[place] == bytes, "entry \(place) was rewritten") }
        entries = rows
    }

    private func invariant18OnlyTheServersClockCounts(_ picture: Picture) {
        for record in picture.records {
            let times = picture.actions[record.id]?.map(\.at) ?? []
            #expect(times.allSatisfy { began <= $0 && $0 <= world.clock.now } && times == times.sorted())
            if let at = record.registeredAt, let number = record.number {
                #expect(number.split(separator: "-")[2] == String(at.dayInCambodia.year)[...])
            }
        }
    }

    private func numbersHaveNoGaps(_ picture: Picture) async throws {
        let numbers = picture.records.compactMap(\.number)
        #expect(Set(numbers).count == numbers.count, "a number was given twice")
        let series = Dictionary(grouping: numbers) { $0.split(separator: "-").prefix(3).joined(separator: "-") }
        for (name, numbers) in series {
            let serials = numbers.compactMap { Int($0.split(separator: "-")[3]) }.sorted()
            #expect(serials == Array(1...serials.count), "series \(name)")
        }
    }

    // MARK: Persons

    private func invariant5ABirthInForceHasOneLivePerson(_ picture: Picture) {
        for record in picture.records where record.kind.entersPerson {
            // Of a birth that was registered anew in another's place, the first one said when and where.
            let said = record.state == .registered ? picture.lineage(record) : [record.id]
            let isReplaced = picture.records.contains {
                $0.state == .registered && picture.lineage($0).contains(record.id)
            }
            let referring = picture.people.values.filter {
                $0.row.record == .active && said.contains($0.snapshot.versions[.birth]?.source.reference ?? "")
            }
            if record.state == .inactive, isReplaced { continue }
            let expected = record.state == .registered ? record.persons[.child].map { [$0] } ?? [] : []
            #expect(referring.map(\.row.id) == expected, "a \(record.state) \(record.kind)")
            if record.state == .registered { #expect(expected.count == 1) }
        }
    }

    private func invariant5ABirthInForceHasItsParents(_ picture: Picture) {
        for record in picture.registered(.birth) {
            // One that replaced another names the parents by law, whom an adoption made.
            if record.predecessor != nil { continue }
            let made = picture.edges.filter { $0.source.reference == record.id && $0.end != .revoked }
            for (role, kind) in [(ParticipantRole.mother, Relationship.Kind.mother), (.father, .father)] {
                let found = made.filter { $0.kind == kind }
                #expect(found.map(\.other) == [record.persons[role]].compactMap(\.self), "\(kind) of a birth")
                for edge in found where !edge.isLive {
                    let by = picture.registered(.adoption).contains { $0.id == edge.endSource }
                    #expect(by, "the \(kind) of a birth ended without an adoption in force")
                }
            }
        }
        for edge in picture.edges where edge.isLive && edge.source.kind == "civil" {
            let isSaid = picture.records.contains {
                $0.state == .registered && picture.lineage($0).contains(edge.source.reference)
            }
            #expect(isSaid, "a \(edge.kind) without a record in force")
        }
    }

    private func invariant6TheDeadAreDead(_ picture: Picture) {
        let deaths = picture.registered(.death, .presumedDeath)
        for death in deaths {
            guard let person = death.persons[.deceased], let someone = picture.people[person] else {
                Issue.record("a death without a person")
                continue
            }
            #expect(someone.row.life == (death.kind == .death ? .deceased : .presumedDead))
            #expect(someone.snapshot.life == someone.row.life)
            let alive = picture.edges.filter {
                $0.kind == .spouse && $0.isLive && [$0.person, $0.other].contains(person)
            }
            #expect(alive.isEmpty, "a marriage outlived a spouse")
            #expect(world.effects.ended.contains(person), "consents and credentials were not told")
        }
        for (id, someone) in picture.people where someone.row.record == .active && someone.row.life != .alive {
            #expect(deaths.contains { $0.persons[.deceased] == id }, "dead without a death in force")
        }
        for edge in picture.edges where edge.end == .death {
            #expect(deaths.contains { $0.id == edge.endSource }, "widowed without a death in force")
        }
    }

    private func invariant7NobodyIsMarriedTwice(_ picture: Picture) {
        let marriages = picture.edges.filter { $0.kind == .spouse }
        for id in picture.people.keys {
            let live = marriages.filter { $0.isLive && [$0.person, $0.other].contains(id) }
            #expect(live.count <= 1, "two live marriages")
        }
        for record in picture.registered(.marriage) {
            let made = marriages.filter { $0.source.reference == record.id && $0.end != .revoked }
            #expect(made.count == 1, "a marriage in force is one edge, not \(made.count)")
            for edge in made where !edge.isLive {
                let by = picture.records.first { $0.id == edge.endSource }
                #expect(by?.state == .registered, "a marriage was ended by a \(String(describing: by?.state)) record")
            }
        }
        for record in picture.registered(.divorce, .annulment) {
            #expect(marriages.contains { $0.endSource == record.id }, "a \(record.kind) in force ended no marriage")
        }
    }

    private func invariant7SpousesWereOfAge(_ picture: Picture) {
        for record in picture.registered(.marriage) where record.declaration["court.number"] == nil {
            guard let day = record.declaration.occurredOn?.earliest else { continue }
            let ages = [ParticipantRole.spouse1, .spouse2].map { role in
                record.persons[role].flatMap { picture.people[$0]?.snapshot.birth.date }
            }
            let adults = ages.filter { $0?.isOlder(than: 18, on: day) ?? false }.count
            let others = ages.filter { !($0?.isOlder(than: 18, on: day) ?? false) }
            let areAllowed =
                others.count <= 1 && others.allSatisfy { $0?.isOlder(than: 16, on: day) ?? false }
                && record.declaration["event.consent"] == "yes"
            #expect(adults == 2 || areAllowed, "under age: \(ages.map { $0?.iso ?? "?" })")
        }
    }

    private func invariant8ParentsAreOlder(_ picture: Picture) {
        let births = Set(picture.registered(.birth).map(\.id))
        for edge in picture.edges where edge.isLive && births.contains(edge.source.reference) {
            guard let child = picture.people[edge.person]?.snapshot.birth.date,
                let parent = picture.people[edge.other]?.snapshot.birth.date
            else { continue }
            let isOlder = parent.earliest <= child.latest && parent.earliest.age(on: child.latest) >= 12
            #expect(isOlder, "\(edge.kind) born \(parent.iso), child born \(child.iso)")
        }
    }

    // MARK: Who sees what

    private func invariant13SealedRecordsAreNotThere(_ picture: Picture) async throws {
        let listed = try await world.civil.list(.registered, of: world.registrar, limit: 1_000).map(\.id)
        for record in picture.records where record.isSealed {
            await #expect(throws: RumdulError.civilNotFound) {
                _ = try await world.civil.view(record.id, by: world.registrar, traceID: "sealed")
            }
            var words = [record.trackingID, record.number].compactMap(\.self)
            words += record.kind.subjects.compactMap { record.declaration.name($0)?.full }
            words += record.persons.values.compactMap { picture.people[$0]?.code?.digits }
            for word in words {
                let found = try await world.civil.find(word, by: world.registrar, traceID: "sealed")
                #expect(!found.contains { $0.id == record.id })
            }
            #expect(!listed.contains(record.id))
            let opened = try await world.civil.view(record.id, by: world.first, traceID: "sealed")
            #expect(opened.record == record)
        }
    }

    private mutating func invariant14EveryLookIsWrittenOnce(_ picture: Picture) async throws {
        let readable = picture.records.filter { !$0.isSealed && world.registrar.may(.civilRead, in: $0.office) }
        for record in readable.suffix(2) + readable.prefix(1) {
            looks += 1
            for (trace, look) in [("view-\(looks)", false), ("find-\(looks)", true)] {
                if look {
                    let found = try await world.civil.find(record.trackingID, by: world.registrar, traceID: trace)
                    #expect(found.map(\.id) == [record.id])
                } else {
                    _ = try await world.civil.view(record.id, by: world.registrar, traceID: trace)
                }
                for person in picture.people.keys {
                    let entries = try await world.journal.entries(of: person, limit: 200).filter { $0.traceID == trace }
                    #expect(entries.count == (record.persons.values.contains(person) ? 1 : 0))
                    for entry in entries {
                        #expect(entry.actorKind == "officer" && entry.actorRole != nil)
                        #expect(!entry.basis.reference.isEmpty && !entry.purpose.code.isEmpty)
                        #expect(!entry.organisation.code.isEmpty && entry.caseReference != nil)
                    }
                }
            }
        }
    }
}
