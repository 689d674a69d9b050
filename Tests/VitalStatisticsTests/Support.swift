import Kernel
import TestVectors

@testable import VitalStatistics

/// Invented events with a value for every dimension, from which all cubes of a family are counted.
struct Events {
    private(set) var records: [(district: String, values: [StatisticsDimension: String])] = []

    mutating func add(_ district: String, _ values: [StatisticsDimension: String], times: Int = 1) {
        for _ in 0..<times { records.append((district, values)) }
    }

    func rows(_ family: StatisticsFamily) -> [String: [CountRow]] {
        var rows: [String: [CountRow]] = [:]
        for cube in CubeDefinition.all where cube.family == family {
            var counts: [[String]: Int] = [:]
            for record in records {
                let first = record.values[cube.first] ?? Category.unknown.code
                let second = cube.second.map { record.values[$0] ?? Category.unknown.code } ?? Category.total.code
                counts[[record.district, first, second], default: 0] += 1
            }
            rows[cube.id] = counts.map { CountRow($0.key[0], $0.key[1], $0.key[2], $0.value) }
        }
        return rows
    }

    func release(_ family: StatisticsFamily, year: Int = 2020, threshold: Int = 1) -> FamilyRelease {
        FamilyRelease(family, year: year, threshold: threshold, rows: rows(family))
    }

    func suppression(_ family: StatisticsFamily, threshold: Int) -> Suppression {
        let rows = rows(family)
        let cubes = CubeDefinition.all.filter { $0.family == family }.map { CountCube($0, rows[$0.id] ?? []) }
        return Suppression(cubes, threshold: threshold)
    }

    /// Events whose values are common or rare, in areas that are large or small.
    static func random(_ family: StatisticsFamily, _ random: inout Seeded) -> Events {
        let districts = ["0801", "0802", "0803", "1201", "1202", "0101", "2301"]
        let size = [3, 8, 20, 60, 200, 600][Int.random(in: 0..<6, using: &random)]
        let used = districts.prefix(Int.random(in: 1...districts.count, using: &random))
        let skew = Int.random(in: 1...3, using: &random)
        var events = Events()
        for _ in 0..<Int.random(in: 1...size, using: &random) {
            var values: [StatisticsDimension: String] = [:]
            for dimension in StatisticsDimension.allCases {
                values[dimension] = pick(dimension.categories.map(\.code), skew, &random)
            }
            events.add(pick(Array(used), skew, &random), values)
        }
        return events
    }

    private static func pick(_ choices: [String], _ skew: Int, _ random: inout Seeded) -> String {
        let index = (0..<skew).map { _ in Int.random(in: 0..<choices.count, using: &random) }.min() ?? 0
        return choices[index]
    }
}

/// Tells which hidden cells follow from what is published, by solving the equations between all cells of all cubes:
/// independent of how they were chosen.
struct Auditor {
    private static let prime: Int64 = 2_147_483_629
    private var index: [String: Int] = [:]
    private var rows: [[Int: Int64]] = []
    private let cubes: [CountCube]
    private let hidden: [Set<Cell>]

    init(_ suppression: Suppression) { self.init(suppression.cubes, hidden: suppression.hidden) }

    init(_ cubes: [CountCube], hidden: [Set<Cell>]) {
        self.cubes = cubes
        self.hidden = hidden
        for (number, cube) in cubes.enumerated() { addEquations(number, cube) }
    }

    /// Hidden cells that have one possible value only.
    func determined() -> [String] {
        var reduced: [(pivot: Int, row: [Int: Int64])] = []
        for row in rows {
            var row = row
            for known in reduced { Self.eliminate(known.pivot, known.row, from: &row) }
            guard let pivot = row.keys.min(), let value = row[pivot] else { continue }
            let inverse = Self.power(value, Self.prime - 2)
            row = row.mapValues { $0 * inverse % Self.prime }
            for other in reduced.indices { Self.eliminate(pivot, row, from: &reduced[other].row) }
            reduced.append((pivot, row))
        }
        let names = Dictionary(uniqueKeysWithValues: index.map { ($0.value, $0.key) })
        return reduced.filter { $0.row.count == 1 }.compactMap { names[$0.pivot] }
    }

    /// The sum of an area is the same number in every cube.
    private mutating func variable(_ number: Int, _ cell: Cell) -> Int? {
        guard hidden[number].contains(cell) else { return nil }
        let id = cubes[number].definition.id
        let name = cell.isAreaTotal ? cell.area : "\(id) \(cell.area) \(cell.first) \(cell.second)"
        if let known = index[name] { return known }
        index[name] = index.count
        return index[name]
    }

    private mutating func add(_ number: Int, _ sum: Cell, _ parts: [Cell]) {
        var row: [Int: Int64] = [:]
        if let variable = variable(number, sum) { row[variable] = 1 }
        for part in parts {
            if let variable = variable(number, part) { row[variable] = Self.prime - 1 }
        }
        if !row.isEmpty { rows.append(row) }
    }

    private mutating func addEquations(_ number: Int, _ cube: CountCube) {
        let definition = cube.definition
        let total = Category.total.code
        let firsts = definition.first.categories.map(\.code)
        let seconds = definition.second?.categories.map(\.code) ?? []
        let areas = Set(cube.counts.keys.map(\.area))
        for area in areas {
            for second in seconds + [total] {
                add(number, Cell(area, total, second), firsts.map { Cell(area, $0, second) })
            }
            if !seconds.isEmpty {
                for first in firsts + [total] {
                    add(number, Cell(area, first, total), seconds.map { Cell(area, first, $0) })
                }
            }
            let inner = areas.filter { Areas.level($0) == Areas.level(area) + 1 && Areas.isWithin($0, area) }
            guard !inner.isEmpty else { continue }
            for first in firsts + [total] {
                for second in seconds + [total] {
                    add(number, Cell(area, first, second), inner.map { Cell($0, first, second) })
                }
            }
        }
    }

    private static func eliminate(_ pivot: Int, _ known: [Int: Int64], from row: inout [Int: Int64]) {
        guard let factor = row[pivot] else { return }
        for (column, value) in known {
            let rest = ((row[column] ?? 0) - factor * value % prime + prime) % prime
            row[column] = rest == 0 ? nil : rest
        }
    }

    private static func power(_ base: Int64, _ exponent: Int64) -> Int64 {
        var (result, base, exponent) = (Int64(1), base % prime, exponent)
        while exponent > 0 {
            if exponent & 1 == 1 { result = result * base % prime }
            base = base * base % prime
            exponent >>= 1
        }
        return result
    }
}
