import Kernel

/// Lays pieces onto pages of one height.
struct Paginator {
    let height: Double

    /// One page: its marks, counted from the top of the text area.
    typealias Page = [Ink]

    /// How many pieces a heading may pull along.
    private static let longestChain = 8
    /// Rounding that is not worth a page.
    private static let tolerance = 0.01

    func pages(_ pieces: [Piece]) throws(RumdulError) -> [Page] {
        let pieces = try parted(pieces, depth: 0)
        var pages: [Page] = []
        var current: [Piece] = []
        var used = 0.0
        for (index, piece) in pieces.enumerated() {
            switch piece.kind {
            case .space:
                // Nothing begins a page with empty space.
                if !current.isEmpty {
                    current.append(piece)
                    used += piece.height
                }
                continue
            case .fill:
                if !current.isEmpty { current.append(piece) }
                continue
            case .ink: break
            }
            let startsChain = index == 0 || !pieces[index - 1].staysWithNext
            let needed = startsChain ? chain(pieces[index...]) : piece.height
            if !current.isEmpty, used + needed > height + Self.tolerance {
                pages.append(filled(current))
                guard pages.count < Typesetter.pageLimit else { throw .typesettingTooManyPages }
                current = []
                used = 0
            }
            current.append(piece)
            used += piece.height
        }
        pages.append(filled(current))
        return pages
    }

    /// What has to stand together from here on; no more than a page holds.
    private func chain(_ pieces: ArraySlice<Piece>) -> Double {
        var total = 0.0
        for piece in pieces.prefix(Self.longestChain) where piece.kind != .fill {
            if total + piece.height > height { break }
            total += piece.height
            if piece.kind == .ink, !piece.staysWithNext { break }
        }
        return max(total, pieces.first?.height ?? 0)
    }

    /// The pieces with those that no page can hold taken apart.
    private func parted(_ pieces: [Piece], depth: Int) throws(RumdulError) -> [Piece] {
        guard pieces.contains(where: { $0.kind == .ink && $0.height > height }) else { return pieces }
        guard depth < 64 else { throw .typesettingBlock("a block cannot be parted") }
        var result: [Piece] = []
        for piece in pieces {
            guard piece.kind == .ink, piece.height > height else {
                result.append(piece)
                continue
            }
            guard !piece.parts.isEmpty else { throw .typesettingBlock("a block is higher than the page") }
            result += try parted(piece.parts, depth: depth + 1)
        }
        return result
    }

    /// The marks of a full page, with the space that is left over given to its fills.
    private func filled(_ pieces: [Piece]) -> Page {
        let used = pieces.filter { $0.kind != .fill }.map(\.height).reduce(0, +)
        var left = max(0, height - used)
        var shares: [Int: Double] = [:]
        let fills = pieces.indices.filter { pieces[$0].kind == .fill }.sorted { pieces[$0].height < pieces[$1].height }
        for (done, index) in fills.enumerated() {
            let share = min(pieces[index].height, left / Double(fills.count - done))
            shares[index] = share
            left -= share
        }
        var top = 0.0
        var page: Page = []
        for (index, piece) in pieces.enumerated() {
            page += piece.ink.map { $0.moved(down: top) }
            top += shares[index] ?? (piece.kind == .fill ? 0 : piece.height)
        }
        return page
    }
}
