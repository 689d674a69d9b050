import AsyncHTTPClient
import Foundation
import Hummingbird
import Kernel
import Logging
import Outbound
import PopulationRegister
import RelyingPartyKit
import RumdulServer
import Web

/// The demonstration: a synthetic country with officers, a bank and a phone, around a real node.
public struct DemoWorld: Sendable {
    /// The node with everything in it.
    public let node: Node
    /// Whether software devices count as hardware, as in this demonstration.
    public var trustsSoftware: Bool { node.authenticators.attestation.trustsSoftware }
    /// What stands in `demo.json`.
    public let record: DemoRecord
    let settings: DemoSettings
    let ports: Ports

    struct Ports: Sendable {
        var provider: Int
        var demo: Int
        var bank: Int
        /// Keeps those that were not asked for by number.
        var reserved: [ReservedPort]
    }

    /// Opens the node, brings in whoever is missing, registers the relying parties, writes `demo.json`. A second start
    /// finds all of it and is quick.
    /// - Parameters:
    ///   - environment: `RUMDUL_*` settings of the node; the demonstration's own come before them.
    ///   - progress: how many people are entered, of how many.
    /// - Throws: `demo.*`, and what `Node.open` throws.
    public static func open(
        _ settings: DemoSettings, environment: [String: String] = [:],
        progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
    ) async throws -> DemoWorld {
        let ports = try choosePorts(settings)
        let node = try await Node.open(try configuration(settings, environment: environment, port: ports.provider))
        do {
            let record = try await furnish(node, settings: settings, ports: ports, progress: progress)
            return DemoWorld(node: node, record: record, settings: settings, ports: ports)
        } catch {
            await node.close()
            throw error
        }
    }

    /// Serves provider, story, phone and bank until SIGTERM or SIGINT, then closes the node.
    /// - Parameter ready: called once when all three listeners answer.
    public func run(ready: @escaping @Sendable (DemoRecord) -> Void) async throws {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout.connect = .seconds(5)
        configuration.httpVersion = .http1Only
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let outcome: Result<Void, any Error>
        do {
            let record = record
            let gate = ReadyGate(3) { ready(record) }
            let demo = try await demoApplication(client).application(host: settings.host, port: ports.demo) { _ in
                gate.arrive()
            }
            let bank = try bankApplication(client).application(host: settings.host, port: ports.bank) { _ in
                gate.arrive()
            }
            try await Server.serve(node, further: [demo, bank]) { _ in gate.arrive() }
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        try? await client.shutdown()
        await node.close()
        try outcome.get()
    }

    /// Enrols one person without a browser; for many people make one ``DirectEnrolment``.
    public static func enrolDirectly(_ person: PersonID, node: Node) async throws -> DemoDevice {
        try await DirectEnrolment(node: node).enrol(person)
    }

    // MARK: Listeners

    /// The listener of the story and the phone.
    func demoApplication(_ client: HTTPClient) async throws -> WebApplication {
        let web = WebSettings(
            baseURL: address(ports.demo), productName: LocalizedText(km: "រំដួល · គំរូ", en: "Rumdul · demonstration"),
            metrics: false, accessLog: false)
        let application = try WebApplication(
            settings: web, templates: [StartPage.templates], assets: PhoneSimulator.assets, logger: node.logger)
        let phones = Phones(
            folder: settings.dataDirectory + "/phones", issuer: node.baseURL, transport: PhoneTransport(client: client),
            ambient: node.ambient)
        StartPage(reader: try await StoryReader(node: node), record: record, settings: web)
            .addRoutes(to: application.router)
        PhoneSimulator(phones: phones, settings: web, story: record.start).addRoutes(to: application.router)
        return application
    }

    /// The listener of the bank.
    func bankApplication(_ client: HTTPClient) throws -> WebApplication {
        guard let registration = record.client(DemoClients.bank) else { throw RumdulError.demoFile("bank missing") }
        let web = WebSettings(
            baseURL: address(ports.bank), productName: DemoClients.bankName, metrics: false, accessLog: false)
        let application = try WebApplication(settings: web, assets: ModelBank.assets, logger: node.logger)
        ModelBank(
            client: registration, issuer: node.baseURL, transport: HTTPClientTransport(client: client), settings: web,
            story: record.start, ambient: node.ambient, logger: node.logger
        ).addRoutes(to: application.router)
        return application
    }

    private func address(_ port: Int) -> String { "http://\(settings.host):\(port)" }

    // MARK: Opening

    private static func choosePorts(_ settings: DemoSettings) throws -> Ports {
        let host = settings.host
        var reserved: [ReservedPort] = []
        func port(_ wanted: Int, taken: Set<Int>) throws -> Int {
            guard wanted == 0 else { return try DemoPorts.exactly(wanted, host: host, taken: taken) }
            let free = try ReservedPort(host: host)
            reserved.append(free)
            return free.number
        }
        let provider = try port(settings.port, taken: [])
        let demo =
            try settings.demoPort.map { try port($0, taken: [provider]) }
            ?? DemoPorts.from(provider + 1, host: host, taken: [provider])
        let bank =
            try settings.bankPort.map { try port($0, taken: [provider, demo]) }
            ?? DemoPorts.from(demo + 1, host: host, taken: [provider, demo])
        return Ports(provider: provider, demo: demo, bank: bank, reserved: reserved)
    }

    private static func configuration(
        _ settings: DemoSettings, environment: [String: String], port: Int
    ) throws -> Configuration {
        var flags = [
            ("host", settings.host), ("port", String(port)), ("data_directory", settings.dataDirectory),
            ("synthetic_people", "true"),
        ]
        if let database = settings.database { flags.append(("database", database)) }
        if environment["RUMDUL_OUTBOUND_ALLOW"] == nil {
            flags.append(("outbound_allow", OutboundPolicy.loopbackEntries.joined(separator: ",")))
        }
        // The phones of this country are programs: without this, nobody could see the higher levels.
        if environment["RUMDUL_SOFTWARE_DEVICES"] == nil { flags.append(("software_devices", "trusted")) }
        if environment["RUMDUL_STATISTICS_RELEASES"] == nil { flags.append(("statistics_releases", "now")) }
        if environment["RUMDUL_PUSH_CONTACT"] == nil { flags.append(("push_contact", "mailto:demo@rumdul.example")) }
        if environment["RUMDUL_PLACE_FILE"] == nil {
            flags.append(("place_file", try DemoPlaces.write(in: settings.dataDirectory)))
        }
        return try Configuration.load(file: nil, environment: environment, flags: flags)
    }

    private static func furnish(
        _ node: Node, settings: DemoSettings, ports: Ports, progress: @escaping @Sendable (Int, Int) -> Void
    ) async throws -> DemoRecord {
        let file = settings.dataDirectory + "/demo.json"
        let known = try DemoRecord.load(file)
        if let known, let seed = settings.seed, seed != known.seed { throw RumdulError.demoOtherSeed }
        var record = known ?? DemoRecord(seed: settings.seed ?? DemoSettings.standardSeed)
        record.provider = node.baseURL
        record.start = "http://\(settings.host):\(ports.demo)/"
        record.phone = "http://\(settings.host):\(ports.demo)/phone"
        record.bank = "http://\(settings.host):\(ports.bank)/"
        try await DemoOfficer.install(in: node.officers)
        try await DemoGazetteer.install(in: node.reference)
        try await DemoClients.install(
            in: node.provider, bankURL: "http://\(settings.host):\(ports.bank)", testRedirects: settings.testRedirects,
            record: &record)
        try record.save(file)
        let country = try await SyntheticCountry.on(node.reference, seed: record.seed)
        try await Settling(node: node, country: country).settle(
            settings.people, known: record.people.count, others: record.events,
            samples: { further in
                record.people += further
                try record.save(file)
            }, progress: progress)
        try await DemoEvents(node: node, country: country).register(of: settings.people, record: &record) {
            try $0.save(file)
        }
        return record
    }
}
