import Kernel

/// The words of the pages.
enum StatisticsTexts {
    static let title = LocalizedText(km: "ស្ថិតិអត្រានុកូលដ្ឋាន", en: "Vital statistics")
    static let gap = LocalizedText(km: "គម្លាតនៃការចុះបញ្ជី", en: "Registration gap")
    static let gapLead = LocalizedText(
        km: "តារាងទាំងនេះបង្ហាញថា មនុស្សដែលគ្មានឯកសារសញ្ជាតិត្រូវបានចុះបញ្ជីនៅទីណា និងឆាប់ឬយឺតប៉ុណ្ណា។ សញ្ជាតិមិនរារាំងការចុះបញ្ជីឡើយ។",
        en:
            "Where people without papers of nationality are registered, and how soon. Nationality never stands in the way of registration."
    )
    static let suppressed = LocalizedText(km: "មិនផ្សាយ", en: "not published")
    static let notAvailable = LocalizedText(km: "គ្មានទិន្នន័យ", en: "no data")
    static let area = LocalizedText(km: "តំបន់", en: "Area")
    static let year = LocalizedText(km: "ឆ្នាំ", en: "Year")
    static let chart = LocalizedText(km: "ក្រាហ្វិក៖ ", en: "Chart: ")
    static let chartOfYears = LocalizedText(km: "តាមឆ្នាំ", en: "by year")
    static let numbersBeside = LocalizedText(km: "លេខទាំងអស់មាននៅក្នុងតារាង។", en: "All numbers stand in the table.")

    static let texts: [String: LocalizedText] = [
        "title": title, "suppressed": suppressed, "gap": gap,
        "lead": LocalizedText(
            km: "ចំនួនកំណើត មរណភាព អាពាហ៍ពិពាហ៍ និងការលែងលះដែលបានចុះបញ្ជី តាមឆ្នាំដែលកើតហេតុ និងទីលំនៅ។ គ្មានឈ្មោះនរណាឡើយ។",
            en:
                "Registered births, deaths, marriages and divorces by year of occurrence and usual residence. Nobody's name is in here."
        ),
        "show": LocalizedText(km: "បង្ហាញ", en: "Show"), "indicators": LocalizedText(km: "សូចនាករ", en: "Indicators"),
        "indicator": LocalizedText(km: "សូចនាករ", en: "Indicator"), "value": LocalizedText(km: "តម្លៃ", en: "Value"),
        "unit": LocalizedText(km: "ឯកតា", en: "Unit"), "tables": LocalizedText(km: "តារាង", en: "Tables"),
        "years": LocalizedText(km: "តាមឆ្នាំ", en: "Over the years"),
        "part": LocalizedText(
            km: "ឆ្នាំនេះមិនទាន់ចប់ទេ៖ អត្រាគិតតាមផ្នែកនៃឆ្នាំដែលបានកន្លងទៅ ({{part}}%)។",
            en: "This year is not over: rates count the part of it that has passed ({{part}}%)."),
        "monthly": LocalizedText(
            km: "ការចុះបញ្ជីក្នុងខែនេះនឹងផ្សាយនៅខែក្រោយ។", en: "What is registered this month is published next month."),
        "note": LocalizedText(
            km:
                "ចំនួនតិចពេក មិនត្រូវបានផ្សាយទេ ហើយចំនួនផ្សេងដែលអាចឱ្យគណនាវាបានក៏មិនផ្សាយដែរ ដើម្បីកុំឱ្យស្គាល់នរណាម្នាក់។",
            en:
                "Very small numbers are not published, and neither are others from which they could be computed, so that nobody can be recognised."
        ),
        "sources": LocalizedText(
            km:
                "ចំនួនដែលរំពឹងទុក និងចំនួនប្រជាជន៖ អង្គការសហប្រជាជាតិ World Population Prospects ២០២៤ និងជំរឿន ២០១៩ (វិទ្យាស្ថានជាតិស្ថិតិ)។",
            en:
                "Expected numbers and population: United Nations, World Population Prospects 2024; General Population Census 2019 (National Institute of Statistics)."
        ),
        "download": LocalizedText(km: "ទាញយក", en: "Download"),
        "empty": LocalizedText(km: "គ្មានព្រឹត្តិការណ៍ទេ។", en: "No events."),
        "back": LocalizedText(km: "ត្រឡប់ទៅស្ថិតិ", en: "Back to the statistics"),
        "data": LocalizedText(km: "សូចនាករជា JSON", en: "Indicators as JSON"),
    ]
}
