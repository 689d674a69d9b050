/// Which cells of the cubes of a family and year are not published, so that nobody can tell how many there are in a cell
/// with fewer than the threshold.
///
/// The idea: for each such cell there must be another country that would be published in exactly the same way, and in
/// which the cell has another number. Such a country is made by changing a few records (a boy of one province becomes a
/// girl, a girl of another becomes a boy); every cell that this changes, in whichever table, is left out. So a cell can
/// never be computed from what is published, whatever sums and tables are taken together: both countries fit. Of the
/// possible changes the one is taken that costs the least.
///
/// This holds for all tables of one family, year and release together. A zero is published.
struct Suppression {
    let cubes: [CountCube]
    /// By cube, in the order of `cubes`: the cells that are left out.
    let hidden: [Set<Cell>]

    init(_ cubes: [CountCube], threshold: Int) {
        self.cubes = cubes
        var search = SuppressionSearch(cubes.map { CubeGrid($0) }, threshold: threshold)
        search.run()
        hidden = zip(search.grids, search.hidden).map { grid, hidden in
            Set(hidden.indices.lazy.filter { hidden[$0] }.map { grid.cell($0) })
        }
    }
}

/// The search for the changes that cost the least.
struct SuppressionSearch {
    let threshold: Int
    let grids: [CubeGrid]
    /// By grid and place.
    private(set) var hidden: [[Bool]]
    /// The grid whose areas go deepest.
    private let deepest: Int

    init(_ grids: [CubeGrid], threshold: Int) {
        self.grids = grids
        self.threshold = threshold
        hidden = grids.map { Array(repeating: false, count: $0.counts.count) }
        deepest = grids.indices.max { grids[$0].definition.depth < grids[$1].definition.depth } ?? 0
    }

    mutating func run() {
        guard !grids.isEmpty else { return }
        let grid = grids[deepest]
        for area in grid.areas.indices.reversed() where isSmall(grid.total(area)) { protect(area: area) }
        for index in grids.indices {
            for place in grids[index].counts.indices.reversed()
            where isSmall(grids[index].counts[place]) && !hidden[index][place] {
                protect(place, index)
            }
        }
    }

    private func isSmall(_ count: Int) -> Bool { count > 0 && count < threshold }

    func cost(_ change: GridChange, _ index: Int) -> Int {
        var cost = 0
        for (place, growth) in change.places where growth != 0 && !hidden[index][place] {
            cost += grids[index].cost(place)
        }
        return cost
    }

    mutating func hide(_ change: GridChange, _ index: Int) {
        for (place, growth) in change.places where growth != 0 { hidden[index][place] = true }
    }

    // MARK: Sums of areas

    /// Protects the sum of an area: a record moves there from another district, with the values that are the commonest
    /// where it comes from and where it goes to; or there is one more in the country.
    private mutating func protect(area: Int) {
        let grid = grids[deepest]
        guard !hidden[deepest][grid.place(area, grid.firsts.count, grid.seconds.count)],
            let own = largestDistrict(in: grid.areas[area])
        else { return }
        let others = grid.leaves.filter { !grid.isWithin($0, area) }.sorted {
            (grid.total($0), $0) < (grid.total($1), $1)
        }
        let province = Areas.ancestor(own, 1)
        let near = others.filter { Areas.isWithin(grid.areas[$0], province) }.prefix(8)
        let far = others.filter { !Areas.isWithin(grid.areas[$0], province) }.prefix(8)
        var best: (changes: [GridChange], cost: Int)?
        for other in [nil] + (near + far).map({ Optional(grid.areas[$0]) }) {
            let changes = move(from: other, to: own)
            guard grids.indices.allSatisfy({ changes[$0].isPossible(grids[$0]) }) else { continue }
            let cost = grids.indices.reduce(0) { $0 + self.cost(changes[$1], $1) }
            if cost < best?.cost ?? Int.max { best = (changes, cost) }
        }
        for (index, change) in (best?.changes ?? []).enumerated() { hide(change, index) }
    }

    /// What a record does to all grids that moves to a district, or is there in addition. It keeps its values where the
    /// commonest ones of the new place also occur in the old one, so that the sums above both stay.
    func move(from: String?, to: String, as wanted: CubeGrid.Pair? = nil, in own: Int? = nil) -> [GridChange] {
        grids.indices.map { index in
            let grid = grids[index]
            let depth = grid.definition.depth
            var change = GridChange()
            guard let target = grid.number(of: Areas.ancestor(to, depth)) else { return change }
            let source = from.flatMap { grid.number(of: Areas.ancestor($0, depth)) }
            let shared = source.flatMap { source in grid.pairs[target].first { grid.count(source, $0) > 0 } }
            let pair = index == own ? wanted : nil
            if let pair = pair ?? shared ?? grid.pairs[target].first { change.add(1, target, pair, grid) }
            if let source, let pair = shared ?? grid.pairs[source].first { change.add(-1, source, pair, grid) }
            return change
        }
    }

    func largestDistrict(in area: String) -> String? {
        let grid = grids[deepest]
        return grid.leaves.filter { Areas.isWithin(grid.areas[$0], area) }.max {
            (grid.total($0), $1) < (grid.total($1), $0)
        }.map { grid.areas[$0] }
    }
}
