/// A cube with numbers in the place of codes, so that thousands of possible changes can be tried quickly.
struct CubeGrid {
    let definition: CubeDefinition
    let areas: [String]
    let levels: [Int]
    /// For each area: those that contain it and itself.
    let chains: [[Int]]
    /// The smallest areas.
    let leaves: [Int]
    /// Codes; the sum is numbered behind the last.
    let firsts: [String]
    let seconds: [String]
    /// How many there are in each place.
    let counts: [Int]
    /// For each area, if it is one of the smallest: the pairs of values that occur there, the commonest first.
    let pairs: [[Pair]]
    private let index: [String: Int]

    struct Pair: Equatable {
        let first: Int
        let second: Int
    }

    init(_ cube: CountCube) {
        definition = cube.definition
        let total = Category.total.code
        let areas = Set(cube.counts.keys.map(\.area)).sorted { (Areas.level($0), $0) < (Areas.level($1), $1) }
        let index = Dictionary(uniqueKeysWithValues: areas.enumerated().map { ($1, $0) })
        let firsts = Set(cube.counts.keys.map(\.first)).subtracting([total]).sorted()
        let seconds = Set(cube.counts.keys.map(\.second)).subtracting([total]).sorted()
        self.areas = areas
        self.index = index
        self.firsts = firsts
        self.seconds = seconds
        levels = areas.map(Areas.level)
        chains = areas.map { area in
            (0...Areas.level(area)).compactMap { index[Areas.ancestor(area, $0)] }
        }
        let depth = cube.definition.depth
        leaves = areas.indices.filter { Areas.level(areas[$0]) == depth }
        var counts = Array(repeating: 0, count: areas.count * (firsts.count + 1) * (seconds.count + 1))
        let firstIndex = Dictionary(uniqueKeysWithValues: (firsts + [total]).enumerated().map { ($1, $0) })
        let secondIndex = Dictionary(uniqueKeysWithValues: (seconds + [total]).enumerated().map { ($1, $0) })
        var pairs: [[(Pair, Int)]] = areas.map { _ in [] }
        for (cell, count) in cube.counts {
            guard let area = index[cell.area], let first = firstIndex[cell.first], let second = secondIndex[cell.second]
            else { continue }
            counts[(area * (firsts.count + 1) + first) * (seconds.count + 1) + second] = count
            if cube.isBase(cell), Areas.level(cell.area) == depth {
                pairs[area].append((Pair(first: first, second: second), count))
            }
        }
        self.counts = counts
        self.pairs = pairs.map { found in
            found.sorted { ($1.1, $0.0.first, $0.0.second) < ($0.1, $1.0.first, $1.0.second) }.map(\.0)
        }
    }

    func place(_ area: Int, _ first: Int, _ second: Int) -> Int {
        (area * (firsts.count + 1) + first) * (seconds.count + 1) + second
    }

    func area(of place: Int) -> Int { place / (seconds.count + 1) / (firsts.count + 1) }
    func first(of place: Int) -> Int { place / (seconds.count + 1) % (firsts.count + 1) }
    func second(of place: Int) -> Int { place % (seconds.count + 1) }

    func cell(_ place: Int) -> Cell {
        let (first, second) = (first(of: place), second(of: place))
        return Cell(
            areas[area(of: place)], first < firsts.count ? firsts[first] : Category.total.code,
            second < seconds.count ? seconds[second] : Category.total.code)
    }

    func number(of area: String) -> Int? { index[area] }

    func count(_ area: Int, _ pair: Pair) -> Int { counts[place(area, pair.first, pair.second)] }

    func total(_ area: Int) -> Int { counts[place(area, firsts.count, seconds.count)] }

    func isWithin(_ area: Int, _ other: Int) -> Bool { chains[area].contains(other) }

    /// What leaving out a place costs: sums that many look at cost more.
    func cost(_ place: Int) -> Int {
        let area = [20, 5, 1][levels[area(of: place)]]
        let sums = (first(of: place) == firsts.count ? 4 : 1) * (second(of: place) == seconds.count ? 2 : 1)
        return area * sums * (counts[place] == 0 ? 1 : 2)
    }
}

/// A change of records: by how much each place of a grid grows.
struct GridChange {
    private(set) var places: [(place: Int, growth: Int)] = []

    /// One record more or less of an area with these values.
    mutating func add(_ sign: Int, _ area: Int, _ pair: CubeGrid.Pair, _ grid: CubeGrid) {
        for area in grid.chains[area] {
            grow(grid.place(area, grid.firsts.count, grid.seconds.count), sign)
            grow(grid.place(area, pair.first, grid.seconds.count), sign)
            if !grid.seconds.isEmpty {
                grow(grid.place(area, grid.firsts.count, pair.second), sign)
                grow(grid.place(area, pair.first, pair.second), sign)
            }
        }
    }

    private mutating func grow(_ place: Int, _ sign: Int) {
        if let known = places.firstIndex(where: { $0.place == place }) {
            places[known].growth += sign
        } else {
            places.append((place, sign))
        }
    }

    func touches(_ place: Int) -> Bool { places.contains { $0.place == place && $0.growth != 0 } }

    /// Whether no number becomes negative.
    func isPossible(_ grid: CubeGrid) -> Bool {
        places.allSatisfy { $0.growth >= 0 || grid.counts[$0.place] + $0.growth >= 0 }
    }
}
