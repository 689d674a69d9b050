import DeviceKit
import Foundation
import Kernel

/// Where secrets come from: a file, or a terminal that does not echo.
enum DeviceInput {
    /// The PIN from the file named by the option or by RUMDUL_DEVICE_PIN_FILE, else from the terminal.
    /// - Parameters:
    ///   - repeated: ask twice on a terminal, for a new PIN.
    ///   - interactive: whether the terminal may be asked at all.
    /// - Throws: `device.pin_unavailable`, `device.pin_malformed`, `device.pin_mismatch`.
    static func pin(
        _ options: DevicePINOptions, _ terminal: DeviceTerminal, repeated: Bool = false, interactive: Bool = true
    ) throws -> PIN {
        if let path = options.pinFile ?? ProcessInfo.processInfo.environment["RUMDUL_DEVICE_PIN_FILE"] {
            return try PIN(firstLine(ofFile: path))
        }
        guard interactive else { throw RumdulError.pinUnavailable }
        let question = LocalizedText(km: "លេខសម្ងាត់ PIN ៦ ខ្ទង់៖", en: "PIN, 6 digits:")[terminal.language]
        let text = try hiddenLine(question)
        if repeated {
            let again = LocalizedText(km: "វាយលេខសម្ងាត់ PIN ម្តងទៀត៖", en: "The same PIN again:")[terminal.language]
            guard constantTimeEquals(text, try hiddenLine(again)) else { throw RumdulError.pinRepeatedWrongly }
        }
        return try PIN(String(decoding: text, as: UTF8.self))
    }

    /// A new PIN from the terminal, typed twice.
    /// - Throws: `device.pin_unavailable`, `device.pin_malformed`, `device.pin_mismatch`.
    static func newPIN(_ terminal: DeviceTerminal) throws -> PIN {
        let first = LocalizedText(km: "លេខសម្ងាត់ PIN ថ្មី ៦ ខ្ទង់៖", en: "New PIN, 6 digits:")[terminal.language]
        let again = LocalizedText(km: "វាយលេខសម្ងាត់ PIN ម្តងទៀត៖", en: "The same PIN again:")[terminal.language]
        let text = try hiddenLine(first)
        guard constantTimeEquals(text, try hiddenLine(again)) else { throw RumdulError.pinRepeatedWrongly }
        return try PIN(String(decoding: text, as: UTF8.self))
    }

    /// The first line of a small file.
    /// - Throws: `device.pin_unavailable` when it cannot be read.
    static func firstLine(ofFile path: String) throws -> String {
        guard let handle = FileHandle(forReadingAtPath: path), let data = try? handle.read(upToCount: 1024) else {
            throw RumdulError.pinUnavailable
        }
        let line = data.prefix { $0 != 10 && $0 != 13 }
        return String(decoding: line, as: UTF8.self)
    }

    /// A line from the terminal itself, without echo.
    /// - Throws: `device.pin_unavailable` without a terminal, `device.input_ended` when the person breaks off.
    private static func hiddenLine(_ question: String) throws -> [UInt8] {
        let descriptor = open("/dev/tty", O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { throw RumdulError.pinUnavailable }
        defer { close(descriptor) }
        var before = termios()
        guard tcgetattr(descriptor, &before) == 0 else { throw RumdulError.pinUnavailable }
        var hidden = before
        // Signals are off too, so that an interrupt cannot leave the terminal without echo.
        hidden.c_lflag &= ~tcflag_t(ECHO | ICANON | ISIG)
        guard tcsetattr(descriptor, TCSAFLUSH, &hidden) == 0 else { throw RumdulError.pinUnavailable }
        defer { tcsetattr(descriptor, TCSAFLUSH, &before) }
        show(question + " ", on: descriptor)
        defer { show("\n", on: descriptor) }
        var line: [UInt8] = []
        while line.count < 256 {
            var byte: UInt8 = 0
            let count = read(descriptor, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1 else { throw RumdulError.inputEnded }
            switch byte {
            case 10, 13: return line
            case 3, 4, 26, 28: throw RumdulError.inputEnded
            case 8, 127:
                // A Khmer digit has three bytes; one stroke removes all of it.
                while let last = line.popLast(), last & 0xC0 == 0x80 {}
            default: line.append(byte)
            }
        }
        throw RumdulError.pinMalformed
    }

    private static func show(_ text: String, on descriptor: Int32) {
        let bytes = Array(text.utf8)
        _ = write(descriptor, bytes, bytes.count)
    }
}
