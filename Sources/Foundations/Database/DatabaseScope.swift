import Kernel
import Synchronization

/// Marks, for the length of one read or transaction closure, that its task (and the tasks inside it) hold a connection
/// of one database. A second one on the same database would wait for the first for ever, so it is refused.
final class DatabaseScope: Sendable {
    @TaskLocal static var current: DatabaseScope?

    private let owner: ObjectIdentifier
    private let outer: DatabaseScope?
    private let over = Atomic<Bool>(false)

    /// Opens a scope of `owner`. Throws `database.nested` when the task is inside one already.
    init(of owner: AnyObject) throws {
        let enclosing = DatabaseScope.current
        try Self.require(none: ObjectIdentifier(owner), in: enclosing)
        self.owner = ObjectIdentifier(owner)
        self.outer = enclosing
    }

    /// Throws `database.nested` when the task is inside a closure of `owner`.
    static func requireNone(of owner: AnyObject) throws { try require(none: ObjectIdentifier(owner), in: current) }

    private static func require(none owner: ObjectIdentifier, in enclosing: DatabaseScope?) throws {
        var scope = enclosing
        while let level = scope {
            if level.owner == owner && !level.isOver { throw RumdulError.databaseNested }
            scope = level.outer
        }
    }

    /// Whether the closure has ended. A task that it left behind may then begin its own transactions.
    var isOver: Bool { over.load(ordering: .acquiring) }

    func end() { over.store(true, ordering: .releasing) }
}
