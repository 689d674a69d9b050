import Kernel

/// What registered events are compared with: how many people live in the country, how many births and deaths there are.
///
/// Sources: United Nations, World Population Prospects 2024, country 116, medium variant from 2024 (births, deaths, crude
/// birth rate; CC BY 3.0 IGO). World Population Prospects 2019 for women by age (CC BY 3.0 IGO). General Population Census
/// 2019, National Institute of Statistics, for the population of provinces.
public enum Denominators {
    /// The year's births, deaths and population of the whole country; `nil` outside 2000...2035.
    public static func nation(_ year: Int) -> Nation? { nations[year] }

    /// The population of a province in a year: its share of the census 2019 in the population of that year. The whole
    /// country for `KH`.
    public static func population(_ area: String, _ year: Int) -> Double? {
        guard let nation = nations[year] else { return nil }
        if area == Areas.nation { return nation.population }
        guard let people = census2019[area] else { return nil }
        return nation.population * Double(people) / Double(censusTotal)
    }

    /// The births and deaths to be expected in an area: those of the country in proportion to its population.
    public static func expected(_ area: String, _ year: Int) -> (births: Double, deaths: Double)? {
        guard let nation = nations[year], let people = population(area, year) else { return nil }
        let share = people / nation.population
        return (Double(nation.births) * share, Double(nation.deaths) * share)
    }

    /// Women of a five-year group of ages from 15 to 49 in a year: between the years of the source in a straight line,
    /// after them in the proportions of the last one. Only for the whole country.
    public static func women(_ group: String, _ year: Int) -> Double? {
        guard let figures = women2019[group], let nation = nations[year] else { return nil }
        let years = [2015, 2020, 2025]
        guard year >= years[0] else { return nil }
        if year >= years[2] {
            guard let last = nations[years[2]] else { return nil }
            return Double(figures[2]) * nation.population / last.population
        }
        let index = year >= years[1] ? 1 : 0
        let share = Double(year - years[index]) / 5
        return Double(figures[index]) * (1 - share) + Double(figures[index + 1]) * share
    }

    /// The figures of one year.
    public struct Nation: Sendable, Hashable {
        public let births: Int
        public let deaths: Int
        /// Births divided by the crude birth rate of the source.
        public let population: Double
    }

    /// Population counted in 2019.
    static let censusTotal = 15_552_211

    /// By the code of the province.
    static let census2019: [String: Int] = [
        "01": 861_883, "02": 997_169, "03": 899_791, "04": 527_027,
        "05": 877_523, "06": 681_549, "07": 593_829, "08": 1_201_581,
        "09": 125_902, "10": 374_755, "11": 92_213, "12": 2_281_951,
        "13": 254_827, "14": 1_057_720, "15": 419_952, "16": 217_453,
        "17": 1_014_234, "18": 310_072, "19": 165_713, "20": 525_497,
        "21": 900_914, "22": 276_038, "23": 42_665, "24": 75_112,
        "25": 776_841,
    ]

    /// Women in 2015, 2020 and 2025.
    private static let women2019: [String: [Int]] = [
        "Y15T19": [768_536, 727_375, 791_527],
        "Y20T24": [794_020, 754_488, 714_044],
        "Y25T29": [651_091, 779_853, 741_157],
        "Y30T34": [864_755, 639_170, 767_723],
        "Y35T39": [341_445, 851_364, 628_807],
        "Y40T44": [431_585, 333_868, 838_177],
        "Y45T49": [402_209, 422_008, 326_534],
    ]

    private static let nations: [Int: Nation] = Dictionary(
        uniqueKeysWithValues: table.map { year, births, deaths, rate in
            (year, Nation(births: births, deaths: deaths, population: Double(births) / rate * 1_000))
        })

    /// Year, births, deaths, crude birth rate per 1,000.
    private static let table: [(Int, Int, Int, Double)] = [
        (2000, 354_758, 108_419, 28.466),
        (2001, 355_824, 105_106, 28.11),
        (2002, 353_882, 102_024, 27.528),
        (2003, 350_806, 98_928, 26.88),
        (2004, 347_814, 96_170, 26.261),
        (2005, 350_813, 94_066, 26.104),
        (2006, 356_349, 92_645, 26.127),
        (2007, 362_784, 92_035, 26.209),
        (2008, 363_698, 91_579, 25.88),
        (2009, 365_845, 91_147, 25.625),
        (2010, 363_038, 90_768, 25.036),
        (2011, 362_638, 90_466, 24.631),
        (2012, 367_322, 90_674, 24.578),
        (2013, 372_579, 91_560, 24.56),
        (2014, 375_729, 92_531, 24.403),
        (2015, 378_364, 93_967, 24.218),
        (2016, 379_768, 95_640, 23.956),
        (2017, 380_213, 97_512, 23.655),
        (2018, 380_367, 99_702, 23.372),
        (2019, 378_867, 102_000, 22.988),
        (2020, 374_795, 106_051, 22.409),
        (2021, 371_827, 115_876, 21.905),
        (2022, 366_027, 108_772, 21.279),
        (2023, 361_586, 111_340, 20.752),
        (2024, 358_220, 113_839, 20.309),
        (2025, 354_622, 116_217, 19.869),
        (2026, 352_442, 118_566, 19.525),
        (2027, 350_324, 121_050, 19.196),
        (2028, 348_403, 123_551, 18.887),
        (2029, 346_722, 126_247, 18.602),
        (2030, 345_224, 128_904, 18.336),
        (2031, 343_865, 131_618, 18.087),
        (2032, 342_747, 134_603, 17.858),
        (2033, 342_185, 137_468, 17.664),
        (2034, 341_953, 140_261, 17.494),
        (2035, 341_770, 143_068, 17.331),
    ]
}
