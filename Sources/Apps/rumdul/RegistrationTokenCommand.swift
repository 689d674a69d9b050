import ArgumentParser
import Codecs
import Kernel
import RelyingParties
import RumdulServer

/// `rumdul admin relying-party token`: initial access tokens for dynamic registration.
struct RegistrationTokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Initial access tokens for dynamic client registration.",
        discussion: "Example: rumdul admin relying-party token list",
        subcommands: [Make.self, List.self, Revoke.self], defaultSubcommand: Make.self)

    /// Makes a token.
    struct Make: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a token from a JSON file that says what its clients may do (docs/relying-parties.md).",
            discussion: """
                The token is printed once; only its hash is kept.

                Example: rumdul admin relying-party token make grants.json --uses 5 --days 30
                """)

        @OptionGroup var options: ServerOptions
        @Argument(help: "File with label, purposes, profiles and more.") var file: String
        @Option(help: "Registrations that the token is good for.") var uses: Int64 = 1
        @Option(help: "Days until it ends.") var days: Int64 = 30

        func run() async throws {
            let grants = try RegistrationGrants(JSON.parseObject(try Terminal.read(file, limit: 1 << 18)))
            let (uses, seconds) = (uses, min(max(days, 0), 10_000) * 86_400)
            let made = try await options.withNode { node in
                try await InitialAccessTokens(database: node.database, ambient: node.ambient).make(
                    grants, uses: uses, lifetime: seconds)
            }
            if options.json {
                Terminal.print(json: [
                    "id": .string(made.id), "initial_access_token": .string(made.token),
                    "expires_at": .string(made.expiresAt.rfc3339),
                ])
            } else {
                print("initial_access_token \(made.token)   (shown once)")
                print("id \(made.id), good until \(made.expiresAt.rfc3339)")
            }
        }
    }

    /// Lists tokens.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the newest tokens, without the tokens themselves.",
            discussion: "Example: rumdul admin relying-party token list --json")

        @OptionGroup var options: ServerOptions

        func run() async throws {
            let tokens = try await options.withNode { node in
                try await InitialAccessTokens(database: node.database, ambient: node.ambient).list()
            }
            for token in tokens {
                let end = token.revokedAt == nil ? "until \(token.expiresAt.rfc3339)" : "revoked"
                if options.json {
                    Terminal.print(json: [
                        "id": .string(token.id), "uses_left": .integer(token.usesLeft),
                        "expires_at": .string(token.expiresAt.rfc3339), "revoked": .bool(token.revokedAt != nil),
                        "grants": .object(token.grants.json),
                    ])
                } else {
                    print("\(token.id)\t\(token.grants.label)\t\(token.usesLeft) left\t\(end)")
                }
            }
        }
    }

    /// Ends a token.
    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End a token; registrations made with it stay.",
            discussion: "Example: rumdul admin relying-party token revoke 0199a0b2-...")

        @OptionGroup var options: ServerOptions
        @Argument var id: String

        func run() async throws {
            let id = id
            try await options.withNode { node in
                try await InitialAccessTokens(database: node.database, ambient: node.ambient).revoke(id)
            }
            print("revoked")
        }
    }
}
