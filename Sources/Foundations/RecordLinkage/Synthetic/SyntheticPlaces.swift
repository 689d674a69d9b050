/// Where an invented people lives: the official codes of the communes (National Institute of Statistics, 2025), peopled
/// in proportion to the census of 2019. Villages are numbered from 01 within their commune, six in each.
enum SyntheticPlaces {
    /// A village that somebody lives in or was born in.
    static func village(_ random: inout SplitMix64) -> String {
        village(inProvince: random.index(provinceSums), &random)
    }

    /// A village near another: mostly of the same district, seldom of another province.
    static func village(near home: String, _ random: inout SplitMix64) -> String {
        let choice = random.below(10)
        if choice < 4, let district = districts[String(decoding: home.utf8.prefix(4), as: UTF8.self)] {
            return village(of: district, &random)
        }
        let province = provinceCodes.firstIndex { $0.utf8.elementsEqual(home.utf8.prefix(2)) }
        if choice < 6, let province { return village(inProvince: province, &random) }
        return village(&random)
    }

    /// Another commune of the same district; the same place where there is none.
    static func otherCommune(than home: String, _ random: inout SplitMix64) -> String {
        let district = districts[String(decoding: home.utf8.prefix(4), as: UTF8.self)] ?? []
        return village(of: district.filter { !$0.utf8.elementsEqual(home.utf8.prefix(6)) }, &random, or: home)
    }

    private static func village(inProvince province: Int, _ random: inout SplitMix64) -> String {
        village(of: communes[provinceCodes[province]] ?? [], &random)
    }

    private static func village(of communes: [String], _ random: inout SplitMix64, or home: String = "12010101")
        -> String
    {
        guard let commune = random.pick(communes) else { return home }
        return commune + "0\(1 + random.below(6))"
    }

    /// People of each province in thousands, by code.
    private static let people = [
        862, 997, 900, 527, 878, 682, 594, 1202, 126, 375, 92, 2282, 255, 1058, 420, 217, 1014, 310, 166, 525, 901, 276,
        43, 75, 777,
    ]
    private static let provinceSums = people.reduce(into: [Int]()) { $0.append(($0.last ?? 0) + $1) }
    private static let provinceCodes = (1...people.count).map { ($0 < 10 ? "0" : "") + String($0) }

    /// The communes of each district.
    private static let districts: [String: [String]] = {
        var result: [String: [String]] = [:]
        for entry in table.words {
            let parts = entry.split(separator: ":")
            guard parts.count == 2 else { continue }
            result[String(parts[0])] = parts[1].split(separator: ",").flatMap { range in
                let ends = range.split(separator: "-").compactMap { Int($0) }
                return ((ends.first ?? 1)...max(ends.first ?? 1, ends.last ?? 1))
                    .map { parts[0] + ($0 < 10 ? "0" : "") + String($0) }
            }
        }
        return result
    }()
    /// The communes of each province, in order.
    private static let communes: [String: [String]] = {
        var result: [String: [String]] = [:]
        for code in districts.values.joined().sorted() { result[String(code.prefix(2)), default: []].append(code) }
        return result
    }()

    /// Communes by district: the district's code, then the last two digits.
    private static let table = """
        0102:01-13 0103:01-06 0104:01-09 0105:01-03,05-07,09 0106:02-08 0107:01-06 0108:01-08 0109:01-06 \
        0110:01-05 0201:01-08 0202:01-10 0203:01-10 0204:01-09 0205:01-07 0206:01-09 0207:01-05 0208:01-10 \
        0209:01-07 0210:01-06 0211:01-05 0212:01-06 0213:01-06 0214:01-05 0301:01-12 0302:01-08 0303:01-10 \
        0305:01-04 0306:01-15 0307:01-11 0308:01-08 0313:01-15 0314:01-14 0315:01,03-10,12-14 0401:01-11 \
        0402:01-05 0403:01-04 0404:01-09 0405:01-10 0406:01-14 0407:01-09 0408:01-09 0501:01-15 0502:01-05 \
        0503:01-13 0504:01-05 0506:01-11,13-14 0507:01-15 0508:01-02,04-08 0509:01-05 0510:01-10 \
        0601:01-05,07-08,10-11,17 0602:01-11 0603:01-04,06,08-10 0604:01-07 0605:01-05 0606:01-09 0607:01-10 \
        0608:01-13 0609:01-08 0701:01-11 0702:01-15 0703:01-15 0704:01-07 0705:01-10 0706:01-09,12-16 \
        0707:02-05,08-09,12-13,15-19 0708:01-05 0709:01-03 0801:01-09,13,15-18,22,25,27-28 0802:01-04,06-08,11 \
        0803:02-04,06,10-14,16-18 0804:03-05,07-08,11 0805:01-07 0806:03-06,08,10-12,14-15 0807:03-04,07-11 \
        0808:01,03-04,07-09,11,13-14,16 0809:01-07,10-11,13-14 0810:01,03-08,10,12,14-16 0811:01-10 0812:01-05 \
        0813:01-11 0901:01-04 0902:01-03 0903:01-04 0904:01-03 0905:01-03 0906:01-06 0907:01-06 1001:01-08 \
        1002:07-11 1003:01-08 1004:01-02,04,07-08,10 1005:01-06 1006:01-10 1007:01-05 1101:01-05 1102:01-06 \
        1103:01-02 1104:01-04 1105:01-04 1201:01,09-12 1202:01-11 1203:01-08 1204:01-10 1205:01,07-08,10,12,14-20 \
        1206:06-12 1207:03-04,06,11-14 1208:01-03,07-09 1209:01,06,14-18 1210:01-05 1211:01-05 1212:01-08 \
        1213:01-07 1214:01-07 1301:01-06 1302:01-08 1303:01-08 1304:01-06 1305:01-12 1306:01-05 1307:03-06 \
        1308:01-02 1401:01-09 1402:01-08 1403:01-13 1404:01-08 1405:01-08 1406:01-10 1407:01-08 \
        1408:01-03,05,07-11 1409:01-11 1410:01-04 1411:01-04,06-07 1412:01-11 1413:01-11 1501:01-08,10 \
        1502:01,03-10 1503:01-11 1504:01-02,04-07 1505:01,03-08 1506:01-05 1507:01-02 1601:01,03-04 1602:01-04 \
        1603:01-06 1604:01-06 1605:01-06 1606:01-07 1607:01-07 1608:01-02 1609:01,03-10 1701:01-07 1702:01-04 \
        1703:01-04,06 1704:01-12 1706:01-10 1707:01-05,07-13,15-16 1709:02,04-10 1710:01-10,12-13 1711:01-10 \
        1712:01-06 1713:01-05 1714:01-05 1715:01-02 1801:01-04 1802:01,04,07,09-15 1803:01-04 1804:01-04 \
        1805:01-02 1806:01-05 1901:01-07 1902:01-07 1903:01-05 1904:01-04 1905:01-03,05-06,09-11 1906:01-03 \
        2001:03-05,08-10 2002:01-09,11-12 2003:01-10 2004:01-16 2005:01-05,07-17 2006:01-07 2007:02-09,11 \
        2008:01-05 2101:01-06 2102:01-15 2103:01-05 2104:01-12 2105:01-06 2106:01-13 2107:01-11 2108:01-03 \
        2109:01-15 2110:01-14 2201:01,03-06 2202:01-04 2203:01-04 2204:01-05 2205:01-06 2301:01,03 2302:01-03 \
        2401:01-04 2402:01-04 2501:01-07 2502:01-12 2503:01-14 2504:01-07 2505:01-08 2506:01-02 2507:01-14
        """
}
