import Codecs
import Foundation
import X509

/// The name by which a client with `tls_client_auth` is known: exactly one of five (RFC 8705, section 2.1.2).
public enum CertificateMatch: Sendable, Hashable {
    /// `tls_client_auth_subject_dn`: the subject as a string of RFC 4514.
    case subjectDN(String)
    /// `tls_client_auth_san_dns`: a DNS name, compared without regard to case; no wildcards.
    case sanDNS(String)
    /// `tls_client_auth_san_uri`: a URI, compared exactly.
    case sanURI(String)
    /// `tls_client_auth_san_ip`: an IPv4 or IPv6 address in text form.
    case sanIP(String)
    /// `tls_client_auth_san_email`: an address; the part after the `@` is compared without regard to case.
    case sanEmail(String)

    /// The metadata members, in the order of the RFC.
    public static let memberNames = [
        "tls_client_auth_subject_dn", "tls_client_auth_san_dns", "tls_client_auth_san_uri", "tls_client_auth_san_ip",
        "tls_client_auth_san_email",
    ]

    /// The expectation in a client's metadata.
    /// - Throws: `badExpectation` unless exactly one member is there and well-formed.
    public init(metadata: JSONObject) throws(ClientCertificateError) {
        let present = Self.memberNames.filter { metadata.has($0) }
        guard present.count == 1, let name = present.first, let value = metadata.string(name),
            let match = CertificateMatch(member: name, value: value)
        else { throw .badExpectation }
        self = match
    }

    /// An expectation from the name of its metadata member and its value; `nil` when the value is not well-formed.
    public init?(member: String, value: String) {
        switch member {
        case "tls_client_auth_subject_dn": self = .subjectDN(value)
        case "tls_client_auth_san_dns": self = .sanDNS(value)
        case "tls_client_auth_san_uri": self = .sanURI(value)
        case "tls_client_auth_san_ip": self = .sanIP(value)
        case "tls_client_auth_san_email": self = .sanEmail(value)
        default: return nil
        }
        guard isWellFormed else { return nil }
    }

    /// The metadata member and its value.
    public var member: (name: String, value: String) {
        switch self {
        case .subjectDN(let value): (Self.memberNames[0], value)
        case .sanDNS(let value): (Self.memberNames[1], value)
        case .sanURI(let value): (Self.memberNames[2], value)
        case .sanIP(let value): (Self.memberNames[3], value)
        case .sanEmail(let value): (Self.memberNames[4], value)
        }
    }

    /// Whether anything could match.
    public var isWellFormed: Bool {
        let isPlain = { (text: String) in
            (1...2048).contains(text.utf8.count) && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
        }
        switch self {
        case .subjectDN(let text): return DistinguishedNameText(text) != nil
        case .sanDNS(let text): return isPlain(text) && !text.utf8.contains(UInt8(ascii: "*"))
        case .sanURI(let text): return isPlain(text)
        case .sanIP(let text): return Self.address(text) != nil
        case .sanEmail(let text): return isPlain(text) && text.utf8.filter { $0 == UInt8(ascii: "@") }.count == 1
        }
    }

    /// Checks that a certificate bears the expected name. Says nothing about its chain: see ``CertificateRoots``.
    /// - Throws: `badExpectation`, `subjectMismatch`, `nameMismatch`.
    public func check(_ certificate: ClientCertificate) throws(ClientCertificateError) {
        guard isWellFormed else { throw .badExpectation }
        if case .subjectDN(let text) = self {
            guard DistinguishedNameText(text) == DistinguishedNameText(certificate.certificate.subject) else {
                throw .subjectMismatch
            }
            return
        }
        guard let names = try? certificate.certificate.extensions.subjectAlternativeNames,
            names.contains(where: matches)
        else { throw .nameMismatch }
    }

    private func matches(_ name: GeneralName) -> Bool {
        switch (self, name) {
        case (.sanDNS(let wanted), .dnsName(let found)): Self.lower(wanted) == Self.lower(found)
        case (.sanURI(let wanted), .uniformResourceIdentifier(let found)): sameCodePoints(wanted, found)
        case (.sanIP(let wanted), .ipAddress(let found)): Self.address(wanted) == Array(found.bytes)
        case (.sanEmail(let wanted), .rfc822Name(let found)): Self.email(wanted) == Self.email(found)
        default: false
        }
    }

    private static func lower(_ text: some Sequence<UInt8>) -> [UInt8] {
        text.map { $0 >= 65 && $0 <= 90 ? $0 + 32 : $0 }
    }

    private static func lower(_ text: String) -> [UInt8] { lower(text.utf8) }

    private static func email(_ text: String) -> [UInt8] {
        let local = text.utf8.prefix { $0 != UInt8(ascii: "@") }
        return Array(local) + lower(text.utf8.dropFirst(local.count))
    }

    /// The 4 or 16 bytes of an address.
    private static func address(_ text: String) -> [UInt8]? {
        guard text.utf8.count <= 45, !text.utf8.contains(0) else { return nil }
        var four = in_addr()
        if inet_pton(AF_INET, text, &four) == 1 { return withUnsafeBytes(of: four) { Array($0) } }
        var sixteen = in6_addr()
        if inet_pton(AF_INET6, text, &sixteen) == 1 { return withUnsafeBytes(of: sixteen) { Array($0) } }
        return nil
    }
}
