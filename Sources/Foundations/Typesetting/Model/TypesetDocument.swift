/// A finished document.
public struct TypesetDocument: Sendable, Hashable {
    /// The PDF file.
    public var bytes: [UInt8]
    public var pageCount: Int
    /// The places that were kept, in reading order.
    public var slots: [Slot]

    /// The slot of a name, or `nil`.
    public func slot(_ name: String) -> Slot? { slots.first { $0.name == name } }
}

/// What a slot is for.
public enum SlotKind: Sendable, Hashable {
    case signature, qr
}

/// A place on a page, as PDF counts: points from the lower left corner of the paper.
public struct Slot: Sendable, Hashable {
    public var name: String
    public var kind: SlotKind
    /// The page, 1 for the first.
    public var page: Int
    /// The left edge.
    public var x: Double
    /// The lower edge.
    public var y: Double
    public var width: Double
    public var height: Double
}
