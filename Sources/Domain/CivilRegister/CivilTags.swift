import Kernel
import KeyVault
import KhmerText
import PopulationRegister

/// The blind tags under which records are found: the names of those whom they are about, with the year of the event, and
/// without it by the whole name.
struct CivilTags: Sendable {
    private let index: BlindIndex

    init(vault: any KeyVault) { index = BlindIndex(vault: vault) }

    func khmerName(_ name: String) async throws -> [UInt8]? {
        let key = String(String.UnicodeScalarView(KhmerText.key(of: name).unicodeScalars.filter { $0 != " " }))
        return key.isEmpty ? nil : try await short(key, "civil.name_km")
    }

    /// By the consonants of each word, whatever the order of the words.
    func latinName(_ name: String) async throws -> [UInt8]? {
        let words = name.split(separator: " ").map { LatinName.skeleton(String($0)) }.filter { !$0.isEmpty }.sorted()
        return words.isEmpty ? nil : try await short(words.joined(separator: " "), "civil.name_latin")
    }

    func date(_ date: PartialDate, _ kind: VitalEventKind) async throws -> [UInt8] {
        try await short("\(kind.rawValue)|\(date.iso)", "civil.date")
    }

    func all(_ declaration: Declaration) async throws -> Set<[UInt8]> {
        var tags: Set<[UInt8]> = []
        for role in declaration.kind.subjects + [.mother, .father] {
            if let name = declaration.name(role), let tag = try await khmerName(name.full) { tags.insert(tag) }
            if let name = declaration.name(role, latin: true), let tag = try await latinName(name.full) {
                tags.insert(tag)
            }
        }
        if let date = declaration.occurredOn { tags.insert(try await self.date(date, declaration.kind)) }
        return tags
    }

    func short(_ value: String, _ domain: String) async throws -> [UInt8] {
        Array(try await index.tag(value, domain: domain).prefix(16))
    }
}
