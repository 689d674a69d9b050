import Accountability
import Codecs
import Crypto
import Kernel
import ReferenceData

/// What an import did so far.
public struct ImportCounts: Sendable, Hashable {
    /// Registered records, or people.
    public internal(set) var entered = 0
    /// Records that wait for two officers.
    public internal(set) var review = 0
    /// Lines that an earlier run entered.
    public internal(set) var known = 0
    /// Lines that were refused.
    public internal(set) var refused = 0

    public var lines: Int { entered + review + known + refused }

    public var json: JSONObject {
        [
            "entered": .integer(Int64(entered)), "review": .integer(Int64(review)), "known": .integer(Int64(known)),
            "refused": .integer(Int64(refused)),
        ]
    }
}

/// What an import is to do.
public struct ImportOrder: Sendable {
    public var kind: ImportKind
    /// Columns with one value for the whole file.
    public var constants: [String: String] = [:]
    public var basis: String
    public var officer: Officer
    public var isDryRun = false
    public var isResumed = false

    public init(_ kind: ImportKind, basis: String, officer: Officer) {
        self.kind = kind
        self.basis = basis
        self.officer = officer
    }
}

/// Runs the import of a file that is read in pieces, twice: once for its digest, once for its lines.
public struct ImportRun: Sendable {
    let register: CivilRegister
    let order: ImportOrder

    public init(_ register: CivilRegister, _ order: ImportOrder) {
        self.register = register
        self.order = order
    }

    /// The header of a file for people to fill in.
    public static func template(_ kind: ImportKind) -> String { CSVText.line(kind.columns) }

    /// The header of a file of refused lines.
    public static let refusalHeader = CSVText.line(["line", "column", "code", "km", "en"])

    /// - Parameters:
    ///   - open: opens the file from its beginning and gives its pieces; an empty one is the end.
    ///   - refused: hears of each refused line, in order.
    ///   - progress: hears after each line.
    /// - Returns: the counts. Throws what `openImport` does, and what stops the import.
    public func run(
        _ open: () throws -> () throws -> [UInt8], refused: (ImportRefusal) throws -> Void,
        progress: (ImportCounts) -> Void = { _ in }
    ) async throws -> ImportCounts {
        let digest = try Self.digest(open())
        let next = try open()
        var stream = CSVStream(ImportHeader.limits)
        var job: EventImport?
        var counts = ImportCounts()
        var atEnd = false
        while !atEnd {
            let piece = try next()
            atEnd = piece.isEmpty
            for record in atEnd ? [stream.finish()].compactMap(\.self) : stream.take(piece) {
                guard let begun = job else {
                    job = try await begin(record, digest: digest)
                    continue
                }
                try await take(record, begun, &counts, refused)
                progress(counts)
            }
        }
        guard let job else { throw RumdulError.civilImportHeader([]) }
        try await job.finish(counts.json)
        return counts
    }

    private func begin(_ header: CSVRecord, digest: [UInt8]) async throws -> EventImport {
        switch header.content {
        case .failure(let fault): throw RumdulError.civilImportHeader([FieldError("", fault.text)])
        case .success(let columns):
            return try await register.openImport(
                order.kind, file: digest, columns: columns, constants: order.constants, basis: order.basis,
                isResumed: order.isResumed, isDryRun: order.isDryRun, by: order.officer)
        }
    }

    private func take(
        _ record: CSVRecord, _ job: EventImport, _ counts: inout ImportCounts, _ refused: (ImportRefusal) throws -> Void
    ) async throws {
        guard record.line <= ImportHeader.mostLines else {
            throw RumdulError.civilImportHeader([FieldError("", .tooManyLinesOfImport)])
        }
        let outcome: ImportOutcome =
            switch record.content {
            case .success(let fields): try await job.take(line: record.line, fields)
            case .failure(let fault):
                .refused([ImportRefusal(line: record.line, code: fault.rawValue, text: fault.text)])
            }
        switch outcome {
        case .entered: counts.entered += 1
        case .review: counts.review += 1
        case .known: counts.known += 1
        case .refused(let reasons):
            counts.refused += 1
            for reason in reasons { try refused(reason) }
        }
    }

    private static func digest(_ next: () throws -> [UInt8]) throws -> [UInt8] {
        var hash = SHA256()
        while true {
            let piece = try next()
            if piece.isEmpty { return Array(hash.finalize()) }
            hash.update(data: piece)
        }
    }
}

extension ImportRefusal {
    /// The line of a file of refused lines: nothing of what was imported stands in it.
    public var csv: String { CSVText.line([String(line), column, code, text.km, text.en]) }
}

extension LocalizedText {
    static let tooManyLinesOfImport = LocalizedText(
        km: "ឯកសារមានបន្ទាត់ច្រើនពេក។", en: "The file has too many lines.")
}
