import Kernel
import ProofOfPossession
import Web

extension IdentityProvider {
    /// The provider's pages.
    public static let templates = ProviderTemplates.module
    /// The scripts of the provider's pages.
    public static let assets = [PasskeyScript.asset, QRScript.asset]

    /// Adds every route of the provider: what programs call, what browsers see, the device's side.
    public func addRoutes(to router: AppRouter, settings web: WebSettings) {
        let csrf = CSRF(settings: web, ambient: ambient)
        let keys = KeyPresentation(
            validator: DPoPValidator(memory: surroundings.replay), nonces: DPoPNonces(vault: vault, ambient: ambient),
            requiresNonce: settings.requiresProofNonce, issuer: settings.issuer, ambient: ambient)
        let endpoint = ClientEndpoint(
            keys: keys, errorBase: settings.issuer, ambient: ambient, events: surroundings.events)
        DiscoveryRoutes(provider: self, keySets: KeySetCache(vault: vault, ambient: ambient)).add(
            to: router, settings: web)
        AuthorizeRoutes(
            provider: self, limiter: RateLimiter(RateLimit(settings.loginsPerMinute, per: 60), ambient: ambient),
            csrf: csrf
        ).add(to: router)
        PasskeyRoutes(
            provider: self, limiter: RateLimiter(RateLimit(settings.loginsPerMinute * 2, per: 60), ambient: ambient),
            csrf: csrf
        ).add(to: router, settings: web)
        QRRoutes(provider: self).add(to: router)
        CodeLoginRoutes(
            provider: self, limiter: RateLimiter(RateLimit(settings.loginsPerMinute, per: 60), ambient: ambient),
            csrf: csrf
        ).add(to: router)
        CardRoutes(
            provider: self, limiter: RateLimiter(RateLimit(settings.loginsPerMinute, per: 60), ambient: ambient),
            csrf: csrf
        ).add(to: router)
        ApprovalRoutes(provider: self).add(to: router)
        WaitingEvents(provider: self).add(to: router)
        TokenRoutes(provider: self, endpoint: endpoint).add(to: router)
        UserInfoRoutes(provider: self, keys: keys, endpoint: endpoint).add(to: router)
        RegistrationRoutes(
            registration: registration, endpoint: endpoint,
            limiter: RateLimiter(RateLimit(settings.loginsPerMinute, per: 60), ambient: ambient)
        ).add(to: router)
        LogoutRoutes(provider: self, csrf: csrf).add(to: router)
        LogoRoutes(provider: self).add(to: router)
        CIBARoutes(provider: self, endpoint: endpoint).add(to: router)
        DeviceGrantRoutes(provider: self, endpoint: endpoint, csrf: csrf).add(to: router)
        DeviceTransactionRoutes(provider: self).add(to: router)
    }
}
