import Accountability
import CivilRegister
import CivilRegisterAPI
import Hummingbird
import IdentityProvider
import Kernel
import RegistrarConsole
import RelyingParties
import Web

/// Systems at the registers: clients of this node's identity provider, with what its operator granted them.
struct RegisterSystems: RegisterClients {
    let resources: ResourceGuard
    /// Whether all people here are invented, so that clients of the sandbox may meet them.
    let syntheticPeople: Bool

    func client(_ request: Request, _ context: AppContext, purpose: String?) async throws -> RegisterClient {
        try await proven(request, context, purpose: purpose).client
    }

    /// The system with its registration. Throws as `client`.
    func proven(
        _ request: Request, _ context: AppContext, purpose: String?
    ) async throws -> (client: RegisterClient, party: RelyingParty) {
        let proven: ProvenClient
        do {
            proven = try await resources.client(request, context)
        } catch let error as OAuthError {
            throw Self.refusal(error, isProof: ResourceGuard.showsProof(request))
        }
        let party = proven.party
        guard let access = party.registerAccess, let organisation = party.organisation,
            party.environment == .production || syntheticPeople
        else { throw RumdulError.apiNotGranted }
        guard let registered = party.purpose(purpose) else { throw RumdulError.apiPurpose }
        let client = RegisterClient(
            id: party.clientID, organisation: Organisation(code: organisation.code, name: organisation.name),
            scopes: proven.scope.intersection(access.scopes), areas: access.areas, basis: access.basis,
            purpose: Purpose(code: registered.code, text: registered.text),
            attributes: Set(access.attributes.map { AttributeName(rawValue: $0) }))
        return (client, party)
    }

    func complete(_ response: inout Response, after request: Request) async throws {
        try await resources.addNonce(to: &response, after: request)
    }

    private static func refusal(_ error: OAuthError, isProof: Bool) -> RumdulError {
        if error.description.isEmpty { return .apiTokenMissing }
        return .apiToken(error.description, isProof: isProof, error: error.error)
    }
}

/// Systems get the paper that the offices print.
struct OfficePrinter: CertificatePrinter {
    let paper: CertificatePaper

    func pdf(_ draft: CertificateDraft) async throws -> [UInt8] { try await paper.pdf(draft) }
}

extension Node {
    /// The interfaces of the registers.
    func registerAPI() async throws -> CivilRegisterAPI {
        try await CivilRegisterAPI(
            civil: civil, people: register,
            clients: RegisterSystems(
                resources: provider.resources, syntheticPeople: configuration.syntheticPeople),
            printer: OfficePrinter(paper: CertificatePaper(reference: reference, ambient: ambient)), database: database,
            vault: vault, reservationDays: configuration.codeReservationDays, ambient: ambient)
    }
}
