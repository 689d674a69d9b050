import Kernel

/// A document to be set: pure values, so that the same document always gives the same bytes.
public struct Document: Sendable, Hashable {
    /// What a reader's program shows about the document.
    public var metadata: DocumentMetadata
    public var page: PageSize
    public var margins: Margins
    /// What the pages hold, in reading order.
    public var blocks: [Block]
    /// The line at the foot of every page; `nil` for none.
    public var footer: Footer?
    /// The border of every page; `nil` for none.
    public var frame: Frame?
    /// A word across every page, behind the text; `nil` for none.
    public var watermark: LocalizedText?

    public init(
        metadata: DocumentMetadata, page: PageSize = .a4, margins: Margins = Margins(all: 56), blocks: [Block],
        footer: Footer? = nil, frame: Frame? = nil, watermark: LocalizedText? = nil
    ) {
        self.metadata = metadata
        self.page = page
        self.margins = margins
        self.blocks = blocks
        self.footer = footer
        self.frame = frame
        self.watermark = watermark
    }
}

/// What stands in the document's information dictionary.
public struct DocumentMetadata: Sendable, Hashable {
    public var title: String
    /// The office that issues the document.
    public var author: String?
    public var subject: String?
    /// The language of the document as a whole, for screen readers.
    public var language: Language
    /// When the document was made. Given by the caller: nothing here reads a clock.
    public var created: Instant

    public init(
        title: String, author: String? = nil, subject: String? = nil, language: Language = .km, created: Instant
    ) {
        self.title = title
        self.author = author
        self.subject = subject
        self.language = language
        self.created = created
    }
}

/// A paper size (ISO 216), upright.
public enum PageSize: Sendable, Hashable, CaseIterable {
    case a4, a5

    /// Width in points.
    public var width: Double { self == .a4 ? 595.276 : 419.528 }
    /// Height in points.
    public var height: Double { self == .a4 ? 841.89 : 595.276 }
}

/// Distances of the text from the edges of the paper, in points.
public struct Margins: Sendable, Hashable {
    public var top: Double
    public var right: Double
    public var bottom: Double
    public var left: Double

    public init(top: Double, right: Double, bottom: Double, left: Double) {
        self.top = top
        self.right = right
        self.bottom = bottom
        self.left = left
    }

    public init(all margin: Double) { self.init(top: margin, right: margin, bottom: margin, left: margin) }
}

/// The line at the foot of every page: a text at the left, the number of the page at the right.
public struct Footer: Sendable, Hashable {
    public var runs: [Run]
    /// `ទំព័រ ១/៣` or `Page 1 of 3`, in the document's language.
    public var showsPageNumber: Bool

    public init(_ runs: [Run] = [], showsPageNumber: Bool = true) {
        self.runs = runs
        self.showsPageNumber = showsPageNumber
    }
}

/// A border around the page.
public struct Frame: Sendable, Hashable {
    /// Distance of the outer line from the edge of the paper, in points.
    public var inset: Double
    public var colour: Colour

    public init(inset: Double = 22, colour: Colour = .seal) {
        self.inset = inset
        self.colour = colour
    }
}

/// A colour of the screen (DeviceRGB), each part from 0 to 1.
public struct Colour: Sendable, Hashable {
    public var red: Double
    public var green: Double
    public var blue: Double

    public init(_ red: Double, _ green: Double, _ blue: Double) {
        self.red = red
        self.green = green
        self.blue = blue
    }

    public static let black = Colour(0, 0, 0)
    public static let white = Colour(1, 1, 1)
    /// Second-rank text, still dark enough to read (contrast 7:1 on white).
    public static let grey = Colour(0.33, 0.33, 0.35)
    /// Hairlines.
    public static let hairline = Colour(0.72, 0.74, 0.78)
    /// Titles, borders: the deep blue of the house.
    public static let seal = Colour(0.09, 0.17, 0.42)
    /// Watermarks.
    public static let faint = Colour(0.915, 0.92, 0.935)
}
