import Kernel
import Synchronization

/// One document is set at a time. Pango's maps and cairo's surfaces may be of one call alone, but cairo keeps one FreeType library for the whole
/// process, and two threads that open faces in it at once fail with "error occurred in libfreetype" or end the program.
enum Press {
    private static let lock = Mutex(())

    /// Runs `body` with nobody else at it. Whatever pango or cairo made in it must be gone when it returns. Not to be nested.
    static func alone<Value: Sendable>(
        _ body: () throws(RumdulError) -> Value
    ) throws(RumdulError) -> Value {
        let result = lock.withLock { _ in
            do throws(RumdulError) { return Result<Value, RumdulError>.success(try body()) } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}
