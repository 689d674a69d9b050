import Crypto
import Kernel

/// Adds to cairo's file what cairo 1.16 leaves out: the language of the document, that its title is to be shown, the `D:` of
/// its dates (ISO 32000, 7.9.4), and the file identifier (14.4). The identifier is made from the content, so that the same
/// document keeps the same bytes.
enum PDFCompletion {
    static func completed(_ file: [UInt8], language: Language) throws(RumdulError) -> [UInt8] {
        guard let table = CrossReferences(file) else {
            throw .typesettingFailed("cairo's file has no plain xref table")
        }
        let tag = language == .km ? "km-KH" : "en"
        let wanted = [
            (
                table.offsets[table.root], "/Type /Catalog",
                " /Lang (\(tag)) /ViewerPreferences << /DisplayDocTitle true >>"
            ),
            (table.offsets[table.info], "/CreationDate (", "D:"), (table.offsets[table.info], "/ModDate (", "D:"),
        ]
        var insertions: [(place: Int, bytes: [UInt8])] = []
        for (object, mark, addition) in wanted {
            guard let found = find(Array(mark.utf8), in: file, from: object), found < table.start else {
                throw .typesettingFailed("cairo's file has no \(mark)")
            }
            let place = found + mark.utf8.count
            // A later cairo may have done it itself.
            guard !file[place...].starts(with: addition.utf8) else { continue }
            insertions.append((place, Array(addition.utf8)))
        }
        insertions.sort { $0.place < $1.place }
        var result: [UInt8] = []
        result.reserveCapacity(file.count + 256)
        var copied = 0
        for insertion in insertions {
            result += file[copied..<insertion.place] + insertion.bytes
            copied = insertion.place
        }
        result += file[copied..<table.start]
        let offsets = table.offsets.map { offset in
            insertions.filter { $0.place <= offset }.reduce(offset) { $0 + $1.bytes.count }
        }
        return result + Array(end(table, offsets: offsets, identifier: identifier(result), start: result.count).utf8)
    }

    /// The cross-reference table and trailer.
    private static func end(_ table: CrossReferences, offsets: [Int], identifier: String, start: Int) -> String {
        var text = "xref\n0 \(offsets.count)\n0000000000 65535 f \n"
        for offset in offsets.dropFirst() {
            let digits = String(offset)
            text += String(repeating: "0", count: max(0, 10 - digits.utf8.count)) + digits + " 00000 n \n"
        }
        text += "trailer\n<< /Size \(offsets.count)\n   /Root \(table.root) 0 R\n   /Info \(table.info) 0 R\n"
        return text + "   /ID [\(identifier) \(identifier)]\n>>\nstartxref\n\(start)\n%%EOF\n"
    }

    private static func identifier(_ content: [UInt8]) -> String {
        "<" + SHA256.hash(data: content).prefix(16).map { hex($0) }.joined() + ">"
    }

    private static func hex(_ byte: UInt8) -> String {
        let digits = Array("0123456789ABCDEF")
        return String([digits[Int(byte >> 4)], digits[Int(byte & 15)]])
    }

    fileprivate static func find(_ pattern: [UInt8], in bytes: [UInt8], from: Int) -> Int? {
        guard from >= 0, bytes.count >= pattern.count, from <= bytes.count - pattern.count else { return nil }
        return (from...(bytes.count - pattern.count)).first { bytes[$0...].starts(with: pattern) }
    }
}

/// The plain cross-reference table at the end of a file of one revision.
private struct CrossReferences {
    /// Where the table begins.
    let start: Int
    /// Offsets by object number.
    let offsets: [Int]
    let root: Int
    let info: Int

    init?(_ file: [UInt8]) {
        let tail = String(decoding: file.suffix(64), as: UTF8.self)
        guard let line = tail.split(separator: "\n").dropLast().last, let start = Int(line), start > 0,
            start < file.count
        else { return nil }
        let lines = String(decoding: file[start...], as: UTF8.self).split(separator: "\n")
        guard lines.count > 3, lines[0] == "xref" else { return nil }
        let header = lines[1].split(separator: " ").compactMap { Int($0) }
        guard header.count == 2, header[0] == 0, header[1] > 1, lines.count > header[1] + 2 else { return nil }
        let offsets = lines[2..<(2 + header[1])].compactMap { Int($0.prefix(10)) }
        let trailer = lines[(2 + header[1])...].joined(separator: " ")
        guard offsets.count == header[1], let root = Self.reference("/Root ", in: trailer),
            let info = Self.reference("/Info ", in: trailer), offsets.indices.contains(root),
            offsets.indices.contains(info)
        else { return nil }
        self.start = start
        self.offsets = offsets
        self.root = root
        self.info = info
    }

    private static func reference(_ name: String, in trailer: String) -> Int? {
        let bytes = Array(trailer.utf8)
        guard let place = PDFCompletion.find(Array(name.utf8), in: bytes, from: 0) else { return nil }
        let digits = bytes[(place + name.utf8.count)...].prefix { (48...57).contains($0) }
        return Int(String(decoding: digits, as: UTF8.self))
    }
}
