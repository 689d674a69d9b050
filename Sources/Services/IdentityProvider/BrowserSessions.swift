import Authenticators
import Codecs
import Database
import HTTPTypes
import Hummingbird
import JOSE
import Kernel
import KeyVault
import Web

/// Finds the session of a browser, and opens and closes it.
final class BrowserSessions: Sendable {
    let database: any Database
    let signOn: SingleSignOn
    let authenticators: Authenticators
    let people: any PersonDirectory
    let policy: AssurancePolicy
    let ambient: Ambient
    let store = TransactionStore()

    init(
        database: any Database, signOn: SingleSignOn, authenticators: Authenticators, people: any PersonDirectory,
        policy: AssurancePolicy, ambient: Ambient
    ) {
        self.database = database
        self.signOn = signOn
        self.authenticators = authenticators
        self.people = people
        self.policy = policy
        self.ambient = ambient
    }

    /// The session that this browser is in, or `nil`: no cookie, another browser's, ended, too old, its device blocked, its person no longer
    /// able to log in. While the person's levels are held, a session that is older than the hold is held with them.
    func current(_ request: Request, binding: BrowserBinding, context: AppContext) async throws -> BrowserSession? {
        guard !binding.isNew,
            let cookie = WebCookie(SingleSignOn.cookieName, settings: context.settings).value(in: request),
            let id = try await signOn.transactionID(cookie, browserHash: binding.hash)
        else { return nil }
        let now = ambient.now()
        let session: BrowserSession? = try await database.read { connection in
            guard let item = try await self.store.find(id, in: connection), let person = item.personID,
                let device = item.deviceID, let endsAt = item.sessionEndsAt, now < endsAt,
                let authTime = item.decidedAt,
                try await self.authenticators.isActive(device, in: connection)
            else { return nil }
            let highest = try await self.authenticators.highestRank(of: person, in: connection)
            let level = highest.map { self.policy.reached(by: item.factors, highestRank: $0)?.acr }
            return BrowserSession(
                id: item.id, root: item.session, personID: person, deviceID: device, acr: level ?? item.acr,
                factors: item.factors, authTime: authTime, endsAt: endsAt)
        }
        guard let session, try await people.mayLogIn(session.personID) else { return nil }
        return session
    }

    /// The cookie that puts this browser into the session that an approval opened.
    func cookie(_ item: Transaction, binding: BrowserBinding, context: AppContext) async throws -> HTTPField? {
        guard item.sessionEndsAt != nil,
            let value = try await signOn.cookie(item.id, browserHash: binding.hash)
        else { return nil }
        return WebCookie(SingleSignOn.cookieName, settings: context.settings).set(value)
    }

    /// The field that takes the cookie away.
    func clearedCookie(_ context: AppContext) -> HTTPField {
        WebCookie(SingleSignOn.cookieName, settings: context.settings).clear
    }
}

/// Reads ID tokens that come back as hints (OpenID Connect Core 1.0, section 3.1.2.1; RP-Initiated Logout 1.0, section 2).
struct IDTokenHints: Sendable {
    let vault: any KeyVault
    let issuer: String
    let ambient: Ambient
    private let keys = OwnKeys()

    init(vault: any KeyVault, issuer: String, ambient: Ambient) {
        self.vault = vault
        self.issuer = issuer
        self.ambient = ambient
    }

    struct Hint: Sendable {
        var subject: String
        var clientID: String
        var sessionIdentifier: String?
        var transactionID: String?
    }

    /// What a hint says, or `nil` when it was not issued here. It may have expired.
    func read(_ token: String) async throws -> Hint? {
        guard token.utf8.count <= 8192 else { return nil }
        let set = try await keys.verificationKeys(vault, now: ambient.now())
        guard
            let jws = try? JWS.verify(
                token, algorithms: [.es256, .rs256, .ps256, .edDSA], keys: set, understood: [], maximumSize: 8192),
            jws.header.type != "at+jwt", jws.header.type != "logout+jwt",
            let claims = try? JSON.parseObject(jws.payload), claims.string("iss") == issuer,
            let subject = claims.string("sub"), let clientID = claims.string("aud")
        else { return nil }
        return Hint(
            subject: subject, clientID: clientID, sessionIdentifier: claims.string("sid"),
            transactionID: claims.string("txn"))
    }
}
