import Accountability
import CivilRegister
import Hummingbird
import Kernel
import OfficerDesk
import Web

/// A record's page and what can be done there.
struct RecordRoutes: Sendable {
    let console: RegistrarConsole

    func add(to router: AppRouter) {
        router.get("/register/records/{id}", use: show)
        router.post("/register/records/{id}/do", use: act)
    }

    /// The steps that a record's page offers.
    enum Step: String, CaseIterable {
        case verify, register, sendBack, approveLate, archive, unarchive
        case retryCheck, overrideCheck
        case approveCorrection, rejectCorrection
        case requestRevocation, approveRevocation, rejectRevocation
        case requestReinstatement, approveReinstatement, rejectReinstatement
        case approveReplacement, rejectReplacement
        case raiseObjection, dismissObjection, upholdObjection
        case seal, unseal

        var action: VitalAction {
            switch self {
            case .verify: .verify
            case .register: .register
            case .sendBack: .sendBack
            case .approveLate: .approveLate
            case .retryCheck: .requestCheck
            case .overrideCheck: .overrideCheck
            case .archive: .archive
            case .unarchive: .unarchive
            case .approveCorrection: .approveCorrection
            case .rejectCorrection: .rejectCorrection
            case .requestRevocation: .requestRevocation
            case .approveRevocation: .approveRevocation
            case .rejectRevocation: .rejectRevocation
            case .requestReinstatement: .requestReinstatement
            case .approveReinstatement: .approveReinstatement
            case .rejectReinstatement: .rejectReinstatement
            case .approveReplacement: .supersede
            case .rejectReplacement: .rejectReplacement
            case .raiseObjection: .raiseObjection
            case .dismissObjection: .dismissObjection
            case .upholdObjection: .upholdObjection
            case .seal: .seal
            case .unseal: .unseal
            }
        }

        /// Whether it needs a reason in words.
        var needsReason: Bool {
            switch self {
            case .sendBack, .approveLate, .archive, .rejectCorrection, .requestRevocation, .requestReinstatement, .seal,
                .unseal, .overrideCheck, .raiseObjection, .dismissObjection, .upholdObjection:
                true
            default: false
            }
        }

        var needsBasis: Bool { self == .requestRevocation || self == .requestReinstatement }

        var isDangerous: Bool {
            [.archive, .requestRevocation, .approveRevocation, .sendBack, .upholdObjection].contains(self)
        }

        var permissions: [Permission] {
            switch self {
            case .verify: [.civilVerify]
            case .register: [.civilRegister]
            case .sendBack: [.civilVerify, .civilRegister]
            case .approveLate: [.civilLateApprove]
            case .retryCheck: [.civilRegister, .civilVerify]
            case .overrideCheck: [.civilLateApprove]
            case .archive, .unarchive: [.civilArchive]
            case .approveCorrection, .rejectCorrection: [.civilCorrectApprove]
            case .requestRevocation, .approveRevocation, .rejectRevocation, .requestReinstatement,
                .approveReinstatement, .rejectReinstatement, .approveReplacement, .rejectReplacement:
                [.civilRevoke]
            case .raiseObjection: [.civilDeclare, .civilRegister]
            case .dismissObjection, .upholdObjection: [.civilRegister, .civilVerify]
            case .seal, .unseal: [.civilSeal]
            }
        }

        /// Whether this officer may take it on this record now.
        func isPossible(_ record: VitalRecord, for officer: Officer) -> Bool {
            guard record.allows(action), permissions.contains(where: { officer.may($0, in: record.office) }) else {
                return false
            }
            switch self {
            case .verify: return record.needsVerification && record.declaredBy != officer.id
            case .register:
                return (record.state == .verified || !record.needsVerification) && !record.needsApproval
            case .approveLate: return record.declaredBy != officer.id
            case .retryCheck: return record.state == .externalCheckFailed
            case .overrideCheck: return record.declaredBy != officer.id && record.verifiedBy != officer.id
            case .approveReplacement:
                return record.pending?.kind == .replacement && record.pending?.by != officer.id
            case .approveCorrection, .rejectCorrection, .approveRevocation, .rejectRevocation, .approveReinstatement,
                .rejectReinstatement, .rejectReplacement, .dismissObjection, .upholdObjection:
                return record.pending?.askers.contains(officer.id) != true
            default: return true
            }
        }
    }

    private func show(_ request: Request, _ context: AppContext) async throws -> Response {
        guard let seat = try await console.desk.seat(request) else {
            return Redirect.found(RegistrarConsole.home + "/login")
        }
        let id = try context.pathParameter("id")
        let query = try QueryParameters.read(request)
        return try await show(
            id, seat, context, sent: try await agreed(request, id, seat, context),
            queue: query["queue"].flatMap(CivilQueue.init(rawValue:)))
    }

    /// The request to revoke one of two records that officers found to be of the same event, filled in; it is sent by the
    /// officer's own hand.
    private func agreed(
        _ request: Request, _ id: String, _ seat: OfficerDesk.Seat, _ context: AppContext
    ) async throws -> FormFields {
        guard let item = try QueryParameters.read(request)["case"], item.utf8.count <= 64,
            let other = try await console.civil.revocationGround(item, of: id, by: seat.officer)
        else { return FormFields() }
        let reason = LocalizedText(
            km: "ព្រឹត្តិការណ៍តែមួយជាមួយកំណត់ត្រា \(other)", en: "The same event as record \(other)")
        let basis = LocalizedText(km: "ករណីស្ទួន \(item)", en: "Duplicate case \(item)")
        return FormFields([
            (name: "step", value: Step.requestRevocation.rawValue), (name: "reason", value: reason[context.language]),
            (name: "basis", value: basis[context.language]),
        ])
    }

    /// The page of a record, also after a step was refused.
    /// - Parameter queue: the list that the officer works through, when it is another than the one the record stands in.
    func show(
        _ id: String, _ seat: OfficerDesk.Seat, _ context: AppContext, error: RumdulError? = nil,
        sent: FormFields = FormFields(), queue: CivilQueue? = nil
    ) async throws -> Response {
        let opened = try await console.civil.view(id, by: seat.officer, traceID: context.traceID)
        let views = RecordViews(console: console, language: context.language)
        var data = try await views.data(opened, officer: seat.officer, csrf: seat.csrf, error: error, sent: sent)
        data["path"] = "/register/records/\(id)"
        let list = queue ?? QueueWay.list(of: opened.record, for: seat.officer)
        data["queue"] = try await QueueWay(console: console).view(list, from: id, seat.officer, context.language)
        var page = console.page("register/record", title: opened.record.kind.label, data: data, seat: seat)
        page.languageSwitch = .path(RecordViews.path(of: id, in: queue))
        if let script = context.assetPath("register.js") { page.scripts = [script] }
        if let error {
            page.status = .init(code: error.kind == .invalid ? 400 : 409)
            page.mainErrorCode = error.code
        }
        return context.show(page)
    }

    private func act(_ request: Request, _ context: AppContext) async throws -> Response {
        let (seat, form) = try await console.desk.form(request, context)
        let id = try context.pathParameter("id")
        guard let step = form["step"].flatMap(Step.init(rawValue:)) else { throw RumdulError.missingParameter("step") }
        let queue = form["queue"].flatMap(CivilQueue.init(rawValue:))
        do {
            let taken = try await take(
                step, id, reason: form["reason"] ?? "", basis: form["basis"] ?? "",
                by: CivilStep(
                    seat.officer, expected: form["sequence"].flatMap { Int64($0) }, transactionID: form["request_key"]))
            return Redirect.seeOther(RecordViews.path(of: taken.id, in: queue)).logged(
                outcome: "civil.\(step.rawValue)")
        } catch let error as RumdulError where error.code.hasPrefix("civil.") && error != .civilNotFound {
            return try await show(id, seat, context, error: error, sent: form, queue: queue)
                .logged(errorCode: error.code)
        }
    }

    private func take(_ step: Step, _ id: String, reason: String, basis: String, by who: CivilStep) async throws
        -> VitalRecord
    {
        let civil = console.civil
        switch step {
        case .verify: return try await civil.verify(id, by: who)
        case .register: return try await civil.register(id, by: who)
        case .sendBack: return try await civil.sendBack(id, reason: reason, by: who)
        case .approveLate: return try await civil.approveLate(id, reason: reason, by: who)
        case .retryCheck: return try await civil.retryCheck(id, by: who)
        case .overrideCheck: return try await civil.overrideCheck(id, reason: reason, by: who)
        case .archive: return try await civil.archive(id, reason: reason, by: who)
        case .unarchive: return try await civil.unarchive(id, by: who)
        case .approveCorrection: return try await civil.approveCorrection(id, by: who)
        case .rejectCorrection: return try await civil.rejectCorrection(id, reason: reason, by: who)
        case .requestRevocation:
            return try await civil.requestRevocation(id, reason: reason, basis: basis, by: who)
        case .approveRevocation: return try await civil.approveRevocation(id, by: who)
        case .rejectRevocation: return try await civil.rejectRevocation(id, by: who)
        case .requestReinstatement:
            return try await civil.requestReinstatement(id, reason: reason, basis: basis, by: who)
        case .approveReinstatement: return try await civil.approveReinstatement(id, by: who)
        case .rejectReinstatement: return try await civil.rejectReinstatement(id, by: who)
        case .approveReplacement: return try await civil.approveReplacement(id, by: who)
        case .rejectReplacement: return try await civil.rejectReplacement(id, by: who)
        case .raiseObjection: return try await civil.raiseObjection(id, reason: reason, basis: basis, by: who)
        case .dismissObjection, .upholdObjection:
            return try await civil.decideObjection(id, upheld: step == .upholdObjection, reason: reason, by: who)
        case .seal, .unseal: return try await civil.setSealed(id, step == .seal, reason: reason, by: who)
        }
    }
}
