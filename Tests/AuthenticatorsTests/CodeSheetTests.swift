import Database
import DatabaseTesting
import Kernel
import KeyVault
import Ledger
import Testing

@testable import Authenticators

@Suite("Printed codes on both engines")
struct CodeSheetTests {
    private static let person = PersonID("person-1")

    private struct Desk: Sendable {
        let world: World
        let sheets: CodeSheets

        init(_ world: World) throws {
            self.world = world
            sheets = world.authenticators.codeSheets(vault: try FileKeyVault.ephemeral(ambient: world.clock.ambient))
        }

        func print(_ key: String = Ambient.system.newSecret()) async throws -> PrintedCodes {
            try await world.database.transaction { [sheets] in
                try await sheets.print(
                    for: CodeSheetTests.person, ial: .ial2, evidence: ["khmerIDCard"], requestKey: key, by: "officer-1",
                    in: $0)
            }
        }

        func asked(_ person: PersonID? = CodeSheetTests.person, name: String = "2345678901") async throws -> Int {
            try await world.database.read { [sheets] in try await sheets.asked(of: person, name: name, in: $0) }
        }

        func check(_ number: Int, _ code: String, _ person: PersonID? = CodeSheetTests.person) async throws -> CodeCheck
        {
            try await world.database.transaction { [sheets] in
                try await sheets.check(person: person, number: number, code: code, in: $0)
            }
        }

        func sheet() async throws -> CodeSheet? {
            try await world.database.read { [sheets] in try await sheets.sheet(of: CodeSheetTests.person, in: $0) }
        }
    }

    private static func run(
        _ kind: DatabaseKind, _ test: @escaping @Sendable (Desk) async throws -> Void
    ) async throws {
        try await World.run(kind) { try await test(Desk($0)) }
    }

    @Test(arguments: TestDatabases.kinds) func everyCodeWorksOnce(_ kind: DatabaseKind) async throws {
        try await Self.run(kind) { desk in
            let printed = try await desk.print()
            #expect(printed.codes.count == 20 && Set(printed.codes).count > 15)
            #expect(printed.codes.allSatisfy { $0.utf8.count == 8 && $0.utf8.allSatisfy { (48...57).contains($0) } })
            var used: Set<Int> = []
            for left in stride(from: 20, to: 0, by: -1) {
                let number = try await desk.asked()
                #expect(try await desk.asked() == number, "the number stays until its code is used")
                #expect(used.insert(number).inserted)
                #expect(try await desk.sheet()?.left == left)
                let code = printed.codes[number - 1]
                #expect(try await desk.check(number, code) == .correct(sheet: printed.sheet.id, number: number))
                #expect(try await desk.check(number, code) == .refused, "used")
            }
            #expect((1...20).contains(try await desk.asked()), "an empty sheet still asks")
            #expect(try await desk.check(try await desk.asked(), printed.codes[0]) == .refused)
        }
    }

    /// Nothing that is stored tells a code; a new sheet ends the old one; one form prints once.
    @Test(arguments: TestDatabases.kinds) func oneSheetInUse(_ kind: DatabaseKind) async throws {
        try await Self.run(kind) { desk in
            let first = try await desk.print("request-key-of-the-form")
            await #expect(throws: RumdulError.codesShownOnce) { _ = try await desk.print("request-key-of-the-form") }
            let stored = try await desk.world.database.read {
                try await $0.query("SELECT hash FROM auth_codes").map { try $0.blob(0) }
            }
            #expect(stored.count == 20 && Set(stored).count == 20 && stored.allSatisfy { $0.count == 32 })
            let second = try await desk.print()
            let (old, new) = (first.sheet.id, second.sheet.id)
            let active = try await desk.world.database.read { [authenticators = desk.world.authenticators] in
                (try await authenticators.isActive(old, in: $0), try await authenticators.isActive(new, in: $0))
            }
            #expect(!active.0 && active.1)
            let number = try await desk.asked()
            if first.codes[number - 1] != second.codes[number - 1] {
                #expect(try await desk.check(number, first.codes[number - 1]) == .refused)
            }
            #expect(try await desk.check(number, second.codes[number - 1]) == .correct(sheet: new, number: number))
            #expect(try await desk.world.audit() == ["codes.printed", "codes.printed", "codes.used"])
        }
    }

    /// Thirty wrong codes at the same moment spend five tries, not one more; then the right one is refused until an
    /// officer unlocks.
    @Test(arguments: TestDatabases.kinds) func parallelTriesHoldTheLimit(_ kind: DatabaseKind) async throws {
        try await Self.run(kind) { desk in
            let printed = try await desk.print()
            let number = try await desk.asked()
            let right = printed.codes[number - 1]
            let wrong = right == "00000000" ? "11111111" : "00000000"
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<30 {
                    group.addTask {
                        let answer = try await desk.check(number, wrong)
                        #expect(answer == .refused)
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await desk.sheet()?.failures == 5)
            #expect(try await desk.sheet()?.isLocked == true)
            #expect(try await desk.check(number, right) == .refused, "locked")
            #expect(try await desk.world.audit() == ["codes.printed", "codes.locked"])
            try await desk.world.database.transaction { [sheets = desk.sheets] in
                try await sheets.unlock(
                    printed.sheet.id, of: Self.person, by: "officer-2", reason: "person_request", in: $0)
            }
            #expect(try await desk.check(number, right) == .correct(sheet: printed.sheet.id, number: number))
        }
    }

    /// The same code from thirty nodes at once logs in once.
    @Test(arguments: TestDatabases.kinds) func parallelUseIsOneUse(_ kind: DatabaseKind) async throws {
        try await Self.run(kind) { desk in
            let printed = try await desk.print()
            let number = try await desk.asked()
            let right = printed.codes[number - 1]
            let correct = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<30 {
                    group.addTask { try await desk.check(number, right) != .refused }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(correct == 1)
            #expect(try await desk.sheet()?.failures == 0, "a repeated click is no wrong try")
        }
    }

    @Test(arguments: TestDatabases.kinds) func nobodyIsAskedToo(_ kind: DatabaseKind) async throws {
        try await Self.run(kind) { desk in
            let numbers = try await [desk.asked(nil, name: "1111111111"), desk.asked(nil, name: "1111111111")]
            #expect(numbers[0] == numbers[1] && (1...20).contains(numbers[0]))
            #expect(try await desk.check(numbers[0], "12345678", nil) == .refused)
            #expect((1...20).contains(try await desk.asked()), "a person without a sheet")
            await #expect(throws: RumdulError.codesNotFound) {
                let printed = try await desk.print()
                try await desk.world.database.transaction { [sheets = desk.sheets] in
                    try await sheets.end(printed.sheet.id, of: PersonID("other"), by: "o", reason: "lost", in: $0)
                }
            }
        }
    }
}
