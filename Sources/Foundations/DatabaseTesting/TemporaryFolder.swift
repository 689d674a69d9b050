import Foundation

/// A fresh folder with a short path, in memory where the system offers that: tests then cost no disk flushes.
public struct TemporaryFolder: Sendable {
    /// The absolute path, without a slash at its end.
    public let path: String

    /// Makes the folder, readable by its owner only.
    public init() throws {
        _ = TemporaryFolder.sweep
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

    /// Deletes what killed processes left behind, once. Folders with a server in them have their own guard.
    private static let sweep: Void = {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: base)) ?? [] {
            let parts = name.split(separator: "-")
            guard parts.count == 3, parts[0] == "rumdul", let process = pid_t(parts[1]), process > 0,
                kill(process, 0) == -1, errno == ESRCH, !FileManager.default.fileExists(atPath: "\(base)/\(name)/data")
            else { continue }
            try? FileManager.default.removeItem(atPath: "\(base)/\(name)")
        }
    }()

    /// Deletes the folder and all in it.
    public func remove() { try? FileManager.default.removeItem(atPath: path) }
}
