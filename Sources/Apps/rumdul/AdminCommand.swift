import ArgumentParser
import Foundation
import Kernel
import RumdulServer

/// `rumdul admin`: what the operator of a node does by hand.
struct AdminCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "admin", abstract: "Officers, relying parties, reference data, keys.",
        discussion: "Example: rumdul admin relying-party add bank.json --data /var/lib/rumdul",
        subcommands: [
            OfficerCommand.self, RelyingPartyCommand.self, ImportCommand.self, KeysCommand.self,
        ])
}

extension ServerOptions {
    /// Opens the node's parts without serving, runs the work, closes them.
    func withNode<Value: Sendable>(_ work: @Sendable (Node) async throws -> Value) async throws -> Value {
        let configuration = try Configuration.load(
            file: config, environment: ProcessInfo.processInfo.environment, flags: flags)
        let node = try await Node.open(configuration)
        do {
            let value = try await work(node)
            await node.close()
            return value
        } catch {
            await node.close()
            throw error
        }
    }
}
