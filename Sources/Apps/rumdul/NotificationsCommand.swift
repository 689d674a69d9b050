import ArgumentParser
import Kernel
import RegisterNotifications
import RumdulServer

/// `rumdul notifications`: what other agencies were told, and what did not arrive.
struct NotificationsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "notifications", abstract: "Messages about events of the registers: list, send again.",
        discussion: "Example: rumdul notifications list --state dead --data /var/lib/rumdul",
        subcommands: [List.self, Replay.self])

    /// Lists messages.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List messages, newest first; never what they say.",
            discussion: "Example: rumdul notifications list --client ministry --state dead --json")

        @OptionGroup var options: ServerOptions
        @Option(name: .long, help: "Only messages to this client.") var client: String?
        @Option(name: .long, help: "Only messages in this state: pending, delivered, dead, withheld.")
        var state: String?
        @Option(name: .long, help: "How many at most, 1 to 10000.") var limit = 1000

        func validate() throws {
            guard (1...10_000).contains(limit) else { throw ValidationError("--limit is 1 to 10000") }
            if let state, MessageRecord.State(rawValue: state) == nil {
                throw ValidationError("--state is one of pending, delivered, dead, withheld")
            }
        }

        func run() async throws {
            try options.requireExisting()
            let state = state.flatMap { MessageRecord.State(rawValue: $0) }
            let found = try await options.withNode { node in
                try await node.registerNotifications.messages(client: client, state: state, limit: limit)
            }
            for message in found {
                if options.json {
                    guard var object = message.json.objectValue else { continue }
                    object["client"] = .string(message.client)
                    Terminal.print(json: .object(object))
                } else {
                    print(
                        "\(message.createdAt.rfc3339)\t\(message.id)\t\(message.client)\t"
                            + "\(message.event ?? "confirmation")\t\(message.state.rawValue)\t\(message.attempts)×\t"
                            + "\(message.lastError ?? "-") \(message.lastStatus.map { String($0) } ?? "")")
                }
            }
            if found.isEmpty, !options.json { print("no messages") }
        }
    }

    /// Sends dead messages again.
    struct Replay: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Send the dead messages of a subscription again, or one message.",
            discussion: """
                They keep their identifiers; what they say is put together anew, with the rights of now.

                Example: rumdul notifications replay 0198c4d2-... --message 0198c4d3-...
                """)

        @OptionGroup var options: ServerOptions
        @Argument(help: "The subscription.") var subscription: String
        @Option(name: .long, help: "Only this message, also when it was delivered.") var message: String?

        func run() async throws {
            try options.requireExisting()
            let count = try await options.withNode { node in
                try await node.registerNotifications.replay(subscription, message: message, by: nil)
            }
            if options.json {
                Terminal.print(json: ["replayed": .integer(Int64(count))])
            } else {
                print("\(count) messages wait to be sent again")
            }
        }
    }
}
