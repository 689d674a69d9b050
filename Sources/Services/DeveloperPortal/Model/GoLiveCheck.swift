import Codecs
import JOSE
import Kernel
import RelyingParties

/// The check before a client may serve people: what a machine can see. Operators look at the rest.
struct GoLiveCheck: Sendable {
    /// One line of the result.
    struct Line: Sendable, Equatable {
        /// Stable.
        var id: String
        var passed: Bool
        var title: LocalizedText
        /// What to do, when it did not pass.
        var advice: LocalizedText
    }

    let fetcher: any DocumentFetcher
    let ambient: Ambient

    /// Seconds within which somebody must have logged in.
    static let loginAge: Int64 = 30 * 86_400

    /// - Parameter lastLogin: when somebody last logged in at the client.
    func run(_ version: ClientVersion, lastLogin: Instant?) async -> [Line] {
        let document = RegisteredForm.production(version.document)
        guard let party = try? RelyingPartyDocument.parse(document) else {
            return [
                Line(
                    id: "registration", passed: false,
                    title: LocalizedText(km: "ការចុះឈ្មោះត្រឹមត្រូវ", en: "The registration is valid"),
                    advice: LocalizedText(km: "កែសម្រួលការចុះឈ្មោះ ហើយរក្សាទុក។", en: "Open the form, mend what it names, save."))
            ]
        }
        var lines = [Self.redirects(party), Self.keys(party)]
        if let uri = party.keysURI { lines.append(await reachable(uri, party)) }
        lines += [Self.profile(party, version.statement), Self.links(party)]
        lines += [Self.purposes(party, version.statement), Self.contact(party), login(lastLogin)]
        return lines
    }

    static func passes(_ lines: [Line]) -> Bool { lines.allSatisfy(\.passed) }

    private static func redirects(_ party: RelyingParty) -> Line {
        let uris = party.redirectURIs + party.logout.postLogoutRedirectURIs
        let passed = !party.redirectURIs.isEmpty && uris.allSatisfy { isPublic($0, party.applicationType) }
        return Line(
            id: "redirect_uris", passed: passed,
            title: LocalizedText(
                km: "អាសយដ្ឋានត្រឡប់ជា https មិនមែន localhost", en: "Redirect URIs are https and not on a loopback host"),
            advice: LocalizedText(
                km: "ប្តូរអាសយដ្ឋាន http, 127.0.0.1 និង localhost ទៅជាអាសយដ្ឋាន https សាធារណៈ។",
                en: "Replace every http, 127.0.0.1 and localhost address by a public https one."))
    }

    /// https on a host that is no loopback; native programs may use their private scheme (RFC 8252, section 7.1).
    static func isPublic(_ uri: String, _ type: ApplicationType) -> Bool {
        guard uri.hasPrefix("https://") else {
            return type == .native && !uri.hasPrefix("http://") && RedirectURI.isRegistrableNative(uri)
        }
        guard let host = RedirectURI.host(uri)?.lowercased() else { return false }
        let name = host.hasSuffix(".") ? String(host.dropLast()) : host
        let loopback = name == "localhost" || name.hasSuffix(".localhost") || name.hasPrefix("127.")
        return !loopback && !name.hasPrefix("[") && name != "0.0.0.0" && name.contains(".")
    }

    private static func keys(_ party: RelyingParty) -> Line {
        let passed: Bool
        switch party.authentication {
        case .privateKeyJWT: passed = party.keysURI != nil || party.keys.map { areStrong($0, party) } ?? false
        case .clientSecretBasic, .clientSecretPost: passed = true
        case .tlsClientAuth, .selfSignedTLSClientAuth: passed = true
        case .none: passed = party.applicationType == .native
        }
        return Line(
            id: "keys", passed: passed,
            title: LocalizedText(km: "មានកូនសោ ហើយរឹងមាំ", en: "Keys are registered and strong"),
            advice: party.authentication == .none
                ? LocalizedText(
                    km: "សេវាលើម៉ាស៊ីនមេត្រូវបញ្ជាក់ខ្លួនដោយកូនសោ។ មានតែកម្មវិធីទូរស័ព្ទប៉ុណ្ណោះដែលអាចគ្មានកូនសោ។",
                    en: "A web service proves itself with a key; only native programs go without one.")
                : LocalizedText(
                    km: "ដាក់កូនសោសាធារណៈ EC P-256, Ed25519 ឬ RSA ចាប់ពី ២០៤៨ ប៊ីត ក្នុង JWKS។",
                    en: "Register a public signing key that fits the profile: EC P-256, Ed25519, or RSA from 2048 bits."
                ))
    }

    /// At least one key signs with an algorithm of the profile. Smaller RSA keys than 2048 bits are no keys here at all.
    private static func areStrong(_ set: JWKSet, _ party: RelyingParty) -> Bool {
        set.isPublic
            && VerificationKeySet(set).keys.contains { key in
                party.assertionAlgorithms.contains(where: key.algorithms.contains)
            }
    }

    private func reachable(_ uri: String, _ party: RelyingParty) async -> Line {
        var passed = false
        if let answer = try? await fetcher.fetchValue(uri, limit: ClientKeys.documentLimit),
            let set = answer.0.objectValue.flatMap({ try? JWKSet($0) })
        {
            let signs = party.authentication == .privateKeyJWT
            passed = !set.keys.isEmpty && set.isPublic && (!signs || Self.areStrong(set, party))
        }
        return Line(
            id: "jwks_uri", passed: passed,
            title: LocalizedText(km: "jwks_uri អាចទាញយកបាន", en: "The key set at jwks_uri can be fetched"),
            advice: LocalizedText(
                km: "jwks_uri ត្រូវឆ្លើយតបជា JWKS សាធារណៈ តាម https លើអ៊ីនធឺណិត ដោយគ្មានការបង្វែរ ក្នុងរយៈពេលខ្លី។",
                en:
                    "It must answer within seconds from a public https address, without redirects, with public keys that fit the profile."
            ))
    }

    private static func profile(_ party: RelyingParty, _ statement: LegalStatement) -> Line {
        Line(
            id: "profile", passed: party.profile != .oidcLegacy || statement.legacyReason.unicodeScalars.count >= 20,
            title: LocalizedText(
                km: "ទម្រង់សុវត្ថិភាពទំនើប ឬបានបញ្ជាក់ហានិភ័យ", en: "A current profile, or the risk of oidc-legacy is stated"),
            advice: LocalizedText(
                km: "ជ្រើស oidc-secure ឬ fapi2 ឬសរសេរថាហេតុអ្វីត្រូវប្រើ oidc-legacy និងការពារដោយរបៀបណា។",
                en:
                    "Choose oidc-secure or fapi2; or say why only oidc-legacy works and what you do about it (20 characters or more)."
            ))
    }

    private static func links(_ party: RelyingParty) -> Line {
        let links = [party.policyURI, party.termsURI]
        return Line(
            id: "links", passed: links.allSatisfy { $0.map { isPublic($0, .web) } ?? false },
            title: LocalizedText(
                km: "មានតំណគោលនយោបាយឯកជនភាព និងលក្ខខណ្ឌ", en: "Privacy policy and terms are linked"),
            advice: LocalizedText(
                km: "ដាក់តំណ https សាធារណៈទាំងពីរ។", en: "Set both links, to public https pages."))
    }

    private static func purposes(_ party: RelyingParty, _ statement: LegalStatement) -> Line {
        let passed = party.purposes.allSatisfy { purpose in
            guard let basis = statement.bases[purpose.code] else { return false }
            return !basis.kind.needsSource || basis.source.unicodeScalars.count >= 3
        }
        return Line(
            id: "purposes", passed: passed,
            title: LocalizedText(km: "គោលបំណងនីមួយៗមានមូលដ្ឋានច្បាប់", en: "Each purpose has its legal basis"),
            advice: LocalizedText(
                km: "ជ្រើសមូលដ្ឋានច្បាប់ ហើយសរសេរមាត្រា កិច្ចសន្យា ឬភារកិច្ច។",
                en: "Choose a legal basis for each purpose and name the article, contract or task."))
    }

    private static func contact(_ party: RelyingParty) -> Line {
        Line(
            id: "contact", passed: party.contacts.contains { $0.contains("@") && $0.utf8.count >= 6 },
            title: LocalizedText(km: "មានអ៊ីមែលទំនាក់ទំនង", en: "A contact is set"),
            advice: LocalizedText(
                km: "ដាក់អ៊ីមែលរបស់អ្នកទទួលខុសត្រូវសុវត្ថិភាព។", en: "Set the mail address of those who answer for security."))
    }

    private func login(_ last: Instant?) -> Line {
        Line(
            id: "login", passed: last.map { $0.adding(seconds: Self.loginAge) >= ambient.now() } ?? false,
            title: LocalizedText(
                km: "មានការចូលជោគជ័យក្នុងរយៈពេល ៣០ ថ្ងៃ", en: "Somebody logged in through your own program within 30 days"),
            advice: LocalizedText(
                km: "ចូលម្តងដោយកម្មវិធីរបស់អ្នក (មិនមែនទំព័រសាកល្បង) ដោយប្រើអ្នកសាកល្បង។",
                en: "Log a test person in with your own program once; trials on this page do not count."))
    }
}
