import DemoWorld
import Foundation
import Kernel
import PopulationRegister
import RumdulServer

/// Somebody who can log in.
struct LoginPerson: Sendable {
    let kidc: String
    let device: DemoDevice
}

/// The demonstration's country with enrolled devices whose keys this process has, and nobody serving it yet.
struct LoginWorld: Sendable {
    static let inhabitants = 10_000
    static let devices = 256

    let folder: String
    let database: String?
    let port: Int
    let bank: DemoClient
    let people: [LoginPerson]

    /// Makes it through the same use cases that officers and devices use.
    static func prepare(folder: String, database: String?) async throws -> LoginWorld {
        let port = try freePort()
        let world = try await DemoWorld.open(
            DemoSettings(
                dataDirectory: folder, database: database, port: port, demoPort: 0, bankPort: 0, people: inhabitants))
        let node = world.node
        let country = SyntheticCountry(seed: 77)
        let entered = try await node.register.register(many: country.people(0..<devices), by: .system("bench"))
        let enrolment = try await DirectEnrolment(node: node)
        var people: [LoginPerson] = []
        for registration in entered {
            people.append(
                LoginPerson(
                    kidc: registration.kidc.digits, device: try await enrolment.enrol(registration.personID)))
        }
        guard let bank = world.record.client("model-bank") else { throw RumdulError.bench("no bank") }
        await node.close()
        return LoginWorld(folder: folder, database: database, port: port, bank: bank, people: people)
    }

    static func freePort() throws -> Int { try ReservedPort(host: "127.0.0.1").number }

    /// Serves it in a process of its own.
    func start(_ server: String) throws -> ServerProcess {
        var arguments = ["serve", "--data", folder, "--port", String(port)]
        if let database { arguments += ["--database", database] }
        return try ServerProcess(
            server, arguments,
            environment: ["RUMDUL_SYNTHETIC_PEOPLE": "true", "RUMDUL_LOGINS_PER_MINUTE": "1000000"])
    }
}
