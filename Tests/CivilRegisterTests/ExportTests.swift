import Accountability
import Codecs
import Crypto
import Database
import DatabaseTesting
import Kernel
import PopulationRegister
import Synchronization
import Testing

@testable import CivilRegister

extension World {
    func exported(
        sealed: Bool = false, _ change: (inout ExportOrder) -> Void = { _ in }
    ) async throws -> (ExportRun.Report, [String: String]) {
        var order = ExportOrder(officer: first, basis: "បទបញ្ជា ៨/២០២៦")
        order.withSealed = sealed
        change(&order)
        let files = Mutex<[String: String]>([:])
        var run = ExportRun(civil, ledger: ledger, order) { name, text in
            files.withLock { $0[name, default: ""] += text }
        }
        let report = try await run.run()
        return (report, files.withLock { $0 })
    }

    /// Takes the files of an export in again.
    func importAll(_ files: [String: String]) async throws {
        for kind in [ImportKind.person, .birth, .marriage, .death] {
            let bytes = Array((files[kind.rawValue + ".csv"] ?? "").utf8)
            var order = order(kind)
            order.constants = [:]
            let (counts, refused) = try await runBytes(bytes, order)
            #expect(refused.isEmpty && counts.refused == 0, "\(kind): \(refused)")
        }
    }

    func runBytes(_ bytes: [UInt8], _ order: ImportOrder) async throws -> (ImportCounts, [ImportRefusal]) {
        let refused = Mutex<[ImportRefusal]>([])
        let counts = try await ImportRun(civil, order).run(
            {
                var start = 0
                return {
                    defer { start = min(start + 1000, bytes.count) }
                    return Array(bytes[start..<min(start + 1000, bytes.count)])
                }
            }, refused: { refusal in refused.withLock { $0.append(refusal) } })
        return (counts, refused.withLock { $0 })
    }
}

@Suite struct ExportTests {
    /// A register with everything that an import can take in again.
    private func fill(_ world: World) async throws -> (PersonID, String) {
        _ = try await world.run(MemoryFile(World.birthColumns, World.oldBirths(8)), world.order())
        let (husband, one) = try await world.person("សុខ", "ដារ៉ា", .male, born: "1950-01-01")
        let (_, other) = try await world.person("ចាន់", "សុភា", .female, born: "1952-01-01")
        _ = try await world.person("ឡុង", "វណ្ណា", .male, born: "1961")
        _ = try await world.registeredBirth(["mother.person": other, "child.weight": "3100"])
        _ = try await world.registered(.marriage, world.marriage(one, other))
        _ = try await world.registered(
            .death, world.death(one).merging(["deceased.occupation": "=cmd|'/c calc'!A1, \"x\""]) { $1 })
        return (husband, one)
    }

    @Test(arguments: TestDatabases.kinds) func whatGoesOutComesInAgainAndMakesEqualRegisters(
        _ kind: DatabaseKind
    ) async throws {
        try await World.with(kind) { world in
            let (husband, code) = try await fill(world)
            let (report, files) = try await world.exported()
            #expect(report.records == 11 && report.people == 12)
            #expect(files["death.csv"]?.contains("'=cmd") == true)
            try await World.with(kind) { copy in
                try await copy.importAll(files)
                #expect(try await copy.people.count() == 12)
                let (again, same) = try await copy.exported()
                #expect(again.records == report.records && again.people == report.people)
                for name in ["person.csv", "birth.csv", "marriage.csv", "death.csv"] {
                    // Who was entered in the same instant may stand in another order.
                    let before = files[name]?.split(separator: "\n").sorted() ?? []
                    #expect(same[name]?.split(separator: "\n").sorted() == before && before.count > 1, "\(name)")
                }
                let moved = try #require(try await copy.people.person(kidc: KIDC(entered: code)))
                #expect(try await copy.life(moved) == .deceased)
                #expect(try await copy.edges(moved).count == (try await world.edges(husband).count))
                for record in try await copy.allRecords() { try await copy.civil.verifyHistory(of: record.id) }
                // Once more changes nothing.
                try await copy.importAll(files)
                #expect(try await copy.count("civil_records") == 11)
            }
        }
    }

    @Test(arguments: TestDatabases.kinds) func everyPersonHasOneEntryForEachExport(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let (husband, _) = try await fill(world)
            func entries() async throws -> [AccessEntry] {
                try await world.journal.entries(of: husband, limit: 200).filter { $0.service == "export" }
            }
            let (first, _) = try await world.exported()
            #expect(try await entries().map(\.traceID) == [first.job])
            let (second, files) = try await world.exported { $0.kinds = [.death] }
            #expect(try await entries().map(\.traceID) == [second.job, first.job])
            #expect(second.records == 1 && second.people == 1)
            #expect(files["birth.csv"] == nil && files["person.csv"]?.split(separator: "\n").count == 2)
            let entry = try #require(try await entries().first)
            #expect(entry.caseReference == "បទបញ្ជា ៨/២០២៦" && entry.attributes.contains(.kidc))
            // Births of others are no matter of the husband.
            let (births, _) = try await world.exported { $0.kinds = [.birth] }
            #expect(births.records == 9)
            #expect(try await entries().count == 2)
        }
    }

    @Test(arguments: TestDatabases.kinds) func theManifestHasDigestsCountsAndTheCheckpoint(
        _ kind: DatabaseKind
    ) async throws {
        try await World.with(kind) { world in
            _ = try await world.vault.create(.ledgerCheckpoint, .es256, state: .active)
            _ = try await fill(world)
            let (report, files) = try await world.exported()
            let manifest = try JSON.parseObject(Array((files["manifest.json"] ?? "").utf8))
            #expect(manifest.integer("people") == Int64(report.people))
            #expect(manifest.object("records")?.integer("birth") == 9)
            #expect(manifest.string("checkpoint")?.split(separator: ".").count == 3)
            for member in try #require(manifest.object("files")).members {
                let bytes = Array((files[member.name] ?? "").utf8)
                #expect(member.value["size"]?.integerValue == Int64(bytes.count), "\(member.name)")
                let digest = SHA256.hash(data: bytes).map { String(String(256 + Int($0), radix: 16).suffix(2)) }
                    .joined()
                #expect(member.value["sha256"]?.stringValue == digest)
            }
            #expect(files.keys.contains("records.ndjson"))
        }
    }

    @Test(arguments: TestDatabases.kinds) func sealedRecordsStayAndNobodyWithoutTheRightExports(
        _ kind: DatabaseKind
    ) async throws {
        try await World.with(kind) { world in
            _ = try await fill(world)
            let death = try #require(try await world.allRecords().first { $0.kind == .death })
            _ = try await world.civil.setSealed(death.id, true, reason: "ការពារសាក្សី", by: CivilStep(world.first))
            let (open, files) = try await world.exported()
            #expect(open.records == 10 && files["death.csv"]?.split(separator: "\n").count == 1)
            #expect(files["records.ndjson"]?.contains(death.id) == false)
            #expect(try await world.exported(sealed: true).0.records == 11)
            for officer in [world.clerk, world.registrar, world.verifier, world.province] {
                await #expect(throws: RumdulError.officerForbidden) {
                    try await world.exported { $0.officer = officer }
                }
            }
            let local = World.officer("local", .identificationOfficer, "12")
            await #expect(throws: RumdulError.officerForbidden) { try await world.exported { $0.officer = local } }
            await #expect(throws: RumdulError.self) { try await world.exported { $0.basis = "" } }
        }
    }

    @Test(arguments: TestDatabases.kinds) func sinceLeavesOutWhatDidNotChange(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            _ = try await world.run(MemoryFile(World.birthColumns, World.oldBirths(3)), world.order())
            world.clock.advance(days: 5)
            let today = world.clock.today
            _ = try await world.registeredBirth()
            let (report, files) = try await world.exported { $0.since = today }
            #expect(report.records == 1 && report.people == 1)
            #expect(files["birth.csv"]?.split(separator: "\n").count == 2)
        }
    }
}
