import Kernel

/// A number as it is published.
public enum PublishedCount: Sendable, Hashable {
    case count(Int)
    /// Left out, so that nobody can be recognised.
    case suppressed

    /// The number; `nil` when it is left out.
    public var number: Int? { if case .count(let number) = self { number } else { nil } }
}

/// The tables of one family and year as they are published: small cells, and those from which they could be computed,
/// are left out. There is no way from here to the exact numbers.
public struct FamilyRelease: Sendable {
    public let family: StatisticsFamily
    public let year: Int
    private let cubes: [String: [Cell: PublishedCount]]

    /// - Parameters:
    ///   - rows: by cube, how many facts there are of each district and pair of values.
    ///   - threshold: counts below it are not published, except zero.
    public init(_ family: StatisticsFamily, year: Int, threshold: Int, rows: [String: [CountRow]]) {
        self.family = family
        self.year = year
        let exact = CubeDefinition.all.filter { $0.family == family }.map { CountCube($0, rows[$0.id] ?? []) }
        let suppression = Suppression(exact, threshold: threshold)
        var cubes: [String: [Cell: PublishedCount]] = [:]
        for (cube, hidden) in zip(exact, suppression.hidden) {
            var cells = cube.counts.mapValues { PublishedCount.count($0) }
            for cell in hidden { cells[cell] = .suppressed }
            cubes[cube.definition.id] = cells
        }
        self.cubes = cubes
    }

    /// What stands in a cell of a cube.
    public func value(_ cube: String, _ cell: Cell) -> PublishedCount { cubes[cube]?[cell] ?? .count(0) }

    /// The number of a cell; `nil` when it is left out.
    public func number(_ cube: String, _ cell: Cell) -> Int? { value(cube, cell).number }

    /// All events of an area.
    public func total(_ area: String) -> PublishedCount {
        guard let cube = CubeDefinition.all.first(where: { $0.family == family && ($0.depth >= Areas.level(area)) })
        else { return .suppressed }
        return value(cube.id, Cell(area))
    }

    /// The areas directly inside an area that have events or suppressed cells in a cube.
    public func areas(in area: String, _ cube: String) -> [String] {
        let level = Areas.level(area) + 1
        let found = (cubes[cube] ?? [:]).keys.map(\.area).filter {
            Areas.level($0) == level && Areas.isWithin($0, area)
        }
        return Set(found).sorted()
    }
}
