import Database
import DatabaseTesting
import Kernel
import Testing

@testable import PopulationRegister

@Suite struct RegistrationDateTests {
    @Test(arguments: TestDatabases.kinds)
    func theRecordKnowsWhenItWasMade(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let person = try await world.enter(dara()).personID
            let (date, none) = try await world.database.read { connection in
                (
                    try await world.register.registeredAt(person, in: connection),
                    try await world.register.registeredAt(PersonID("nobody"), in: connection)
                )
            }
            #expect(date != nil && none == nil)
        }
    }
}
