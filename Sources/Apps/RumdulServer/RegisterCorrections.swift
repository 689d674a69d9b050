import Accountability
import CitizenPortal
import Enrolment
import Kernel
import PopulationRegister

/// The register's requests for correction, as the citizen's pages and the officers' console see them.
struct RegisterCorrections {
    let register: PopulationRegister
}

extension RegisterCorrections: CorrectionRequests {
    var attributes: [AttributeName] { CorrectionRules.attributes }
    var textLimit: Int { PopulationRegister.correctionTextLimit }

    func requests(of person: PersonID) async throws -> [CorrectionRequest] {
        try await register.corrections(of: person).map { item in
            CorrectionRequest(
                id: item.about.id, attribute: item.about.attribute, standing: Self.standing(item.about.state),
                wish: item.wish.wish, refusal: item.refusal, filedAt: item.about.filedAt,
                changedAt: item.about.changedAt)
        }
    }

    func ask(
        _ attribute: AttributeName, wish: String, why: String, evidence: String?, by person: PersonID
    ) async throws {
        _ = try await register.requestCorrection(
            attribute, CorrectionWish(wish: wish, why: why, evidence: evidence), of: person)
    }

    func takeBack(_ id: String, by person: PersonID) async throws {
        try await register.withdrawCorrection(id, by: person)
    }

    private static func standing(_ state: CorrectionState) -> CorrectionStanding {
        switch state {
        case .open: .open
        case .proposed: .proposed
        case .accepted: .accepted
        case .refused: .refused
        case .withdrawn: .withdrawn
        }
    }
}

extension RegisterCorrections: CorrectionDesk {
    var rights: [Permission] { PopulationRegister.correctionRights }

    func waiting(for officer: Officer) async throws -> [WaitingCorrection] {
        try await register.waitingCorrections(for: officer).map(Self.line)
    }

    func file(_ id: String, by officer: Officer, trace: String) async throws -> CorrectionFile {
        let (item, present) = try await register.correction(id, by: officer, trace: trace)
        return CorrectionFile(
            about: Self.line(item.about), isDecided: !item.about.state.isLive, wish: item.wish.wish,
            why: item.wish.why, evidence: item.wish.evidence, present: present,
            inputs: CorrectionRules.inputs(for: item.about.attribute).map {
                CorrectionInput(name: $0.rawValue, choices: $0.choices, isOptional: $0.isOptional)
            }, proposed: item.proposal?.values ?? [:], seen: item.proposal?.evidence)
    }

    func propose(_ id: String, values: [String: String], seen: String, by officer: Officer) async throws {
        try await register.proposeCorrection(
            id, CorrectionProposal(values: values, evidence: seen), by: officer)
    }

    func accept(_ id: String, by officer: Officer) async throws {
        try await register.acceptCorrection(id, by: officer)
    }

    func refuse(_ id: String, reason: String, by officer: Officer) async throws {
        try await register.refuseCorrection(id, reason: reason, by: officer)
    }

    private static func line(_ about: CorrectionCase) -> WaitingCorrection {
        WaitingCorrection(
            id: about.id, attribute: about.attribute, isProposed: about.state != .open,
            proposedBy: about.proposedBy, area: about.area, filedAt: about.filedAt)
    }
}
