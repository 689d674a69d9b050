import Database
import DatabaseTesting
import Kernel
import Testing

@testable import Enrolment

@Suite("What enrolments left behind")
struct EnrolmentRecordsTests {
    @Test(arguments: TestDatabases.kinds) func onlyCompletedEnrolmentsCount(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let officer = world.officer()
            let records = EnrolmentRecords()
            func found(_ device: String) async throws -> EnrolmentCase? {
                try await world.database.read { try await records.completed(device: device, in: $0) }
            }
            let (enrolment, code) = try await world.withCode(officer)
            let device = try await world.service.activate(try await Phone(world.clock).activation(code)).deviceID
            #expect(try await found(device) == nil, "nobody has compared the digits")
            _ = try await world.service.confirm(enrolment.id, device: device, same: true, by: officer)
            let record = try #require(try await found(device))
            #expect(record.id == enrolment.id && record.personID == enrolment.personID)
            #expect(record.ial == enrolment.ial && record.evidenceTypes == enrolment.evidenceTypes)
            #expect(try await found("another") == nil)
        }
    }
}
