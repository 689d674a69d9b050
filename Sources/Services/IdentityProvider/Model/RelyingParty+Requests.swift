import RelyingParties

extension RelyingParty {
    /// The response mode of a request that names none.
    func standardMode(for type: ResponseType) -> ResponseMode {
        var mode = ResponseMode.standard(for: type)
        mode.isJWT = self.requiresJWTResponse
        return mode
    }

    /// FAPI's rules for request objects: nothing outside of them counts, audience and window of time are needed.
    var hasStrictRequestObjects: Bool { self.profile == .fapi2 || self.profile == .fapi2MessageSigning }
}
