import Database

/// The engine that a test runs on; the argument of parameterised store tests.
public enum DatabaseKind: String, Sendable, CaseIterable, CustomStringConvertible {
    case sqlite
    case postgresql

    public var description: String { rawValue }
}
