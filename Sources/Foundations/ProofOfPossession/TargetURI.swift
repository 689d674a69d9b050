/// An `http` or `https` URI without query and fragment in normal form (RFC 3986, sections 6.2.2 and 6.2.3), so that two
/// of them are equal exactly when RFC 9449, section 4.3 says so.
struct TargetURI: Equatable, Sendable {
    /// The normal form.
    let text: String

    /// The longest URI, in bytes.
    static let maximumSize = 2048

    /// `nil` when the text is no such URI: other schemes, user information, characters outside RFC 3986.
    init?(_ uri: String) {
        let bytes = Array(uri.utf8)
        guard bytes.count <= Self.maximumSize, bytes.allSatisfy(Self.isAllowed),
            let colon = bytes.firstIndex(of: UInt8(ascii: ":"))
        else { return nil }
        let scheme = String(decoding: bytes[..<colon].map(Self.lower), as: UTF8.self)
        let rest = bytes[(colon + 1)...]
        guard scheme == "http" || scheme == "https", rest.starts(with: "//".utf8) else { return nil }
        let hierarchy = rest.dropFirst(2).prefix { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
        let slash = hierarchy.firstIndex(of: UInt8(ascii: "/")) ?? hierarchy.endIndex
        guard let authority = Self.authority(hierarchy[..<slash], scheme: scheme),
            let path = Self.path(hierarchy[slash...])
        else { return nil }
        text = scheme + "://" + authority + String(decoding: path, as: UTF8.self)
    }

    /// Host in lower case, and the port unless it is the scheme's own.
    private static func authority(_ bytes: ArraySlice<UInt8>, scheme: String) -> String? {
        var host = bytes
        var port: ArraySlice<UInt8> = []
        if bytes.first == UInt8(ascii: "[") {
            guard let end = bytes.firstIndex(of: UInt8(ascii: "]")) else { return nil }
            host = bytes[...end]
            let tail = bytes[(end + 1)...]
            guard tail.isEmpty || tail.first == UInt8(ascii: ":") else { return nil }
            port = tail.dropFirst()
        } else if let colon = bytes.firstIndex(of: UInt8(ascii: ":")) {
            host = bytes[..<colon]
            port = bytes[(colon + 1)...]
        }
        let isLiteral = host.first == UInt8(ascii: "[")
        let forbidden = isLiteral ? "@%".utf8 : "@%:[]".utf8
        guard !host.isEmpty, !host.contains(where: { forbidden.contains($0) }) else { return nil }
        let name = String(decoding: host.map(lower), as: UTF8.self)
        if port.isEmpty { return name }
        guard port.count <= 5, port.allSatisfy({ $0 >= 48 && $0 <= 57 }) else { return nil }
        let number = port.reduce(0) { $0 * 10 + Int($1 - 48) }
        guard number <= 65535 else { return nil }
        return number == (scheme == "https" ? 443 : 80) ? name : "\(name):\(number)"
    }

    /// Escapes of unreserved characters undone, the others in capitals, `.` and `..` resolved; at least `/`.
    private static func path(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
        var plain: [UInt8] = []
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let byte = bytes[index]
            guard byte == UInt8(ascii: "%") else {
                plain.append(byte)
                index += 1
                continue
            }
            guard index + 2 < bytes.endIndex, let high = hex(bytes[index + 1]), let low = hex(bytes[index + 2]) else {
                return nil
            }
            let value = high << 4 | low
            if isUnreserved(value) {
                plain.append(value)
            } else {
                plain += [byte, upper(bytes[index + 1]), upper(bytes[index + 2])]
            }
            index += 3
        }
        return withoutDots(plain)
    }

    /// RFC 3986, section 5.2.4, for a path that is empty or begins with a slash.
    private static func withoutDots(_ path: [UInt8]) -> [UInt8] {
        let segments = path.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        var kept: [ArraySlice<UInt8>] = []
        for (index, segment) in segments.enumerated() {
            let isDot = segment.elementsEqual(".".utf8)
            let isDouble = segment.elementsEqual("..".utf8)
            if isDouble, !kept.isEmpty { kept.removeLast() }
            if !isDot && !isDouble {
                kept.append(segment)
            } else if index == segments.count - 1 {
                kept.append([])
            }
        }
        return kept.isEmpty ? [UInt8(ascii: "/")] : kept.flatMap { [UInt8(ascii: "/")] + $0 }
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte < 0x7F && !"\"<>\\^`{|}".utf8.contains(byte)
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...90, 97...122: true
        default: "-._~".utf8.contains(byte)
        }
    }

    private static func lower(_ byte: UInt8) -> UInt8 { byte >= 65 && byte <= 90 ? byte + 32 : byte }

    private static func upper(_ byte: UInt8) -> UInt8 { byte >= 97 && byte <= 122 ? byte - 32 : byte }

    private static func hex(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 48...57: byte - 48
        case 65...70: byte - 55
        case 97...102: byte - 87
        default: nil
        }
    }
}
