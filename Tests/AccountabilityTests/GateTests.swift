import Codecs
import Database
import DatabaseTesting
import Foundation
import Kernel
import Ledger
import Testing

@testable import Accountability

private struct Refusal: Error {}

@Suite struct GateTests {
    @Test(arguments: TestDatabases.kinds)
    func discloseWritesExactlyOneEntry(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            for round in 1...3 {
                let disclosed = try await world.disclose(world.request([.birthdate, .name, .email, .name]))
                #expect(disclosed.values.map(\.0) == [.birthdate, .name])
                #expect(disclosed[.name] == "name")
                #expect(disclosed[.email] == nil)
                #expect(disclosed[.kidc] == nil)
                #expect(try await world.count("") == round)
                #expect(try await world.count("access-") == round)
            }
            let entry = try #require(try await world.journal.entries(of: world.person).first)
            #expect(entry.attributes == [.birthdate, .name, .email])
            #expect(entry.organisation.name.km == "ធនាគារ")
            #expect(entry.purpose.code == "login")
            #expect(entry.basis == .consent("consent-1"))
            #expect(entry.actorKind == "client")
            #expect(entry.traceID == "trace-1")
            #expect(entry.at == world.clock.now)
        }
    }

    /// The person may show an entry to anybody, so it names an officer's role; the auditor finds who it was.
    @Test(arguments: TestDatabases.kinds)
    func officersAreNamedToTheAuditorOnly(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            var request = world.request()
            request.actor = .officer(id: "officer-7", role: "enrolmentAgent")
            _ = try await world.disclose(request)
            let entry = try #require(try await world.journal.entries(of: world.person).first)
            #expect(entry.actorKind == "officer" && entry.actorRole == "enrolmentAgent")
            let (shown, audited) = try await world.database.read { [ledger = world.ledger] connection in
                (
                    try await ledger.entries(
                        subject: world.person.text, streamPrefix: "access-", limit: 9, in: connection),
                    try await ledger.entries(subject: "officer-7", streamPrefix: "audit-", limit: 9, in: connection)
                )
            }
            #expect(shown.count == 1 && audited.count == 1)
            #expect(!String(decoding: try #require(shown.first).payload, as: UTF8.self).contains("officer-7"))
            let details = try #require(audited.first).value()["details"]
            #expect(audited.first?.kind == "disclosure.officer" && details?["stream"]?.stringValue == entry.stream)
            #expect(details?["sequence"]?.integerValue == entry.sequence)
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func incompleteRequestsDiscloseAndWriteNothing(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let good = world.request()
            var cases: [(DisclosureRequest, RumdulError)] = []
            func bad(_ error: RumdulError, _ change: (inout DisclosureRequest) -> Void) {
                var request = good
                change(&request)
                cases.append((request, error))
            }
            let texts = LocalizedText(km: "ក", en: "a")
            bad(.disclosureNoBasis) { $0.basis = .consent("") }
            bad(.disclosureNoBasis) { $0.basis = .statute("") }
            // One's own request is no basis for anybody else.
            for actor: Actor in [.client("bank"), .officer(id: "o-1", role: "r"), .system("s")] {
                bad(.disclosureNoBasis) {
                    $0.basis = .ownRequest
                    $0.actor = actor
                }
            }
            bad(.disclosureNoPurpose) { $0.purpose = Purpose(code: "", text: texts) }
            bad(.disclosureNoPurpose) { $0.purpose = Purpose(code: "a", text: LocalizedText(km: "", en: "a")) }
            bad(.disclosureNoAttributes) { $0.attributes = [] }
            bad(.disclosureNoAttributes) { $0.attributes = Array(repeating: .name, count: 65) }
            bad(.disclosureUnknownAttribute) { $0.attributes = [.name, AttributeName(rawValue: "religion")] }
            bad(.disclosureIncomplete) { $0.traceID = "" }
            bad(.disclosureIncomplete) { $0.system = "" }
            bad(.disclosureIncomplete) { $0.service = String(repeating: "a", count: 201) }
            bad(.disclosureIncomplete) { $0.actor = .client("") }
            bad(.disclosureIncomplete) { $0.organisation = Organisation(code: "", name: texts) }
            bad(.officerNotFound) { $0.subject = PersonID("another") }
            for (request, error) in cases {
                await #expect(throws: error) { _ = try await world.disclose(request) }
            }
            let written = try await world.count("")
            #expect(written == 0)
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func noEntryStaysWhenTheTransactionFails(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            await #expect(throws: Refusal.self) {
                try await world.database.transaction { connection in
                    _ = try await world.gate.disclose(
                        world.request(), from: OnePerson(person: world.person), in: connection)
                    throw Refusal()
                }
            }
            let written = try await world.count("")
            #expect(written == 0)
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func theJournalPagesNewestFirst(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            for number in 0..<25 {
                var request = world.request()
                request.traceID = "t\(number)"
                _ = try await world.disclose(request)
                if number % 3 == 0 { world.clock.advance(seconds: 60) }
            }
            var seen: [String] = []
            var cursor: LedgerCursor?
            repeat {
                let page = try await world.journal.page(of: world.person, before: cursor, limit: 10)
                seen += page.entries.map(\.traceID)
                cursor = page.next
            } while cursor != nil
            #expect(seen == (0..<25).reversed().map { "t\($0)" })
            #expect(try await world.journal.entries(of: PersonID("another")).isEmpty)
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func evidenceIsForThePersonOnly(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            _ = try await world.disclose(world.request())
            let entry = try #require(try await world.journal.entries(of: world.person).first)
            await #expect(throws: RumdulError.ledgerNotCovered) {
                _ = try await world.journal.evidence(of: world.person, stream: entry.stream, sequence: entry.sequence)
            }
            _ = try await world.ledger.checkpoint()
            let evidence = try await world.journal.evidence(
                of: world.person, stream: entry.stream, sequence: entry.sequence)
            #expect(evidence.entry == entry)
            #expect(evidence.proof.isValid(for: evidence.record))
            for (person, stream, sequence) in [
                (PersonID("another"), entry.stream, entry.sequence), (world.person, "audit-00", 1),
                (world.person, entry.stream, entry.sequence + 1),
            ] {
                await #expect(throws: RumdulError.accessEntryNotFound) {
                    _ = try await world.journal.evidence(of: person, stream: stream, sequence: sequence)
                }
            }
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func theAuditTrailHoldsWhoAndWhat(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let trail = AuditTrail(ledger: world.ledger)
            try await world.database.transaction { connection in
                try await trail.record(
                    action: "thing.done", actor: .officer(id: "o1", role: "registrar"), subject: "s1",
                    details: ["n": 1], in: connection)
            }
            let record = try await world.database.read { connection in
                try await world.ledger.entries(
                    subject: "s1", streamPrefix: AuditTrail.streamPrefix, limit: 10, in: connection
                ).first
            }
            #expect(record?.kind == "thing.done")
            #expect(try record?.value()["actor"]?["role"] == "registrar")
            #expect(try record?.value()["details"]?["n"] == 1)
        }
    }

    /// `DisclosedAttributes.init` is internal to the module, which the compiler enforces everywhere else. Within the
    /// module this test holds the line: one place builds it, right behind the line that writes the entry.
    @Test func onlyTheGateBuildsDisclosedAttributes() throws {
        let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Sources")
        let files = try #require(FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
        var builders: [String] = []
        for case let file as URL in files where file.pathExtension == "swift" {
            let text = try String(contentsOf: file, encoding: .utf8)
            let count = text.components(separatedBy: "DisclosedAttributes(").count - 1
            builders += Array(repeating: file.lastPathComponent, count: count)
            if file.lastPathComponent == "DisclosureGate.swift" {
                #expect(!text.contains("public init(disclosed"))
                let append = try #require(text.range(of: "ledger.append("))
                let build = try #require(text.range(of: "return DisclosedAttributes("))
                #expect(append.upperBound < build.lowerBound)
            }
        }
        #expect(builders == ["DisclosureGate.swift"])
    }

    @Test func everyAttributeIsDescribedInBothLanguages() {
        #expect(Set(AttributeCatalogue.all.map(\.name)).count == AttributeCatalogue.all.count)
        for entry in AttributeCatalogue.all {
            for text in [entry.label, entry.summary] {
                #expect(text.km.unicodeScalars.contains { (0x1780...0x17E9).contains($0.value) })
                #expect(!text.en.isEmpty)
            }
            #expect(entry.encryptedOnly == (entry.sensitivity == .identifier))
        }
        #expect(AttributeCatalogue.all.filter(\.encryptedOnly).map(\.name) == [.kidc, .nationalID])
    }
}
