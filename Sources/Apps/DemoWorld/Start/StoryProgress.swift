import Accountability
import Authenticators
import Enrolment
import Kernel
import PopulationRegister
import RumdulServer

/// How far the story has gone for one person, as the database has it now.
struct StoryProgress: Sendable, Hashable {
    /// An officer has opened an enrolment, or did before.
    var isEnrolled = false
    /// A phone waits for the officer's comparison.
    var isPhoneWaiting = false
    /// A phone is active.
    var isPhoneActive = false
    /// The bank has, or had, a consent.
    var hasBank = false
    /// A consent was withdrawn.
    var hasWithdrawn = false
    /// How many entries the person finds in the access log; counted up to 50.
    var accesses = 0

    /// The step that comes next, 2...6; 6 when all is done. Step 1 is done as soon as the page is open.
    var next: Int {
        if !isEnrolled { return 2 }
        if !isPhoneActive { return 3 }
        if !hasBank { return 4 }
        return hasWithdrawn ? 6 : 5
    }

    /// Tells two states apart, for the poll.
    var token: String { "\(next)-\(isPhoneWaiting ? 1 : 0)-\(accesses)" }
}

/// Reads the progress.
struct StoryReader: Sendable {
    let node: Node
    let enrolment: EnrolmentService
    let officer: Officer

    /// - Throws: `demo.file` when the officer of the story is not in the directory.
    init(node: Node) async throws {
        self.node = node
        enrolment = node.enrolment
        officer = try await DirectEnrolment.nationalOfficer(node)
    }

    /// The internal identifier behind a code; `nil` when the register does not know it.
    func person(_ sample: SamplePerson) async throws -> PersonID? {
        guard let kidc = try? KIDC(entered: sample.kidc) else { return nil }
        return try await node.register.person(kidc: kidc)
    }

    func progress(of sample: SamplePerson) async throws -> StoryProgress {
        var progress = StoryProgress()
        guard let person = try await person(sample) else { return progress }
        let node = node
        let (states, records) = try await node.database.read { connection in
            (
                try await node.authenticators.devices(of: person, in: connection).map(\.state),
                try await node.consents.records(of: person, in: connection)
            )
        }
        progress.isPhoneActive = states.contains(.active)
        progress.isPhoneWaiting = states.contains(.pending)
        let opened = try await enrolment.worklist(by: officer).contains { $0.personID == person }
        progress.isEnrolled = opened || !states.isEmpty
        let bank = records.filter { $0.grant.clientID == DemoClients.bank }
        progress.hasBank = !bank.isEmpty
        progress.hasWithdrawn = bank.contains { $0.withdrawnAt != nil }
        progress.accesses = try await node.journal.entries(of: person, limit: 50).count
        return progress
    }
}
