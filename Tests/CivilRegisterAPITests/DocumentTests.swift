import Accountability
import CivilRegister
import Codecs
import DatabaseTesting
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Kernel
import PopulationRegister
import Testing

@testable import CivilRegisterAPI

@Suite struct DocumentTests {
    private static let reader = World.system("reader", [.documentRead], attributes: [.kidc])
    private static let other = World.system("other", [.civilDocumentRead], attributes: [.kidc])
    private static let away = World.system("away", [.documentRead], areas: ["08"], attributes: [.kidc])
    private static let blind = World.system("blind", [.documentRead])

    private func read(
        _ client: any TestClientProtocol, _ code: String, _ query: String = "doctype=death&format=pdf",
        as system: String = "reader"
    ) async throws -> (status: Int, text: String, type: String) {
        let answer = try await client.executeRequest(
            uri: "/v1/persons/\(code)/document?\(query)", method: .get,
            headers: [.authorization: "Bearer " + system], body: nil)
        return (answer.status.code, String(buffer: answer.body), answer.headers[.contentType] ?? "")
    }

    @Test(arguments: TestDatabases.kinds) func anExtractIsNumberedAndGivenAgain(_ kind: DatabaseKind) async throws {
        try await World.serve(kind, [Self.reader, Self.other, Self.away, Self.blind]) { world, client in
            let person = try await world.enterPerson()
            let code = person.kidc.digits
            #expect(try await read(client, code).status == 404)
            let asked = try #require(try await world.journal.entries(of: person.personID).first)
            #expect(asked.attributes == [.civilRecord] && asked.service == "osia.readDocument")
            let death = try await world.registeredDeath(code)
            let first = try await read(client, code)
            #expect(first.status == 200 && first.type.hasPrefix("multipart/mixed; boundary=rumdul-"), "\(first)")
            let document = try #require(first.text.components(of: "%PDF ").last?.components(of: "\r\n").first)
            #expect(document.hasPrefix("C-120101-") && document.contains(" extract v1 ") && document.hasSuffix(code))
            let entry = try #require(try await world.journal.entries(of: person.personID).first)
            #expect(entry.attributes == [.civilRecord, .kidc] && entry.caseReference == death.number)
            // The same paper again, byte for byte, as long as it holds; another system gets one of its own.
            #expect(try await read(client, code).text.contains(document))
            let theirs = try await read(client, code, as: "other")
            #expect(theirs.status == 200 && !theirs.text.contains(document))
            let record = try await world.civil.view(
                death.id, by: world.officer("registrar", .registrar, World.office), traceID: "t"
            ).record
            #expect(record.certificates.count == 2 && record.certificates.allSatisfy { $0.kind == .extract })
            try await world.civil.verifyHistory(of: death.id)
            // An officer shows it again as it was.
            let shown = try await world.civil.certificate(
                record.certificates[0].number, by: world.officer("registrar", .registrar, World.office), traceID: "t")
            #expect(try await String(decoding: StubPrinter().pdf(shown), as: UTF8.self) == "%PDF " + document)
            #expect(try await read(client, code, as: "away").status == 404)
            #expect(try await read(client, code, as: "blind").status == 403)
        }
    }

    @Test(arguments: TestDatabases.kinds) func whatIsNotThereIsRefused(_ kind: DatabaseKind) async throws {
        try await World.serve(kind, [Self.reader]) { world, client in
            let person = try await world.enterPerson()
            let other = try await world.registeredBirth()
            let child = try #require(other.persons[.child])
            let code = person.kidc.digits
            _ = try await world.registeredDeath(code)
            for (query, status) in [
                ("", 400), ("doctype=death", 400), ("doctype=tax&format=pdf", 400),
                ("doctype=adoption&format=pdf", 400),
                ("doctype=death&format=jpeg", 415), ("doctype=marriage&format=pdf", 404),
                ("doctype=death&format=pdf&secondaryUin=x", 400),
                ("doctype=death&format=pdf&secondaryUin=\(World.someCode(3).digits)", 404),
            ] { #expect(try await read(client, code, query).status == status, "\(query)") }
            #expect(try await read(client, World.someCode(4).digits).status == 404)
            #expect(try await read(client, "x").status == 404)
            #expect(try await world.journal.entries(of: child).filter { $0.system == "reader" }.isEmpty)
        }
    }
}

extension String {
    fileprivate func components(of mark: String) -> [String] {
        var parts = [""]
        var rest = self[...]
        while let found = rest.firstRange(of: mark) {
            parts[parts.count - 1] += rest[..<found.lowerBound]
            parts.append("")
            rest = rest[found.upperBound...]
        }
        parts[parts.count - 1] += rest
        return parts
    }
}
