import Kernel

/// One of the tables: which cube it shows, and how.
public struct StatisticsTable: Sendable, Hashable {
    /// What stands in its lines.
    public enum Lines: Sendable, Hashable {
        /// The areas inside the chosen one, and it as the sum.
        case areas
        /// The values of the cube's first dimension.
        case first
        /// The values of the cube's second dimension.
        case second
    }

    /// What stands in its columns besides the sum.
    public enum Columns: Sendable, Hashable { case none, first, second }

    /// The name in addresses.
    public let id: String
    public let cube: String
    public let lines: Lines
    public let columns: Columns
    public let title: LocalizedText

    /// The cube that it shows.
    public var definition: CubeDefinition {
        CubeDefinition.all.first { $0.id == cube } ?? CubeDefinition.all[0]
    }

    public var family: StatisticsFamily { definition.family }

    public static func named(_ id: String) -> StatisticsTable? { all.first { $0.id == id } }

    init(_ id: String, _ cube: String, _ lines: Lines, _ columns: Columns, km: String, en: String) {
        self.id = id
        self.cube = cube
        self.lines = lines
        self.columns = columns
        title = LocalizedText(km: km, en: en)
    }

    /// Every table, in the order of the pages.
    public static let all: [StatisticsTable] = [
        StatisticsTable(
            "births-by-area-sex", "births-sex", .areas, .first, km: "កំណើតតាមទីលំនៅ និងភេទ",
            en: "Births by residence and sex"),
        StatisticsTable(
            "births-by-mother-age", "births-mother", .first, .none, km: "កំណើតតាមអាយុម្តាយ", en: "Births by age of mother"),
        StatisticsTable(
            "births-by-site-attendant", "births-site", .first, .second, km: "កំណើតតាមទីកន្លែង និងអ្នកសម្រាល",
            en: "Births by site and attendant"),
        StatisticsTable(
            "births-by-occurrence", "births-occurrence", .first, .none, km: "កំណើតតាមទីកន្លែងកើតហេតុ",
            en: "Births by place of occurrence and residence"),
        StatisticsTable(
            "births-by-multiplicity", "births-multiplicity", .first, .none, km: "កំណើតតែមួយ និងភ្លោះ",
            en: "Single and multiple births"),
        StatisticsTable("births-by-month", "births-month", .first, .none, km: "កំណើតតាមខែ", en: "Births by month"),
        StatisticsTable(
            "births-by-timeliness", "births-papers", .second, .none, km: "កំណើតតាមភាពទាន់ពេលនៃការចុះបញ្ជី",
            en: "Births by timeliness of registration"),
        StatisticsTable(
            "births-gap", "births-papers", .areas, .first, km: "កំណើតតាមទីលំនៅ និងស្ថានភាពសញ្ជាតិ",
            en: "Births by residence and nationality status"),
        StatisticsTable(
            "births-gap-timeliness", "births-papers", .first, .second, km: "កំណើតតាមស្ថានភាពសញ្ជាតិ និងភាពទាន់ពេល",
            en: "Births by nationality status and timeliness"),
        StatisticsTable(
            "deaths-by-age-sex", "deaths-age", .first, .second, km: "មរណភាពតាមអាយុ និងភេទ", en: "Deaths by age and sex"),
        StatisticsTable(
            "deaths-by-cause", "deaths-cause", .first, .none, km: "មរណភាពតាមក្រុមមូលហេតុ",
            en: "Deaths by group of causes (ICD)"),
        StatisticsTable(
            "deaths-by-manner", "deaths-manner", .first, .none, km: "មរណភាពតាមលក្ខណៈ", en: "Deaths by manner"),
        StatisticsTable("deaths-by-site", "deaths-site", .first, .none, km: "មរណភាពតាមទីកន្លែង", en: "Deaths by site"),
        StatisticsTable("deaths-by-month", "deaths-month", .first, .none, km: "មរណភាពតាមខែ", en: "Deaths by month"),
        StatisticsTable(
            "deaths-by-timeliness", "deaths-papers", .second, .none, km: "មរណភាពតាមភាពទាន់ពេលនៃការចុះបញ្ជី",
            en: "Deaths by timeliness of registration"),
        StatisticsTable(
            "deaths-gap", "deaths-papers", .areas, .first, km: "មរណភាពតាមទីលំនៅ និងស្ថានភាពសញ្ជាតិ",
            en: "Deaths by residence and nationality status"),
        StatisticsTable(
            "deaths-gap-timeliness", "deaths-papers", .first, .second, km: "មរណភាពតាមស្ថានភាពសញ្ជាតិ និងភាពទាន់ពេល",
            en: "Deaths by nationality status and timeliness"),
        StatisticsTable(
            "foetal-deaths-by-sex", "foetal-sex", .first, .none, km: "មរណភាពទារកក្នុងផ្ទៃតាមភេទ", en: "Foetal deaths by sex"),
        StatisticsTable(
            "foetal-deaths-by-month", "foetal-month", .first, .none, km: "មរណភាពទារកក្នុងផ្ទៃតាមខែ",
            en: "Foetal deaths by month"),
        StatisticsTable(
            "marriages-by-month", "marriages-month", .first, .none, km: "អាពាហ៍ពិពាហ៍តាមខែ", en: "Marriages by month"),
        StatisticsTable(
            "divorces-by-month", "divorces-month", .first, .none, km: "លែងលះ និងមោឃភាពតាមខែ",
            en: "Divorces and annulments by month"),
    ]
}

/// A table for one area and year, ready to be shown: pages, CSV and SDMX are written from it, so all of them leave out
/// the same cells.
public struct TableView: Sendable {
    public let table: StatisticsTable
    public let area: String
    public let year: Int
    /// The lines with the sum as the last.
    public let lines: [Category]
    /// The columns with the sum as the last.
    public let columns: [Category]
    private let release: FamilyRelease

    /// - Parameter name: what an area is called.
    public init(_ table: StatisticsTable, area: String, _ release: FamilyRelease, name: (String) -> LocalizedText) {
        self.table = table
        self.area = area
        year = release.year
        self.release = release
        let definition = table.definition
        switch table.lines {
        case .areas:
            lines =
                release.areas(in: area, table.cube).map { code in
                    Category(code, km: name(code).km, en: name(code).en)
                } + [.total]
        case .first: lines = definition.first.categories + [.total]
        case .second: lines = (definition.second?.categories ?? []) + [.total]
        }
        switch table.columns {
        case .none: columns = [.total]
        case .first: columns = definition.first.categories + [.total]
        case .second: columns = (definition.second?.categories ?? []) + [.total]
        }
    }

    /// The dimension of the lines; `nil` for areas.
    public var lineDimension: StatisticsDimension? {
        switch table.lines {
        case .areas: nil
        case .first: table.definition.first
        case .second: table.definition.second
        }
    }

    public var columnDimension: StatisticsDimension? {
        switch table.columns {
        case .none: nil
        case .first: table.definition.first
        case .second: table.definition.second
        }
    }

    public func value(_ line: Category, _ column: Category) -> PublishedCount {
        release.value(table.cube, cell(line, column))
    }

    private func cell(_ line: Category, _ column: Category) -> Cell {
        var cell = Cell(area)
        switch table.lines {
        case .areas: cell.area = line.code == Category.total.code ? area : line.code
        case .first: cell.first = line.code
        case .second: cell.second = line.code
        }
        switch table.columns {
        case .none: break
        case .first: cell.first = column.code
        case .second: cell.second = column.code
        }
        return cell
    }
}
