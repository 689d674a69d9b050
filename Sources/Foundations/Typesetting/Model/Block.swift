/// One thing on a page. A block that does not fit goes to the next page; one that is higher than a page is parted
/// between its lines.
public indirect enum Block: Sendable, Hashable {
    /// A title: stays with what follows it.
    case heading(Paragraph)
    case paragraph(Paragraph)
    /// Labels and values.
    case fields([FieldRow], FieldStyle)
    case table(Table)
    /// Blocks side by side, level at the top.
    case columns([Column], gap: Double)
    case qr(QRBlock)
    /// An empty place that is kept, such as for a signature.
    case slot(SlotBlock)
    /// A line from edge to edge.
    case rule(thickness: Double, colour: Colour)
    /// A small ornament in the middle, such as below the motto of the state.
    case ornament(width: Double, colour: Colour)
    /// Empty space, left out at the top of a page.
    case spacer(Double)
    /// Space that takes its share of what the page has left over, at most so many points.
    case fill(max: Double)
    /// Blocks that stay on one page if a page can hold them.
    case together([Block])
}

/// One part of `Block.columns`.
public struct Column: Sendable, Hashable {
    /// Its share of the width.
    public var weight: Double
    public var blocks: [Block]

    public init(weight: Double = 1, _ blocks: [Block]) {
        self.weight = weight
        self.blocks = blocks
    }
}

/// A label in Khmer and English with its value.
public struct FieldRow: Sendable, Hashable {
    public var labelKm: String
    public var labelEn: String?
    public var value: String
    /// The value in Latin letters, where the Khmer needs it.
    public var valueLatin: String?

    public init(_ labelKm: String, _ labelEn: String? = nil, value: String, latin valueLatin: String? = nil) {
        self.labelKm = labelKm
        self.labelEn = labelEn
        self.value = value
        self.valueLatin = valueLatin
    }
}

/// How field rows look.
public struct FieldStyle: Sendable, Hashable {
    /// Where a label stands to its value.
    public enum Arrangement: Sendable, Hashable {
        /// The label above the value.
        case above
        /// Label left, value right; the label takes this part of the width, its two languages on lines of their own.
        case beside(Double)
        /// As `beside`, with both languages on one line where they fit on one.
        case besideInline(Double)
    }

    public var arrangement: Arrangement
    /// Size of the Khmer label in points; the other sizes follow from it.
    public var size: Double
    /// Space between rows, in points.
    public var gap: Double
    /// Whether a hairline parts the rows.
    public var ruled: Bool
    /// Height of a line as a multiple of what the faces need.
    public var leading: Double

    public init(
        _ arrangement: Arrangement = .above, size: Double = 10, gap: Double = 4, ruled: Bool = false,
        leading: Double = 1
    ) {
        self.arrangement = arrangement
        self.size = size
        self.gap = gap
        self.ruled = ruled
        self.leading = leading
    }
}

/// A table with rules between its rows.
public struct Table: Sendable, Hashable {
    /// Shares of the width, one for each column.
    public var weights: [Double]
    /// The head, above a thicker rule; `nil` for none.
    public var head: [Paragraph]?
    /// The rows, each with one cell for each column.
    public var rows: [[Paragraph]]
    public var colour: Colour

    public init(weights: [Double] = [1, 1], head: [Paragraph]? = nil, rows: [[Paragraph]], colour: Colour = .hairline) {
        self.weights = weights
        self.head = head
        self.rows = rows
        self.colour = colour
    }
}

/// A QR code drawn from its modules, with a quiet zone of four modules inside the square.
public struct QRBlock: Sendable, Hashable {
    /// The name under which its place is told; `nil` when nobody asks for it.
    public var name: String?
    /// The dark modules by rows, without quiet zone; a square.
    public var modules: [[Bool]]
    /// The edge of the square in points, quiet zone included.
    public var size: Double
    public var alignment: Alignment

    public init(name: String? = nil, modules: [[Bool]], size: Double = 84, alignment: Alignment = .left) {
        self.name = name
        self.modules = modules
        self.size = size
        self.alignment = alignment
    }
}

/// A place that is kept empty and told to the caller.
public struct SlotBlock: Sendable, Hashable {
    public var name: String
    public var kind: SlotKind
    public var width: Double
    public var height: Double
    public var alignment: Alignment
    /// The colour of a thin outline; `nil` for none.
    public var outline: Colour?

    public init(
        name: String, kind: SlotKind, width: Double, height: Double, alignment: Alignment = .left,
        outline: Colour? = nil
    ) {
        self.name = name
        self.kind = kind
        self.width = width
        self.height = height
        self.alignment = alignment
        self.outline = outline
    }
}
