import Codecs
import DeviceKit
import Foundation
import Kernel

/// What `rumdul device` writes: sentences in one language for people, JSON for machines.
struct DeviceTerminal: Sendable {
    let language: Language
    let json: Bool

    /// Writes a result: the JSON object for machines, the lines for people.
    func result(_ object: @autoclosure () -> JSONObject, _ lines: @autoclosure () -> [LocalizedText]) {
        if json {
            write(String(decoding: JSON.bytes(object()), as: UTF8.self) + "\n", to: .standardOutput)
        } else {
            write(lines().map { DeviceTerminal.safe($0[language]) + "\n" }.joined(), to: .standardOutput)
        }
    }

    /// Asks for a line; the question goes to standard error, and is left out for machines.
    /// - Throws: `device.input_ended`.
    func ask(km: String, en: String) throws -> String {
        if !json { write(LocalizedText(km: km, en: en)[language] + " ", to: .standardError) }
        guard let line = readLine(strippingNewline: true), line.utf8.count <= 1024 else { throw RumdulError.inputEnded }
        return line
    }

    /// Tells of an error on standard error.
    func fail(_ error: any Error) {
        let error = error as? RumdulError ?? RumdulError.internal("\(type(of: error))")
        if json {
            let object: JSONObject = [
                "error": [
                    "code": .string(error.code), "km": .string(error.message.km), "en": .string(error.message.en),
                ]
            ]
            write(String(decoding: JSON.bytes(object), as: UTF8.self) + "\n", to: .standardError)
        } else {
            let cause = error.cause.map { " (\($0))" } ?? ""
            write(DeviceTerminal.safe(error.message[language] + " [\(error.code)]" + cause) + "\n", to: .standardError)
        }
    }

    /// Text from outside as one line without control characters and without marks that reorder what is read. The
    /// zero-width space stays, because Khmer needs it.
    static func safe(_ text: String) -> String {
        var view = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0..<0x20, 0x7F...0x9F, 0x200E, 0x200F, 0x061C, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF:
                view.append(" ")
            default: view.append(scalar)
            }
        }
        return String(view)
    }

    private func write(_ text: String, to handle: FileHandle) {
        // A closed pipe is no reason to stop half-way: the decision has been sent.
        try? handle.write(contentsOf: Data(text.utf8))
    }
}
