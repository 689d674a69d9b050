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
        let identifier = ObjectIdentifier(owner)
        let enclosing = DatabaseScope.current
        var scope = enclosing
        while let level = scope {
            if level.owner == identifier && !level.isOver { throw RumdulError.databaseNested }
            scope = level.outer
        }
        self.owner = identifier
        self.outer = enclosing
    }

    /// Whether the closure has ended. A task that it left behind may then begin its own transactions.
    var isOver: Bool { over.load(ordering: .acquiring) }

    func end() { over.store(true, ordering: .releasing) }
}
