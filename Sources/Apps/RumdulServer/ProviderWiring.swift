import Codecs
import Database
import IdentityProvider
import Kernel
import Outbound
import PopulationRegister
import ProofOfPossession
import RelyingParties

/// The outbound client as the source of what relying parties publish: key sets, sector documents, request objects.
struct OutboundDocuments: DocumentFetcher, RequestObjectFetcher {
    let documents: JSONDocuments

    func fetchValue(_ url: String, limit: Int) async throws -> (JSONValue, maxAge: Int64?) {
        try await documents.fetchValue(url, limit: limit)
    }

    func requestObject(at url: String) async throws -> String {
        try await documents.fetchText(
            url, limit: 65_536,
            accepting: ["application/oauth-authz-req+jwt", "application/jwt", "text/plain", "application/octet-stream"])
    }
}

extension Configuration {
    /// What the identity provider needs of the world outside.
    /// - Throws: `configuration.invalid`
    func providerSurroundings(
        database: any Database, client: OutboundClient, deliveries: DeliveryQueue, register: PopulationRegister
    ) throws -> ProviderSurroundings {
        let documents = OutboundDocuments(documents: JSONDocuments(client: client))
        // One process remembers by itself what came before; several nodes must agree, and share a table.
        let replay: any ReplayMemory =
            isShared
            ? LayeredReplayMemory(shared: DatabaseReplayMemory(database: database)) : ProcessReplayMemory()
        var surroundings = ProviderSurroundings(
            documents: documents, requestObjects: documents, client: client, deliveries: deliveries, replay: replay,
            certificateRoots: try certificateRoots())
        surroundings.verification = EnrolmentVerification(register: register)
        surroundings.places = try places()
        surroundings.messages = try messageGateway(client: client)
        return surroundings
    }

    /// Whether other nodes may work on the same database.
    private var isShared: Bool { databaseLocation.hasPrefix("postgres") }

    /// The listener that asks for client certificates, as clients reach it.
    var mutualTLSBase: String? {
        guard let tlsPort else { return nil }
        let base = baseURL ?? "http://\(host):\(port)"
        let authority = base.drop { $0 != ":" }.dropFirst(3).prefix { $0 != "/" }
        let name = authority.hasPrefix("[") ? authority.prefix { $0 != "]" } + "]" : authority.prefix { $0 != ":" }
        return "https://\(name):\(tlsPort)"
    }
}
