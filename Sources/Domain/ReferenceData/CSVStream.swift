import Kernel

/// Why a line of a CSV file was refused. The raw value is the stable code of the error.
public enum CSVFault: String, Sendable, CaseIterable, Error {
    case malformed = "csv.malformed"
    case lineTooLong = "csv.line_length"
    case notUTF8 = "csv.utf8"
    case control = "csv.control"
    case fieldTooLong = "csv.field_length"
    case fieldCount = "csv.field_count"

    /// Why, in both languages; nothing of the line is repeated.
    public var text: LocalizedText {
        switch self {
        case .malformed: .malformedLine
        case .lineTooLong:
            LocalizedText(km: "បន្ទាត់នេះវែងពេក។", en: "This line is too long.")
        case .notUTF8:
            LocalizedText(km: "បន្ទាត់នេះមិនមែនជា UTF-8 ត្រឹមត្រូវទេ។", en: "This line is not well-formed UTF-8.")
        case .control:
            LocalizedText(km: "បន្ទាត់នេះមានតួអក្សរបញ្ជា។", en: "This line contains a control character.")
        case .fieldTooLong:
            LocalizedText(km: "ក្រឡាមួយក្នុងបន្ទាត់នេះវែងពេក។", en: "A field of this line is too long.")
        case .fieldCount: .wrongFieldCount
        }
    }
}

/// What a CSV file may hold at most.
public struct CSVLimits: Sendable {
    /// Bytes of a line without its end.
    public var lineBytes: Int
    public var fields: Int
    /// Bytes of a field.
    public var fieldBytes: Int

    public init(lineBytes: Int, fields: Int, fieldBytes: Int) {
        self.lineBytes = lineBytes
        self.fields = fields
        self.fieldBytes = fieldBytes
    }
}

/// One line of a streamed CSV file.
public struct CSVRecord: Sendable {
    /// Its number in the file, from 1 (the header).
    public let line: Int
    public let content: Result<[String], CSVFault>
}

/// Reads a CSV file in pieces, as strictly as the import of the gazetteer and without holding more than one line: RFC 4180,
/// UTF-8 with or without a byte order mark, no line breaks inside fields. A line that is too long is passed over without
/// being kept.
public struct CSVStream: Sendable {
    private let limits: CSVLimits
    private var kept: [UInt8] = []
    private var isOverlong = false
    private var line = 0
    private var width: Int?

    public init(_ limits: CSVLimits) { self.limits = limits }

    /// The lines that are complete with this piece.
    public mutating func take(_ bytes: some Collection<UInt8>) -> [CSVRecord] {
        var records: [CSVRecord] = []
        var rest = bytes[...]
        while let end = rest.firstIndex(of: 10) {
            keep(rest[..<end])
            records.append(finishLine())
            rest = rest[rest.index(after: end)...]
        }
        keep(rest)
        return records
    }

    /// The last line, when the file does not end with a line end.
    public mutating func finish() -> CSVRecord? { kept.isEmpty && !isOverlong ? nil : finishLine() }

    private mutating func keep(_ bytes: some Collection<UInt8>) {
        guard !isOverlong else { return }
        guard kept.count + bytes.count <= limits.lineBytes + 4 else {
            kept = []
            isOverlong = true
            return
        }
        kept += bytes
    }

    private mutating func finishLine() -> CSVRecord {
        line += 1
        defer {
            kept.removeAll(keepingCapacity: true)
            isOverlong = false
        }
        guard !isOverlong else { return CSVRecord(line: line, content: .failure(.lineTooLong)) }
        var bytes = kept[...]
        if line == 1, bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
        if bytes.last == 13 { bytes = bytes.dropLast() }
        guard bytes.count <= limits.lineBytes else { return CSVRecord(line: line, content: .failure(.lineTooLong)) }
        let fields: [String]
        do {
            fields = try Self.split(bytes, limits)
        } catch {
            return CSVRecord(line: line, content: .failure(error))
        }
        if let width, fields.count != width { return CSVRecord(line: line, content: .failure(.fieldCount)) }
        width = fields.count
        return CSVRecord(line: line, content: .success(fields))
    }

    /// The fields of one line without its end.
    static func split(_ line: ArraySlice<UInt8>, _ limits: CSVLimits) throws(CSVFault) -> [String] {
        guard !line.isEmpty else { throw .malformed }
        var fields: [String] = []
        var index = line.startIndex
        while true {
            let field = try field(line, &index)
            guard field.count <= limits.fieldBytes else { throw .fieldTooLong }
            guard fields.count < limits.fields else { throw .fieldCount }
            guard field.allSatisfy({ $0 >= 32 && $0 != 127 }) else { throw .control }
            guard let text = String(validating: field, as: UTF8.self) else { throw .notUTF8 }
            fields.append(text)
            guard index < line.endIndex else { return fields }
            index += 1
        }
    }

    /// The next field, with or without quotes; leaves `index` at the comma behind it or at the end.
    private static func field(_ line: ArraySlice<UInt8>, _ index: inout Int) throws(CSVFault) -> [UInt8] {
        var field: [UInt8] = []
        guard index < line.endIndex, line[index] == UInt8(ascii: "\"") else {
            while index < line.endIndex, line[index] != UInt8(ascii: ",") {
                guard line[index] != UInt8(ascii: "\"") else { throw .malformed }
                field.append(line[index])
                index += 1
            }
            return field
        }
        index += 1
        while index < line.endIndex {
            let byte = line[index]
            index += 1
            if byte != UInt8(ascii: "\"") {
                field.append(byte)
            } else if index < line.endIndex, line[index] == UInt8(ascii: "\"") {
                field.append(byte)
                index += 1
            } else {
                guard index == line.endIndex || line[index] == UInt8(ascii: ",") else { throw .malformed }
                return field
            }
        }
        throw .malformed
    }
}
