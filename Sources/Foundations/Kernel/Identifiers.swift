/// The internal, meaningless identifier of a person (UUID version 7). Never leaves the system: relying parties get pairwise subjects.
public struct PersonID: Sendable, Hashable, Codable, CustomStringConvertible {
    public let text: String

    public init(_ text: String) { self.text = text }

    public var description: String { text }
}
