import Codecs
import Crypto
import Database
import DatabaseTesting
import Kernel
import KeyVault
import Testing

@testable import Authenticators

@Suite("PIN cards on both engines")
struct PINCardTests {
    private static let person = PersonID("person-1")

    private struct Desk: Sendable {
        let world: World
        let cards: PINCards

        init(_ world: World) throws {
            self.world = world
            cards = world.authenticators.pinCards(vault: try FileKeyVault.ephemeral(ambient: world.clock.ambient))
        }

        func issue(_ key: String = Ambient.system.newSecret()) async throws -> PrintedCard {
            try await world.database.transaction { [cards] in
                try await cards.issue(
                    for: PINCardTests.person, ial: .ial2, evidence: ["khmerIDCard"], requestKey: key, by: "officer-1",
                    in: $0)
            }
        }

        /// What a browser would send; here a plain hash, which the server cannot tell from the slow one.
        func attempt(_ text: CardText, _ pin: String) throws -> CardAttempt {
            let proof = Array(SHA256.hash(data: Array((text.secret + pin).utf8)))
            return try #require(CardAttempt(text, proof: Base64URL.encode(proof)))
        }

        func set(_ text: CardText, _ pin: String, of person: PersonID = PINCardTests.person) async throws {
            let attempt = try attempt(text, pin)
            try await world.database.transaction { [cards] in
                try await cards.setPIN(attempt, of: person, by: "officer-1", in: $0)
            }
        }

        func check(_ attempt: CardAttempt) async throws -> CardCheck {
            try await world.database.transaction { [cards] in try await cards.check(attempt, in: $0) }
        }

        func check(_ text: CardText, _ pin: String) async throws -> CardCheck {
            try await check(try attempt(text, pin))
        }

        func isActive(_ id: String) async throws -> Bool {
            try await world.database.read { [world] in try await world.authenticators.isActive(id, in: $0) }
        }

        /// A card with the PIN 274951.
        func ready() async throws -> PrintedCard {
            let printed = try await issue()
            try await set(printed.text, "274951")
            return printed
        }
    }

    private static func run(
        _ kind: DatabaseKind, _ test: @escaping @Sendable (Desk) async throws -> Void
    ) async throws {
        try await World.run(kind) { try await test(Desk($0)) }
    }

    @Test func textsAreReadAsTheyArePrinted() throws {
        let text = CardText(.system)
        #expect(CardText(text.display) == text && CardText(text.scanned) == text)
        #expect(CardText(" " + text.display.lowercased().replacing("0", with: "o").replacing("1", with: "l")) == text)
        #expect(text.display.split(separator: "-").count == 7)
        for bad in ["", String(text.scanned.dropLast()), text.scanned + "0", text.scanned.dropLast() + "U", "é"] {
            #expect(CardText(String(bad)) == nil)
        }
    }

    /// Digits can never stand where a proof belongs.
    @Test func onlyProofsAreTaken() {
        let text = CardText(.system)
        let good = Base64URL.encode([UInt8](repeating: 7, count: 32))
        #expect(CardAttempt(text, proof: good) != nil)
        let bad = [
            "", "274951", "២៧៤៩៥១", good + "=", good + "A", String(good.dropLast()), " " + good,
            String(good.dropLast()) + "!",
            Base64URL.encode([UInt8](repeating: 7, count: 31)), Base64URL.encode([UInt8](repeating: 7, count: 33)),
        ]
        for proof in bad { #expect(CardAttempt(text, proof: proof) == nil, "\(proof)") }
    }

    /// PINs that the server itself had stretched fit no proof: their cards wait for a new PIN.
    @Test(arguments: TestDatabases.kinds) func cardsFromBeforeWaitForANewPIN(_ kind: DatabaseKind) async throws {
        try await Self.run(kind) { desk in
            let printed = try await desk.ready()
            try await desk.world.database.transaction { connection in
                for statement in PINCardStore.proofMigration.statements { try await connection.execute(statement) }
            }
            #expect(try await desk.check(printed.text, "274951") == .refused)
            try await desk.set(printed.text, "730246")
            #expect(
                try await desk.check(printed.text, "730246") == .correct(card: printed.card.id, person: Self.person))
        }
    }

    @Test(arguments: TestDatabases.kinds) func aCardWorksWithItsPINOnly(_ kind: DatabaseKind) async throws {
        try await Self.run(kind) { desk in
            let printed = try await desk.issue()
            #expect(try await desk.check(printed.text, "274951") == .refused, "no PIN was set")
            await #expect(throws: RumdulError.cardRefused) {
                try await desk.set(printed.text, "274951", of: PersonID("person-2"))
            }
            try await desk.set(printed.text, "274951")
            await #expect(throws: RumdulError.cardRefused) { try await desk.set(printed.text, "730246") }
            #expect(try await desk.check(printed.text, "730246") == .wrong(triesLeft: 4))
            #expect(
                try await desk.check(printed.text, "274951") == .correct(card: printed.card.id, person: Self.person))
            #expect(try await desk.check(printed.text, "730246") == .wrong(triesLeft: 4), "the count begins anew")
            #expect(try await desk.isActive(printed.card.id))
            #expect(try await desk.world.audit().contains("card.used"))
        }
    }

    /// Who knows the number alone, or has another secret, spends no try.
    @Test(arguments: TestDatabases.kinds) func theSecretComesFirst(_ kind: DatabaseKind) async throws {
        try await Self.run(kind) { desk in
            let printed = try await desk.ready()
            let other = CardText(.system)
            let forged = try #require(CardText(printed.text.number + other.secret))
            for text in [forged, other] { #expect(try await desk.check(text, "274951") == .refused) }
            #expect(try await desk.check(printed.text, "730246") == .wrong(triesLeft: 4))
        }
    }

    /// Nothing that is stored tells a PIN: two cards with the same PIN have different verifiers.
    @Test func whatIsStored() async throws {
        try await Self.run(.sqlite) { desk in
            let first = try await desk.ready()
            let second = try await desk.ready()
            let rows = try await desk.world.database.read { try await $0.query("SELECT * FROM auth_cards") }
            #expect(rows.count == 2)
            let live = try await desk.world.database.read {
                try await $0.query("SELECT number, pin_verifier FROM auth_cards WHERE pin_verifier IS NOT NULL")
            }
            #expect(try live.map { try $0.string(0) } == [second.text.number])
            #expect(first.text.secret != second.text.secret)
        }
    }

    /// However many wrong PINs come at once, five count, and the right one is refused afterwards.
    @Test(arguments: TestDatabases.kinds) func parallelTriesHoldTheLimit(_ kind: DatabaseKind) async throws {
        try await Self.run(kind) { desk in
            let printed = try await desk.ready()
            let wrong = try desk.attempt(printed.text, "730246")
            let answers = try await withThrowingTaskGroup(of: CardCheck.self) { group in
                for _ in 0..<24 { group.addTask { try await desk.check(wrong) } }
                return try await group.reduce(into: [CardCheck]()) { $0.append($1) }
            }
            let left = answers.compactMap { if case .wrong(let left) = $0 { left } else { nil } }
            #expect(left.sorted() == [1, 2, 3, 4])
            #expect(answers.count { $0 == .locked } == 20)
            #expect(try await desk.check(printed.text, "274951") == .locked)
            #expect(try await desk.world.audit().count { $0 == "card.locked" } == 1)
            try await desk.world.database.transaction { [cards = desk.cards] in
                try await cards.unlock(
                    printed.card.id, of: Self.person, by: "officer-1", reason: "forgotten_pin", in: $0)
            }
            #expect(
                try await desk.check(printed.text, "274951") == .correct(card: printed.card.id, person: Self.person))
        }
    }

    @Test(arguments: TestDatabases.kinds) func cardsEnd(_ kind: DatabaseKind) async throws {
        try await Self.run(kind) { desk in
            let old = try await desk.ready()
            let new = try await desk.issue("a-request-key-of-a-form")
            #expect(try await desk.check(old.text, "274951") == .refused, "a new card ends the old one")
            #expect(try await !desk.isActive(old.card.id))
            await #expect(throws: RumdulError.cardShownOnce) { _ = try await desk.issue("a-request-key-of-a-form") }
            try await desk.set(new.text, "730246")
            try await desk.world.database.transaction { [cards = desk.cards] in
                try await cards.end(new.card.id, of: Self.person, by: "officer-1", reason: "lost", in: $0)
            }
            #expect(try await desk.check(new.text, "730246") == .refused)
            await #expect(throws: RumdulError.cardNotFound) {
                try await desk.world.database.transaction { [cards = desk.cards] in
                    try await cards.end(new.card.id, of: PersonID("person-2"), by: "o", reason: "lost", in: $0)
                }
            }
        }
    }
}
