import Kernel
import SwiftASN1
import X509

/// The names that authorities allow below themselves (RFC 5280 section 4.2.1.10).
///
/// `RFC5280Policy` of swift-certificates refuses every path whose constraints speak of directory names, and those are the ones that
/// authorities of devices have; its chains cannot be made outside of its own path building either. So they are checked here: directory
/// names, DNS names, mail addresses, URIs and IP addresses, whether the extension is critical or not. A constraint on another kind of name
/// refuses certificates that bear such a name.
struct NameConstraintCheck {
    private static let mailAddress: ASN1ObjectIdentifier = [1, 2, 840, 113_549, 1, 9, 1]

    /// Checks everything below each authority of a path, leaf first; the trust anchor may stand at its end.
    /// - Throws: the given check.
    static func validate(_ path: [AttestationCertificate], _ check: WebAuthnCheck) throws(RumdulError) {
        for (index, issuer) in path.enumerated().dropFirst() {
            let constraints: NameConstraints?
            do { constraints = try issuer.certificate.extensions.nameConstraints } catch {
                throw .webAuthn(check, "name constraints are malformed")
            }
            guard let constraints else { continue }
            for (place, certificate) in path.prefix(index).enumerated() {
                // An authority that only renews its own key is not below itself, but for the last certificate.
                if place > 0, certificate.certificate.issuer == certificate.certificate.subject { continue }
                for name in try names(of: certificate, check) {
                    guard allows(constraints, name) else {
                        throw .webAuthn(check, "an authority does not allow this name below itself")
                    }
                }
            }
        }
    }

    /// The subject, with its mail addresses, and the alternative names.
    private static func names(
        of certificate: AttestationCertificate, _ check: WebAuthnCheck
    ) throws(RumdulError) -> [GeneralName] {
        let subject = certificate.certificate.subject
        var names: [GeneralName] = subject.isEmpty ? [] : [.directoryName(subject)]
        names += certificate.subject(mailAddress).map { .rfc822Name($0) }
        do {
            if let more = try certificate.certificate.extensions.subjectAlternativeNames { names += more }
        } catch {
            throw .webAuthn(check, "the alternative names are malformed")
        }
        return names
    }

    /// Of the permitted subtrees of a name's kind one must hold it, if there are any; of the excluded ones none.
    private static func allows(_ constraints: NameConstraints, _ name: GeneralName) -> Bool {
        let permitted = constraints.permittedSubtrees.filter { kind($0) == kind(name) }
        let excluded = constraints.excludedSubtrees.filter { kind($0) == kind(name) }
        guard permitted.isEmpty || permitted.contains(where: { holds($0, name) ?? false }) else { return false }
        return excluded.allSatisfy { holds($0, name) == false }
    }

    private static func kind(_ name: GeneralName) -> Int {
        switch name {
        case .otherName: 0
        case .rfc822Name: 1
        case .dnsName: 2
        case .x400Address: 3
        case .directoryName: 4
        case .ediPartyName: 5
        case .uniformResourceIdentifier: 6
        case .ipAddress: 7
        case .registeredID: 8
        }
    }

    /// Whether a subtree holds a name of its kind; `nil` when that cannot be said.
    private static func holds(_ subtree: GeneralName, _ name: GeneralName) -> Bool? {
        switch (subtree, name) {
        case (.directoryName(let base), .directoryName(let name)): return isPrefix(base, of: name)
        case (.dnsName(let base), .dnsName(let name)): return isBelow(lower(name), lower(base))
        case (.rfc822Name(let base), .rfc822Name(let name)): return isMailbox(name, within: base)
        case (.uniformResourceIdentifier(let base), .uniformResourceIdentifier(let name)):
            return host(of: name).map { isHost($0, lower(base)) }
        case (.ipAddress(let base), .ipAddress(let name)): return isAddress(Array(name.bytes), Array(base.bytes))
        default: return nil
        }
    }

    // MARK: Kinds of names

    private static func isPrefix(_ base: DistinguishedName, of name: DistinguishedName) -> Bool {
        base.count <= name.count
            && zip(base, name).allSatisfy { left, right in
                left.count == right.count
                    && left.allSatisfy { attribute in right.contains { isSame(attribute, $0) } }
            }
    }

    /// Letters of either case are the same, and so is any amount of space (RFC 5280 section 7.1).
    private static func isSame(
        _ left: RelativeDistinguishedName.Attribute, _ right: RelativeDistinguishedName.Attribute
    ) -> Bool {
        guard left.type == right.type else { return false }
        guard let one = String(left.value), let other = String(right.value) else { return left.value == right.value }
        return folded(one) == folded(other)
    }

    private static func folded(_ text: String) -> [UInt8] {
        Array(text.lowercased().utf8).split(separator: UInt8(ascii: " ")).joined(separator: [UInt8(ascii: " ")])
            .map(\.self)
    }

    /// The bytes with ASCII's letters small.
    private static func lower(_ text: some StringProtocol) -> [UInt8] {
        text.utf8.map { (65...90).contains($0) ? $0 | 0x20 : $0 }
    }

    /// The name itself, or one with more labels before it; nothing but those with a dot in front.
    private static func isBelow(_ name: [UInt8], _ base: [UInt8]) -> Bool {
        if base.isEmpty { return true }
        let dot = UInt8(ascii: ".")
        let tail = base.first == dot ? base : [dot] + base
        return (base.first != dot && name == base) || (name.count > tail.count && name.suffix(tail.count) == tail[...])
    }

    /// A host is itself; with a dot in front only those below it.
    private static func isHost(_ name: [UInt8], _ base: [UInt8]) -> Bool {
        base.first == UInt8(ascii: ".") ? isBelow(name, base) : name == base
    }

    /// The part before the sign is compared as it is written.
    private static func isMailbox(_ name: String, within base: String) -> Bool? {
        guard let at = name.lastIndex(of: "@") else { return nil }
        let host = lower(name[name.index(after: at)...])
        guard let other = base.lastIndex(of: "@") else { return isHost(host, lower(base)) }
        return Array(name[..<at].utf8) == Array(base[..<other].utf8)
            && host == lower(base[base.index(after: other)...])
    }

    /// The host of a URI; `nil` when there is none, or an address where a name must stand.
    private static func host(of uri: String) -> [UInt8]? {
        guard let start = uri.firstRange(of: "://")?.upperBound else { return nil }
        let authority = lower(uri[start...]).prefix { !Array("/?#".utf8).contains($0) }
        let begin = authority.lastIndex(of: UInt8(ascii: "@")).map { $0 + 1 } ?? authority.startIndex
        let host = Array(authority[begin...].prefix { $0 != UInt8(ascii: ":") })
        guard !host.isEmpty, host.first != UInt8(ascii: "["),
            !host.allSatisfy({ (48...57).contains($0) || $0 == UInt8(ascii: ".") })
        else { return nil }
        return host
    }

    private static func isAddress(_ address: [UInt8], _ base: [UInt8]) -> Bool? {
        guard base.count == 8 || base.count == 32 else { return nil }
        let half = base.count / 2
        guard address.count == half else { return address.count == 4 || address.count == 16 ? false : nil }
        return (0..<half).allSatisfy { address[$0] & base[half + $0] == base[$0] & base[half + $0] }
    }
}
