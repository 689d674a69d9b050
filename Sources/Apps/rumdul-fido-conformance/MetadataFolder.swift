import Codecs
import Foundation
import Kernel
import WebAuthn

/// The tool's metadata: statements as it exports them, BLOBs of its metadata services, revocation lists. A file that is not acceptable is
/// left out, as the rows of the group MDS want, and so are the models that only it describes.
struct MetadataFolder {
    /// `nil` when nothing was acceptable.
    private(set) var directory: MetadataDirectory?
    private(set) var revocationLists: [RevocationList] = []
    /// A line for each file.
    private(set) var report: [String] = []

    /// - Throws: when the folder or the roots cannot be read.
    init(_ path: String, roots: String?, now: Instant) throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
        let trusted = try roots.map { try Self.certificates($0) } ?? []
        // Lists first: BLOBs are checked against them.
        for name in names where name.hasSuffix(".crl") {
            if let list = read(name, in: path, { try RevocationList(der: $0) }) { revocationLists.append(list) }
        }
        let judge = MetadataBLOB(roots: trusted, revocationLists: revocationLists)
        for name in names where name.hasSuffix(".jwt") {
            add(read(name, in: path) { try judge.verify($0.filter { $0 > 0x20 }, at: now) })
        }
        guard let today = CalendarDate(iso: now.rfc3339.prefix(10)) else { throw RumdulError.internal("the date") }
        for name in names where name.hasSuffix(".json") {
            add(
                read(name, in: path) { bytes in
                    let statement = try JSON.parseObject(bytes, limits: .init(size: 1 << 22))
                    return try MetadataDirectory(statements: [statement], nextUpdate: today)
                })
        }
    }

    private mutating func add(_ more: MetadataDirectory?) {
        guard let more else { return }
        directory = directory?.merging(more) ?? more
    }

    /// What a file holds, or `nil`; the report says which.
    private mutating func read<Value>(
        _ name: String, in folder: String, _ work: ([UInt8]) throws -> Value
    ) -> Value? {
        do {
            guard let data = FileManager.default.contents(atPath: folder + "/" + name) else {
                throw RumdulError.internal("cannot be read")
            }
            let value = try work(Array(data))
            report.append("\(name): accepted")
            return value
        } catch {
            report.append("\(name): \((error as? RumdulError)?.code ?? "\(error)")")
            return nil
        }
    }

    private static func certificates(_ path: String) throws -> [AttestationCertificate] {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        return try text.components(separatedBy: "-----BEGIN CERTIFICATE-----").dropFirst().map { part in
            let body = part.components(separatedBy: "-----END")[0].filter { !$0.isWhitespace }
            return try AttestationCertificate(der: Base64.decode(body) ?? [])
        }
    }
}
