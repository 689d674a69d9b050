/// The tree of areas by their codes: the country, provinces (two digits), districts (four digits).
public enum Areas {
    /// The code of the whole country.
    public static let nation = "KH"

    /// 0 for the country, 1 for a province, 2 for a district.
    public static func level(_ code: String) -> Int { code == nation ? 0 : code.utf8.count / 2 }

    /// An area and all that contain it up to the country, from the largest down, no deeper than a level.
    static func chain(_ district: String, depth: Int) -> [String] {
        var areas = [nation]
        if depth >= 1 { areas.append(prefix(district, 2)) }
        if depth >= 2, district.utf8.count >= 4 { areas.append(prefix(district, 4)) }
        return areas
    }

    /// Whether an area is another one or lies in it.
    public static func isWithin(_ area: String, _ other: String) -> Bool {
        other == nation || area.utf8.starts(with: other.utf8)
    }

    /// The part of a code that names the area of a level.
    static func ancestor(_ district: String, _ level: Int) -> String {
        level == 0 ? nation : prefix(district, level * 2)
    }

    private static func prefix(_ code: String, _ count: Int) -> String {
        String(decoding: code.utf8.prefix(count), as: UTF8.self)
    }
}
