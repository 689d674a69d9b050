import Hummingbird
import Kernel

/// A form with files, `multipart/form-data` (RFC 7578).
public struct MultipartForm: Sendable {
    /// One file.
    public struct File: Sendable {
        /// The name of the field.
        public let name: String
        /// What the sender calls the file; never a path of ours.
        public let fileName: String
        public let bytes: [UInt8]
    }

    /// The fields without files.
    public let fields: FormFields
    public let files: [File]

    /// The file of a field; `nil` when none was chosen.
    public func file(_ name: String) -> File? { files.first { $0.name == name && !$0.bytes.isEmpty } }

    /// Reads a body whole.
    /// - Throws: `web.unsupported_media`, `web.too_large`, `web.malformed_form`, `web.duplicate_parameter`.
    public static func read(_ request: Request, context: some RequestContext, limit: Int) async throws -> MultipartForm
    {
        try BodyReader.require(["multipart/form-data"], of: request)
        guard let header = request.headers.one(.contentType), let boundary = boundary(header) else {
            throw RumdulError.malformedForm("boundary")
        }
        let bytes = try await BodyReader.bytes(request, limit: min(limit, context.maxUploadSize))
        return try decode(bytes, boundary: boundary)
    }

    /// The most parts of a form.
    static let maximumParts = 64
    private static let maximumHeader = 2_048

    /// The parts of a body. Refused: parts without name, headers over 2 KB, more than 64 parts, a body that does not end
    /// with its closing boundary, values that are no UTF-8.
    static func decode(_ bytes: [UInt8], boundary: String) throws(RumdulError) -> MultipartForm {
        let delimiter = Array("\r\n--\(boundary)".utf8)
        // The first boundary stands without a line break before it.
        let body = [13, 10] + bytes
        var fields: [(name: String, value: String)] = []
        var files: [File] = []
        guard var position = line(delimiter, in: body, from: 0), position == 0 else {
            throw .malformedForm("no first boundary")
        }
        while true {
            position += delimiter.count
            guard position + 2 <= body.count else { throw .malformedForm("no end") }
            if body[position] == UInt8(ascii: "-"), body[position + 1] == UInt8(ascii: "-") { break }
            guard body[position] == 13, body[position + 1] == 10 else { throw .malformedForm("boundary line") }
            guard fields.count + files.count < maximumParts else { throw .malformedForm("too many parts") }
            guard let end = line(delimiter, in: body, from: position) else { throw .malformedForm("no end of a part") }
            let part = try part(body[(position + 2)..<end])
            if let fileName = part.fileName {
                files.append(File(name: part.name, fileName: fileName, bytes: Array(part.content)))
            } else {
                guard !fields.contains(where: { sameName($0.name, part.name) }) else { throw .duplicateParameter }
                guard let text = String(validating: part.content, as: UTF8.self), !text.utf8.contains(0) else {
                    throw .malformedForm("not UTF-8")
                }
                fields.append((part.name, text))
            }
            position = end
        }
        return MultipartForm(fields: FormFields(fields), files: files)
    }

    private static func sameName(_ left: String, _ right: String) -> Bool {
        left.unicodeScalars.elementsEqual(right.unicodeScalars)
    }

    private static func part(
        _ bytes: ArraySlice<UInt8>
    ) throws(RumdulError) -> (name: String, fileName: String?, content: ArraySlice<UInt8>) {
        // A part without headers begins with the empty line itself.
        let head = [13, 10] + bytes.prefix(maximumHeader)
        guard let split = find([13, 10, 13, 10], in: head, from: 0),
            let text = String(validating: head[..<split], as: UTF8.self)
        else { throw .malformedForm("headers of a part") }
        var name: String?
        var fileName: String?
        for line in text.split(separator: "\r\n") {
            guard line.lowercased().hasPrefix("content-disposition:") else { continue }
            name = parameter("name", in: String(line))
            fileName = parameter("filename", in: String(line))
        }
        guard let name, (1...200).contains(name.utf8.count) else { throw .malformedForm("a part without name") }
        return (name, fileName.map { String($0.prefix(200)) }, bytes.dropFirst(split + 2))
    }

    /// A quoted parameter of a header line; browsers write quotes in it as `%22`.
    private static func parameter(_ name: String, in line: String) -> String? {
        for piece in line.split(separator: ";").dropFirst() {
            let pair = piece.drop { $0 == " " }.split(separator: "=", maxSplits: 1)
            guard pair.count == 2, pair[0].lowercased() == name else { continue }
            let value = pair[1]
            return value.hasPrefix("\"") && value.hasSuffix("\"") && value.utf8.count >= 2
                ? String(value.dropFirst().dropLast()) : String(value)
        }
        return nil
    }

    private static func boundary(_ header: String) -> String? {
        parameter("boundary", in: header).flatMap { text in
            (1...70).contains(text.utf8.count) && text.utf8.allSatisfy { $0 > 32 && $0 < 127 && $0 != 34 } ? text : nil
        }
    }

    /// The first delimiter that ends its line, or the form; what only begins like one is content.
    private static func line(_ delimiter: [UInt8], in body: [UInt8], from start: Int) -> Int? {
        var from = start
        while let found = find(delimiter, in: body, from: from) {
            let after = found + delimiter.count
            guard after + 2 <= body.count else { return found }
            if (body[after] == 13 && body[after + 1] == 10) || (body[after] == 45 && body[after + 1] == 45) {
                return found
            }
            from = found + 1
        }
        return nil
    }

    /// The first place of a pattern at or after an index.
    private static func find(_ pattern: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
        guard bytes.count >= pattern.count else { return nil }
        return bytes.withUnsafeBufferPointer { buffer in
            var index = start
            while index <= buffer.count - pattern.count {
                if buffer[index] == pattern[0] {
                    var length = 1
                    while length < pattern.count, buffer[index + length] == pattern[length] { length += 1 }
                    if length == pattern.count { return index }
                }
                index += 1
            }
            return nil
        }
    }
}
