import Kernel

/// Names of the countries whose people live in Cambodia, or where its people live, by ISO 3166-1 alpha-3 code. Others are
/// shown by their code, as papers have it.
enum Countries {
    /// The name of a country, or its code.
    static func name(_ code: String, _ language: Language) -> String { names[code]?[language] ?? code }

    /// Every country with a name, in the order of the names.
    static func options(_ language: Language) -> [[String: Any]] {
        names.map { (code: $0.key, name: $0.value[language]) }
            .sorted {
                Array($0.name.unicodeScalars.map(\.value)).lexicographicallyPrecedes(
                    $1.name.unicodeScalars.map(\.value))
            }
            .map { ["value": $0.code, "text": $0.name] }
    }

    private static let names: [String: LocalizedText] = [
        "AUS": LocalizedText(km: "អូស្ត្រាលី", en: "Australia"), "BEL": LocalizedText(km: "បែលហ្ស៊ិក", en: "Belgium"),
        "BGD": LocalizedText(km: "បង់ក្លាដែស", en: "Bangladesh"), "BRN": LocalizedText(km: "ប្រ៊ុយណេ", en: "Brunei"),
        "CAN": LocalizedText(km: "កាណាដា", en: "Canada"), "CHE": LocalizedText(km: "ស្វីស", en: "Switzerland"),
        "CHN": LocalizedText(km: "ចិន", en: "China"), "DEU": LocalizedText(km: "អាល្លឺម៉ង់", en: "Germany"),
        "DNK": LocalizedText(km: "ដាណឺម៉ាក", en: "Denmark"), "ESP": LocalizedText(km: "អេស្ប៉ាញ", en: "Spain"),
        "FRA": LocalizedText(km: "បារាំង", en: "France"), "GBR": LocalizedText(km: "ចក្រភពអង់គ្លេស", en: "United Kingdom"),
        "HKG": LocalizedText(km: "ហុងកុង", en: "Hong Kong"), "IDN": LocalizedText(km: "ឥណ្ឌូណេស៊ី", en: "Indonesia"),
        "IND": LocalizedText(km: "ឥណ្ឌា", en: "India"), "ITA": LocalizedText(km: "អ៊ីតាលី", en: "Italy"),
        "JPN": LocalizedText(km: "ជប៉ុន", en: "Japan"), "KOR": LocalizedText(km: "កូរ៉េខាងត្បូង", en: "Republic of Korea"),
        "LAO": LocalizedText(km: "ឡាវ", en: "Laos"), "LKA": LocalizedText(km: "ស្រីលង្កា", en: "Sri Lanka"),
        "MMR": LocalizedText(km: "មីយ៉ាន់ម៉ា", en: "Myanmar"), "MYS": LocalizedText(km: "ម៉ាឡេស៊ី", en: "Malaysia"),
        "NGA": LocalizedText(km: "នីហ្សេរីយ៉ា", en: "Nigeria"), "NLD": LocalizedText(km: "ហូឡង់", en: "Netherlands"),
        "NOR": LocalizedText(km: "ន័រវែស", en: "Norway"), "NPL": LocalizedText(km: "នេប៉ាល់", en: "Nepal"),
        "NZL": LocalizedText(km: "នូវែលសេឡង់", en: "New Zealand"), "PAK": LocalizedText(km: "ប៉ាគីស្ថាន", en: "Pakistan"),
        "PHL": LocalizedText(km: "ហ្វីលីពីន", en: "Philippines"),
        "PRK": LocalizedText(km: "កូរ៉េខាងជើង", en: "Democratic People's Republic of Korea"),
        "RUS": LocalizedText(km: "រុស្ស៊ី", en: "Russia"), "SGP": LocalizedText(km: "សិង្ហបុរី", en: "Singapore"),
        "SWE": LocalizedText(km: "ស៊ុយអែត", en: "Sweden"), "THA": LocalizedText(km: "ថៃ", en: "Thailand"),
        "TWN": LocalizedText(km: "តៃវ៉ាន់", en: "Taiwan"), "UKR": LocalizedText(km: "អ៊ុយក្រែន", en: "Ukraine"),
        "USA": LocalizedText(km: "សហរដ្ឋអាមេរិក", en: "United States"), "VNM": LocalizedText(km: "វៀតណាម", en: "Viet Nam"),
        "XXA": LocalizedText(km: "គ្មានសញ្ជាតិ", en: "Stateless"), "XXB": LocalizedText(km: "ជនភៀសខ្លួន", en: "Refugee"),
        "XXC": LocalizedText(km: "ជនភៀសខ្លួនផ្សេង", en: "Refugee, other"),
        "XXX": LocalizedText(km: "សញ្ជាតិមិនបញ្ជាក់", en: "Nationality not stated"),
    ]
}
