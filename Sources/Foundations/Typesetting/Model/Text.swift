/// The part a font plays. The families are named here and nowhere else; all of them are Debian packages.
public enum Face: Sendable, Hashable, CaseIterable {
    /// Running Khmer with Latin between.
    case body
    /// Running text that stands out: true bold fonts, never thickened ones.
    case bold
    /// Khmer titles in Muol style.
    case heading
    /// Titles of the state, in the heavier Muol.
    case title
    /// Latin text with serifs, Khmer between.
    case latin
    case latinBold
    /// Codes and numbers of one width.
    case monospaced
}

/// How a run of text looks.
public struct TextStyle: Sendable, Hashable {
    public var face: Face
    /// Size in points.
    public var size: Double
    public var colour: Colour

    public init(_ face: Face = .body, _ size: Double = 11, _ colour: Colour = .black) {
        self.face = face
        self.size = size
        self.colour = colour
    }
}

/// Text of one style.
public struct Run: Sendable, Hashable {
    public var text: String
    public var style: TextStyle

    public init(_ text: String, _ style: TextStyle = TextStyle()) {
        self.text = text
        self.style = style
    }
}

/// Where lines stand between their edges.
public enum Alignment: Sendable, Hashable {
    case left, centre, right
}

/// Lines of text that belong together. A line feed in the text begins a new line; U+200B allows one.
public struct Paragraph: Sendable, Hashable {
    public var runs: [Run]
    public var alignment: Alignment
    /// Height of a line as a multiple of what the faces need; 1 is right for Khmer.
    public var leading: Double
    /// Space below, in points.
    public var spaceAfter: Double

    public init(_ runs: [Run], _ alignment: Alignment = .left, leading: Double = 1, spaceAfter: Double = 0) {
        self.runs = runs
        self.alignment = alignment
        self.leading = leading
        self.spaceAfter = spaceAfter
    }

    public init(
        _ text: String, _ style: TextStyle = TextStyle(), _ alignment: Alignment = .left, leading: Double = 1,
        spaceAfter: Double = 0
    ) { self.init([Run(text, style)], alignment, leading: leading, spaceAfter: spaceAfter) }
}
