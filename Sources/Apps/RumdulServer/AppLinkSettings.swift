import Kernel

/// How settings name native apps. What is wrong here would be served to phones and fail there without a word, so it is refused at the start.
extension Configuration {
    /// `kh.gov.camdigikey`: two or more names.
    static func androidPackage(_ text: String) throws -> String {
        let names = text.split(separator: ".", omittingEmptySubsequences: false)
        let areNames = names.allSatisfy { name in
            guard let first = name.utf8.first, isLetter(first) else { return false }
            return name.utf8.allSatisfy { isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "_") }
        }
        guard names.count >= 2, areNames, text.utf8.count <= 255 else {
            throw RumdulError.configurationInvalid("app_android_package", "a package name such as kh.gov.camdigikey")
        }
        return text
    }

    /// SHA-256 digests as `keytool` prints them.
    static func androidCertificates(_ text: String) throws -> [String] {
        let digests = list(text).map { $0.uppercased() }
        let areDigests = digests.allSatisfy { digest in
            let pairs = digest.split(separator: ":", omittingEmptySubsequences: false)
            return pairs.count == 32 && pairs.allSatisfy { $0.utf8.count == 2 && UInt8($0, radix: 16) != nil }
        }
        guard !digests.isEmpty, areDigests else {
            throw RumdulError.configurationInvalid(
                "app_android_certificates", "SHA-256 digests of 32 pairs of hexadecimal digits with colons between")
        }
        return digests
    }

    /// `TEAM123456.kh.gov.camdigikey`.
    static func appleApps(_ text: String) throws -> [String] {
        let apps = list(text)
        let areApps = apps.allSatisfy { app in
            let team = app.utf8.prefix { $0 != UInt8(ascii: ".") }
            let bundle = app.utf8.dropFirst(11)
            return team.count == 10 && team.allSatisfy { (65...90).contains($0) || isDigit($0) } && !bundle.isEmpty
                && bundle.allSatisfy {
                    isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")
                }
        }
        guard !apps.isEmpty, areApps else {
            throw RumdulError.configurationInvalid(
                "app_apple_ids", "identifiers of ten capitals and digits, a full stop and the bundle's identifier")
        }
        return apps
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (65...90).contains(byte) || (97...122).contains(byte) }

    private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
}
