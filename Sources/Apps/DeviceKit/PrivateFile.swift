import Foundation
import Kernel

/// Small files that only their owner may read, replaced whole or not at all.
enum PrivateFile {
    /// The largest file that is read, in bytes.
    static let limit = 1 << 16

    /// The bytes of a file, or `nil` when there is none.
    /// - Throws: `device.store_exposed` when others may read or write it, `device.store_damaged` when it is no regular
    ///   file, too large or unreadable.
    static func read(_ path: String) throws(RumdulError) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw RumdulError.storeDamaged("cannot open, errno \(errno)")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= limit else {
            throw RumdulError.storeDamaged("not a small regular file")
        }
        guard status.st_mode & 0o077 == 0 else { throw RumdulError.storeExposed }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while bytes.count <= limit {
            let count = Foundation.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw RumdulError.storeDamaged("cannot read, errno \(errno)") }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
        }
        throw RumdulError.storeDamaged("too large")
    }

    /// Writes a file with mode 0600 beside its place, syncs it, and moves it into place; the folder is made with mode
    /// 0700.
    /// - Throws: `device.store_unwritable`.
    static func write(_ bytes: [UInt8], to path: String, ambient: Ambient) throws(RumdulError) {
        let folder = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
        try makeFolder(folder)
        let temporary = path + "." + ambient.newSecret(bytes: 8) + ".new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw RumdulError.storeUnwritable("open, errno \(errno)") }
        var complete = writeAll(bytes, to: descriptor) && fsync(descriptor) == 0
        complete = close(descriptor) == 0 && complete
        guard complete, rename(temporary, path) == 0 else {
            let reason = errno
            unlink(temporary)
            throw RumdulError.storeUnwritable("write, errno \(reason)")
        }
        let parent = open(folder.isEmpty ? "." : folder, O_RDONLY | O_CLOEXEC)
        if parent >= 0 {
            fsync(parent)
            close(parent)
        }
    }

    /// Removes a file; nothing happens when there is none.
    /// - Throws: `device.store_unwritable`.
    static func remove(_ path: String) throws(RumdulError) {
        guard unlink(path) == 0 || errno == ENOENT else { throw RumdulError.storeUnwritable("unlink, errno \(errno)") }
    }

    private static func makeFolder(_ path: String) throws(RumdulError) {
        guard !path.isEmpty else { return }
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw RumdulError.storeUnwritable("folder")
        }
    }

    private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
