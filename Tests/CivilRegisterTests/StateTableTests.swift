import Kernel
import PopulationRegister
import Testing

@testable import CivilRegister

/// The fold of a history by itself: which action may follow where, and what it does to certificates.
@Suite struct StateTableTests {
    /// A record that actions are put on one after the other.
    struct Story {
        var record: VitalRecord
        private(set) var time: Int64 = 1_000

        init(_ kind: VitalEventKind = .birth) {
            record = VitalRecord(id: "r", kind: kind, trackingID: "T", office: "120101")
        }

        func action(_ kind: VitalAction, by officer: String, _ content: ActionContent) -> RecordAction {
            RecordAction(
                sequence: record.sequence + 1, kind: kind,
                actor: CivilActor(kind: "officer", id: officer, role: "registrar", office: "120101"),
                at: Instant(microseconds: time), deviceTime: Instant(microseconds: 1), content: content)
        }

        mutating func take(
            _ kind: VitalAction, by officer: String = "one", _ fill: (inout ActionContent) -> Void = { _ in }
        ) throws {
            var content = ActionContent()
            fill(&content)
            time += 1
            try record.apply(action(kind, by: officer, content))
        }

        mutating func take(all actions: VitalAction...) throws { for action in actions { try take(action) } }
    }

    /// A place in a record's life, how it is reached, and every action that may follow there: the state table.
    struct Place: Sendable, CustomTestStringConvertible {
        let name: String
        let way: [VitalAction]
        var isDelayed = false
        let follow: Set<VitalAction>
        var kind = VitalEventKind.birth

        var testDescription: String { name }
    }

    private static let toRegistered: [VitalAction] = [.create, .declare, .verify, .register]

    static let table: [Place] = [
        Place(name: "nothing", way: [], follow: [.create, .enterLegacy]),
        Place(name: "draft", way: [.create], follow: [.notify, .declare, .archive, .attachEvidence]),
        Place(name: "notified", way: [.create, .notify], follow: [.declare, .archive, .attachEvidence]),
        Place(
            name: "declared", way: [.create, .declare],
            follow: [.sendBack, .detectDuplicate, .verify, .register, .archive, .attachEvidence]),
        Place(
            name: "declared, delayed", way: [.create, .declare], isDelayed: true,
            follow: [.sendBack, .detectDuplicate, .verify, .register, .archive, .attachEvidence, .approveLate]),
        Place(
            name: "declared, delayed, approved", way: [.create, .declare, .approveLate], isDelayed: true,
            follow: [.sendBack, .detectDuplicate, .verify, .register, .archive, .attachEvidence]),
        Place(
            name: "returned", way: [.create, .declare, .sendBack], follow: [.declare, .archive, .attachEvidence]),
        Place(
            name: "returned after verification", way: [.create, .declare, .verify, .sendBack],
            follow: [.declare, .archive, .attachEvidence]),
        Place(
            name: "duplicate review", way: [.create, .declare, .detectDuplicate],
            follow: [.clearDuplicate, .detectDuplicate]),
        Place(
            name: "duplicate review, two alike", way: [.create, .declare, .detectDuplicate, .detectDuplicate],
            follow: [.clearDuplicate, .detectDuplicate]),
        Place(
            name: "verified", way: [.create, .declare, .verify],
            follow: [.sendBack, .detectDuplicate, .register, .attachEvidence, .requestCheck]),
        Place(
            name: "verified, check asked", way: [.create, .declare, .verify, .requestCheck],
            follow: [.sendBack, .detectDuplicate, .attachEvidence, .passCheck, .failCheck]),
        Place(
            name: "verified, check passed", way: [.create, .declare, .verify, .requestCheck, .passCheck],
            follow: [.sendBack, .detectDuplicate, .register, .attachEvidence]),
        Place(
            name: "check failed", way: [.create, .declare, .verify, .requestCheck, .failCheck],
            follow: [.sendBack, .attachEvidence, .requestCheck, .passCheck, .overrideCheck]),
        Place(
            name: "check failed, passed after all",
            way: [.create, .declare, .verify, .requestCheck, .failCheck, .passCheck],
            follow: [.sendBack, .detectDuplicate, .register, .attachEvidence]),
        Place(
            name: "check asked again", way: [.create, .declare, .verify, .requestCheck, .failCheck, .requestCheck],
            follow: [.sendBack, .detectDuplicate, .attachEvidence, .passCheck, .failCheck]),
        Place(
            name: "check overridden", way: [.create, .declare, .verify, .requestCheck, .failCheck, .overrideCheck],
            follow: [.sendBack, .detectDuplicate, .register, .attachEvidence]),
        Place(
            name: "verified, delayed", way: [.create, .declare, .verify], isDelayed: true,
            follow: [.sendBack, .detectDuplicate, .register, .attachEvidence, .approveLate, .requestCheck]),
        Place(
            name: "registered", way: toRegistered,
            follow: [
                .requestCorrection, .requestRevocation, .requestReplacement, .supersede, .seal, .attachEvidence,
                .certify,
            ]),
        Place(
            name: "registered, correction asked", way: toRegistered + [.requestCorrection],
            follow: [.approveCorrection, .rejectCorrection, .seal, .attachEvidence, .certify]),
        Place(
            name: "registered, revocation asked", way: toRegistered + [.requestRevocation],
            follow: [.approveRevocation, .rejectRevocation, .seal, .attachEvidence, .certify]),
        Place(
            name: "registered, sealed", way: toRegistered + [.seal],
            follow: [
                .requestCorrection, .requestRevocation, .requestReplacement, .supersede, .unseal, .attachEvidence,
                .certify,
            ]),
        Place(
            name: "inactive", way: toRegistered + [.supersede],
            follow: [.requestRevocation, .requestReinstatement, .seal]),
        Place(
            name: "inactive, revocation asked", way: toRegistered + [.supersede, .requestRevocation],
            follow: [.approveRevocation, .rejectRevocation, .seal]),
        Place(
            name: "inactive, reinstatement asked", way: toRegistered + [.supersede, .requestReinstatement],
            follow: [.approveReinstatement, .rejectReinstatement, .seal]),
        Place(
            name: "revoked", way: toRegistered + [.requestRevocation, .approveRevocation],
            follow: [.requestReinstatement, .seal]),
        Place(
            name: "revoked, reinstatement asked",
            way: toRegistered + [.requestRevocation, .approveRevocation, .requestReinstatement],
            follow: [.approveReinstatement, .rejectReinstatement, .seal]),
        Place(
            name: "registered, replacement asked", way: toRegistered + [.requestReplacement],
            follow: [.rejectReplacement, .supersede, .seal, .attachEvidence, .certify]),
        Place(
            name: "marriage declared", way: [.create, .declare],
            follow: [.sendBack, .detectDuplicate, .verify, .register, .archive, .attachEvidence, .raiseObjection],
            kind: .marriage),
        Place(
            name: "marriage, objection", way: [.create, .declare, .raiseObjection],
            follow: [
                .detectDuplicate, .verify, .archive, .attachEvidence, .raiseObjection, .dismissObjection,
                .upholdObjection,
            ], kind: .marriage),
        Place(
            name: "marriage, objection dismissed",
            way: [.create, .declare, .raiseObjection, .raiseObjection, .dismissObjection],
            follow: [.sendBack, .detectDuplicate, .verify, .register, .archive, .attachEvidence, .raiseObjection],
            kind: .marriage),
        Place(
            name: "marriage, objection upheld", way: [.create, .declare, .raiseObjection, .upholdObjection],
            follow: [.declare, .archive, .attachEvidence], kind: .marriage),
        Place(name: "archived", way: [.create, .archive], follow: [.unarchive]),
    ]

    private func story(_ place: Place) throws -> Story {
        var story = Story(place.kind)
        for action in place.way {
            try story.take(action) { if place.isDelayed, action == .declare { $0.lateness = .delayed } }
        }
        return story
    }

    @Test(arguments: table) func anActionFollowsExactlyWhereTheTableSaysSo(_ place: Place) throws {
        let here = try story(place)
        for action in VitalAction.allCases {
            var next = here
            if place.follow.contains(action) {
                #expect(throws: Never.self, "\(action)") { try next.take(action) }
                #expect(next.record.sequence == here.record.sequence + 1)
            } else {
                #expect(throws: RumdulError.civilState, "\(action)") { try next.take(action) }
                #expect(next.record == here.record, "a refused \(action) leaves no trace")
            }
        }
    }

    @Test func theTableKnowsEveryStateAndEveryAction() throws {
        let states = try Self.table.filter { !$0.way.isEmpty }.map { try story($0).record.state }
        #expect(Set(states) == Set(VitalRecordState.allCases))
        #expect(Self.table.reduce(into: Set()) { $0.formUnion($1.follow) } == Set(VitalAction.allCases))
    }

    @Test func anEntryOutOfOrderIsRefused() throws {
        var story = Story()
        try story.take(all: .create, .declare)
        for sequence in [0, 1, 2, 4, Int64.max] {
            let late = RecordAction(
                sequence: sequence, kind: .verify,
                actor: CivilActor(kind: "officer", id: "x", role: "r", office: ""), at: Instant(microseconds: 5),
                deviceTime: nil, content: ActionContent())
            var record = story.record
            #expect(throws: RumdulError.civilState) { try record.apply(late) }
        }
    }

    @Test func anArchivedRecordComesBackToWhereItWas() throws {
        for way: [VitalAction] in [
            [.create], [.create, .notify], [.create, .declare], [.create, .declare, .sendBack],
        ] {
            var story = Story()
            for action in way { try story.take(action) }
            let before = story.record.state
            try story.take(all: .archive, .unarchive)
            #expect(story.record.state == before)
        }
    }

    /// Invariant 18.
    @Test func invariant18TheDevicesTimeDecidesNothing() throws {
        var story = Story()
        try story.take(all: .create, .declare, .verify, .register)
        #expect(story.record.declaredAt == Instant(microseconds: 1_002))
        #expect(story.record.registeredAt == Instant(microseconds: 1_004))
        try story.take(.requestCorrection)
        #expect(story.record.pending?.at == Instant(microseconds: 1_005))
    }

    // MARK: Certificates

    private func registered(_ kind: VitalEventKind) throws -> Story {
        var story = Story(kind)
        try story.take(.create)
        try story.take(.declare) { $0.declaration = ["event.date": "2026-01-01"] }
        if kind.entersPerson { try story.take(.verify) }
        try story.take(.register)
        try story.take(.certify) { $0.item = "C-1 original digest" }
        return story
    }

    private func correct(_ story: inout Story, _ field: String, to value: String) throws {
        let change = FieldChange(field: field, from: story.record.declaration[field], to: value)
        try story.take(.requestCorrection) { $0.changes = [change] }
        #expect(story.record.certificates.allSatisfy { !$0.isSuperseded }, "asking supersedes nothing")
        try story.take(.approveCorrection, by: "two")
    }

    @Test(arguments: VitalEventKind.allCases)
    func invariant10ACertificateIsSupersededExactlyWhenAPrintedFieldChanges(_ kind: VitalEventKind) throws {
        let printed = Set(CertificateFields.ordered(kind))
        #expect(!printed.isEmpty && printed.isSubset(of: EventForm.of(kind).fields.map(\.id)))
        for field in EventForm.of(kind).fields {
            var story = try registered(kind)
            try correct(&story, field.id, to: "new")
            #expect(story.record.version == 2)
            #expect(story.record.certificates.map(\.isSuperseded) == [printed.contains(field.id)], "\(field.id)")
            try story.take(.certify) { $0.item = "C-2 original digest" }
            #expect(story.record.certificates.map(\.version) == [1, 2])
            #expect(story.record.certificates.last?.isSuperseded == false)
        }
    }

    /// What a birth certificate shows of a family's life is little.
    @Test func whatIsPrintedIsWhatTheCertificateShows() {
        let birth = Set(CertificateFields.ordered(.birth))
        #expect(
            birth.isSuperset(of: [
                "child.family_km", "child.given_km", "child.family_latin", "child.sex", "event.date", "event.place",
                "mother.given_km", "father.given_km", "mother.birthdate", "mother.nationality", "event.lunar",
            ]))
        #expect(
            birth.isDisjoint(with: [
                "mother.education", "mother.occupation", "mother.children_born", "child.weight", "child.multiplicity",
                "informant.phone", "mother.person", "event.late_reason", "legacy.book", "father.status",
            ]))
        #expect(!CertificateFields.ordered(.death).contains("event.manner"))
    }

    @Test func aRejectedCorrectionSupersedesNothingAndARevocationEverything() throws {
        var story = try registered(.marriage)
        try story.take(.requestCorrection) {
            $0.changes = [FieldChange(field: "event.date", from: "2026-01-01", to: "2026-01-02")]
        }
        try story.take(.rejectCorrection, by: "two")
        #expect(story.record.version == 1 && story.record.certificates.map(\.isSuperseded) == [false])
        try story.take(all: .requestRevocation, .approveRevocation)
        #expect(story.record.certificates.map(\.isSuperseded) == [true])
        try story.take(all: .requestReinstatement, .approveReinstatement)
        #expect(story.record.certificates.map(\.isSuperseded) == [true], "a revoked paper stays so")
        try story.take(.certify) { $0.item = "C-2 original digest" }
        try story.take(.supersede)
        #expect(story.record.certificates.map(\.isSuperseded) == [true, true])
    }

    @Test func aCorrectionOfSomethingThatChangedMeanwhileIsRefused() throws {
        var story = try registered(.death)
        try story.take(.requestCorrection) {
            $0.changes = [FieldChange(field: "event.date", from: "2025-12-31", to: "2026-01-02")]
        }
        #expect(throws: RumdulError.civilChanged) { try story.take(.approveCorrection, by: "two") }
    }
}
