import Kernel

/// The rules for the texts that a device brings about itself. They are shown to officers and persons, so nothing in
/// them may hide or turn the text around it.
enum DeviceName {
    /// The name without white space at its ends. Throws `device.name_invalid` unless it has 1...64 characters without
    /// control and direction characters (zero-width spaces, which Khmer uses, are allowed inside).
    static func checked(_ name: String) throws -> String {
        var scalars = Array(name.unicodeScalars.prefix(1024))
        while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
        let start = scalars.firstIndex { !$0.properties.isWhitespace } ?? scalars.count
        scalars.removeFirst(start)
        guard !scalars.isEmpty, scalars.allSatisfy(isAllowed), scalars.contains(where: isVisible) else {
            throw RumdulError.deviceNameInvalid
        }
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars)
        let result = String(text)
        guard result.count <= 64, result.utf8.count <= 512 else { throw RumdulError.deviceNameInvalid }
        return result
    }

    /// The platform: 1...64 visible ASCII characters and single spaces. Throws `device.name_invalid`.
    static func checkedPlatform(_ platform: String) throws -> String {
        guard (1...64).contains(platform.utf8.count), platform.utf8.allSatisfy({ (32...126).contains($0) }) else {
            throw RumdulError.deviceNameInvalid.because("platform")
        }
        return platform
    }

    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: false
        case .format: scalar.value == 0x200B || scalar.value == 0x200C || scalar.value == 0x200D
        default: true
        }
    }

    private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .format, .spaceSeparator: false
        default: true
        }
    }
}
