/// A mark on the paper. Places are counted from the left edge of the paper and from the top of the piece it belongs to.
enum Ink {
    case line(ShapedText, ShapedText.Line, x: Double, baseline: Double)
    case fill(x: Double, y: Double, width: Double, height: Double, Colour)
    case outline(x: Double, y: Double, width: Double, height: Double, Colour)
    case modules([[Bool]], x: Double, y: Double, size: Double)
    case ornament(centre: Double, y: Double, width: Double, Colour)
    case slot(name: String, SlotKind, x: Double, y: Double, width: Double, height: Double)

    /// The same mark further down.
    func moved(down: Double) -> Ink {
        switch self {
        case .line(let text, let line, let x, let baseline): .line(text, line, x: x, baseline: baseline + down)
        case .fill(let x, let y, let width, let height, let colour):
            .fill(x: x, y: y + down, width: width, height: height, colour)
        case .outline(let x, let y, let width, let height, let colour):
            .outline(x: x, y: y + down, width: width, height: height, colour)
        case .modules(let modules, let x, let y, let size): .modules(modules, x: x, y: y + down, size: size)
        case .ornament(let centre, let y, let width, let colour):
            .ornament(centre: centre, y: y + down, width: width, colour)
        case .slot(let name, let kind, let x, let y, let width, let height):
            .slot(name: name, kind, x: x, y: y + down, width: width, height: height)
        }
    }
}

/// What a page takes as a whole.
struct Piece {
    enum Kind {
        case ink, space, fill
    }

    var kind = Kind.ink
    /// The height; of a fill the most it may take.
    var height: Double
    var ink: [Ink] = []
    /// The first baseline from the top, if there is text.
    var baseline: Double?
    var staysWithNext = false
    /// What it falls into when no page can hold it.
    var parts: [Piece] = []

    static func space(_ height: Double) -> Piece { Piece(kind: .space, height: height) }

    /// The pieces on top of each other as one; alone they are its parts.
    static func stack(_ pieces: [Piece]) -> Piece {
        if pieces.count == 1, let only = pieces.first, only.kind != .fill { return only }
        var result = Piece(height: 0)
        for piece in pieces where piece.kind != .fill {
            if result.baseline == nil, let baseline = piece.baseline { result.baseline = result.height + baseline }
            result.ink += piece.ink.map { $0.moved(down: result.height) }
            result.height += piece.height
        }
        result.parts = pieces
        return result
    }

    /// Pieces side by side as one.
    /// - Parameter onBaseline: whether their first baselines are brought to one height.
    static func row(_ pieces: [Piece], onBaseline: Bool = false) -> Piece {
        if pieces.count == 1, let only = pieces.first { return only }
        let deepest = onBaseline ? pieces.compactMap(\.baseline).max() : nil
        var result = Piece(height: 0)
        for piece in pieces {
            let down = deepest.map { $0 - (piece.baseline ?? $0) } ?? 0
            result.ink += piece.ink.map { $0.moved(down: down) }
            result.height = max(result.height, piece.height + down)
        }
        result.baseline = deepest ?? pieces.compactMap(\.baseline).min()
        guard pieces.contains(where: { !$0.parts.isEmpty }) else { return result }
        let columns = pieces.map { $0.parts.isEmpty ? [$0] : $0.parts }
        let depth = columns.map(\.count).max() ?? 0
        result.parts = (0..<depth).map { index in
            row(columns.compactMap { index < $0.count ? $0[index] : nil }, onBaseline: onBaseline)
        }
        return result
    }
}
