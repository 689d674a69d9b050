/// Which dimensions a cube counts by, and how deep its areas go.
public struct CubeDefinition: Sendable, Hashable {
    /// Its name among the cubes of its family.
    public let id: String
    public let family: StatisticsFamily
    /// 1 for provinces, 2 for districts.
    public let depth: Int
    public let first: StatisticsDimension
    public let second: StatisticsDimension?

    /// Cubes of a family share the sums of areas and nothing else: no dimension stands in two of them.
    /// Suppression relies on this.
    public static let all: [CubeDefinition] = [
        CubeDefinition("births-sex", .births, depth: 2, .sex),
        CubeDefinition("births-mother", .births, depth: 1, .motherAge),
        CubeDefinition("births-site", .births, depth: 1, .placeKind, .attendant),
        CubeDefinition("births-month", .births, depth: 1, .month),
        CubeDefinition("births-occurrence", .births, depth: 1, .occurrence),
        CubeDefinition("births-multiplicity", .births, depth: 1, .multiplicity),
        CubeDefinition("births-papers", .births, depth: 2, .nationality, .delay),
        CubeDefinition("deaths-age", .deaths, depth: 1, .ageGroup, .sex),
        CubeDefinition("deaths-cause", .deaths, depth: 1, .cause),
        CubeDefinition("deaths-manner", .deaths, depth: 1, .manner),
        CubeDefinition("deaths-site", .deaths, depth: 1, .placeKind),
        CubeDefinition("deaths-month", .deaths, depth: 1, .month),
        CubeDefinition("deaths-papers", .deaths, depth: 2, .nationality, .delay),
        CubeDefinition("foetal-sex", .foetalDeaths, depth: 1, .sex),
        CubeDefinition("foetal-month", .foetalDeaths, depth: 1, .month),
        CubeDefinition("marriages-month", .marriages, depth: 1, .month),
        CubeDefinition("divorces-month", .divorces, depth: 1, .month),
    ]

    init(
        _ id: String, _ family: StatisticsFamily, depth: Int, _ first: StatisticsDimension,
        _ second: StatisticsDimension? = nil
    ) {
        self.id = id
        self.family = family
        self.depth = depth
        self.first = first
        self.second = second
    }
}

/// One place of a cube: an area and a value of each dimension, either of which may be the sum.
public struct Cell: Sendable, Hashable, Comparable {
    public var area: String
    public var first: String
    public var second: String

    public init(_ area: String, _ first: String = Category.total.code, _ second: String = Category.total.code) {
        self.area = area
        self.first = first
        self.second = second
    }

    var isAreaTotal: Bool { first == Category.total.code && second == Category.total.code }

    public static func < (left: Cell, right: Cell) -> Bool {
        (left.area, left.first, left.second) < (right.area, right.first, right.second)
    }
}

/// How many facts there are of one district and pair of values.
public struct CountRow: Sendable, Hashable {
    public let district: String
    public let first: String
    public let second: String
    public let count: Int

    public init(_ district: String, _ first: String, _ second: String, _ count: Int) {
        self.district = district
        self.first = first
        self.second = second
        self.count = count
    }
}

/// Exact counts with all their sums. They do not leave this module: what leaves it is a `FamilyRelease`.
struct CountCube: Sendable {
    let definition: CubeDefinition
    /// Only what is not zero.
    private(set) var counts: [Cell: Int] = [:]

    init(_ definition: CubeDefinition, _ rows: [CountRow]) {
        self.definition = definition
        for row in rows where row.count > 0 {
            for cell in cells(row.district, row.first, row.second) { counts[cell, default: 0] += row.count }
        }
    }

    subscript(cell: Cell) -> Int { counts[cell] ?? 0 }

    /// Every cell in which a record of a district with these values is counted.
    func cells(_ district: String, _ first: String, _ second: String) -> [Cell] {
        let total = Category.total.code
        var cells: [Cell] = []
        for area in Areas.chain(district, depth: definition.depth) {
            cells += [Cell(area, first, total), Cell(area)]
            if definition.second != nil { cells += [Cell(area, first, second), Cell(area, total, second)] }
        }
        return cells
    }

    /// Whether a cell is no sum of values.
    func isBase(_ cell: Cell) -> Bool {
        cell.first != Category.total.code && (definition.second == nil || cell.second != Category.total.code)
    }
}
