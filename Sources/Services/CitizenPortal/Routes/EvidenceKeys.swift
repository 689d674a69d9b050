import Accountability
import Codecs
import Consent
import HTTPTypes
import Hummingbird
import Kernel
import Web

/// The public keys with which anybody checks what people take away: checkpoints of the ledger and consent receipts.
struct EvidenceKeys: Sendable {
    static let path = "/.well-known/ledger-keys"

    let journal: AccessJournal
    let consents: Consents

    func add(to router: AppRouter) {
        router.get(RouterPath(EvidenceKeys.path)) { _, _ in try await answer() }
    }

    /// A JWK Set (RFC 7517 section 5) whose keys say by `purpose` what they sign. No key ever leaves it.
    private func answer() async throws -> Response {
        let keys = try await journal.signingKeys() + consents.signingKeys()
        return JSONResponse(
            ["keys": .array(keys.map { .object($0) })],
            headers: [.cacheControl: "public, max-age=300", .accessControlAllowOrigin: "*"],
            contentType: "application/jwk-set+json"
        ).response
    }
}
