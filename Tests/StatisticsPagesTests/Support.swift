import Accountability
import CivilRegister
import Database
import DatabaseTesting
import HummingbirdTesting
import Kernel
import KeyVault
import Ledger
import PopulationRegister
import ReferenceData
import Synchronization
import Web
import WebTesting

@testable import StatisticsPages

private struct NoEffects: LifeEventEffects {
    func ended(_ person: PersonID, record: String, in connection: any SQLConnection) async throws {}
}

/// A register with some births and deaths behind the pages.
struct StatisticsWorld: Sendable {
    let civil: CivilRegister
    let client: any TestClientProtocol

    private static func officer(_ name: String, _ role: Role) -> Officer {
        Officer(
            id: name, username: name, displayName: LocalizedText(km: name, en: name),
            organisation: Organisation(code: "moi", name: LocalizedText(km: "មហាផ្ទៃ", en: "Interior")),
            grants: [Grant(role, in: .national)], state: .active)
    }

    static func with(
        _ kind: DatabaseKind, releases: StatisticsPages.Releases = .now,
        _ test: @escaping @Sendable (StatisticsWorld) async throws -> Void
    ) async throws {
        let migrations = [
            Ledger.migrations, WebStorage.migrations, OfficerDirectory.migrations, ReferenceData.migrations,
            PopulationRegister.migrations, CivilRegister.migrations,
        ]
        try await TestDatabases.with(kind, migrations: migrations) { database in
            let vault = try FileKeyVault.ephemeral(ambient: .system)
            _ = try await vault.create(CivilRegister.signing, .es256, state: .active)
            let ledger = Ledger(database: database, vault: vault, ambient: .system)
            let reference = ReferenceData(database: database)
            try await reference.install()
            let gate = DisclosureGate(ledger: ledger, ambient: .system)
            let people = PopulationRegister(
                database: database, vault: vault, ledger: ledger, gate: gate, referenceData: reference,
                ambient: .system, codes: .production)
            let civil = CivilRegister(
                database: database, vault: vault, ledger: ledger, gate: gate, people: people, referenceData: reference,
                effects: NoEffects(), ambient: .system)
            let settings = WebSettings(baseURL: "http://127.0.0.1:8080", accessLog: false)
            let web = try WebApplication(
                settings: settings, templates: [StatisticsPages.templates], assets: StatisticsPages.assets)
            StatisticsPages(
                civil: civil, reference: reference, ambient: .system, settings: settings, releases: releases
            ).add(to: web.router)
            try await web.application().test(.router) { client in
                try await test(StatisticsWorld(civil: civil, client: client))
            }
        }
    }

    private static let births = Mutex(0)

    /// Registers a birth of today.
    func birth(_ changes: [String: String]) async throws {
        // Nobody is like another: births that are alike would wait for two officers.
        let number = Self.births.withLock { count in
            count += 1
            return count
        }
        let families = ["សុខ", "គឹម", "លី", "ហេង", "ទេព", "មាស", "ប៊ុន"], names = ["ដារ៉ា", "លីដា", "មករា", "សុវណ្ណ", "ពិសី"]
        let mothers = ["ចន្ធី", "រតនា", "បុប្ផា", "ម៉ាលី", "គន្ធា", "ណារី", "វន្នី", "ពេជ្រ", "ដានី", "កល្យាណ", "ធីតា"]
        let values = [
            "child.family_km": families[number % 7], "child.given_km": names[number % 5], "child.sex": "2",
            "event.date": Instant.systemNow().dayInCambodia.description, "event.place": "081104",
            "mother.family_km": families[(number + 3) % 7], "mother.given_km": mothers[number % 11],
            "father.unknown": "unknown", "informant.relation": "mother",
            "informant.given_km": "សុភា",
        ].merging(changes) { $1 }
        let declared = try await civil.declare(
            .birth, values, office: "081104", by: CivilStep(Self.officer("registrar", .registrar)))
        _ = try await civil.verify(declared.id, by: CivilStep(Self.officer("verifier", .districtVerifier)))
        _ = try await civil.register(declared.id, by: CivilStep(Self.officer("registrar", .registrar)))
    }
}
