import COSE
import Codecs
import Kernel
import WebAuthn

/// The accounts and ceremonies of one run, in memory.
actor Conformance {
    private struct Account {
        var handle: [UInt8]
        var displayName: String
        var credentials: [CredentialRecord] = []
    }

    /// What a browser session waits for, once.
    private enum Ceremony {
        case registration(username: String, RegistrationExpectation)
        case authentication(username: String, AuthenticationExpectation)
    }

    private var party: RelyingParty?
    private var accounts: [String: Account] = [:]
    /// By session; the oldest are forgotten.
    private var ceremonies: [String: Ceremony] = [:]
    private var order: [String] = []
    private let ambient = Ambient.system
    private static let mostCeremonies = 10_000

    /// EdDSA, ES256, RS256 and the rest of the library's, with RS1, which the tool counts as mandatory.
    private static let algorithms = RegistrationOptions.standardAlgorithms + [.rs1]

    func begin(_ party: RelyingParty) { self.party = party }

    /// A new session's identifier.
    func newSession() -> String { ambient.newSecret() }

    // MARK: Registration

    /// `POST /attestation/options`
    func registrationOptions(_ json: JSONObject, session: String) throws -> JSONObject {
        let party = try ready()
        let request = try OptionsRequest(json)
        let account = accounts[request.username]
        let options = RegistrationOptions(
            relyingPartyID: party.id, relyingPartyName: party.name,
            user: PasskeyUser(
                handle: account?.handle ?? PasskeyUser.newHandle(ambient), name: request.username,
                displayName: try request.requiredDisplayName()),
            challenge: RegistrationOptions.newChallenge(ambient), algorithms: Self.algorithms,
            excluded: account?.credentials.map(\.descriptor) ?? [], attachment: request.attachment,
            residentKey: request.residentKey, userVerification: request.userVerification,
            attestation: request.attestation, extensions: request.extensions)
        let answer = try options.json()
        if account == nil {
            accounts[request.username] = Account(handle: options.user.handle, displayName: options.user.displayName)
        }
        keep(.registration(username: request.username, RegistrationExpectation(options)), for: session)
        return answer
    }

    /// `POST /attestation/result`
    func register(_ json: JSONObject, session: String) throws {
        let party = try ready()
        guard case .registration(let username, let expected) = take(session) else {
            throw ConformanceFailure.noCeremony
        }
        let registration = try party.verify(RegistrationResponse(json: json), expected, at: ambient.now())
        let isKnown = accounts.values.contains { $0.credentials.contains { $0.id == registration.credential.id } }
        guard !isKnown else { throw RumdulError.webAuthn(.credentialRegistered, "the identifier is known") }
        accounts[username]?.credentials.append(registration.credential)
    }

    // MARK: Authentication

    /// `POST /assertion/options`
    func authenticationOptions(_ json: JSONObject, session: String) throws -> JSONObject {
        let party = try ready()
        let request = try OptionsRequest(json)
        guard let account = accounts[request.username], !account.credentials.isEmpty else {
            throw ConformanceFailure.noAccount
        }
        let options = AuthenticationOptions(
            relyingPartyID: party.id, challenge: RegistrationOptions.newChallenge(ambient),
            allowed: account.credentials.map(\.descriptor), userVerification: request.userVerification,
            extensions: request.extensions)
        let answer = try options.json()
        var expected = AuthenticationExpectation(options, isUserKnown: true)
        expected.refusesClones = true
        keep(.authentication(username: request.username, expected), for: session)
        return answer
    }

    /// `POST /assertion/result`
    func authenticate(_ json: JSONObject, session: String) throws {
        let party = try ready()
        guard case .authentication(let username, let expected) = take(session), let account = accounts[username] else {
            throw ConformanceFailure.noCeremony
        }
        let response = try AuthenticationResponse(json: json)
        guard let place = account.credentials.firstIndex(where: { $0.id == response.id }) else {
            throw RumdulError.webAuthn(.credentialNotAllowed, "not one of the account's")
        }
        let result = try party.verify(
            response, expected, credential: account.credentials[place], userHandle: account.handle)
        accounts[username]?.credentials[place].update(with: result)
    }

    // MARK: Within

    private func ready() throws -> RelyingParty {
        guard let party else { throw RumdulError.internal("the server has not begun") }
        return party
    }

    private func keep(_ ceremony: Ceremony, for session: String) {
        if ceremonies.updateValue(ceremony, forKey: session) == nil { order.append(session) }
        if order.count > Self.mostCeremonies { ceremonies[order.removeFirst()] = nil }
    }

    /// What a session waits for; a challenge serves one answer, right or wrong.
    private func take(_ session: String) -> Ceremony? {
        guard let found = ceremonies.removeValue(forKey: session) else { return nil }
        order.removeAll { $0 == session }
        return found
    }
}

/// Why this server refuses, where the library has no say: in English, as the tool wants it, and in no catalogue of the product's.
struct ConformanceFailure: Error {
    var message: String

    static let noCeremony = ConformanceFailure(message: "No ceremony waits in this session.")
    static let noAccount = ConformanceFailure(message: "There is no such account with a credential.")

    static func request(_ member: String) -> ConformanceFailure {
        ConformanceFailure(message: "The request is malformed: \(member).")
    }
}
