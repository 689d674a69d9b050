/// An official code of a place: 2 digits for a province, 4 for a district, 6 for a commune, 8 for a village. Each code
/// begins with the code of the place that contains it.
public struct PlaceCode: Sendable, Hashable, Comparable, Codable, CustomStringConvertible {
    /// The digits, ASCII.
    public let text: String

    /// A code of 2, 4, 6 or 8 ASCII digits, or `nil`.
    public init?(_ text: some StringProtocol) {
        let bytes = text.utf8
        guard [2, 4, 6, 8].contains(bytes.count), bytes.allSatisfy({ $0 >= 48 && $0 <= 57 }) else { return nil }
        self.text = String(text)
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let code = PlaceCode(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "no place code")
        }
        self = code
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    /// The level that the length of the code stands for.
    public var level: PlaceLevel {
        switch text.utf8.count {
        case 2: .province
        case 4: .district
        case 6: .commune
        default: .village
        }
    }

    /// The code of the place that contains this one; `nil` for a province.
    public var parent: PlaceCode? { level == .province ? nil : PlaceCode(text.prefix(text.utf8.count - 2)) }

    /// The province that contains this place (itself for a province).
    public var province: PlaceCode { ancestor(.province) }

    /// The containing place of a level; the place itself when the level is not above its own.
    public func ancestor(_ level: PlaceLevel) -> PlaceCode { PlaceCode(text.prefix(2 * level.rawValue)) ?? self }

    /// Whether this place is another one or lies within it.
    public func isWithin(_ other: PlaceCode) -> Bool { text.hasPrefix(other.text) }

    /// The code of a province in ISO 3166-2: `KH-` and the number without a leading zero (`KH-12` for Phnom Penh).
    public var iso3166: String {
        let digits = text.prefix(2)
        return "KH-" + (digits.hasPrefix("0") ? digits.dropFirst() : digits)
    }

    public var description: String { text }

    public static func < (left: PlaceCode, right: PlaceCode) -> Bool { left.text < right.text }
}

/// The four levels of the gazetteer.
public enum PlaceLevel: Int, Sendable, Codable, CaseIterable {
    case province = 1
    case district = 2
    case commune = 3
    case village = 4

    /// The name of the level in the published lists.
    public var name: String {
        switch self {
        case .province: "province"
        case .district: "district"
        case .commune: "commune"
        case .village: "village"
        }
    }

    init?(name: String) {
        guard let level = PlaceLevel.allCases.first(where: { $0.name == name }) else { return nil }
        self = level
    }
}
