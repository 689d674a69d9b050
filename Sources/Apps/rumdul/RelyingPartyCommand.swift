import ArgumentParser
import Codecs
import Foundation
import IdentityProvider
import Kernel
import RelyingParties
import RumdulServer

/// `rumdul admin relying-party`: who may ask for logins, and for which attributes.
struct RelyingPartyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "relying-party", abstract: "Relying parties and their registered purposes.",
        discussion: "Example: rumdul admin relying-party list",
        subcommands: [
            Add.self, RelyingPartyImportCommand.self, List.self, Suspend.self, Resume.self, Delete.self,
            RegistrationTokenCommand.self,
        ])

    /// Adds or replaces a registration.
    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Register a relying party from a JSON file (docs/relying-parties.md).",
            discussion: """
                For the client secret methods a new secret is made and printed once; only its hash is kept.

                Example: rumdul admin relying-party add bank.json --json
                """)

        @OptionGroup var options: ServerOptions
        @Argument(help: "Registration file.") var file: String
        @Flag(name: .long, help: "Keep the present secret of a party that is registered already.") var keepSecret =
            false

        func run() async throws {
            let document = try JSON.parseObject(try Terminal.read(file, limit: 1 << 20))
            let keep = keepSecret
            let added = try await options.withNode { node in
                try await node.provider.registry.register(document, keepSecret: keep)
            }
            if options.json {
                var object: JSONObject = [
                    "client_id": .string(added.clientID), "profile": .string(added.profile.rawValue),
                ]
                if let secret = added.secret { object["client_secret"] = .string(secret) }
                Terminal.print(json: .object(object))
            } else {
                print("registered \(added.clientID) (profile \(added.profile.rawValue))")
                if let secret = added.secret { print("client_secret \(secret)   (shown once)") }
            }
        }
    }

    /// Lists registrations.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List relying parties, all or those that a search finds.",
            discussion: """
                Sorted by identifier. A page: --limit 50, and the next one with --after and the last identifier.

                Example: rumdul admin relying-party list --search bank --json
                """)

        @OptionGroup var options: ServerOptions
        @Option(help: "Beginnings of words of identifier, name or organisation.") var search = ""
        @Option(help: "Show at most so many.") var limit: Int?
        @Option(help: "Begin after this identifier.") var after: String?

        func run() async throws {
            let (json, limit) = (options.json, limit ?? .max)
            let query = RelyingPartyQuery(search, after: after, limit: min(limit, 200))
            try await options.withNode { node in
                var shown = 0
                for try await party in node.provider.registry.all(query) {
                    guard shown < limit else { break }
                    shown += 1
                    if json {
                        Terminal.print(json: [
                            "client_id": .string(party.clientID), "state": .string(party.state.rawValue),
                            "registration": .object(party.document),
                        ])
                    } else {
                        print("\(party.clientID)\t\(party.state.rawValue)")
                    }
                }
            }
        }
    }

    /// Suspends a party: its logins, tokens and userinfo stop at once.
    struct Suspend: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Suspend a relying party at once.",
            discussion: "Example: rumdul admin relying-party suspend model-bank")

        @OptionGroup var options: ServerOptions
        @Argument var clientID: String

        func run() async throws {
            let id = clientID
            try await options.withNode { node in
                try await node.provider.registry.setRelyingParty(id, active: false)
            }
            print("suspended")
        }
    }

    /// Lets a suspended party go on.
    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Reactivate a suspended relying party.",
            discussion: "Example: rumdul admin relying-party resume model-bank")

        @OptionGroup var options: ServerOptions
        @Argument var clientID: String

        func run() async throws {
            let id = clientID
            try await options.withNode { node in
                try await node.provider.registry.setRelyingParty(id, active: true)
            }
            print("active")
        }
    }

    /// Deletes a party for ever.
    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete a relying party for ever; its identifier is never given out again.",
            discussion: "Example: rumdul admin relying-party delete old-shop")

        @OptionGroup var options: ServerOptions
        @Argument var clientID: String

        func run() async throws {
            let id = clientID
            try await options.withNode { node in try await node.provider.registry.delete(id) }
            print("deleted")
        }
    }
}
