import Kernel
import KhmerText
import Web

/// Turns a case into the values of the template `enrol/case`.
struct CaseViews: Sendable {
    let language: Language
    let now: Instant
    let caseLifetime: Int64

    /// What an officer may do on the page.
    struct Rights: Sendable {
        var mayActivate: Bool
    }

    /// The values of the page.
    /// - Parameters:
    ///   - code: the code that is out, with its picture.
    ///   - csrf: the token of the session.
    func values(
        _ enrolment: EnrolmentCase, code: (issued: IssuedCode, picture: SafeHTML)?, rights: Rights, csrf: String
    ) -> [String: Any] {
        let state = enrolment.state(at: now, caseLifetime: caseLifetime)
        let path = Self.path(enrolment)
        var values: [String: Any] = [
            "number": Self.number(enrolment), "path": path, "csrf": csrf, "steps": steps(state),
            "facts": facts(enrolment, state), "serial": enrolment.codeSerial,
            "canCode": state.allows(.codeIssued) && rights.mayActivate, "hasSecondCode": enrolment.codeSerial > 0,
            "canCancel": state.isLive, "showCode": false, "showCompare": false, "poll": false, "notice": false,
        ]
        if let text = EnrolmentTexts.notice(state) ?? lapsed(enrolment, state) {
            values["notice"] = ["kind": kind(state), "text": text[language]]
        }
        if state.isLive, enrolment.codeSerial > 0 {
            values["poll"] = "\(path)/status?seen=\(Self.seen(enrolment, at: now, caseLifetime: caseLifetime))"
        }
        if let code, state == .codeIssued {
            values["showCode"] = true
            values["code"] = code.issued.display
            values["qr"] = code.picture
            values["until"] = KhmerDates.time(code.issued.expiresAt, language)
        }
        if state == .deviceBound, enrolment.awaitsComparison(at: now), rights.mayActivate,
            let comparison = enrolment.comparisonCode, let device = enrolment.deviceID, let until = enrolment.confirmBy
        {
            values["showCompare"] = true
            values["comparison"] = String(comparison.prefix(3)) + " " + String(comparison.suffix(3))
            values["device"] = device
            values["until"] = KhmerDates.time(until, language)
        }
        return values
    }

    /// One line of the worklist.
    func line(_ enrolment: EnrolmentCase) -> [String: Any] {
        let state = enrolment.state(at: now, caseLifetime: caseLifetime)
        return [
            "path": Self.path(enrolment), "number": Self.number(enrolment),
            "opened": KhmerDates.short(enrolment.openedAt, language),
            "state": EnrolmentTexts.text(state)[language], "tone": tone(state), "level": "IAL\(enrolment.ial.rawValue)",
        ]
    }

    /// How a case looked, in a word: what the page polls with, to learn of any change.
    static func seen(_ enrolment: EnrolmentCase, at now: Instant, caseLifetime: Int64) -> String {
        let state = enrolment.state(at: now, caseLifetime: caseLifetime)
        let open = enrolment.hasWorkingCode(at: now) || enrolment.awaitsComparison(at: now)
        return "\(state.rawValue)-\(enrolment.codeSerial)-\(open ? 1 : 0)"
    }

    static func path(_ enrolment: EnrolmentCase) -> String { "/enrol/cases/\(enrolment.id)" }

    /// The last eight digits of the identifier: short enough to say aloud at a counter.
    static func number(_ enrolment: EnrolmentCase) -> String {
        String(enrolment.id.filter { $0 != "-" }.suffix(8)).uppercased()
    }

    private func steps(_ state: EnrolmentState) -> [[String: Any]] {
        let names = [
            LocalizedText(km: "ភស្តុតាង", en: "Evidence"), LocalizedText(km: "កូដ", en: "Code"),
            LocalizedText(km: "ប្រៀបធៀប", en: "Compare"), LocalizedText(km: "រួចរាល់", en: "Done"),
        ]
        let place =
            switch state {
            case .opened: 1
            case .codeIssued: 1
            case .deviceBound: 2
            case .completed: 4
            case .rejected, .cancelled, .expired: -1
            }
        return names.enumerated().map { index, name in
            ["text": name[language], "done": index < place, "current": index == place]
        }
    }

    private func facts(_ enrolment: EnrolmentCase, _ state: EnrolmentState) -> [[String: Any]] {
        let evidence = enrolment.evidenceTypes.map { $0.label[language] }.joined(
            separator: language == .km ? " " : ", ")
        let texts = EnrolmentTexts.all
        return [
            ["label": texts["state"]?[language] ?? "", "value": EnrolmentTexts.text(state)[language]],
            ["label": texts["level"]?[language] ?? "", "value": "IAL\(enrolment.ial.rawValue)"],
            ["label": texts["openedAt"]?[language] ?? "", "value": KhmerDates.short(enrolment.openedAt, language)],
            ["label": texts["evidenceTitle"]?[language] ?? "", "value": evidence],
        ]
    }

    private func lapsed(_ enrolment: EnrolmentCase, _ state: EnrolmentState) -> LocalizedText? {
        switch state {
        case .codeIssued where !enrolment.hasWorkingCode(at: now):
            LocalizedText(km: "កូដហួសពេលហើយ។ សូមបង្ហាញកូដថ្មី។", en: "The code has run out. Show a new one.")
        case .deviceBound where !enrolment.awaitsComparison(at: now), .opened where enrolment.codeSerial > 0:
            LocalizedText(
                km: "ហួសពេលប្រៀបធៀប។ ឧបករណ៍មិនត្រូវបានភ្ជាប់ទេ។ សូមបង្ហាញកូដថ្មី។",
                en: "The time to compare has run out. The device was not bound. Show a new code.")
        default: nil
        }
    }

    private func kind(_ state: EnrolmentState) -> String {
        switch state {
        case .completed: "good"
        case .rejected: "bad"
        default: "warn"
        }
    }

    private func tone(_ state: EnrolmentState) -> String {
        switch state {
        case .completed: "good"
        case .opened, .codeIssued, .deviceBound: "warn"
        case .rejected: "bad"
        case .cancelled, .expired: ""
        }
    }
}
