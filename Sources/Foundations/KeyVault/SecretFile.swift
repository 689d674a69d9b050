import Foundation
import Kernel

/// Files that hold secrets: read only when nobody else may, replaced in one step.
enum SecretFile {
    /// What tells one version of a file from another.
    struct Stamp: Sendable, Hashable {
        var device: UInt64
        var inode: UInt64
        var size: Int64
        var seconds: Int64
        var nanoseconds: Int64
    }

    /// The content of a file, or `nil` when there is none. Throws `keyvault.permissions` when others than the owner may
    /// read or write it or it belongs to somebody else, `keyvault.format` when it is longer than the limit,
    /// `keyvault.unavailable`.
    static func read(_ path: String, limit: Int) throws -> [UInt8]? { try readStamped(path, limit: limit)?.bytes }

    /// The content with the stamp of exactly this version.
    static func readStamped(_ path: String, limit: Int) throws -> (bytes: [UInt8], stamp: Stamp)? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw failure("open")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure("stat") }
        guard status.st_mode & S_IFMT == S_IFREG else { throw RumdulError.keyVaultUnavailable("not a regular file") }
        guard status.st_mode & 0o077 == 0 else {
            throw RumdulError.keyVaultPermissions("mode \(String(status.st_mode & 0o7777, radix: 8))")
        }
        guard status.st_uid == geteuid() || status.st_uid == 0 else {
            throw RumdulError.keyVaultPermissions("owner \(status.st_uid)")
        }
        guard Int64(status.st_size) <= Int64(limit) else {
            throw RumdulError.keyVaultFormat("longer than \(limit) bytes")
        }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        var filled = 0
        while filled < bytes.count {
            let count = bytes.withUnsafeMutableBytes { buffer in
                Foundation.read(descriptor, buffer.baseAddress?.advanced(by: filled), buffer.count - filled)
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw failure("read") }
            filled += count
        }
        return (bytes, stamp(status))
    }

    /// The stamp of the file as it is now, or `nil` when there is none.
    static func stamp(_ path: String) -> Stamp? {
        var status = stat()
        return stat(path, &status) == 0 ? stamp(status) : nil
    }

    /// Replaces a file in one step (temporary file, fsync, rename, fsync of the folder), mode 0600. After a crash there
    /// is either the old or the new content. Throws `keyvault.unavailable`.
    static func replace(_ path: String, with bytes: [UInt8]) throws {
        let temporary = path + ".new.\(getpid())"
        unlink(temporary)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("create") }
        do {
            defer { close(descriptor) }
            guard fchmod(descriptor, 0o600) == 0 else { throw failure("chmod") }
            var written = 0
            while written < bytes.count {
                let count = bytes.withUnsafeBytes { buffer in
                    Foundation.write(descriptor, buffer.baseAddress?.advanced(by: written), buffer.count - written)
                }
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { throw failure("write") }
                written += count
            }
            guard fsync(descriptor) == 0 else { throw failure("fsync") }
            guard rename(temporary, path) == 0 else { throw failure("rename") }
        } catch {
            unlink(temporary)
            throw error
        }
        let directory = open(folder(of: path), O_RDONLY | O_CLOEXEC | O_DIRECTORY)
        guard directory >= 0 else { throw failure("open folder") }
        defer { close(directory) }
        guard fsync(directory) == 0 else { throw failure("fsync folder") }
    }

    /// Runs a step while no other process (and no other task of this one) runs one on the same file. The lock is on a
    /// file beside it, because the file itself is replaced. Throws `keyvault.unavailable` when the lock stays taken for
    /// ten seconds.
    static func locked<Value>(_ path: String, _ step: () throws -> Value) async throws -> Value {
        let descriptor = open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("open lock") }
        defer { close(descriptor) }
        var tries = 0
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR, tries < 2000 else { throw failure("lock") }
            tries += 1
            try await Task.sleep(for: .milliseconds(5))
        }
        return try step()
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == path.utf8.startIndex ? "/" : String(path[..<slash])
    }

    private static func stamp(_ status: stat) -> Stamp {
        Stamp(
            device: UInt64(status.st_dev), inode: UInt64(status.st_ino), size: Int64(status.st_size),
            seconds: Int64(status.st_mtim.tv_sec), nanoseconds: Int64(status.st_mtim.tv_nsec))
    }

    /// The reason without the path: paths may name people.
    private static func failure(_ step: String) -> RumdulError {
        RumdulError.keyVaultUnavailable("\(step): errno \(errno)")
    }
}
