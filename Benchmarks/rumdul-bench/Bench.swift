import ArgumentParser
import Foundation
import Kernel

/// Measures what `docs/performance.md` says. Every figure is in operations per second of processor time, so that it
/// means the same on a busy machine, and stands beside the limit that was measured in the same run.
@main
struct RumdulBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rumdul-bench", abstract: "Every figure of docs/performance.md.",
        subcommands: [Measure.self, ServeBare.self, Linkage.self, Search.self], defaultSubcommand: Measure.self)
}

/// What can be measured.
enum Section: String, CaseIterable, ExpressibleByArgument {
    case bare, es256, login, provider, people, kidc, civil, start, all
}

/// `rumdul-bench all --server .build/release/rumdul` prints Markdown tables.
struct Measure: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure and print Markdown tables.",
        discussion: "Example: rumdul-bench all --server .build/release/rumdul --postgres-bin /usr/lib/postgresql/15/bin"
    )

    @Argument(help: "bare, es256, login, provider, people, kidc, civil, start, or all.") var sections: [Section] = [
        .all
    ]
    @Option(name: .long, help: "The rumdul program, built for release.") var server: String
    @Option(name: .long, help: "Folder of PostgreSQL's programs; without them only SQLite is measured.")
    var postgresBin = "/usr/lib/postgresql/15/bin"
    @Option(name: .long, help: "Folder for temporary files; some gigabytes on a disk.") var folder = "/tmp"
    @Option(name: .long, help: "Requests for each figure of bare.") var requests = 40_000
    @Option(name: .long, help: "Logins, a multiple of 256.") var logins = 3_072
    @Option(name: .long, help: "Browsers at once, 1 to 64.") var concurrency = 32
    @Option(name: .long, help: "Rounds of provider, in each of which every operation has its turn.") var rounds = 5
    @Option(name: .long, help: "Of provider: only this operation, for a profiler.") var only: ProviderOperation?
    @Option(name: .long, help: "Live grants for the memory of provider; 0 leaves it out.") var grants = 100_000
    @Option(name: .long, help: "The most people on SQLite: 10000, 100000 or 1000000.") var people = 1_000_000
    @Option(name: .long, help: "The most people on PostgreSQL: 10000, 100000 or 1000000.") var postgresPeople = 100_000

    @Option(name: .long, help: "Births of civil.") var births = 10_000

    func validate() throws {
        guard (1...64).contains(concurrency) else { throw ValidationError("--concurrency is 1 to 64") }
        guard requests >= 1000, logins >= 256 else { throw ValidationError("too few to measure") }
    }

    func run() async throws {
        let scratch = try Scratch(in: folder)
        defer { scratch.remove() }
        let cluster = Cluster.isInstalled(postgresBin) ? try Cluster(programs: postgresBin, folder: scratch.path) : nil
        defer { cluster?.stop() }
        let wanted = sections.contains(.all) ? Set(Section.allCases) : Set(sections)
        var report = Report()
        let signing = try SignatureBench.measure()
        if wanted.contains(.es256) {
            report.add(signing.table)
            report.add(try PasskeyBench.measure())
        }
        if wanted.contains(.bare) || wanted.contains(.login) || wanted.contains(.provider)
            || wanted.contains(.start)
        {
            let world = try await LoginWorld.prepare(folder: scratch.path + "/world", database: nil)
            if wanted.contains(.bare) {
                report.add(try BareBench(server: server, requests: requests, concurrency: concurrency).measure(world))
            }
            if wanted.contains(.login) {
                let bench = LoginBench(server: server, logins: logins, concurrency: concurrency, signing: signing)
                var runs = [try bench.measure(world, on: "SQLite")]
                if let cluster {
                    let url = try await cluster.makeDatabase("logins")
                    let second = try await LoginWorld.prepare(folder: scratch.path + "/world-pg", database: url)
                    runs.append(try await bench.measure(second, on: "PostgreSQL", cluster: cluster, url: url))
                }
                report.add(LoginBench.table(runs, signing: signing))
            }
            if wanted.contains(.provider) {
                try await provider(world, signing: signing, cluster: cluster, scratch: scratch, into: &report)
            }
            if wanted.contains(.start) { report.add(try StartBench(server: server).measure(world)) }
        }
        if wanted.contains(.people) || wanted.contains(.kidc) {
            var steps = try await RegisterBench(largest: people).measure(
                on: "SQLite", folder: scratch.path + "/register", database: nil, cluster: nil)
            if let cluster {
                steps += try await RegisterBench(largest: postgresPeople).measure(
                    on: "PostgreSQL", folder: scratch.path + "/register-pg",
                    database: try await cluster.makeDatabase("people"), cluster: cluster)
            }
            if wanted.contains(.people) { report.add(RegisterBench.peopleTable(steps)) }
            if wanted.contains(.kidc) { report.add(RegisterBench.lookupTable(steps)) }
        }
        if wanted.contains(.civil) {
            let bench = CivilBench(births: births, concurrency: min(concurrency, 16))
            var runs = [
                try await bench.measure(on: "SQLite", folder: scratch.path + "/civil", database: nil, cluster: nil)
            ]
            if let cluster {
                runs.append(
                    try await bench.measure(
                        on: "PostgreSQL", folder: scratch.path + "/civil-pg",
                        database: try await cluster.makeDatabase("civil"), cluster: cluster))
            }
            report.add(CivilBench.table(runs))
            report.add(CivilBench.timesTable(runs))
        }
        if cluster == nil { report.note("PostgreSQL was not measured: no programs in \(postgresBin).") }
        print(report.markdown)
    }

    /// The provider's endpoints on SQLite and, where it is installed, on PostgreSQL.
    private func provider(
        _ world: LoginWorld, signing: Signing, cluster: Cluster?, scratch: Scratch, into report: inout Report
    ) async throws {
        let bench = ProviderBench(
            server: server, concurrency: concurrency, rounds: rounds, grants: grants, only: only, signing: signing)
        let clients = try await ProviderClients.register(in: world)
        for table in try bench.measure(world, clients, on: "SQLite", cluster: nil) { report.add(table) }
        guard let cluster else { return }
        let url = try await cluster.makeDatabase("provider")
        let second = try await LoginWorld.prepare(folder: scratch.path + "/provider-pg", database: url)
        let registered = try await ProviderClients.register(in: second)
        for table in try bench.measure(second, registered, on: "PostgreSQL", cluster: cluster) { report.add(table) }
    }
}
