import Codecs
import JOSE
import Kernel

/// Reads the members of a registration one by one; every failure is `relying_party.invalid` with the member's name.
struct DocumentReader {
    let object: JSONObject

    func has(_ name: String) -> Bool { object.has(name) }

    func invalid(_ name: String, km: String, _ en: String) -> RumdulError {
        RumdulError.relyingPartyInvalid(name, km: km, en: en)
    }

    /// Refuses members that are not known, so that a misspelt restriction cannot be silently ignored.
    func requireKnown(_ members: Set<String>, in place: String = "") throws {
        for name in object.names where !members.contains(name) {
            throw invalid(place + name, km: "មិនស្គាល់", "unknown member")
        }
    }

    func text(_ name: String, limit: Int) throws -> String {
        guard let value = object.string(name), !value.isEmpty, value.unicodeScalars.count <= limit else {
            throw invalid(name, km: "ត្រូវការអត្ថបទ", "a text of 1 to \(limit) characters")
        }
        return value
    }

    func optionalText(_ name: String, limit: Int) throws -> String? { has(name) ? try text(name, limit: limit) : nil }

    /// A text that a person will read.
    func optionalShownText(_ name: String, limit: Int) throws -> String? {
        guard let value = try optionalText(name, limit: limit) else { return nil }
        guard Self.isShowable(value, limit: limit) else {
            throw invalid(name, km: "ត្រូវការអត្ថបទ", "1 to \(limit) visible characters")
        }
        return value
    }

    /// A text of `a-z 0-9 . _ -`.
    func identifier(_ name: String, limit: Int, as field: String? = nil) throws -> String {
        let value = try text(name, limit: limit)
        // Subjects begin with `v1.`: no client can have a name that passes for a person (RFC 9700, section 4.15).
        guard value.utf8.allSatisfy(Self.isIdentifierByte), !value.hasPrefix("v1.") else {
            throw invalid(field ?? name, km: "ប្រើតែ a-z 0-9 . _ -", "use a-z, 0-9, '.', '_', '-'")
        }
        return value
    }

    func truth(_ name: String) throws -> Bool {
        guard let value = object[name] else { return false }
        guard let truth = value.boolValue else { throw invalid(name, km: "true ឬ false", "true or false") }
        return truth
    }

    func texts(_ name: String, limit: Int) throws -> [String] {
        guard let value = object[name] else { return [] }
        guard let texts = value.stringsValue, texts.count <= limit else {
            throw invalid(name, km: "បញ្ជីអត្ថបទ", "a list of at most \(limit) texts")
        }
        return texts
    }

    /// A list of different texts, each of 1 to 255 printable ASCII characters.
    func words(_ name: String, limit: Int) throws -> [String] {
        let words = try texts(name, limit: limit)
        guard Set(words).count == words.count,
            words.allSatisfy({ word in
                (1...255).contains(word.utf8.count) && word.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
            })
        else { throw invalid(name, km: "មិនត្រឹមត្រូវ", "different words of printable ASCII") }
        return words
    }

    func integer(_ name: String, in range: ClosedRange<Int64>) throws -> Int64? {
        guard has(name) else { return nil }
        guard let value = object.integer(name), range.contains(value) else {
            throw invalid(
                name, km: "លេខមិនត្រឹមត្រូវ", "an integer from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    /// One of the raw values of an enumeration.
    func choice<Choice: RawRepresentable & CaseIterable>(
        _ name: String, _ type: Choice.Type
    ) throws -> Choice? where Choice.RawValue == String {
        guard has(name) else { return nil }
        guard let choice = object.string(name).flatMap(Choice.init(rawValue:)) else {
            let values = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw invalid(name, km: "មិនស្គាល់", "one of \(values)")
        }
        return choice
    }

    func algorithm(_ name: String, among allowed: [JWSAlgorithm]) throws -> JWSAlgorithm? {
        guard has(name) else { return nil }
        guard let algorithm = object.string(name).flatMap(JWSAlgorithm.init(rawValue:)), allowed.contains(algorithm)
        else {
            let values = allowed.map(\.rawValue).joined(separator: ", ")
            throw invalid(name, km: "មិនអនុញ្ញាត", "one of \(values) in this profile")
        }
        return algorithm
    }

    /// The `_alg` and `_enc` of one kind of answer. Keys registered by value must fit; keys behind `jwks_uri` are looked at when used.
    func encryption(_ prefix: String, keys: JWKSet?, keysURI: String?) throws -> ResponseEncryption? {
        let (name, encryptionName) = (prefix + "_response_alg", prefix + "_response_enc")
        let encryptionText = try optionalText(encryptionName, limit: 32)
        guard has(name) else {
            guard encryptionText == nil else {
                throw invalid(name, km: "ខ្វះ", "is missing beside \(encryptionName)")
            }
            return nil
        }
        guard let algorithm = object.string(name).flatMap(JWEAlgorithm.init(rawValue:)),
            SigningAlgorithms.keyManagement.contains(algorithm),
            let encryption = JWEEncryption(rawValue: encryptionText ?? JWEEncryption.a256GCM.rawValue),
            SigningAlgorithms.contentEncryption.contains(encryption),
            keysURI != nil || keys.map({ ClientEncryptionKey.find(in: $0, for: algorithm) != nil }) ?? false
        else {
            throw invalid(
                name, km: "មិនត្រឹមត្រូវ", "ECDH-ES, ECDH-ES+A256KW or RSA-OAEP-256 with a fitting key in jwks")
        }
        return ResponseEncryption(algorithm: algorithm, encryption: encryption)
    }

    /// A link that people or programs follow: https, or http on this machine for development.
    func webLink(_ name: String) throws -> String? {
        guard has(name) else { return nil }
        guard let uri = object.string(name), RedirectURI.isRegistrable(uri) else {
            throw invalid(name, km: "ត្រូវជា https", "an https link")
        }
        return uri
    }

    /// An address that must be https.
    func httpsLink(_ name: String) throws -> String? {
        guard has(name) else { return nil }
        guard let uri = object.string(name), RedirectURI.isHTTPS(uri) else {
            throw invalid(name, km: "ត្រូវជា https", "an https link")
        }
        return uri
    }

    func webLinks(_ name: String, limit: Int) throws -> [String] {
        let links = try texts(name, limit: limit)
        guard links.allSatisfy(RedirectURI.isRegistrable) else {
            throw invalid(name, km: "ត្រូវជា https", "absolute https links without fragment")
        }
        return links
    }

    // MARK: Texts in two languages

    /// Names and purposes are shown to people, so control characters, bidirectional controls and texts of nothing but
    /// blanks are refused.
    func localized(_ name: String, limit: Int) throws -> LocalizedText {
        guard let pair = object.object(name), let km = pair.string("km"), let en = pair.string("en"),
            Self.isShowable(km, limit: limit), Self.isShowable(en, limit: limit)
        else {
            throw invalid(
                name, km: "ត្រូវការ km និង en", "{\"km\", \"en\"} with 1 to \(limit) visible characters each")
        }
        return LocalizedText(km: km, en: en)
    }

    /// A name as an object, or as `name`, `name#km`, `name#en` (RFC 7591, section 2.2): an untagged value serves for a missing language.
    func taggedText(_ name: String, limit: Int) throws -> LocalizedText {
        if object.object(name) != nil { return try localized(name, limit: limit) }
        let untagged = try optionalShownText(name, limit: limit)
        let km = try optionalShownText(name + "#km", limit: limit)
        let en = try optionalShownText(name + "#en", limit: limit)
        guard let first = en ?? untagged ?? km, let second = km ?? untagged ?? en else {
            throw invalid(name, km: "ត្រូវការ km និង en", "{\"km\", \"en\"}, or \(name), \(name)#km, \(name)#en")
        }
        return LocalizedText(km: second, en: first)
    }

    static func isIdentifierByte(_ byte: UInt8) -> Bool {
        (97...122).contains(byte) || (48...57).contains(byte) || byte == 45 || byte == 46 || byte == 95
    }

    static func isShowable(_ text: String, limit: Int) -> Bool {
        let scalars = text.unicodeScalars
        guard !scalars.isEmpty, scalars.count <= limit else { return false }
        let clean = scalars.allSatisfy { scalar in
            switch scalar.value {
            case 0..<0x20, 0x7F..<0xA0, 0xAD, 0x61C, 0x200E, 0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF,
                0xFFF9...0xFFFB, 0xE0000...0xE0FFF:
                false
            default: true
            }
        }
        let seen = scalars.contains { scalar in
            switch scalar.properties.generalCategory {
            case .spaceSeparator, .format, .control, .unassigned, .nonspacingMark: false
            default: true
            }
        }
        return clean && seen && !scalars.contains(where: isLookAlike)
    }

    /// Letters of scripts that nobody here writes names in and that look like Latin ones: Greek, Cyrillic, Armenian, Cherokee, Coptic, styled and wide
    /// forms. With them a service could take another's name.
    private static func isLookAlike(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0370...0x058F, 0x10A0...0x10FF, 0x13A0...0x13FF, 0x1C80...0x1CBF, 0x1D00...0x1DBF, 0x1F00...0x1FFF,
            0x2100...0x214F, 0x2C60...0x2D2F, 0x2DE0...0x2DFF, 0xA640...0xA69F, 0xA720...0xA7FF, 0xAB30...0xABBF,
            0xFB00...0xFB17, 0xFF00...0xFFEF, 0x1D400...0x1D7FF, 0x1F100...0x1F1FF:
            true
        default: false
        }
    }
}
