import ArgumentParser
import Codecs
import Foundation
import Kernel
import KeyVault
import RumdulServer

/// `rumdul admin keys`: the life cycle of the vault's keys.
struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Keys of the vault.", discussion: "Example: rumdul admin keys list",
        subcommands: [List.self, Rotate.self])

    /// Lists keys with purpose, algorithm and state; never anything secret.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List keys.", discussion: "Example: rumdul admin keys list --json")

        @OptionGroup var options: ServerOptions

        func run() async throws {
            let keys = try await options.withNode { node in
                var keys: [KeyHandle] = []
                for purpose in KeyPurpose.all { keys += try await node.vault.keys(purpose) }
                return keys
            }
            for key in keys {
                if options.json {
                    Terminal.print(json: [
                        "id": .string(key.id), "purpose": .string(key.purpose.rawValue),
                        "algorithm": .string(key.algorithm.rawValue), "state": .string(key.state.rawValue),
                        "since": .string(key.stateSince.rfc3339),
                    ])
                } else {
                    print("\(key.purpose.rawValue)\t\(key.algorithm.rawValue)\t\(key.state.rawValue)\t\(key.id)")
                }
            }
        }
    }

    /// Does the next step of a rotation.
    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Do the next due steps of the rotation: pre-publish, activate, retire, destroy.",
            discussion: """
                New signing keys are published for a day before they sign, old ones stay published until what they signed has expired.

                Example: rumdul admin keys rotate oidc-signing
                """)

        @OptionGroup var options: ServerOptions
        @Argument(help: "Purpose, such as oidc-signing.") var purpose: String
        @Flag(name: .long, help: "Begin now, although the active key is not old yet.") var force = false

        func run() async throws {
            let purpose = KeyPurpose(rawValue: purpose)
            let force = force
            let steps = try await options.withNode { node in
                try await node.rotation.rotate(purpose, now: Instant.systemNow(), force: force)
            }
            if steps.isEmpty { print("nothing due") }
            for step in steps { print(step) }
        }
    }
}
