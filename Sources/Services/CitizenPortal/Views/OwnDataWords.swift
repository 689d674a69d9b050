import Codecs
import Kernel
import KhmerText

/// The household and the legal stay of a person, as the person reads them. Who else lives there is told at the office.
enum OwnDataWords {
    static func household(_ value: JSONValue, _ language: Language) -> String {
        let relation = value["relation"]?.stringValue.flatMap { relations[$0]?[language] }
        let members = value["members"]?.integerValue.map {
            let count = KhmerDigits.prose(Int($0), language)
            return LocalizedText(km: "សមាជិក \(count) នាក់", en: "members: \(count)")[language]
        }
        return [value["number"]?.stringValue, relation, since(value["since"], language), members].compactMap(\.self)
            .joined(separator: " · ")
    }

    static func stay(_ value: JSONValue, _ language: Language) -> String {
        let basis = value["basis"]?.stringValue.flatMap { bases[$0]?[language] }
        let until = value["until"]?.stringValue.flatMap { CalendarDate(iso: $0) }.map {
            let day = KhmerDates.short($0, language)
            return LocalizedText(km: "រហូតដល់ \(day)", en: "until \(day)")[language]
        }
        let state = value["state"]?.stringValue.flatMap { states[$0]?[language] }
        return [
            basis, value["number"]?.stringValue, value["office"]?.stringValue, since(value["from"], language), until,
            state,
        ].compactMap(\.self).joined(separator: " · ")
    }

    private static func since(_ value: JSONValue?, _ language: Language) -> String? {
        value?.stringValue.flatMap { CalendarDate(iso: $0) }.map {
            let day = KhmerDates.short($0, language)
            return LocalizedText(km: "តាំងពី \(day)", en: "since \(day)")[language]
        }
    }

    private static let states: [String: LocalizedText] = [
        "valid": LocalizedText(km: "មានសុពលភាព", en: "valid"),
        "expired": LocalizedText(km: "ផុតកំណត់", en: "expired"),
        "future": LocalizedText(km: "មិនទាន់ចូលជាធរមាន", en: "not yet in force"),
    ]

    private static let relations: [String: LocalizedText] = [
        "head": LocalizedText(km: "មេគ្រួសារ", en: "head"),
        "spouse": LocalizedText(km: "ប្តី/ប្រពន្ធរបស់មេគ្រួសារ", en: "spouse of the head"),
        "child": LocalizedText(km: "កូនរបស់មេគ្រួសារ", en: "child of the head"),
        "grandchild": LocalizedText(km: "ចៅរបស់មេគ្រួសារ", en: "grandchild of the head"),
        "parent": LocalizedText(km: "ឪពុក/ម្តាយរបស់មេគ្រួសារ", en: "parent of the head"),
        "grandparent": LocalizedText(km: "ជីដូន/ជីតារបស់មេគ្រួសារ", en: "grandparent of the head"),
        "sibling": LocalizedText(km: "បងប្អូនរបស់មេគ្រួសារ", en: "brother or sister of the head"),
        "parent_in_law": LocalizedText(km: "ឪពុក/ម្តាយក្មេករបស់មេគ្រួសារ", en: "parent-in-law of the head"),
        "child_in_law": LocalizedText(km: "កូនប្រសារបស់មេគ្រួសារ", en: "child-in-law of the head"),
        "sibling_in_law": LocalizedText(km: "បងប្អូនថ្លៃរបស់មេគ្រួសារ", en: "brother- or sister-in-law of the head"),
        "other_relative": LocalizedText(km: "ញាតិរបស់មេគ្រួសារ", en: "relative of the head"),
        "not_related": LocalizedText(km: "មិនមែនញាតិនឹងមេគ្រួសារ", en: "not related to the head"),
    ]

    private static let bases: [String: LocalizedText] = [
        "visa_a": LocalizedText(km: "ទិដ្ឋាការការទូត A", en: "diplomatic visa (A)"),
        "visa_b": LocalizedText(km: "ទិដ្ឋាការផ្លូវការ B", en: "official visa (B)"),
        "visa_c": LocalizedText(km: "ទិដ្ឋាការគួរសម C", en: "courtesy visa (C)"),
        "visa_k": LocalizedText(km: "ទិដ្ឋាការដើមកំណើតខ្មែរ K", en: "visa for people of Khmer origin (K)"),
        "visa_t": LocalizedText(km: "ទិដ្ឋាការទេសចរណ៍ T", en: "tourist visa (T)"),
        "visa_e": LocalizedText(km: "ទិដ្ឋាការធម្មតា E", en: "ordinary visa (E)"),
        "extension_eb": LocalizedText(km: "បន្តស្នាក់នៅ អាជីវកម្ម EB", en: "extension, business (EB)"),
        "extension_eg": LocalizedText(km: "បន្តស្នាក់នៅ រកការងារ EG", en: "extension, looking for work (EG)"),
        "extension_er": LocalizedText(km: "បន្តស្នាក់នៅ និវត្តជន ER", en: "extension, retirement (ER)"),
        "extension_es": LocalizedText(km: "បន្តស្នាក់នៅ សិក្សា ES", en: "extension, study (ES)"),
        "resident_card": LocalizedText(km: "ប័ណ្ណស្នាក់នៅជនអន្តោប្រវេសន៍", en: "resident card of an immigrant"),
        "asylum_seeker": LocalizedText(km: "អ្នកសុំសិទ្ធិជ្រកកោន", en: "asylum seeker"),
        "refugee": LocalizedText(km: "ជនភៀសខ្លួនដែលបានទទួលស្គាល់", en: "recognised refugee"),
        "stateless": LocalizedText(km: "ជនគ្មានសញ្ជាតិដែលបានទទួលស្គាល់", en: "recognised as stateless"),
        "decision": LocalizedText(km: "សាលក្រម ឬសេចក្តីសម្រេចផ្សេង", en: "a judgment or another decision"),
    ]
}
