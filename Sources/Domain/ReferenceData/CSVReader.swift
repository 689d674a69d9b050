import Kernel

/// One line of a CSV file.
struct CSVLine: Sendable {
    /// Its number in the file, from 1 (the header).
    let number: Int
    let fields: [String]
}

/// A strict reader of RFC 4180 files: UTF-8, commas, fields in quotes where needed, no line breaks inside fields, as
/// many fields on every line as in the header. Everything else is refused with the number of the line.
struct CSVReader {
    static let maximumBytes = 32 << 20
    static let maximumLines = 200_000
    static let maximumFields = 32
    static let maximumFieldBytes = 1024

    /// The header, the lines after it, and the lines that were refused.
    static func read(_ bytes: [UInt8]) -> (header: [String], lines: [CSVLine], refused: [RefusedLine]) {
        guard bytes.count <= maximumBytes else { return ([], [], [.init(1, .fileTooLarge)]) }
        var start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        var header: [String] = []
        var lines: [CSVLine] = []
        var refused: [RefusedLine] = []
        var number = 0
        while start < bytes.count {
            number += 1
            guard number <= maximumLines else { return (header, lines, refused + [.init(number, .tooManyLines)]) }
            let end = bytes[start...].firstIndex(of: 10) ?? bytes.count
            var line = bytes[start..<end]
            if line.last == 13 { line = line.dropLast() }
            start = end + 1
            guard let fields = split(line) else {
                refused.append(.init(number, .malformedLine))
                if number == 1 { return ([], [], refused) }
                continue
            }
            if number == 1 {
                header = fields
            } else if fields.count == header.count {
                lines.append(CSVLine(number: number, fields: fields))
            } else {
                refused.append(.init(number, .wrongFieldCount))
            }
        }
        return (header, lines, refused)
    }

    /// The fields of one line, or `nil` when it is not well formed.
    private static func split(_ line: ArraySlice<UInt8>) -> [String]? {
        try? CSVStream.split(
            line, CSVLimits(lineBytes: maximumBytes, fields: maximumFields, fieldBytes: maximumFieldBytes))
    }
}

/// A line of an imported file that was refused, and why. The text does not repeat the line.
public struct RefusedLine: Sendable, Hashable {
    /// The number of the line in the file, from 1.
    public let line: Int
    /// Why, for the operator.
    public let reason: LocalizedText

    init(_ line: Int, _ reason: LocalizedText) {
        self.line = line
        self.reason = reason
    }
}

extension LocalizedText {
    static let fileTooLarge = LocalizedText(km: "ឯកសារធំពេក (លើសពី ៣២ មេបៃ)។", en: "The file is too large (more than 32 MiB).")
    static let tooManyLines = LocalizedText(km: "ឯកសារមានបន្ទាត់ច្រើនពេក។", en: "The file has too many lines.")
    static let malformedLine = LocalizedText(km: "បន្ទាត់នេះមិនមែនជា CSV ត្រឹមត្រូវទេ។", en: "This line is not well-formed CSV.")
    static let wrongFieldCount = LocalizedText(
        km: "ចំនួនវាលមិនស្មើនឹងចំណងជើងទេ។", en: "The number of fields differs from the header.")
    static let unknownHeader = LocalizedText(
        km: "ចំណងជើងមិនមែនជាបញ្ជីភូមិសាស្ត្រទេ។", en: "The header is not that of a list of places or of changes.")
    static let badCode = LocalizedText(km: "លេខកូដមិនត្រឹមត្រូវសម្រាប់កម្រិតនេះទេ។", en: "The code does not fit the level.")
    static let badParent = LocalizedText(
        km: "លេខកូដមេមិនមែនជាផ្នែកដើមនៃលេខកូដទេ។", en: "The parent code is not the beginning of the code.")
    static let unknownParent = LocalizedText(
        km: "មិនស្គាល់ទីកន្លែងមេទេ។ សូមនាំចូលកម្រិតខាងលើជាមុន។",
        en: "The place that should contain it is not known. Import the level above first.")
    static let badUnit = LocalizedText(km: "ប្រភេទទីកន្លែងមិនត្រឹមត្រូវទេ។", en: "The unit word does not belong to the level.")
    static let badName = LocalizedText(km: "ឈ្មោះទទេ ឬមិនមែនជាអក្សរខ្មែរ។", en: "The name is empty or not in Khmer script.")
    static let duplicateCode = LocalizedText(km: "លេខកូដនេះមានពីរដងក្នុងឯកសារ។", en: "The code stands twice in the file.")
    static let badDate = LocalizedText(km: "កាលបរិច្ឆេទមិនត្រឹមត្រូវទេ។", en: "The day is not a valid YYYY-MM-DD.")
    static let unknownChange = LocalizedText(km: "មិនស្គាល់ប្រភេទការផ្លាស់ប្តូរទេ។", en: "The kind of change is not known.")
    static let impossibleChange = LocalizedText(
        km: "ការផ្លាស់ប្តូរនេះផ្ទុយនឹងការផ្លាស់ប្តូរមុន។",
        en: "This change contradicts the one before it for the same code.")
    static let stillListed = LocalizedText(
        km: "លេខកូដនេះនៅក្នុងបញ្ជីបច្ចុប្បន្ន ប៉ុន្តែត្រូវបានដកចេញ។",
        en: "The code is in the present list, yet the last change removes it.")
}
