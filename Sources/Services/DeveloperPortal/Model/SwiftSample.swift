import RelyingParties

/// The parts of the Swift sample that say what protects requests, answers and tokens.
extension CodeSamples {
    private var showsProofs: Bool { client.requiresSenderConstraint }

    var swiftImports: String {
        usesKey || showsProofs ? "import JOSE\nimport RelyingPartyKit" : "import RelyingPartyKit"
    }

    /// The keys. Types of one's own serve as well: the kit asks for `JWSSigner` and `ProofKey`.
    var swiftKeys: String {
        var lines: [String] = []
        if usesKey {
            let isRSA = algorithm.hasPrefix("PS") || algorithm.hasPrefix("RS")
            let choice = isRSA ? ", algorithm: .\(algorithm.lowercased())" : ""
            lines += [
                "// The private key of a public key that you registered. In a hardware module: a JWSSigner of yours."
            ]
            lines += ["let signer = try SoftwareSigner(jwk: signingJWK\(choice))"]
        }
        if showsProofs {
            lines += [
                "// Another key, which tokens are bound to; the same one on all your nodes. In a module: a ProofKey of yours."
            ]
            lines += ["let proofKey = try SoftwareSigner(jwk: proofJWK)"]
        }
        return lines.map { "\n" + $0 }.joined()
    }

    /// What the kit has ready for the client's profile.
    var swiftPreset: String? {
        guard client.requiresPushedRequest, showsProofs else { return nil }
        return client.requiresSignedRequestObject && client.requiresJWTResponse
            ? ".messageSigning(proofKey: proofKey, requestSigner: signer)" : ".fapi2(proofKey: proofKey)"
    }

    /// What was registered beyond that.
    var swiftMembers: [String] {
        var members: [String] = []
        if swiftPreset == nil {
            if client.requiresPushedRequest { members += ["pushesRequests = true"] }
            if showsProofs { members += ["proofKey = proofKey"] }
        }
        if client.requiresSignedRequestObject, swiftPreset?.contains("requestSigner") != true {
            members += ["requestSigner = signer"]
        }
        return members
    }
}
