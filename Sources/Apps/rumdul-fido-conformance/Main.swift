import ArgumentParser
import Foundation
import Hummingbird
import Kernel
import Logging
import WebAuthn

/// The server that FIDO Alliance's conformance tool drives (its "server API"), over the product's own WebAuthn library: accounts in memory,
/// every algorithm of the tool's list that the library has, RS1 among them, and no protection against floods. It is a program of its own
/// so that no build of `rumdul` can hold it.
@main
struct ConformanceServer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rumdul-fido-conformance",
        abstract: "Serve the interface of FIDO's conformance tool on the loopback interface. For tests alone.",
        discussion: """
            Prints "metadata <file>: accepted" or why not for every file, then "ready <address>".

            Example: rumdul-fido-conformance --port 8080 --metadata mds --roots mds/roots.pem
            """)

    @Option(help: "Port; 0 takes a free one.") var port = 8080
    @Option(help: "The relying party's identifier.") var rpId = "localhost"
    @Option(help: "An origin that ceremonies come from. Default: http://<rp-id>:<port>. May be repeated.")
    var origin: [String] = []
    @Option(
        help: "A folder: *.jwt are BLOBs of the Metadata Service 3, *.json statements, *.crl revocation lists in DER.")
    var metadata: String?
    @Option(help: "A PEM file with the roots that may sign BLOBs.") var roots: String?

    func run() async throws {
        var logger = Logger(label: "fido-conformance")
        logger.logLevel = .error
        var policy = AttestationPolicy.conformance
        if let metadata {
            let found = try MetadataFolder(metadata, roots: roots, now: Ambient.system.now())
            for line in found.report { FileHandle.standardOutput.write(Data("metadata \(line)\n".utf8)) }
            policy.metadata = found.directory
            policy.revocationLists = found.revocationLists
        }
        let (policyInUse, name, origins) = (policy, rpId, origin)
        // The origin names the port, which is known only when the server listens.
        let world = Conformance()
        let router = Router()
        ConformanceRoutes(world: world).add(to: router)
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: port)),
            onServerRunning: { channel in
                let port = channel.localAddress?.port ?? 0
                let address = "http://\(name):\(port)"
                let accepted = Set(origins.isEmpty ? [address] : origins)
                await world.begin(
                    RelyingParty(
                        id: name, name: "Rumdul conformance", origins: OriginPolicy(origins: accepted),
                        attestation: policyInUse))
                FileHandle.standardOutput.write(Data("ready \(address)\n".utf8))
            }, logger: logger)
        try await application.runService()
    }
}

extension AttestationPolicy {
    /// What the tool wants: statements with certificates must lead to a root of the metadata; the tool's TPM maker and its software keys
    /// of Android are accepted.
    static let conformance = AttestationPolicy(
        demand: .trustedIfPresent, algorithms: .conformance,
        tpmManufacturers: TPMManufacturers.known.union([TPMManufacturers.conformance]), androidNeedsHardware: false)
}
