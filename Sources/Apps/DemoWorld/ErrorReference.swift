import Codecs
import DeviceKit
import Kernel
import RelyingPartyKit
import RumdulServer
import Web

/// The reference of all errors of the product: what `rumdul errors` prints and `docs/errors.md` holds.
public enum ErrorReference {
    /// Every room, from what people see down to the foundations.
    public static let catalogue = ErrorCatalogue(
        ErrorCatalogue.node.rooms + [.deviceKit, .relyingPartyKit, .server, .commandLine, .demoWorld])

    /// The reference as Markdown: one table for each room.
    public static var markdown: String {
        var text = """
            # Errors

            Made by `rumdul errors`; do not edit. Codes are stable. Interfaces answer RFC 9457 problem documents with `code`
            and both texts; `type` leads to the page `/errors/<code>` of the node. OAuth errors keep the vocabulary of
            their standards. The status is the one of an answer over HTTP.


            """
        for room in catalogue.rooms {
            text += "## \(room.name)\n\n| code | status | text | cause | remedy |\n|---|---|---|---|---|\n"
            for entry in room.entries {
                let remedy = entry.khmerRemedy.map { "\(entry.remedy)<br>\($0)" } ?? entry.remedy
                let cells = [
                    "`\(entry.code)`", String(Problem.status(of: entry)), "\(entry.text.en)<br>\(entry.text.km)",
                    entry.cause,
                    remedy,
                ]
                text += "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |\n"
            }
            text += "\n"
        }
        return String(text.dropLast())
    }

    /// The entries as JSON objects, in the same order.
    public static var json: [JSONObject] {
        catalogue.rooms.flatMap { room in
            room.entries.map { entry in
                var object: JSONObject = [
                    "code": .string(entry.code), "room": .string(room.name), "kind": .string(entry.kind.rawValue),
                    "status": .integer(Int64(Problem.status(of: entry))),
                    "text": ["km": .string(entry.text.km), "en": .string(entry.text.en)],
                    "cause": .string(entry.cause),
                ]
                var remedy: JSONObject = ["en": .string(entry.remedy)]
                if let khmer = entry.khmerRemedy { remedy["km"] = .string(khmer) }
                object["remedy"] = .object(remedy)
                return object
            }
        }
    }
}
