extension SuppressionSearch {
    /// Protects a place that is no sum of an area by records that change their values and stay where they are, so that
    /// the sums of areas, which all cubes share, stay too.
    mutating func protect(_ place: Int, _ index: Int) {
        let grid = grids[index]
        let area = grid.area(of: place)
        var best: (change: GridChange, cost: Int)?
        func consider(_ change: GridChange) {
            guard change.touches(place), change.isPossible(grid) else { return }
            let cost = cost(change, index)
            if cost < best?.cost ?? Int.max { best = (change, cost) }
        }
        for leaf in leaves(place, grid) {
            let own = matching(place, leaf, grid)
            for other in grid.pairs[leaf].reversed().filter({ !matches($0, place, grid) }).prefix(10) {
                var here = GridChange()
                here.add(1, leaf, own, grid)
                here.add(-1, leaf, other, grid)
                consider(here)
                for back in reverses(own, other, leaf, area, grid) {
                    var both = here
                    both.add(-1, back.area, back.from, grid)
                    both.add(1, back.area, back.to, grid)
                    consider(both)
                }
            }
        }
        if let best {
            hide(best.change, index)
        } else if let district = largestDistrict(in: grid.areas[area]),
            let leaf = grid.number(of: Areas.ancestor(district, grid.definition.depth))
        {
            // Everything there is in this cell: one more record, in all cubes.
            let changes = move(from: nil, to: district, as: matching(place, leaf, grid), in: index)
            for (index, change) in changes.enumerated() { hide(change, index) }
        }
    }

    /// A second record that changes the other way round, so that sums stay.
    private struct Reverse {
        let area: Int
        let from: CubeGrid.Pair
        let to: CubeGrid.Pair
    }

    /// Where the place's records may change: first where it has some; a few areas only.
    private func leaves(_ place: Int, _ grid: CubeGrid) -> [Int] {
        let area = grid.area(of: place)
        let within = grid.leaves.filter { grid.isWithin($0, area) }
        let having = within.filter { leaf in grid.pairs[leaf].contains { matches($0, place, grid) } }
        let lacking = within.filter { !having.contains($0) }
        return Array(having.prefix(4) + lacking.prefix(2))
    }

    private func matches(_ pair: CubeGrid.Pair, _ place: Int, _ grid: CubeGrid) -> Bool {
        let (first, second) = (grid.first(of: place), grid.second(of: place))
        return (first == grid.firsts.count || pair.first == first)
            && (second == grid.seconds.count || pair.second == second)
    }

    /// A pair of values in an area that counts in the place; one that occurs there if there is any.
    private func matching(_ place: Int, _ leaf: Int, _ grid: CubeGrid) -> CubeGrid.Pair {
        if let found = grid.pairs[leaf].first(where: { matches($0, place, grid) }) { return found }
        let any = grid.pairs[leaf].first ?? CubeGrid.Pair(first: 0, second: 0)
        let (first, second) = (grid.first(of: place), grid.second(of: place))
        return CubeGrid.Pair(
            first: first == grid.firsts.count ? any.first : first,
            second: second == grid.seconds.count ? any.second : second)
    }

    /// When one record changes from `other` to `own`: others that could change back. One with the very same values
    /// elsewhere keeps the sums of the areas above both; one that shares only one value keeps the sums of the values.
    private func reverses(
        _ own: CubeGrid.Pair, _ other: CubeGrid.Pair, _ leaf: Int, _ area: Int, _ grid: CubeGrid
    ) -> [Reverse] {
        var found = near(leaf, grid) { !grid.isWithin($0, area) && grid.count($0, own) > 0 }.map {
            Reverse(area: $0, from: own, to: other)
        }
        guard !grid.seconds.isEmpty else { return found }
        if own.second == other.second {
            for second in grid.seconds.indices where second != own.second {
                let (from, to) = (
                    CubeGrid.Pair(first: own.first, second: second), CubeGrid.Pair(first: other.first, second: second)
                )
                found += near(leaf, grid) { grid.count($0, from) > 0 }.prefix(3).map {
                    Reverse(area: $0, from: from, to: to)
                }
            }
        } else if own.first == other.first {
            for first in grid.firsts.indices where first != own.first {
                let (from, to) = (
                    CubeGrid.Pair(first: first, second: own.second), CubeGrid.Pair(first: first, second: other.second)
                )
                found += near(leaf, grid) { grid.count($0, from) > 0 }.prefix(3).map {
                    Reverse(area: $0, from: from, to: to)
                }
            }
        }
        return found
    }

    /// A few areas that satisfy a condition: the area itself, those of its province, then others.
    private func near(_ leaf: Int, _ grid: CubeGrid, _ condition: (Int) -> Bool) -> [Int] {
        var found = condition(leaf) ? [leaf] : []
        let province = Areas.ancestor(grid.areas[leaf], 1)
        let start = grid.leaves.firstIndex(of: leaf) ?? 0
        for step in 1..<max(2, grid.leaves.count) {
            guard found.count < 6 else { break }
            for position in [start - step, start + step] where grid.leaves.indices.contains(position) {
                if condition(grid.leaves[position]) { found.append(grid.leaves[position]) }
            }
        }
        return found.sorted { left, right in
            Areas.isWithin(grid.areas[left], province) && !Areas.isWithin(grid.areas[right], province)
        }
    }
}
