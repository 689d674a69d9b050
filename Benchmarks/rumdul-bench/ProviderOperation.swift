import ArgumentParser
import Foundation

/// What is measured at the provider's endpoints.
enum ProviderOperation: String, CaseIterable, Sendable, ExpressibleByArgument {
    case discovery, jwks
    case clientCredentials = "client-credentials"
    case clientAssertion = "client-assertion"
    case refresh, rotation, introspection
    case codeFlow = "code-flow"
    case attributeFlow = "attribute-flow"
    case financialFlow = "fapi-flow"

    var title: String {
        switch self {
        case .discovery: "discovery"
        case .jwks: "JWKS"
        case .clientCredentials: "client credentials, secret"
        case .clientAssertion: "client credentials, `private_key_jwt`"
        case .refresh: "refresh, confidential client (kept)"
        case .rotation: "refresh, public client (rotated)"
        case .introspection: "introspection of a person's token"
        case .codeFlow: "code flow in a session, `openid`"
        case .attributeFlow: "code flow in a session, 2 attributes, logged"
        case .financialFlow: "FAPI 2.0 flow: PAR, `private_key_jwt`, DPoP"
        }
    }

    /// Requests of one operation.
    var requests: Int {
        switch self {
        case .codeFlow, .attributeFlow: 3
        case .financialFlow: 4
        default: 1
        }
    }

    /// Operations in one round, all threads together: about half a second of the server each.
    var count: Int {
        switch self {
        case .discovery, .jwks: 12_800
        case .introspection: 6_400
        case .clientCredentials, .clientAssertion, .refresh, .rotation: 3_200
        case .codeFlow: 1_280
        case .attributeFlow, .financialFlow: 640
        }
    }

    /// What a CPU-second should reach.
    enum Aim: Sendable {
        case rate(Double)
        /// A share of the bare answer's rate.
        case ofBare(Double)
    }

    var aim: Aim {
        switch self {
        case .discovery, .jwks: .ofBare(0.9)
        case .introspection: .ofBare(0.7)
        case .clientCredentials, .clientAssertion: .rate(10_000)
        case .refresh, .rotation: .rate(5_000)
        case .codeFlow, .attributeFlow: .rate(2_600)
        case .financialFlow: .rate(600)
        }
    }
}
