import ArgumentParser
import Authenticators
import Codecs
import Foundation
import Kernel
import RumdulServer

/// `rumdul risk`: signs that authenticators are misused or copied.
struct RiskCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "risk", abstract: "Signs that authenticators are misused or copied.",
        discussion: "Example: rumdul risk list --since 24h --data /var/lib/rumdul", subcommands: [List.self])

    /// Lists events.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List events, newest first.",
            discussion: """
                What was done about each is in the ledger; an event names the authenticator and the person by their
                identifiers. What repeats within an hour is one event with a count.

                Kinds: \(RiskEvent.Kind.allCases.map(\.rawValue).joined(separator: ", ")).

                Example: rumdul risk list --since 7d --json
                """)

        @OptionGroup var options: ServerOptions
        @Option(
            name: .long,
            help: "A day or time (UTC) such as 2026-01-31 or 2026-01-31T08:00:00Z, or so long ago: 30m, 24h, 7d.")
        var since = "7d"
        @Option(name: .long, help: "Only events of this kind.") var kind: String?
        @Option(name: .long, help: "How many at most, 1 to 10000.") var limit = 1000

        func validate() throws {
            guard (1...10_000).contains(limit) else { throw ValidationError("--limit is 1 to 10000") }
            if let kind, RiskEvent.Kind(rawValue: kind) == nil {
                throw ValidationError(
                    "--kind is one of " + RiskEvent.Kind.allCases.map(\.rawValue).joined(separator: ", "))
            }
            guard RiskCommand.moment(since, now: Ambient.system.now()) != nil else {
                throw ValidationError(
                    "--since is a day or time such as 2026-01-31 or 2026-01-31T08:00:00Z, or 30m, 24h, 7d")
            }
        }

        func run() async throws {
            try options.requireExisting()
            let moment = RiskCommand.moment(since, now: Ambient.system.now()) ?? Instant(seconds: 0)
            let kind = kind.flatMap(RiskEvent.Kind.init(rawValue:))
            let events = try await options.withNode { node in
                try await node.database.read { [authenticators = node.authenticators] in
                    try await authenticators.risks(since: moment, kind: kind, limit: limit, in: $0)
                }
            }
            for event in events {
                if options.json {
                    Terminal.print(json: [
                        "id": .string(event.id), "kind": .string(event.kind.rawValue),
                        "authenticator": .string(event.authenticatorID), "person": .string(event.person.text),
                        "first_at": .string(event.firstAt.rfc3339), "last_at": .string(event.lastAt.rfc3339),
                        "count": .integer(Int64(event.count)), "detail": .object(event.detail),
                    ])
                } else {
                    print(
                        "\(event.lastAt.rfc3339)\t\(event.kind.rawValue)\t\(event.count)×\t\(event.authenticatorID)\t"
                            + "\(event.person.text)\t\(JSON.text(event.detail))")
                }
            }
            if events.isEmpty, !options.json { print("no events since \(moment.rfc3339)") }
        }
    }

    /// A moment as an operator writes it.
    static func moment(_ text: String, now: Instant) -> Instant? {
        let seconds: [Character: Int64] = ["m": 60, "h": 3600, "d": 86_400]
        if let unit = text.last.flatMap({ seconds[$0] }), let number = Int64(text.dropLast()),
            (0...100_000).contains(number)
        {
            return now.adding(seconds: -number * unit)
        }
        if let day = CalendarDate(iso: text) { return Instant(seconds: Int64(day.daysSinceEpoch) * 86_400) }
        guard let date = try? Date(text, strategy: .iso8601) else { return nil }
        return Instant(seconds: Int64(date.timeIntervalSince1970))
    }
}
