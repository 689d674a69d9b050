import Kernel
import Web

extension IdentityProvider {
    /// The provider's pages.
    public static let templates = ProviderTemplates.module

    /// Adds every route of the provider: authorization, token, userinfo, discovery, the device's side.
    public func addRoutes(to router: AppRouter, settings web: WebSettings) {
        AuthorizeRoutes(
            provider: self, limiter: RateLimiter(RateLimit(settings.loginsPerMinute, per: 60), ambient: ambient),
            csrf: CSRF(settings: web, ambient: ambient)
        ).add(to: router)
        ProtocolRoutes(provider: self, keySets: KeySetCache(vault: vault, ambient: ambient)).add(
            to: router, settings: web)
        DeviceTransactionRoutes(provider: self).add(to: router)
    }
}
