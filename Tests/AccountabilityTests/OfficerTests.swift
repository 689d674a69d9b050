import Database
import DatabaseTesting
import Kernel
import Ledger
import Testing

@testable import Accountability

private let password = "ព្រះចន្ទ-moon-42-rice"
private let organisation = Organisation(code: "GDI", name: LocalizedText(km: "អគ្គនាយកដ្ឋាន", en: "GDI"))

@Suite struct JurisdictionTests {
    private func officer(_ grants: [Grant], _ state: OfficerState = .active) -> Officer {
        Officer(
            id: "o", username: "o", displayName: LocalizedText(km: "ម", en: "o"), organisation: organisation,
            grants: grants, state: state)
    }

    @Test func nothingIsAllowedByDefault() {
        let permissions = Role.allCases.reduce(into: Set<Permission>()) { $0.formUnion($1.permissions) }
        for permission in permissions.union([Permission(rawValue: "unheard.of")]) {
            #expect(!officer([]).may(permission, in: "12"))
            #expect(!officer([]).may(permission, in: nil))
            #expect(!officer(Role.allCases.map { Grant($0, in: .national) }, .disabled).may(permission, in: "12"))
        }
        #expect(
            !officer(Role.allCases.map { Grant($0, in: .national) }).may(Permission(rawValue: "unheard.of"), in: nil))
    }

    @Test func aRoleGivesItsPermissionsOnly() {
        for role in Role.allCases {
            for other in Role.allCases {
                for permission in other.permissions {
                    let allowed = officer([Grant(role, in: .national)]).may(permission, in: "120101")
                    #expect(allowed == role.permissions.contains(permission))
                }
            }
            #expect(!role.label.km.isEmpty && !role.label.en.isEmpty)
        }
    }

    @Test(arguments: [
        ("12", "12", true), ("12", "1201", true), ("12", "120101", true), ("1201", "12010101", true),
        ("1201", "1202", false),
        ("1201", "12", false), ("12", "11", false), ("12", "", false), ("", "12", false), ("1", "12", false),
        ("12x", "12x", false),
    ])
    func anAreaCoversWhatLiesWithin(_ area: String, _ place: String, _ covered: Bool) {
        let officer = officer([Grant(.registrar, in: .area(area))])
        #expect(officer.may(.personRegister, in: place) == covered)
        #expect(!officer.may(.personRegister, in: nil))
        if covered {
            #expect(throws: Never.self) { try officer.require(.personRegister, in: place) }
        } else {
            #expect(throws: RumdulError.officerForbidden) { try officer.require(.personRegister, in: place) }
        }
    }

    @Test func permissionAndPlaceComeFromOneGrant() throws {
        let officer = officer([Grant(.registrar, in: .area("12")), Grant(.districtVerifier, in: .area("08"))])
        #expect(officer.may(.personRegister, in: "12"))
        #expect(!officer.may(.personRegister, in: "08"))
        #expect(!officer.may(.registrationVerify, in: "12"))
        #expect(try officer.acting(.registrationVerify, in: "0801") == .officer(id: "o", role: "districtVerifier"))
        #expect(throws: RumdulError.officerForbidden) { _ = try officer.acting(.registrationVerify, in: "12") }
    }

    @Test func auditorsAndOperatorsSeeNoPersons() {
        for role in [Role.auditor, .operator] {
            #expect(role.permissions.isDisjoint(with: [.personFind, .personRead, .personRegister]))
        }
    }

    @Test func twoStepsNeedTwoPeople() {
        #expect(throws: RumdulError.officerSamePerson) { try officer([]).requireOther(than: "o") }
        #expect(throws: Never.self) { try officer([]).requireOther(than: "p") }
    }
}

@Suite struct OfficerDirectoryTests {
    private func draft(_ username: String = "Sok.Dara", _ grants: [Grant] = [Grant(.registrar, in: .area("12"))])
        -> OfficerDraft
    {
        OfficerDraft(
            username: username, displayName: LocalizedText(km: "សុខ ដារ៉ា", en: "Sok Dara"), organisation: organisation,
            grants: grants)
    }

    @Test(arguments: TestDatabases.kinds)
    func createsAndAuthenticates(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let created = try await world.officers.create(draft(), password: password, by: .system("setup"))
            #expect(created.username == "sok.dara")
            #expect(try await world.officers.authenticate(username: "SOK.dara", password: password) == created)
            #expect(try await world.officers.officer(created.id) == created)
            #expect(try await world.officers.officers().map(\.id) == [created.id])
            #expect(try await world.count("audit-") == 1)
            await #expect(throws: RumdulError.officerExists) {
                _ = try await world.officers.create(draft(), password: password, by: .system("setup"))
            }
            #expect(try await world.count("audit-") == 1)
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func weakOrMalformedInputIsRefused(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            for name in ["ab", "សុខ", "a b c", String(repeating: "a", count: 65), "a/b"] {
                await #expect(throws: RumdulError.officerUsername) {
                    _ = try await world.officers.create(draft(name), password: password, by: .system("t"))
                }
            }
            for weak in [
                "short", "aaaaaaaaaaaaaaa", "abababababab", "x-sok.dara-2026!", String(repeating: "abcdef", count: 100),
            ] {
                await #expect(throws: RumdulError.officerPassword) {
                    _ = try await world.officers.create(draft(), password: weak, by: .system("t"))
                }
            }
            await #expect(throws: RumdulError.officerJurisdiction) {
                _ = try await world.officers.create(
                    draft("abc", [Grant(.registrar, in: .area("1"))]), password: password, by: .system("t"))
            }
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func failuresAreCountedAndWait(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            _ = try await world.officers.create(draft(), password: password, by: .system("t"))
            func attempt(_ text: String) async -> Bool {
                (try? await world.officers.authenticate(username: "sok.dara", password: text)) != nil
            }
            for _ in 0..<4 { #expect(await !attempt("wrong")) }
            // A success ends the count.
            #expect(await attempt(password))
            for _ in 0..<5 { #expect(await !attempt("wrong")) }
            #expect(await !attempt(password), "locked for 30 seconds")
            world.clock.advance(seconds: 29)
            #expect(await !attempt(password))
            world.clock.advance(seconds: 1)
            #expect(await !attempt("wrong"), "the sixth failure")
            world.clock.advance(seconds: 59)
            #expect(await !attempt(password))
            world.clock.advance(seconds: 1)
            #expect(await attempt(password))
        }
    }

    @Test func theWaitDoublesUpToAnHour() {
        let now = Instant(microseconds: 0)
        let waits = (1...20).map { OfficerDirectory.lockedUntil(failures: $0, now: now)?.seconds }
        #expect(waits.prefix(8) == [nil, nil, nil, nil, 30, 60, 120, 240])
        #expect(waits.last == 3600)
        #expect(OfficerDirectory.lockedUntil(failures: .max, now: now)?.seconds == 3600)
    }

    @Test(arguments: TestDatabases.kinds)
    func manyGuessesAtOnceDoNotSlipThrough(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            _ = try await world.officers.create(draft(), password: password, by: .system("t"))
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        _ = try? await world.officers.authenticate(username: "sok.dara", password: "wrong")
                    }
                }
            }
            await #expect(throws: RumdulError.officerCredentials) {
                _ = try await world.officers.authenticate(username: "sok.dara", password: password)
            }
            let failures = try await world.database.read { connection in
                try await connection.first("SELECT failures FROM accountability_officers", [])?.int(0)
            }
            #expect(failures == 5, "those who met the lock were not let in to be counted")
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func unknownAndDisabledSoundAlike(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let officer = try await world.officers.create(draft(), password: password, by: .system("t"))
            try await world.officers.disable(officer.id, by: .system("t"))
            for name in ["sok.dara", "nobody", "", "ឈ្មោះ"] {
                await #expect(throws: RumdulError.officerCredentials) {
                    _ = try await world.officers.authenticate(username: name, password: password)
                }
            }
            try await world.officers.enable(officer.id, by: .system("t"))
            let other = "another-long-secret-7"
            try await world.officers.setPassword(officer.id, other, by: .system("t"))
            await #expect(throws: RumdulError.officerCredentials) {
                _ = try await world.officers.authenticate(username: "sok.dara", password: password)
            }
            #expect(try await world.officers.authenticate(username: "sok.dara", password: other).id == officer.id)
            await #expect(throws: RumdulError.officerNotFound) {
                try await world.officers.disable("x", by: .system("t"))
            }
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func grantsComeAndGo(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let officer = try await world.officers.create(draft("abc", []), password: password, by: .system("t"))
            #expect(officer.grants.isEmpty)
            let grant = Grant(.auditor, in: .national)
            try await world.officers.add(grant, to: officer.id, by: .system("t"))
            try await world.officers.add(grant, to: officer.id, by: .system("t"))
            #expect(try await world.officers.officer(officer.id)?.grants == [grant])
            try await world.officers.remove(grant, from: officer.id, by: .system("t"))
            #expect(try await world.officers.officer(officer.id)?.grants == [])
            await #expect(throws: RumdulError.officerNotFound) {
                try await world.officers.remove(grant, from: officer.id, by: .system("t"))
            }
        }
    }

    @Test func passwordsAreStoredWithTheirCost() async throws {
        let hash = PasswordHash(cost: .light)
        let stored = try await hash.make("secret", salt: [1, 2, 3])
        #expect(try await hash.verify("secret", stored: stored))
        #expect(try await !hash.verify("Secret", stored: stored))
        #expect(try await !hash.verify("secret", stored: nil))
        #expect(!hash.isOutdated(stored))
        #expect(PasswordHash(cost: .standard).isOutdated(stored))
        #expect(try await PasswordHash(cost: .standard).verify("secret", stored: stored))
        for broken in ["", "scrypt$4$1$1$AQID", "scrypt$99$1$1$AQID$AQID", "argon2$4$1$1$AQID$AQID"] {
            #expect(try await !hash.verify("secret", stored: broken))
        }
    }
}
