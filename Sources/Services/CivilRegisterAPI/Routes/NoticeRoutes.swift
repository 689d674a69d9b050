import CivilRegister
import Codecs
import Crypto
import HTTPTypes
import Hummingbird
import Kernel
import Web

/// Notices of health facilities and villages: `POST /cr/v1/notices/...`, and how far one is.
struct NoticeRoutes: Sendable {
    let api: CivilRegisterAPI

    /// The last part of the path of each event.
    static let names: [(kind: VitalEventKind, name: String)] = [
        (.birth, "birth"), (.death, "death"), (.foetalDeath, "foetal-death"), (.foundling, "foundling"),
    ]

    func add(to router: AppRouter) {
        for (kind, name) in Self.names {
            if Notifier.Kind.healthFacility.events.contains(kind) {
                router.post(
                    RouterPath("/cr/v1/notices/" + name),
                    use: api.guarded(by: .noticeWrite, { try await take(kind, .healthFacility, $0, $1, $2) }))
            }
            if Notifier.Kind.village.events.contains(kind) {
                router.post(
                    RouterPath("/cr/v1/notices/village/" + name),
                    use: api.guarded(by: .villageNotice, { try await take(kind, .village, $0, $1, $2) }))
            }
        }
        router.get("/cr/v1/notices/{tracking}", use: show)
    }

    private func take(
        _ kind: VitalEventKind, _ notifier: Notifier.Kind, _ client: RegisterClient, _ request: Request,
        _ context: AppContext
    ) async throws -> Response {
        let key = try IdempotencyHeader.require(request)
        try await api.notices.require(client.id, in: api.database)
        let notice = try NoticeBody(try await JSONBody.object(request, context: context))
        guard client.covers(notice.office) else { throw RumdulError.apiArea }
        let receipt = try await api.civil.notify(
            kind, notice.fields, office: notice.office, by: .system(client.id, notifier),
            transactionID: IdempotencyHeader.transaction("notice", client.id, key))
        guard receipt.isSame else { throw RumdulError.idempotencyMismatch }
        var response = JSONResponse(Self.json(receipt.notice), status: .created).response
        response.headers[.location] = "/cr/v1/notices/\(receipt.notice.trackingID)"
        if receipt.isRepeated, let replayed = IdempotencyHeader.replayed { response.headers[replayed] = "true" }
        return response.logged(outcome: "civil.notified")
    }

    /// Either kind of notifier asks here; each sees its own notices only.
    private func show(_ request: Request, _ context: AppContext) async throws -> Response {
        var response: Response
        do {
            let client = try await api.client(request, context)
            guard
                let scope = [RegisterScope.noticeWrite, .villageNotice].first(where: {
                    client.scopes.contains($0.rawValue)
                })
            else { throw RumdulError.apiScope(RegisterScope.noticeWrite.rawValue) }
            let notice = try await api.civil.notice(
                try context.pathParameter("tracking"),
                of: .system(client.id, scope == .noticeWrite ? .healthFacility : .village))
            response = JSONResponse(Self.json(notice), headers: [.cacheControl: "no-store"]).response
        } catch {
            response = context.problem(error)
        }
        try await api.clients.complete(&response, after: request)
        return response
    }

    /// The state and nothing else.
    static func json(_ notice: NoticeState) -> JSONValue {
        [
            "tracking": .string(notice.trackingID), "state": .string(notice.state.rawValue),
            "received_at": .string(notice.receivedAt.rfc3339), "changed_at": .string(notice.changedAt.rfc3339),
        ]
    }
}

/// `{"office": "081104", "fields": {"child.sex": "2", ...}}`.
struct NoticeBody {
    let office: String
    let fields: [String: String]

    init(_ object: JSONObject) throws {
        for name in object.names where name != "office" && name != "fields" {
            throw RumdulError.apiBody(name, km: "មិនស្គាល់", en: "There is no such member.")
        }
        guard let office = object.string("office") else {
            throw RumdulError.apiBody("office", km: "ត្រូវជាលេខកូដឃុំ ៦ ខ្ទង់", en: "The code of a commune, six digits.")
        }
        guard let members = object.object("fields"), members.count <= 200 else {
            throw RumdulError.apiBody("fields", km: "ត្រូវជា object", en: "An object of fields and their values.")
        }
        var fields: [String: String] = [:]
        for member in members.members {
            guard let text = member.value.stringValue, text.utf8.count <= 8_000 else {
                throw RumdulError.apiBody(member.name, km: "ត្រូវជាអត្ថបទ", en: "The value must be a text.")
            }
            fields[member.name] = text
        }
        self.office = office
        self.fields = fields
    }
}

/// The field `Idempotency-Key` of a write that must have one.
enum IdempotencyHeader {
    static let name = HTTPField.Name("Idempotency-Key")
    static let replayed = HTTPField.Name("Idempotency-Replayed")

    /// Throws `api.idempotency_key_missing`, `web.idempotency_key`.
    static func require(_ request: Request) throws -> String {
        guard let name, let key = request.headers.one(name) else { throw RumdulError.apiKeyMissing }
        guard (8...255).contains(key.utf8.count), key.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw RumdulError.idempotencyKey
        }
        return key
    }

    /// The name of a request in the register: keys of different clients never meet.
    static func transaction(_ kind: String, _ client: String, _ key: String) -> String {
        kind + ":" + Base64URL.encode(Array(SHA256.hash(data: Array((client + "\n" + key).utf8))))
    }
}
