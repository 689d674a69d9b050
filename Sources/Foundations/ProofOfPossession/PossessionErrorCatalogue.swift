import Kernel

extension ErrorRoom {
    /// Errors of proof of possession. Refused proofs and certificates are OAuth errors: ``DPoPError``,
    /// ``ClientCertificateError``.
    public static let proofOfPossession = ErrorRoom(
        "ProofOfPossession",
        [
            ErrorEntry(
                .certificateRoots(""), cause: "A certificate in the file is not well-formed, or none is a root.",
                remedy: "Operators: put certificates in PEM into the file, one of them signed with its own key.")
        ])
}
