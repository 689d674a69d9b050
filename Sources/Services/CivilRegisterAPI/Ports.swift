import Accountability
import CivilRegister
import Hummingbird
import Kernel
import Web

/// A system of an organisation that proved itself with an access token, and what an operator lets it do here.
public struct RegisterClient: Sendable {
    /// The identifier that it is registered under.
    public let id: String
    public let organisation: Organisation
    /// The scopes of its token.
    public let scopes: Set<String>
    /// Codes of the places that it deals with; empty for the whole country.
    public let areas: [String]
    /// The code of the legal provision behind its access.
    public let basis: String
    /// What it wants data for, as registered; the first unless it names another one.
    public let purpose: Purpose
    /// The attributes that it may read in the clear.
    public let attributes: Set<AttributeName>

    public init(
        id: String, organisation: Organisation, scopes: Set<String>, areas: [String], basis: String, purpose: Purpose,
        attributes: Set<AttributeName>
    ) {
        self.id = id
        self.organisation = organisation
        self.scopes = scopes
        self.areas = areas
        self.basis = basis
        self.purpose = purpose
        self.attributes = attributes
    }

    /// Whether a place lies within what it deals with. Without a place only the whole country does.
    public func covers(_ place: String?) -> Bool {
        guard !areas.isEmpty else { return true }
        guard let place else { return false }
        return areas.contains { place.utf8.starts(with: $0.utf8) }
    }
}

/// Makes the document of a certificate, as the offices print it. The composition root fills it in.
public protocol CertificatePrinter: Sendable {
    /// A PDF; the same draft gives the same bytes.
    func pdf(_ draft: CertificateDraft) async throws -> [UInt8]
}

/// Proves the systems that call. The composition root fills it in: the identity provider of the same process, or another
/// one's introspection.
public protocol RegisterClients: Sendable {
    /// The system behind a request. Throws `api.token_missing`, `api.token`, `api.not_granted`.
    /// - Parameter purpose: the code of a registered purpose, or `nil` for the first.
    func client(_ request: Request, _ context: AppContext, purpose: String?) async throws -> RegisterClient

    /// Adds what an answer needs besides, such as the nonce of the next proof.
    func complete(_ response: inout Response, after request: Request) async throws
}
