import Kernel

/// One event without anybody in it: what is counted, in groups, with no name, no day and no record number.
public struct VitalFact: Sendable, Hashable {
    /// The kind of event, as the civil register names it.
    public var kind: String
    /// The year of occurrence.
    public var year: Int
    public var registeredYear: Int
    /// 1...12
    public var registeredMonth: Int
    /// The district (four digits) where it happened; `nil` when that is not known.
    public var place: String?
    /// The district of usual residence: of the mother of a child, of the deceased.
    public var residence: String?
    /// The district of the office, which counts where neither is known.
    public var office: String
    /// The values by dimension; those that are missing do not apply.
    public var values: [StatisticsDimension: String]

    public init(
        kind: String, year: Int, registeredYear: Int, registeredMonth: Int, place: String?, residence: String?,
        office: String, values: [StatisticsDimension: String]
    ) {
        self.kind = kind
        self.year = year
        self.registeredYear = registeredYear
        self.registeredMonth = registeredMonth
        self.place = place
        self.residence = residence
        self.office = office
        self.values = values
        if let place, let residence {
            self.values[.occurrence] =
                place == residence
                ? "district" : place.utf8.prefix(2).elementsEqual(residence.utf8.prefix(2)) ? "province" : "elsewhere"
        } else {
            self.values[.occurrence] = Category.unknown.code
        }
    }

    /// The district under which it is counted: that of residence, else of occurrence, else of the office.
    public var area: String { residence ?? place ?? office }

    /// The value of a dimension as it is stored.
    public func value(_ dimension: StatisticsDimension) -> String {
        values[dimension].map { dimension.code($0) } ?? Category.notApplicable
    }
}

/// Events that are tabulated together: the tables of one family and year share their sums and are protected together.
public enum StatisticsFamily: String, Sendable, CaseIterable {
    case births, deaths, foetalDeaths, marriages, divorces

    /// The kinds of the civil register that belong to it.
    public var kinds: [String] {
        switch self {
        case .births: ["birth", "foundling"]
        case .deaths: ["death"]
        case .foetalDeaths: ["foetalDeath"]
        case .marriages: ["marriage"]
        case .divorces: ["divorce", "annulment"]
        }
    }

    /// The name in both languages.
    public var label: LocalizedText {
        switch self {
        case .births: LocalizedText(km: "កំណើត", en: "Births")
        case .deaths: LocalizedText(km: "មរណភាព", en: "Deaths")
        case .foetalDeaths: LocalizedText(km: "មរណភាពទារកក្នុងផ្ទៃ", en: "Foetal deaths")
        case .marriages: LocalizedText(km: "អាពាហ៍ពិពាហ៍", en: "Marriages")
        case .divorces: LocalizedText(km: "លែងលះ និងមោឃភាព", en: "Divorces and annulments")
        }
    }
}
