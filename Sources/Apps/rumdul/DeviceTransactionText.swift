import Codecs
import DeviceKit
import Kernel

/// How a transaction looks on a terminal and as JSON.
enum DeviceTransactionText {
    /// The transaction as the server gave it.
    static func json(_ transaction: PendingTransaction) -> JSONObject {
        [
            "id": .string(transaction.id), "details": .object(transaction.details.source),
            "numbers": .array(transaction.numbers.map { .integer(Int64($0)) }),
        ]
    }

    /// One line for a list.
    static func line(_ transaction: PendingTransaction) -> LocalizedText {
        let details = transaction.details
        let host = details.clientHost.map { " (\($0))" } ?? ""
        return LocalizedText(
            km: "\(transaction.id)  \(details.clientName.km)\(host)  ផុតកំណត់ \(time(details.expiresAt))",
            en: "\(transaction.id)  \(details.clientName.en)\(host)  until \(time(details.expiresAt))")
    }

    /// All that the person has to know before deciding.
    static func lines(_ transaction: PendingTransaction) -> [LocalizedText] {
        let details = transaction.details
        let host = details.clientHost.map { " (\($0))" } ?? ""
        var lines = [
            LocalizedText(
                km: "អ្នកស្នើសុំ៖ \(details.clientName.km)\(host)", en: "Who asks: \(details.clientName.en)\(host)"),
            LocalizedText(km: "ប្រភេទ៖ \(kind(details.kind).km)", en: "What: \(kind(details.kind).en)"),
        ]
        if let purpose = details.purpose {
            lines.append(LocalizedText(km: "គោលបំណង៖ \(purpose.text.km)", en: "What for: \(purpose.text.en)"))
        }
        for authorization in details.authorizations {
            lines.append(
                LocalizedText(km: "អនុញ្ញាត៖ \(authorization.km)", en: "Authorises: \(authorization.en)"))
        }
        lines.append(LocalizedText(km: "ទិន្នន័យ៖", en: details.attributes.isEmpty ? "Data: none" : "Data:"))
        for attribute in details.attributes {
            lines.append(
                LocalizedText(
                    km: "  - \(attribute.label.km)" + (attribute.essential ? " (ចាំបាច់)" : "") + " [\(attribute.name)]",
                    en: "  - \(attribute.label.en)" + (attribute.essential ? " (required)" : "")
                        + " [\(attribute.name)]"))
        }
        if let until = details.validUntil {
            lines.append(
                LocalizedText(km: "មានសុពលភាពដល់៖ \(until.dayInCambodia)", en: "Valid until: \(until.dayInCambodia)"))
        }
        if let origin = details.origin {
            lines.append(LocalizedText(km: "មកពី៖ \(origin)", en: "From: \(origin)"))
        }
        if let network = details.network {
            lines.append(LocalizedText(km: "បណ្តាញ៖ \(network)", en: "Network: \(network)"))
        }
        if let place = details.place?.asRoughPlace {
            lines.append(LocalizedText(km: "ទីកន្លែង៖ \(place.km)", en: "Place: \(place.en)"))
        }
        if let message = details.bindingMessage {
            lines.append(LocalizedText(km: "សារ៖ \(message)", en: "Message: \(message)"))
        }
        lines.append(
            LocalizedText(km: "សម្រេចមុន៖ \(time(details.expiresAt))", en: "Decide before: \(time(details.expiresAt))"))
        if !details.unknownMembers.isEmpty {
            lines.append(
                LocalizedText(
                    km: "សំណើមានព័ត៌មានដែលកំណែនេះមិនបង្ហាញ៖ \(details.unknownMembers.joined(separator: ", "))",
                    en: "Not shown by this version: \(details.unknownMembers.joined(separator: ", "))"))
        }
        return lines
    }

    private static func kind(_ kind: String) -> LocalizedText {
        kind == "login" ? LocalizedText(km: "ចូលប្រើ", en: "log in") : LocalizedText(km: kind, en: kind)
    }

    /// Hour, minute and second in Cambodia.
    private static func time(_ moment: Instant) -> String {
        let (hour, minute) = moment.timeInCambodia
        let second = ((moment.seconds % 60) + 60) % 60
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(two(hour)):\(two(minute)):\(two(Int(second)))"
    }
}
