import Codecs
import Kernel
import RelyingPartyKit
import Synchronization

/// What the bank knows of one person who logged in.
struct BankCustomer: Sendable {
    var login: Login
    /// The purpose of the login.
    var purpose: String
    /// What userinfo gave last; kept by the bank only for this visit.
    var claims: JSONObject
    var readAt: Instant
    /// Why the last attempt to read again failed.
    var refusal: RumdulError?
}

/// The visits of browsers to the bank, in memory: at most so many, each for half an hour.
final class BankVisits: Sendable {
    /// One browser.
    struct Visit: Sendable {
        var pending: (session: LoginSession, purpose: String)?
        var customer: BankCustomer?
        var touchedAt: Instant
    }

    static let lifetime: Int64 = 1800
    static let limit = 5000

    private let visits = Mutex<[String: Visit]>([:])
    private let ambient: Ambient

    init(ambient: Ambient) { self.ambient = ambient }

    /// Starts a visit under a new name, so that nobody can have planted it.
    /// - Throws: `demo.busy` when there are too many.
    func start(_ session: LoginSession, purpose: String, replacing old: String?) throws(RumdulError) -> String {
        let now = ambient.now()
        let id = ambient.newSecret()
        let full = visits.withLock { visits in
            if let old { visits[old] = nil }
            if visits.count >= BankVisits.limit {
                visits = visits.filter { now < $0.value.touchedAt.adding(seconds: BankVisits.lifetime) }
            }
            guard visits.count < BankVisits.limit else { return true }
            visits[id] = Visit(pending: (session, purpose), touchedAt: now)
            return false
        }
        guard !full else { throw .demoBusy }
        return id
    }

    /// The login that waits for its callback; it is taken out, since it serves once.
    func takePending(_ id: String?) -> (session: LoginSession, purpose: String)? {
        guard let id else { return nil }
        return visits.withLock { visits in
            let pending = visits[id]?.pending
            visits[id]?.pending = nil
            return pending
        }
    }

    /// Who is logged in.
    func customer(_ id: String?) -> BankCustomer? {
        guard let id else { return nil }
        let now = ambient.now()
        return visits.withLock { visits in
            guard let visit = visits[id], now < visit.touchedAt.adding(seconds: BankVisits.lifetime) else { return nil }
            return visit.customer
        }
    }

    /// Keeps the customer of a visit under a new name and gives that name.
    func admit(_ customer: BankCustomer, from old: String) -> String {
        let id = ambient.newSecret()
        let now = ambient.now()
        visits.withLock { visits in
            visits[old] = nil
            visits[id] = Visit(pending: nil, customer: customer, touchedAt: now)
        }
        return id
    }

    /// Replaces the customer of a visit.
    func update(_ id: String, _ customer: BankCustomer) {
        let now = ambient.now()
        visits.withLock { visits in
            guard visits[id] != nil else { return }
            visits[id] = Visit(pending: nil, customer: customer, touchedAt: now)
        }
    }

    /// Forgets a visit and everything in it.
    func end(_ id: String?) {
        guard let id else { return }
        visits.withLock { $0[id] = nil }
    }
}
