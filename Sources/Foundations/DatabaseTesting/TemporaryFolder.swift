import Foundation

/// A fresh folder with a short path, in memory where the system offers that: tests then cost no disk flushes.
public struct TemporaryFolder: Sendable {
    /// The absolute path, without a slash at its end.
    public let path: String

    /// Makes the folder, readable by its owner only.
    public init() throws {
        let base = TemporaryFolder.base
        path = "\(base)/rumdul-\(ProcessInfo.processInfo.processIdentifier)-\(UInt32.random(in: .min ... .max))"
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    }

    /// The memory file system if there is one with room (in containers it is often tiny).
    private static let base: String = {
        let memory = "/dev/shm"
        let free = try? FileManager.default.attributesOfFileSystem(forPath: memory)[.systemFreeSize] as? Int64
        let fits = FileManager.default.isWritableFile(atPath: memory) && (free ?? 0) > 2_000_000_000
        return fits ? memory : "/tmp"
    }()

    /// Deletes the folder and all in it.
    public func remove() { try? FileManager.default.removeItem(atPath: path) }
}
