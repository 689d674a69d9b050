import Kernel

/// Rewriting of statement texts that leaves string literals, quoted names and comments alone.
enum SQLText {
    /// `$1` as `?1`: SQLite takes `$1` for a name and would number the names by first appearance.
    static func numberedForSQLite(_ sql: String) -> String {
        rewrite(sql) { bytes, index, output in
            guard bytes[index] == UInt8(ascii: "$"), index + 1 < bytes.count, isDigit(bytes[index + 1]),
                index == 0 || !isWord(bytes[index - 1])
            else { return 0 }
            output.append(UInt8(ascii: "?"))
            return 1
        }
    }

    /// The column type word `BLOB` as `BYTEA`. Only the upper-case word counts, so a column may be named `blob`.
    static func typedForPostgreSQL(_ sql: String) -> String {
        let word = Array("BLOB".utf8)
        return rewrite(sql) { bytes, index, output in
            guard bytes[index] == word[0], index + 4 <= bytes.count, bytes[index..<index + 4].elementsEqual(word),
                index == 0 || !isWord(bytes[index - 1]), index + 4 == bytes.count || !isWord(bytes[index + 4])
            else { return 0 }
            output.append(contentsOf: Array("BYTEA".utf8))
            return 4
        }
    }

    /// Whether the statement changes rows and so has a number of changed rows.
    static func changesRows(_ sql: String) -> Bool {
        let first = sql.utf8.drop { $0 == 32 || $0 == 10 || $0 == 9 || $0 == 13 }.prefix(7)
        let word = String(decoding: first.prefix { isWord($0) }, as: UTF8.self).uppercased()
        return ["INSERT", "UPDATE", "DELETE", "REPLACE", "WITH"].contains(word)
    }

    /// Throws `database.statement` for a statement that may do more than read.
    static func requireReading(_ sql: String) throws {
        let first = sql.utf8.drop { $0 == 32 || $0 == 10 || $0 == 9 || $0 == 13 }.prefix(7)
        guard first.elementsEqual("SELECT ".utf8) || first.elementsEqual("SELECT\n".utf8) else {
            throw RumdulError.databaseStatement("only a SELECT stands alone")
        }
    }

    /// The highest number among the placeholders `$n`, 0 when there is none.
    static func parameterCount(_ sql: String) -> Int {
        var highest = 0
        _ = rewrite(sql) { bytes, index, _ in
            guard bytes[index] == UInt8(ascii: "$"), index == 0 || !isWord(bytes[index - 1]) else { return 0 }
            var number = 0
            for byte in bytes[(index + 1)...].prefix(6) {
                guard isDigit(byte) else { break }
                number = number * 10 + Int(byte - 48)
            }
            highest = max(highest, number)
            return 0
        }
        return highest
    }

    static func isWord(_ byte: UInt8) -> Bool {
        isDigit(byte) || (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122) || byte == 95 || byte >= 128
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 48 && byte <= 57 }

    /// Copies the text; `replace` is asked at each byte of plain SQL, writes its replacement and returns how many bytes
    /// it replaces.
    private static func rewrite(
        _ sql: String, _ replace: (_ bytes: [UInt8], _ index: Int, _ output: inout [UInt8]) -> Int
    ) -> String {
        let bytes = Array(sql.utf8)
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count + 8)
        var index = 0
        while index < bytes.count {
            if let end = endOfQuoted(bytes, index) {
                output.append(contentsOf: bytes[index..<end])
                index = end
                continue
            }
            let taken = replace(bytes, index, &output)
            if taken == 0 { output.append(bytes[index]) }
            index += max(1, taken)
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// Where the literal, quoted name or comment that begins here ends; `nil` when none begins here.
    private static func endOfQuoted(_ bytes: [UInt8], _ start: Int) -> Int? {
        let first = bytes[start]
        let second = start + 1 < bytes.count ? bytes[start + 1] : 0
        if first == UInt8(ascii: "'") || first == UInt8(ascii: "\"") {
            // A doubled quote ends one literal and begins the next at once: the same bytes.
            return (bytes[(start + 1)...].firstIndex(of: first) ?? bytes.count - 1) + 1
        }
        if first == UInt8(ascii: "-"), second == first {
            return bytes[start...].firstIndex(of: 10) ?? bytes.count
        }
        if first == UInt8(ascii: "/"), second == UInt8(ascii: "*") {
            var index = start + 2
            while index + 1 < bytes.count {
                if bytes[index] == UInt8(ascii: "*") && bytes[index + 1] == UInt8(ascii: "/") { return index + 2 }
                index += 1
            }
            return bytes.count
        }
        return nil
    }
}
