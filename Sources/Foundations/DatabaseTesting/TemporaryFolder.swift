import Foundation

/// A fresh folder with a short path, in memory where the system offers that: tests then cost no disk flushes.
public struct TemporaryFolder: Sendable {
    /// The absolute path, without a slash at its end.
    public let path: String

    /// Makes the folder, readable by its owner only.
    public init() throws {
        let memory = "/dev/shm"
        let base = FileManager.default.isWritableFile(atPath: memory) ? memory : "/tmp"
        path = "\(base)/rumdul-\(ProcessInfo.processInfo.processIdentifier)-\(UInt32.random(in: .min ... .max))"
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    }

    /// Deletes the folder and all in it.
    public func remove() { try? FileManager.default.removeItem(atPath: path) }
}
