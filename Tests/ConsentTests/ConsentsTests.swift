import Codecs
import Database
import DatabaseTesting
import JOSE
import Kernel
import KeyVault
import Ledger
import Synchronization
import Testing

@testable import Consent

/// A clock that tests turn.
final class TestClock: Sendable {
    private let moment = Mutex(Instant(seconds: 1_800_000_000))

    var now: Instant { moment.withLock { $0 } }

    func advance(_ seconds: Int64) { moment.withLock { $0 = $0.adding(seconds: seconds) } }

    var ambient: Ambient { Ambient(now: { self.now }, randomBytes: secureRandomBytes) }
}

/// The consent registry on a fresh database.
struct World: Sendable {
    static let issuer = "https://id.example"
    static let sokha = PersonID("person-sokha")
    static let dara = PersonID("person-dara")

    let database: any Database
    let clock = TestClock()
    let vault: FileKeyVault
    let ledger: Ledger
    let consents: Consents

    static func run(_ kind: DatabaseKind, _ test: @escaping @Sendable (World) async throws -> Void) async throws {
        try await TestDatabases.with(kind, migrations: [Ledger.migrations, Consents.migrations]) {
            try await test(World($0))
        }
    }

    init(_ database: any Database) throws {
        self.database = database
        vault = try FileKeyVault.ephemeral(ambient: clock.ambient, purposes: [.consentReceipt, .ledgerCheckpoint])
        ledger = Ledger(database: database, vault: vault, ambient: clock.ambient)
        consents = Consents(ledger: ledger, vault: vault, ambient: clock.ambient, issuer: Self.issuer)
    }

    func draft(_ person: PersonID = sokha, client: String = "bank", days: Int64 = 30) -> ConsentGrant {
        ConsentGrant(
            personID: person, clientID: client, clientName: LocalizedText(km: "ធនាគារ «ក»", en: "Bank \"A\""),
            purposeCode: "account-opening", purposeText: LocalizedText(km: "បើកគណនី", en: "Open an account"),
            granted: ["name_km", "birthdate"], refused: ["email"], validTo: clock.now.adding(seconds: days * 86_400),
            channel: "device", acr: "urn:kh:camdigikey:aal:1", noticeHash: "bm90aWNl", deviceID: "device-1",
            decision: "head.body.signature")
    }

    func grant(_ person: PersonID = sokha, client: String = "bank", days: Int64 = 30) async throws -> String {
        let (consents, draft) = (consents, draft(person, client: client, days: days))
        return try await database.transaction { try await consents.grant(draft, in: $0) }
    }

    func record(_ id: String) async throws -> ConsentRecord {
        let consents = consents
        return try #require(try await database.read { try await consents.record(id, in: $0) })
    }

    func isActive(_ id: String) async throws -> Bool {
        let consents = consents
        do {
            try await database.read { try await consents.requireActive(id, in: $0) }
            return true
        } catch let error as RumdulError where error == .consentNotActive {
            return false
        }
    }

    func withdraw(_ id: String, by person: PersonID = sokha) async throws {
        let consents = consents
        try await database.transaction { try await consents.withdraw(id, person: person, in: $0) }
    }

    /// The kinds of a person's ledger entries, oldest first.
    func journal(_ person: PersonID = sokha) async throws -> [LedgerRecord] {
        let ledger = ledger
        return try await database.read {
            try await ledger.entries(subject: person.text, streamPrefix: "consent-", before: nil, limit: 100, in: $0)
        }.reversed()
    }
}

/// What readers saw after a withdrawal had returned.
final class Tally: Sendable {
    private let state = Mutex((withdrawn: false, lateUses: 0))

    var isWithdrawn: Bool { state.withLock { $0.withdrawn } }
    var lateUses: Int { state.withLock { $0.lateUses } }

    func noteWithdrawal() { state.withLock { $0.withdrawn = true } }

    func addLateUse() { state.withLock { $0.lateUses += 1 } }
}

@Suite("Consents, on both engines")
struct ConsentsTests {
    @Test(arguments: TestDatabases.kinds) func grantAndExpire(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let id = try await world.grant()
            let record = try await world.record(id)
            let draft = world.draft()
            #expect(record.grant.granted == draft.granted && record.grant.refused == draft.refused)
            #expect(record.grant.clientName == draft.clientName && record.grant.purposeText == draft.purposeText)
            #expect(record.grant.decision == draft.decision && record.grant.noticeHash == draft.noticeHash)
            #expect(record.grantedAt == world.clock.now && record.withdrawnAt == nil)
            #expect(record.state(at: world.clock.now) == .granted)
            #expect(try await world.isActive(id))
            world.clock.advance(30 * 86_400 - 1)
            #expect(try await world.isActive(id))
            world.clock.advance(1)
            #expect(try await !world.isActive(id), "valid to is not valid any more")
            #expect(record.state(at: world.clock.now) == .expired)
            for unknown in ["", "x", id + " ", id.uppercased(), "' OR 1=1 --"] where unknown != id {
                #expect(try await !world.isActive(unknown))
            }
        }
    }

    @Test(arguments: TestDatabases.kinds) func withdraw(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let id = try await world.grant()
            let other = try await world.grant(client: "shop")
            await #expect(throws: RumdulError.consentNotFound) { try await world.withdraw(id, by: World.dara) }
            await #expect(throws: RumdulError.consentNotFound) { try await world.withdraw("unknown") }
            #expect(try await world.isActive(id), "another person's attempt changes nothing")
            world.clock.advance(10)
            try await world.withdraw(id)
            #expect(try await !world.isActive(id))
            #expect(try await world.isActive(other), "the others stay")
            let first = try await world.record(id).withdrawnAt
            #expect(first == world.clock.now)
            world.clock.advance(10)
            try await world.withdraw(id)
            #expect(try await world.record(id).withdrawnAt == first, "repeating it changes nothing")
            await #expect(throws: RumdulError.consentNotFound) { try await world.withdraw(id, by: World.dara) }
            #expect(try await world.record(id).state(at: world.clock.now) == .withdrawn)
            world.clock.advance(31 * 86_400)
            #expect(try await world.record(id).state(at: world.clock.now) == .withdrawn, "and not merely expired")
            let kinds = try await world.journal().map(\.kind)
            #expect(kinds == ["consent.granted", "consent.granted", "consent.withdrawn"])
            #expect(try await world.journal(World.dara).isEmpty)
        }
    }

    @Test(arguments: TestDatabases.kinds) func withdrawAllOfOneParty(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let short = try await world.grant(days: 1)
            world.clock.advance(86_400)
            let mine = [try await world.grant(), try await world.grant()]
            let elsewhere = try await world.grant(client: "shop")
            let others = try await world.grant(World.dara)
            let consents = world.consents
            func all() async throws -> Int {
                try await world.database.transaction {
                    try await consents.withdrawAll(person: World.sokha, clientID: "bank", in: $0)
                }
            }
            #expect(try await all() == 2)
            #expect(try await all() == 0)
            for id in mine + [short] { #expect(try await !world.isActive(id)) }
            for id in [elsewhere, others] { #expect(try await world.isActive(id)) }
            #expect(try await world.record(short).withdrawnAt == nil, "what had ended stays ended, not withdrawn")
            #expect(try await world.journal().filter { $0.kind == "consent.withdrawn" }.count == 2)
        }
    }

    @Test(arguments: TestDatabases.kinds) func listsAreOnesOwnNewestFirst(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            var ids: [String] = []
            for _ in 0..<5 {
                ids.append(try await world.grant())
                world.clock.advance(1)
            }
            _ = try await world.grant(World.dara)
            let consents = world.consents
            let found = try await world.database.read { try await consents.records(of: World.sokha, limit: 3, in: $0) }
            #expect(found.map(\.id) == ids.reversed().prefix(3).map { $0 })
            #expect(
                try await world.database.read { try await consents.records(of: PersonID("nobody"), in: $0).isEmpty })
        }
    }

    @Test(arguments: TestDatabases.kinds) func theDecisionIsAnchored(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let id = try await world.grant()
            try await world.withdraw(id)
            _ = try await world.ledger.checkpoint()
            #expect(try await world.ledger.verify().isIntact)
            let granted = try #require(try await world.journal().first)
            let payload = try JSON.parseObject(granted.payload)
            #expect(payload.string("decision") == "head.body.signature")
            #expect(payload.string("consent") == id)
            #expect(payload.strings("attributes") == ["name_km", "birthdate"])
            #expect(granted.subject == World.sokha.text)
            // A grant that is rolled back leaves neither record nor entry.
            struct Stop: Error {}
            let (consents, draft) = (world.consents, world.draft())
            await #expect(throws: Stop.self) {
                try await world.database.transaction { connection in
                    _ = try await consents.grant(draft, in: connection)
                    throw Stop()
                }
            }
            #expect(try await world.journal().count == 2)
        }
    }

    @Test(arguments: TestDatabases.kinds) func manyWithdrawalsAtOnceAreOne(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let id = try await world.grant()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 { group.addTask { try await world.withdraw(id) } }
                try await group.waitForAll()
            }
            #expect(try await world.journal().filter { $0.kind == "consent.withdrawn" }.count == 1)
            #expect(try await world.ledger.verify().isIntact)
        }
    }

    /// Readers use the consent as fast as they can while it is withdrawn: whoever begins after the withdrawal's return
    /// is refused.
    @Test(arguments: TestDatabases.kinds) func nobodyUsesAWithdrawnConsent(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            for _ in 0..<5 {
                let id = try await world.grant()
                let tally = Tally()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<4 {
                        group.addTask {
                            // A few uses after the withdrawal, and a pause between uses so that it comes to its turn.
                            var after = 0
                            while after < 5 {
                                let isLate = tally.isWithdrawn
                                let active = try await world.isActive(id)
                                if isLate, active { tally.addLateUse() }
                                if isLate { after += 1 }
                                try await Task.sleep(for: .microseconds(200))
                            }
                        }
                    }
                    group.addTask {
                        try await world.withdraw(id)
                        tally.noteWithdrawal()
                    }
                    try await group.waitForAll()
                }
                #expect(tally.lateUses == 0)
                #expect(try await !world.isActive(id))
            }
        }
    }
}

@Suite("Receipts (ISO/IEC TS 27560)")
struct ReceiptTests {
    @Test func membersOfTheReceipt() async throws {
        try await World.run(.sqlite) { world in
            let id = try await world.grant()
            let receipt = world.consents.receipt(try await world.record(id))
            #expect(receipt.string("schema_version") == "ISO-27560:2023")
            #expect(receipt.string("record_id") == id)
            #expect(receipt.string("issuer") == World.issuer)
            #expect(receipt.string("notice_hash") == "bm90aWNl")
            #expect(receipt.string("device_decision") == "head.body.signature")
            let purpose = try #require(receipt.array("purposes")?.first?.objectValue)
            #expect(purpose.object("purpose")?.string("en") == "Open an account")
            #expect(purpose.string("lawful_basis") == "consent")
            #expect(
                purpose.array("pii_information")?.compactMap { $0["pii_type"]?.stringValue } == [
                    "name_km", "birthdate",
                ])
            let controller = try #require(purpose.array("pii_controllers")?.first?.objectValue)
            #expect(controller.string("party_id") == "bank" && controller.string("km") == "ធនាគារ «ក»")
            #expect(purpose.string("withdrawal_method") == World.issuer + "/app")
            #expect(purpose.string("validity_end") == world.clock.now.adding(seconds: 30 * 86_400).rfc3339)
            #expect(receipt.array("events")?.count == 1)
            // What was left out is not in the receipt, and neither is who the person is.
            let text = JSON.text(receipt)
            #expect(!text.contains("email") && !text.contains(World.sokha.text))
            world.clock.advance(60)
            try await world.withdraw(id)
            let events = try #require(world.consents.receipt(try await world.record(id)).array("events"))
            #expect(events.compactMap { $0["event_state"]?.stringValue } == ["granted", "withdrawn"])
            #expect(events.last?["event_time"]?.stringValue == world.clock.now.rfc3339)
        }
    }

    @Test func theTokenVerifiesAndNothingElseDoes() async throws {
        try await World.run(.sqlite) { world in
            let record = try await world.record(try await world.grant())
            let token = try await world.consents.receiptToken(record)
            let keys = VerificationKeySet(try await world.vault.publicKeys(.consentReceipt))
            let jws = try JWS.verify(token, algorithms: [.es256], keys: keys)
            #expect(jws.header.type == "consent-receipt+jwt")
            #expect(try JSON.parseObject(jws.payload) == world.consents.receipt(record))
            // After a rotation old receipts still verify.
            _ = try await world.vault.create(.consentReceipt, .es256, state: .active)
            let rotated = VerificationKeySet(try await world.vault.publicKeys(.consentReceipt))
            _ = try JWS.verify(token, algorithms: [.es256], keys: rotated)
            _ = try JWS.verify(try await world.consents.receiptToken(record), algorithms: [.es256], keys: rotated)
            var bytes = Array(token.utf8)
            for place in stride(from: 0, to: bytes.count, by: 7) {
                let kept = bytes[place]
                bytes[place] = kept == 65 ? 66 : 65
                #expect(throws: RumdulError.self) {
                    try JWS.verify(String(decoding: bytes, as: UTF8.self), algorithms: [.es256], keys: rotated)
                }
                bytes[place] = kept
            }
            let stranger = try FileKeyVault.ephemeral(purposes: [.consentReceipt])
            let others = VerificationKeySet(try await stranger.publicKeys(.consentReceipt))
            #expect(throws: RumdulError.self) { try JWS.verify(token, algorithms: [.es256], keys: others) }
        }
    }
}
