import AsyncHTTPClient
import Codecs
import DatabaseTesting
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Kernel
import PopulationRegister
import Synchronization
import Testing

@testable import DemoWorld

@Suite("The demonstration", .serialized)
struct WorldTests {
    private func settings(_ folder: TemporaryFolder, people: Int = 150) -> DemoSettings {
        DemoSettings(
            dataDirectory: folder.path + "/demo", port: 0, demoPort: 0, bankPort: 0, people: people, seed: 5,
            testRedirects: ["http://127.0.0.1:9/callback", "http://localhost:9/cb"])
    }

    @Test("a first start makes everything that a test harness needs; a second one keeps it")
    func open() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let steps = Mutex<[Int]>([])
        let world = try await DemoWorld.open(settings(folder)) { done, _ in steps.withLock { $0.append(done) } }
        #expect(steps.withLock { $0 } == [0, 150])
        #expect(try await world.node.register.count() == 150 + world.record.events)
        #expect(world.record.people.count >= 50)
        #expect(world.record.people.allSatisfy { $0.kidc.hasPrefix("0") && (try? KIDC(entered: $0.kidc)) != nil })
        let path = folder.path + "/demo/demo.json"
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let file = try JSON.parseObject([UInt8](try #require(FileManager.default.contents(atPath: path))))
        let clients = try #require(file.object("clients"))
        for id in ["model-bank", "test-client", "sealed-client"] {
            #expect((clients.object(id)?.string("client_secret") ?? "").utf8.count >= 40)
        }
        #expect(clients.object("test-client")?.strings("redirect_uris")?.count == 2)
        #expect(clients.object("sealed-client")?.object("private_jwk")?.has("d") == true)
        #expect(file.array("officers")?.count == DemoOfficer.all.count)
        await world.node.close()

        let again = try await DemoWorld.open(settings(folder, people: 170))
        #expect(again.record.people == world.record.people)
        #expect(again.record.clients.map(\.secret) == world.record.clients.map(\.secret))
        #expect(try await again.node.register.count() == 170 + again.record.events)
        #expect(try await again.node.officers.officers(limit: 200).count == DemoOfficer.all.count)
        await again.node.close()
        var other = settings(folder)
        other.seed = 6
        await #expect(throws: RumdulError.demoOtherSeed) { _ = try await DemoWorld.open(other) }
    }

    @Test("enrolling directly gives an active device, and the story's page follows the database")
    func story() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let world = try await DemoWorld.open(settings(folder))
        let reader = try await StoryReader(node: world.node)
        let sample = world.record.people[0]
        #expect(try await reader.progress(of: sample).next == 2)
        let person = try #require(try await reader.person(sample))
        let device = try await DemoWorld.enrolDirectly(person, node: world.node)
        let authenticated = try await world.node.authenticators.authenticate(
            authorization: try await device.authorization("GET", "/device/v1/self"), method: "GET",
            path: "/device/v1/self", body: [])
        #expect(authenticated.id == device.id)
        #expect(authenticated.state == .active)
        #expect(try await reader.progress(of: sample).next == 4)
        await world.node.close()
    }

    @Test("the story's page shows person, credentials and the five steps, and moves on with the database")
    func storyPage() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let world = try await DemoWorld.open(settings(folder))
        let http = HTTPClient(eventLoopGroupProvider: .singleton)
        let sample = world.record.people[0]
        try await world.demoApplication(http).application().test(.router) { client in
            let page = try await client.execute(uri: "/?lang=en", method: .get)
            #expect(page.status == .ok)
            for text in [
                sample.kidc, sample.nameKhmer, DemoOfficer.national.password, world.record.bank, "id=\"step-5\"",
            ] {
                #expect(page.text.contains(text), "\(text)")
            }
            #expect(page.text.contains("id=\"step-2\" data-done=\"false\""))
            let seen = page.between("/state?seen=", "\"") ?? ""
            let same = try await client.execute(uri: "/state?seen=\(seen)", method: .get)
            #expect(same.text.contains("\"pending\""))
            let person = try #require(try await world.node.register.person(kidc: try KIDC(entered: sample.kidc)))
            _ = try await DemoWorld.enrolDirectly(person, node: world.node)
            let changed = try await client.execute(uri: "/state?seen=\(seen)", method: .get)
            #expect(changed.text.contains("\"changed\""))
            let after = try await client.execute(uri: "/", method: .get)
            #expect(after.text.contains("id=\"step-3\" data-done=\"true\""))
            let another = try await client.execute(uri: "/another", method: .post)
            let cookie = another.cookie("demo-story") ?? ""
            #expect(cookie == "demo-story=1")
            let next = try await client.execute(uri: "/", method: .get, headers: [.cookie: cookie])
            #expect(next.text.contains(world.record.people[1].kidc))
            let strange = try await client.execute(uri: "/", method: .get, headers: [.cookie: "demo-story=-99"])
            #expect(strange.text.contains(sample.kidc))
        }
        try await http.shutdown()
        await world.node.close()
    }

    @Test("only the right passwords open the officers' accounts")
    func officers() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let world = try await DemoWorld.open(settings(folder))
        let national = DemoOfficer.national
        let officer = try await world.node.officers.authenticate(
            username: national.username, password: national.password)
        #expect(officer.may(.enrolmentOpen, in: "1201"))
        #expect(officer.may(.deviceUnlock, in: nil))
        await #expect(throws: RumdulError.self) {
            _ = try await world.node.officers.authenticate(username: national.username, password: "rice-field-12-palmz")
        }
        await world.node.close()
    }

    @Test("every province has an officer of its own")
    func areas() {
        let areas = Set(DemoOfficer.all.flatMap(\.areas))
        #expect(areas.isSuperset(of: CensusFacts.provinces.map(\.code)))
    }
}

@Suite("passwords of the demonstration")
struct DemoPasswordTests {
    /// Whoever changes a password there must change what is stored of it too.
    @Test func everyOfficerHasAStoredPassword() {
        #expect(Set(DemoPasswords.stored.keys) == Set(DemoOfficer.all.map(\.username)))
    }
}
