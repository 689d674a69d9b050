import Codecs
import Database
import Kernel
import KeyVault
import RelyingParties

/// The short code that a person types (RFC 8628, section 6.1): consonants only, so that no words come out and no two
/// look alike when read.
enum UserCode {
    static let alphabet = Array("BCDFGHJKLMNPQRSTVWXZ".utf8)
    static let length = 8

    static func draw(_ ambient: Ambient) -> String {
        let bytes = (0..<length).map { _ in alphabet[Int(ambient.uniform(below: UInt64(alphabet.count)))] }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// As it is shown: `BCDF-GHJK`.
    static func shown(_ code: String) -> String { code.prefix(length / 2) + "-" + code.dropFirst(length / 2) }

    /// What somebody typed, in any case and with whatever between the letters; `nil` when it cannot be a code.
    static func read(_ typed: String) -> String? {
        guard typed.utf8.count <= 128 else { return nil }
        var bytes: [UInt8] = []
        for scalar in typed.unicodeScalars {
            if scalar.isASCII, scalar.properties.isAlphabetic || scalar.properties.numericType != nil {
                let byte = UInt8(scalar.value)
                let upper = byte >= 97 ? byte - 32 : byte
                guard alphabet.contains(upper) else { return nil }
                bytes.append(upper)
            } else if scalar.properties.isAlphabetic {
                return nil
            }
        }
        return bytes.count == length ? String(decoding: bytes, as: UTF8.self) : nil
    }
}

/// The device grant (RFC 8628) before the token endpoint: a kiosk asks for a pair of codes, a person enters the short
/// one in a browser and then goes through the ordinary consent and approval.
struct DeviceGrantService: Sendable {
    let database: any Database
    let authentication: ClientAuthenticator
    let blindIndex: BlindIndex
    let settings: ProviderSettings
    let ambient: Ambient
    let codes = DeviceCodeStore()
    let transactions = TransactionStore()

    /// Seconds of life of a pair of codes.
    static let lifetime: Int64 = 600

    struct Answer: Sendable {
        var deviceCode: String
        var userCode: String
        var issuer: String

        /// RFC 8628 section 3.2.
        var json: [UInt8] {
            var writer = JSONWriter(capacity: 320)
            writer.beginObject()
            writer.member("device_code", deviceCode)
            writer.member("user_code", UserCode.shown(userCode))
            writer.member("verification_uri", issuer + "/activate")
            writer.member("verification_uri_complete", issuer + "/activate?user_code=" + UserCode.shown(userCode))
            writer.member("expires_in", DeviceGrantService.lifetime)
            writer.member("interval", PollingPace.standardInterval)
            writer.endObject()
            return writer.bytes
        }
    }

    /// Answers a device authorization request (RFC 8628, section 3.1). Throws `OAuthError`.
    /// - Parameter origin: the device in a few words.
    func start(_ request: ClientRequest, origin: String) async throws -> Answer {
        let client = try await authentication.authenticate(request)
        guard client.grantTypes.contains(TokenService.Grant.deviceCode.rawValue) else {
            throw OAuthError("unauthorized_client", "the client is not registered for the device grant")
        }
        if let id = request.form["client_id"], id != client.clientID {
            throw OAuthError.invalidRequest("client_id is not the client that proved itself")
        }
        let parameters = AuthorizationParameters(request.form, resources: request.resources)
        var checked = try AuthorizationRequest(decoupled: parameters, client: client, policy: settings.policy)
        let deviceCode = ambient.newSecret()
        guard let key = DeviceCodeStore.key(deviceCode) else { throw RumdulError.internal("device_code") }
        checked.deviceCodeID = key
        let now = ambient.now()
        for _ in 0..<5 {
            let userCode = UserCode.draw(ambient)
            let record = DeviceCodeStore.Record(
                id: key, userCode: try await tag(userCode), clientID: client.clientID, request: checked, origin: origin,
                transactionID: nil, createdAt: now, expiresAt: now.adding(seconds: Self.lifetime))
            let isNew = try await database.transaction { connection in try await codes.insert(record, in: connection) }
            if isNew { return Answer(deviceCode: deviceCode, userCode: userCode, issuer: settings.issuer) }
        }
        throw RumdulError.internal("no free user code")
    }

    private func tag(_ userCode: String) async throws -> String {
        Hex.encode(try await blindIndex.tag(userCode, domain: "device-user-code"))
    }

    /// The request behind a typed code. Throws `activate.code_invalid` for a code that is unknown, too old, refused,
    /// or with which somebody else is at it: one answer for all.
    func open(_ typed: String) async throws -> DeviceCodeStore.Record {
        guard let code = UserCode.read(typed) else { throw RumdulError.activationCodeInvalid }
        let tag = try await tag(code)
        let found = try await database.read { connection -> DeviceCodeStore.Record? in
            guard let found = try await codes.find(userCode: tag, in: connection),
                try await isOpen(found, in: connection)
            else { return nil }
            return found
        }
        guard let found else { throw RumdulError.activationCodeInvalid }
        return found
    }

    /// Whether an approval may be begun: the codes live, nobody said no, and no other approval is under way or given.
    private func isOpen(_ found: DeviceCodeStore.Record, in connection: any SQLConnection) async throws -> Bool {
        let now = ambient.now()
        guard now < found.expiresAt, !found.isDenied else { return false }
        guard let id = found.transactionID, let item = try await transactions.find(id, in: connection) else {
            return found.transactionID == nil
        }
        return item.status == .pending && !item.isPending(at: now)
    }

    /// Ties an approval to the device that waits for it, in the transaction that stores the approval; `nil` for other
    /// requests.
    func attachment(
        _ request: AuthorizationRequest
    ) -> (@Sendable (Transaction, any SQLConnection) async throws -> Void)? {
        guard let key = request.deviceCodeID else { return nil }
        return { item, connection in
            guard let found = try await codes.find(key, in: connection), try await isOpen(found, in: connection),
                try await codes.attach(key, transaction: item.id, insteadOf: found.transactionID, in: connection)
            else { throw RumdulError.requestStale }
        }
    }

    /// The person said no before any approval was asked.
    func cancelled(_ request: AuthorizationRequest) async throws {
        guard let key = request.deviceCodeID else { return }
        try await database.transaction { connection in try await codes.deny(key, in: connection) }
    }
}

extension RumdulError {
    /// The code of a device is not one that can be used.
    static let activationCodeInvalid = RumdulError(
        "activate.code_invalid", .invalid, km: "លេខកូដមិនត្រឹមត្រូវ ឬផុតកំណត់ហើយ។ សូមពិនិត្យលេខកូដនៅលើឧបករណ៍។",
        en: "This code is not valid or has expired. Please check the code on the device.")
}
