import Kernel
import KeyVault
import KhmerText
import ReferenceData

/// The blind tags under which persons are found.
struct LookupTags: Sendable {
    private let index: BlindIndex

    init(vault: any KeyVault) { index = BlindIndex(vault: vault) }

    func code(_ code: KIDC) async throws -> [UInt8] { try await index.tag(code.digits, domain: "population.kidc") }

    func alias(_ alias: VID) async throws -> [UInt8] { try await index.tag(alias.digits, domain: "population.vid") }

    func phone(_ number: String) async throws -> [UInt8] { try await short(number, "population.phone") }

    /// The tag of the name of a request, and that of its content.
    func request(_ name: String) async throws -> [UInt8] { try await short(name, "population.request") }

    /// The tag of a village in which a household is, and that of the number of its paper book.
    func village(_ village: PlaceCode) async throws -> [UInt8] {
        try await short(village.text, "population.household_village")
    }

    func book(_ number: String) async throws -> [UInt8] {
        let key = KhmerText.key(of: KhmerDigits.toASCII(number) ?? number).lowercased()
        return try await short(key, "population.household_book")
    }

    func content(_ content: String) async throws -> [UInt8] { try await short(content, "population.request_content") }

    /// The tag of a full name in Khmer, family name first, with the year of birth (0 when unknown).
    func khmerName(_ name: String, year: Int) async throws -> [UInt8]? {
        let key = String(String.UnicodeScalarView(KhmerText.key(of: name).unicodeScalars.filter { $0 != " " }))
        return key.isEmpty ? nil : try await short("\(key)|\(year)", "population.name_km")
    }

    /// The tag of a full name in Latin letters by its consonants, family name first, with the year of birth (0 when
    /// unknown).
    func latinName(_ name: String, year: Int) async throws -> [UInt8]? {
        let skeleton = LatinName.skeleton(name)
        return skeleton.isEmpty ? nil : try await short("\(skeleton)|\(year)", "population.name_latin")
    }

    /// Every tag of a person's present facts.
    func all(_ snapshot: PersonSnapshot) async throws -> Set<[UInt8]> {
        var tags = try await phones(snapshot)
        let year = snapshot.birth.date?.year ?? 0
        for name in snapshot.names {
            if let khmer = name.khmer, let tag = try await khmerName(khmer.full, year: year) { tags.insert(tag) }
            if let latin = name.latin, let tag = try await latinName(latin.full, year: year) { tags.insert(tag) }
        }
        return tags
    }

    func phones(_ snapshot: PersonSnapshot) async throws -> Set<[UInt8]> {
        var tags: Set<[UInt8]> = []
        for contact in snapshot.contacts where contact.kind == .phone { tags.insert(try await phone(contact.value)) }
        return tags
    }

    // Half the code is enough: a chance meeting of two tags costs a reader one record too many, and does not happen.
    private func short(_ value: String, _ domain: String) async throws -> [UInt8] {
        Array(try await index.tag(value, domain: domain).prefix(16))
    }
}
