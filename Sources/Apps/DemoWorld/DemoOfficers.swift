import Accountability
import Codecs
import Kernel

/// An officer of the demonstration, with a password that everyone may know: the people are invented.
public struct DemoOfficer: Sendable, Hashable {
    public let username: String
    public let password: String
    public let name: LocalizedText
    public let role: Role
    /// Codes of the places in which the officer works; empty for the whole country.
    public let areas: [String]

    /// The officer for the whole country, whom the story uses.
    public static let national = DemoOfficer(
        username: "sokunthea", password: "rice-field-12-palms",
        name: LocalizedText(km: "មាស សុគន្ធា", en: "Meas Sokunthea"),
        role: .enrolmentSupervisor, areas: [])

    /// Everyone: the national officer, five for some provinces each, two who decide about corrections, an auditor, those of
    /// the civil register in one district (clerk, registrar, verifier, provincial approver), a second officer for
    /// revocations, a physician who certifies causes of death and one who codes them, and one of immigration.
    public static let all: [DemoOfficer] = [
        national,
        officer("rithy", "river-boat-45-nets", "កែវ រិទ្ធី", "Keo Rithy", ["08", "12", "05"]),
        officer("bopha", "silk-loom-78-reeds", "នួន បុប្ផា", "Nuon Bopha", ["01", "02", "15", "22", "24"]),
        officer("vanna", "pepper-vine-23-sea", "ទេព វណ្ណា", "Tep Vanna", ["07", "09", "18", "21", "23"]),
        officer("narin", "temple-moat-67-sun", "ប៊ុន ណារិន", "Bun Narin", ["04", "06", "13", "17", "19"]),
        officer(
            "chenda", "rubber-tree-89-dew", "គង់ ចិន្តា", "Kong Chenda",
            ["03", "10", "11", "14", "16", "20", "25"]),
        DemoOfficer(
            username: "dalin", password: "palm-sugar-56-pots", name: LocalizedText(km: "អ៊ុក ដាលីន", en: "Ouk Dalin"),
            role: .registrar, areas: []),
        DemoOfficer(
            username: "sothy", password: "lake-stilt-93-cranes", name: LocalizedText(km: "ជា សុធី", en: "Chea Sothy"),
            role: .identificationOfficer, areas: []),
        DemoOfficer(
            username: "vibol", password: "lotus-pond-31-frogs", name: LocalizedText(km: "រស់ វិបុល", en: "Ros Vibol"),
            role: .auditor, areas: []),
        DemoOfficer(
            username: "sreymom", password: "cotton-scarf-14-kites",
            name: LocalizedText(km: "ហ៊ុន ស្រីមុំ", en: "Hun Sreymom"),
            role: .communeClerk, areas: ["081104"]),
        DemoOfficer(
            username: "piseth", password: "jasmine-gate-52-drums", name: LocalizedText(km: "លី ពិសិដ្ឋ", en: "Ly Piseth"),
            role: .registrar, areas: ["081104"]),
        DemoOfficer(
            username: "maly", password: "mango-market-38-bells", name: LocalizedText(km: "តាន់ ម៉ាលី", en: "Tan Maly"),
            role: .districtVerifier, areas: ["0811"]),
        DemoOfficer(
            username: "samnang", password: "harvest-moon-77-oxen", name: LocalizedText(km: "ស៊ឹម សំណាង", en: "Sim Samnang"),
            role: .provincialApprover, areas: ["08"]),
        DemoOfficer(
            username: "sophal", password: "coconut-path-46-lamps",
            name: LocalizedText(km: "ទូច សុផល", en: "Touch Sophal"), role: .causeCoder, areas: []),
        DemoOfficer(
            username: "ratana", password: "mountain-spring-17-ferries",
            name: LocalizedText(km: "ញ៉ែម រតនា", en: "Nhem Ratana"), role: .medicalCertifier, areas: ["0811"]),
        DemoOfficer(
            username: "kunthea", password: "stone-lion-61-ferns", name: LocalizedText(km: "ពៅ គន្ធា", en: "Pov Kunthea"),
            role: .identificationOfficer, areas: []),
        DemoOfficer(
            username: "vichea", password: "sugar-cane-29-carts", name: LocalizedText(km: "ឡុង វិជ្ជា", en: "Long Vichea"),
            role: .adjudicator, areas: []),
        DemoOfficer(
            username: "sopheap", password: "wooden-bridge-84-herons",
            name: LocalizedText(km: "យិន សុភាព", en: "Yin Sopheap"),
            role: .adjudicator, areas: []),
        DemoOfficer(
            username: "ratanak", password: "silver-ferry-27-geese",
            name: LocalizedText(km: "សេង រតនៈ", en: "Seng Ratanak"), role: .immigrationOfficer, areas: []),
    ]

    private static func officer(
        _ username: String, _ password: String, _ khmer: String, _ latin: String, _ areas: [String]
    ) -> DemoOfficer {
        DemoOfficer(
            username: username, password: password, name: LocalizedText(km: khmer, en: latin), role: .enrolmentOfficer,
            areas: areas)
    }

    static let organisation = Organisation(
        code: "demo-counter", name: LocalizedText(km: "បញ្ជរចុះឈ្មោះ (គំរូ)", en: "Enrolment counter (demonstration)"))

    var grants: [Grant] {
        areas.isEmpty ? [Grant(role, in: .national)] : areas.map { Grant(role, in: .area($0)) }
    }

    /// Enters those who are missing.
    static func install(in directory: OfficerDirectory) async throws {
        let known = Set(try await directory.officers(limit: 200).map(\.username))
        for officer in all where !known.contains(officer.username) {
            let draft = OfficerDraft(
                username: officer.username, displayName: officer.name, organisation: organisation,
                grants: officer.grants)
            if let stored = DemoPasswords.stored[officer.username] {
                _ = try await directory.create(draft, storedPassword: stored, by: .system("demo"))
            } else {
                _ = try await directory.create(draft, password: officer.password, by: .system("demo"))
            }
        }
    }

    var json: JSONValue {
        [
            "username": .string(username), "password": .string(password), "role": .string(role.rawValue),
            "areas": .strings(areas), "name_km": .string(name.km), "name_en": .string(name.en),
        ]
    }
}
