import Authenticators
import Codecs
import Consent
import Database
import Kernel
import KeyVault
import RelyingParties

/// Logging in with a printed code or a code by message, for people without a smartphone. Nothing is stored before a code was right: between its
/// pages the login travels sealed, bound to the browser's cookie. Everybody who is not there, has no sheet, or may not
/// be asked gets the same pages and the same refusals.
final class CodeLogin: Sendable {
    let approvals: ApprovalService
    let sheets: CodeSheets
    let vault: any KeyVault
    let deviceGrant: DeviceGrantService
    let messages: MessageSurroundings?

    /// Seconds for which a page may be answered.
    static let lifetime: Int64 = 900

    init(
        approvals: ApprovalService, vault: any KeyVault, deviceGrant: DeviceGrantService,
        messages: MessageSurroundings? = nil
    ) {
        self.messages = messages
        self.approvals = approvals
        self.vault = vault
        self.deviceGrant = deviceGrant
        sheets = approvals.authenticators.codeSheets(vault: vault)
    }

    /// A login on its way from one page to the next.
    struct Step: Sendable {
        /// What was asked, narrowed to what the person chose.
        var request: AuthorizationRequest
        /// Digits that the person typed.
        var identifier: String
        /// The number of the printed code that is asked for.
        var number: Int
        /// The message whose code is asked for instead.
        var message: String?

        var channel: String { message == nil ? "code" : "sms" }
        var factors: Set<AuthenticationFactor> { message == nil ? [.oneTimeCode] : [.oneTimeCode, .textMessage] }
    }

    /// Whether a printed code can reach the level that this request calls essential.
    func suffices(for request: AuthorizationRequest) -> Bool {
        guard request.acrEssential, !request.acrValues.isEmpty else { return true }
        guard let level = approvals.settings.policy.reached(by: [.oneTimeCode], highestRank: 1) else { return false }
        return request.acrValues.contains { approvals.settings.policy.satisfies(level.acr, requested: $0) }
    }

    /// The number of the code to ask for. Throws `authorize.identifier_invalid`.
    func begin(_ request: AuthorizationRequest, identifier: String, client: RelyingParty) async throws -> Step {
        let person = try await person(identifier, client: client)
        let number = try await approvals.database.read { connection in
            try await self.sheets.asked(of: person, name: identifier, in: connection)
        }
        return Step(request: request, identifier: identifier, number: number)
    }

    /// Tries a code; the approved transaction, or `nil` when it was refused.
    func complete(
        _ step: Step, code: String, client: RelyingParty, browserHash: [UInt8], address: String?, origin: String
    ) async throws -> Transaction? {
        guard let purpose = client.purpose(step.request.purposeCode) else { throw RumdulError.requestStale }
        guard suffices(for: step.request) else { throw RumdulError.codeLevel }
        let person = try await person(step.identifier, client: client)
        let now = approvals.ambient.now()
        let policy = approvals.settings.policy
        var item = Transaction(
            id: approvals.ambient.newID(), clientID: client.clientID, personID: person, status: .approved,
            createdAt: now, expiresAt: now.adding(seconds: approvals.settings.approvalLifetime),
            browserHash: browserHash, sharedRequest: Shared(step.request), detailsText: "", detailsHash: "", number: 0,
            numbers: [], deviceID: nil, decidedAt: now, granted: step.request.attributes, consentID: nil,
            factors: step.factors, acr: policy.reached(by: step.factors, highestRank: 1)?.acr, sessionID: nil,
            sessionEndsAt: nil,
            binding: nil, refresh: nil)
        let details = TransactionDetails.build(
            request: step.request, client: client, purpose: purpose, acr: item.acr ?? "", origin: origin,
            createdAt: now, expiresAt: item.expiresAt)
        item.detailsHash = Base64URL.encode(sha256(try CanonicalJSON.encode(.object(details))))
        let draft = item
        let attach = deviceGrant.attachment(step.request)
        let asker = try await approvals.asker(address)
        return try await approvals.database.transaction { connection in
            var item = draft
            var asked = person
            // Who reported this relying party asking from here is not there for it, as with prompts to a device.
            if let person, try await self.isReported(client, by: person, asking: asker, at: now, in: connection) {
                asked = nil
            }
            let approver = try await self.approver(step, person: asked, code: code, in: connection)
            guard let approver, let person = asked else { return nil }
            item.deviceID = approver
            if !client.firstParty {
                item.consentID = try await self.recordConsent(
                    item, person: person, client: client, purpose: purpose,
                    channel: step.channel, evidence: Self.evidence(item, step), in: connection)
            }
            guard
                try await self.approvals.store.insertApproved(
                    item, subjectKey: ApprovalService.subjectKey(person), in: connection)
            else { throw RumdulError.requestStale }
            try await attach?(item, connection)
            return item
        }
    }

    /// The sheet or message whose code this is; `nil` when it is refused.
    private func approver(
        _ step: Step, person: PersonID?, code: String, in connection: any SQLConnection
    ) async throws -> String? {
        guard let message = step.message else {
            let check = try await sheets.check(person: person, number: step.number, code: code, in: connection)
            guard case .correct(let sheet, _) = check else { return nil }
            return sheet
        }
        let isRight = try await messages?.codes.check(message, person: person, code: code, in: connection)
        return isRight == true ? message : nil
    }

    // MARK: Between pages

    func seal(_ step: Step, browserHash: [UInt8]) async throws -> String {
        var object: JSONObject = [
            "request": .object(step.request.json), "identifier": .string(step.identifier),
            "number": .integer(Int64(step.number)), "t": .integer(approvals.ambient.now().seconds),
        ]
        object["message"] = step.message.map(JSONValue.string)
        return Base64URL.encode(
            try await vault.seal(JSON.bytes(object), purpose: .sealing, context: Self.context(browserHash)))
    }

    /// The login of this browser. Throws `authorize.request_stale` for anything forged, old, or of another browser.
    func open(_ text: String, browserHash: [UInt8]) async throws -> Step {
        guard text.utf8.count <= 20_480, let sealed = Base64URL.decode(text),
            let bytes = try? await vault.open(sealed, purpose: .sealing, context: Self.context(browserHash)),
            let object = try? JSON.parseObject(bytes), let time = object.integer("t"),
            approvals.ambient.now().seconds - time <= Self.lifetime,
            let request = object.object("request").flatMap({ AuthorizationRequest(json: $0) }),
            let identifier = object.string("identifier"), let number = object.integer("number")
        else { throw RumdulError.requestStale }
        return Step(
            request: request, identifier: identifier, number: Int(number), message: object.string("message"))
    }

    private static func context(_ browserHash: [UInt8]) -> [UInt8] { Array("rumdul-code-login-v1".utf8) + browserHash }

    // MARK: Within

    /// The person behind the digits, if this client may ask them.
    func person(_ identifier: String, client: RelyingParty) async throws -> PersonID? {
        guard let found = try await approvals.people.person(loginIdentifier: identifier) else { return nil }
        guard client.environment == .sandbox else { return found }
        return try await approvals.testPeople.mayTry(client, found) ? found : nil
    }

    private func isReported(
        _ client: RelyingParty, by person: PersonID, asking asker: [UInt8], at now: Instant,
        in connection: any SQLConnection
    ) async throws -> Bool {
        try await approvals.store.unapproved(
            subjectKey: ApprovalService.subjectKey(person), clientID: client.clientID, asker: asker, now: now,
            in: connection
        ).reported > 0
    }

    /// What stands where a device's signature would: it says that there is none.
    private static func evidence(_ item: Transaction, _ step: Step) -> String {
        let how = step.message == nil ? "a printed one-time code" : "a one-time code sent by text message"
        var record: JSONObject = [
            "v": 1, "channel": .string(step.channel), "device_signature": .bool(false),
            "statement": .string(
                "The person typed \(how) on the provider's page. No device signed: the provider alone attests it."),
            "approver": .string(item.deviceID ?? ""), "txn": .string(item.id), "client_id": .string(item.clientID),
            "attributes": .strings(item.granted), "details_hash": .string(item.detailsHash),
            "iat": .integer(item.createdAt.seconds),
        ]
        if step.message == nil { record["code_number"] = .integer(Int64(step.number)) }
        return JSON.text(record)
    }

    private func recordConsent(
        _ item: Transaction, person: PersonID, client: RelyingParty, purpose: RegisteredPurpose, channel: String,
        evidence: String, in connection: any SQLConnection
    ) async throws -> String {
        try await approvals.consents.grant(
            ConsentGrant(
                personID: person, clientID: client.clientID, clientName: client.name, purposeCode: purpose.code,
                purposeText: purpose.text, granted: item.granted, refused: [],
                validTo: TransactionDetails.validUntil(purpose, from: item.createdAt), channel: channel,
                acr: item.acr ?? "", noticeHash: item.detailsHash, deviceID: item.deviceID ?? "", decision: evidence),
            in: connection)
    }
}

extension AuthorizationRequest {
    /// The request with those attributes alone that the person chose.
    func narrowed(to chosen: [String]) -> AuthorizationRequest {
        var narrowed = self
        narrowed.attributes = attributes.filter(chosen.contains)
        narrowed.essential = essential.intersection(chosen)
        narrowed.idTokenAttributes = idTokenAttributes.filter(chosen.contains)
        narrowed.verifiedOnly = verifiedOnly.filter(chosen.contains)
        return narrowed
    }
}

extension RumdulError {
    /// The printed code was not accepted, for whatever reason.
    static let codeRefused = RumdulError(
        "authorize.code_refused", .forbidden,
        km: "លេខកូដមិនត្រឹមត្រូវ ឬប្រើមិនបាន។ បើវាយខុស ៥ ដង សន្លឹកនឹងត្រូវចាក់សោ ហើយត្រូវទៅដោះសោនៅការិយាល័យចុះឈ្មោះ។",
        en: "This code is wrong or cannot be used. Five wrong tries lock a sheet; an enrolment office unlocks it.",
        fields: [FieldError("code", LocalizedText(km: "លេខកូដមិនត្រឹមត្រូវ ឬប្រើមិនបាន។", en: "Wrong, or cannot be used."))])

    /// The service asks for more certainty than a printed code gives.
    static let codeLevel = RumdulError(
        "authorize.code_level", .forbidden,
        km: "សេវានេះត្រូវការការចូលដែលមានសុវត្ថិភាពខ្ពស់ជាងលេខកូដបោះពុម្ព។ សូមប្រើទូរស័ព្ទ ឬសុំជំនួយនៅការិយាល័យ។",
        en: "This service needs a stronger login than a printed code. Please use a phone, or ask at an office.")
}

extension ErrorRoom {
    /// Errors of logins by printed code.
    static let codeLogin = [
        ErrorEntry(
            .codeRefused,
            cause: "The code is wrong or used, the sheet is locked, or there is none: one answer for all.",
            remedy: "Type the code with the number that is asked for; an enrolment office unlocks or prints sheets.",
            km: "សូមវាយលេខកូដតាមលេខរៀងដែលសួរ ឬទៅការិយាល័យចុះឈ្មោះ។"),
        ErrorEntry(
            .codeLevel, cause: "The request calls a level essential that a printed code does not reach.",
            remedy: "Log in with a device.", km: "សូមចូលដោយប្រើទូរស័ព្ទ។"),
    ]
}
