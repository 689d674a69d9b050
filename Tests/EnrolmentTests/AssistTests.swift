import Accountability
import Database
import DatabaseTesting
import Kernel
import Testing

@testable import Enrolment

@Suite("Assisted sessions on both engines")
struct AssistTests {
    private static let place = LocalizedText(km: "កណ្តាល", en: "Kandal")
    private static let own = PersonID("person-clerk")

    /// A desk and an officer in the directory; `person` says who the officer is.
    private struct Branch: Sendable {
        let world: World
        let desk: AssistDesk
        let clerk: Officer

        init(_ world: World, person: PersonID? = AssistTests.own) async throws {
            self.world = world
            desk = AssistDesk(
                database: world.database, officers: world.directory, ledger: world.ledger,
                ambient: world.clock.ambient)
            clerk = try await world.directory.create(
                OfficerDraft(
                    username: "clerk.one", displayName: LocalizedText(km: "មន្ត្រី", en: "Clerk"),
                    organisation: Organisation(code: "kh-bank", name: LocalizedText(km: "ធនាគារ", en: "Bank")),
                    grants: [Grant(.assistingOfficer, in: .area("08"))]), password: World.password, by: .system("test"))
            if let person { try await world.directory.link(clerk.id, to: person, by: .system("test")) }
        }

        func start() async throws -> (session: AssistedSession, secret: String) {
            try await desk.start(at: "0801", AssistTests.place, by: clerk)
        }

        func admit(_ person: PersonID, to id: String, transaction: String = "txn-1") async throws {
            try await world.database.transaction { [desk] in
                try await desk.admit(
                    AssistedUse(personID: person, transactionID: transaction, clientID: "bank", method: "card"), to: id,
                    in: $0)
            }
        }

        func refuse(_ id: String) async throws {
            try await world.database.transaction { [desk] in try await desk.noteRefusal(in: id, connection: $0) }
        }
    }

    private static func run(
        _ kind: DatabaseKind, person: PersonID? = own, _ test: @escaping @Sendable (Branch) async throws -> Void
    ) async throws {
        try await World.run(kind) { try await test(Branch($0, person: person)) }
    }

    @Test(arguments: TestDatabases.kinds) func oneSessionOnePerson(_ kind: DatabaseKind) async throws {
        try await Self.run(kind) { branch in
            let (first, secret) = try await branch.start()
            let found = try #require(try await branch.desk.session(secret: secret))
            #expect(found.id == first.id)
            #expect(found.organisation.code == "kh-bank")
            try await branch.admit(TestRegister.sokha.id, to: first.id)
            try await branch.admit(TestRegister.sokha.id, to: first.id, transaction: "txn-2")
            await #expect(throws: RumdulError.assistOtherPerson) {
                try await branch.admit(PersonID("person-other"), to: first.id)
            }
            #expect(try await branch.world.journal("audit-").filter { $0 == "assisted.login" }.count == 2)
            // Another start ends it.
            let (second, _) = try await branch.start()
            #expect(try await branch.desk.session(secret: secret) == nil)
            await #expect(throws: RumdulError.assistEnded) {
                try await branch.admit(TestRegister.sokha.id, to: first.id)
            }
            #expect(try await branch.desk.session(of: branch.clerk)?.id == second.id)
        }
    }

    @Test(arguments: TestDatabases.kinds) func nobodyAssistsThemselves(_ kind: DatabaseKind) async throws {
        try await Self.run(kind, person: TestRegister.sokha.id) { branch in
            let (session, _) = try await branch.start()
            await #expect(throws: RumdulError.assistOwnPerson) {
                try await branch.admit(TestRegister.sokha.id, to: session.id)
            }
            #expect(try await branch.world.journal("audit-").isEmpty)
        }
        try await Self.run(kind, person: nil) { branch in
            await #expect(throws: RumdulError.assistUnlinked) { _ = try await branch.start() }
        }
    }

    @Test(arguments: TestDatabases.kinds) func howSessionsEnd(_ kind: DatabaseKind) async throws {
        try await Self.run(kind) { branch in
            let desk = branch.desk
            var (session, secret) = try await branch.start()
            try await desk.end(by: branch.clerk)
            #expect(try await desk.session(secret: secret) == nil)
            (session, secret) = try await branch.start()
            for _ in 0..<9 { try await branch.refuse(session.id) }
            #expect(try await desk.session(secret: secret) != nil)
            try await branch.refuse(session.id)
            #expect(try await desk.session(secret: secret) == nil)
            (session, secret) = try await branch.start()
            branch.world.clock.advance(AssistedSession.lifetime)
            #expect(try await desk.session(secret: secret) == nil)
            (session, secret) = try await branch.start()
            try await branch.world.directory.disable(branch.clerk.id, by: .system("test"))
            #expect(try await desk.session(secret: secret) == nil, "a disabled account assists nobody")
            for text in ["", "x", String(repeating: "A", count: 43)] {
                #expect(try await desk.session(secret: text) == nil)
            }
        }
    }

    @Test(arguments: TestDatabases.kinds) func onlyInTheirArea(_ kind: DatabaseKind) async throws {
        try await Self.run(kind) { branch in
            await #expect(throws: RumdulError.officerForbidden) {
                _ = try await branch.desk.start(at: "12", Self.place, by: branch.clerk)
            }
            await #expect(throws: RumdulError.officerForbidden) {
                _ = try await branch.desk.start(at: "08", Self.place, by: branch.world.officer())
            }
        }
    }

    /// Twenty starts of one officer at once leave one session.
    @Test(arguments: TestDatabases.kinds) func parallelStarts(_ kind: DatabaseKind) async throws {
        try await Self.run(kind) { branch in
            let secrets = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<20 { group.addTask { try await branch.start().secret } }
                return try await group.reduce(into: [String]()) { $0.append($1) }
            }
            var living = 0
            for secret in secrets where try await branch.desk.session(secret: secret) != nil { living += 1 }
            #expect(living == 1)
        }
    }
}
