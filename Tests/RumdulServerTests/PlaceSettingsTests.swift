import DatabaseTesting
import Foundation
import Kernel
import Testing

@testable import RumdulServer

@Suite("The file of places")
struct PlaceSettingsTests {
    private func load(_ text: String?) throws -> LocalizedText? {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let path = folder.path + "/places.csv"
        if let text { try text.write(toFile: path, atomically: false, encoding: .utf8) }
        let configuration = try Configuration.load(file: nil, environment: ["RUMDUL_PLACE_FILE": path], flags: [])
        return try configuration.places().place(of: "203.0.113.77")
    }

    @Test func aListIsRead() throws {
        #expect(
            try load("network,km,en\n203.0.113.0/24,ភ្នំពេញ,Phnom Penh\n") == LocalizedText(km: "ភ្នំពេញ", en: "Phnom Penh"))
        #expect(try load("") == nil)
        #expect(try Configuration().places().place(of: "203.0.113.77") == nil)
    }

    @Test func aWrongOneStopsTheStart() {
        for (text, part) in [(nil, "cannot be read"), ("203.0.113.0/24,a,b\n203.0.113.0/24,a,b", "line 2")]
            as [(String?, String)]
        {
            do {
                _ = try load(text)
                Issue.record("accepted")
            } catch {
                let told = error as? RumdulError
                #expect(told?.code == "configuration.invalid" && told?.message.en.contains(part) == true, "\(error)")
            }
        }
    }
}
