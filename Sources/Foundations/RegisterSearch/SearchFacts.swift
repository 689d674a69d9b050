import RecordLinkage

/// What an index knows of a subject (a person, a record): only what officers search by.
public struct SearchFacts: Sendable, Equatable {
    /// The names that are found with a slip of the finger.
    public var names: [LinkageName]
    /// Names that are found only when their letters are right, such as the parents' in a record.
    public var relatives: [LinkageName]
    public var date: LinkageDate?
    /// The code of the place that the subject belongs to, and
    public var home: String?
    /// of the place where it began.
    public var born: String?

    public init(
        names: [LinkageName], relatives: [LinkageName] = [], date: LinkageDate? = nil, home: String? = nil,
        born: String? = nil
    ) {
        self.names = names
        self.relatives = relatives
        self.date = date
        self.home = home
        self.born = born
    }
}

extension LinkageName {
    /// The whole name in a script, family name first; `nil` when there is none.
    func whole(_ script: NameScript) -> String? {
        let parts = script == .khmer ? [khmerFamily, khmerGiven] : [latinFamily, latinGiven]
        let text = parts.compactMap(\.self).filter { !$0.isEmpty }.joined(separator: " ")
        return text.isEmpty ? nil : text
    }

    func given(_ script: NameScript) -> String? {
        (script == .khmer ? khmerGiven : latinGiven).flatMap { $0.isEmpty ? nil : $0 }
    }

    func family(_ script: NameScript) -> String? {
        (script == .khmer ? khmerFamily : latinFamily).flatMap { $0.isEmpty ? nil : $0 }
    }
}

/// The texts behind tags. The first byte says what the rest is, and is never reused for something else.
enum SearchKey {
    static func name(_ letters: [UInt32], _ script: NameScript) -> [UInt8] {
        text(script == .khmer ? "k" : "l", letters)
    }

    static func given(_ letters: [UInt32], _ script: NameScript) -> [UInt8] {
        text(script == .khmer ? "g" : "h", letters)
    }

    /// A date as far as it is known.
    static func date(_ date: LinkageDate) -> [UInt8] {
        let parts = [String(date.year), date.month.map(String.init), date.day.map(String.init)]
        return Array("d\(parts.compactMap(\.self).joined(separator: "-"))".utf8)
    }

    /// A commune, or what is known of it.
    static func place(_ code: String) -> [UInt8] { Array("p\(code.prefix(6))".utf8) }

    private static func text(_ kind: String, _ letters: [UInt32]) -> [UInt8] {
        var bytes = Array(kind.utf8)
        bytes.reserveCapacity(1 + 2 * letters.count)
        // Khmer and Latin letters have sixteen bits; a rarer one may share its tag with another.
        for letter in letters {
            bytes.append(UInt8(truncatingIfNeeded: letter >> 8))
            bytes.append(UInt8(truncatingIfNeeded: letter))
        }
        return bytes
    }
}

/// A key of a subject and the marks that stand beside it.
struct FactKey: Hashable {
    var key: [UInt8]
    var marks: [UInt32]
}

extension SearchFacts {
    /// Every key that the subject is found by.
    var keys: Set<FactKey> {
        var keys: Set<FactKey> = []
        for script in NameScript.allCases {
            for name in names {
                if let whole = name.whole(script) {
                    let form = NameForm(whole, script)
                    for letters in form.variants {
                        keys.insert(FactKey(key: SearchKey.name(letters, script), marks: form.marks))
                    }
                }
                // Who has one name only is found by the whole of it.
                if name.family(script) != nil, let given = name.given(script) {
                    let form = NameForm(given, script)
                    guard form.letters.count > 1 else { continue }
                    keys.insert(FactKey(key: SearchKey.given(form.letters, script), marks: form.marks))
                }
            }
            for name in relatives {
                guard let whole = name.whole(script) else { continue }
                let form = NameForm(whole, script)
                guard !form.letters.isEmpty else { continue }
                keys.insert(FactKey(key: SearchKey.name(form.letters, script), marks: form.marks))
            }
        }
        if let date { keys.insert(FactKey(key: SearchKey.date(date), marks: [])) }
        for place in Set([home, born].compactMap(\.self)) where place.utf8.count >= 6 {
            keys.insert(FactKey(key: SearchKey.place(place), marks: []))
        }
        return keys
    }

    /// A place as a column holds it: its district, or its province when no more is known; 0 for none.
    static func district(_ code: String?) -> Int { code.flatMap { Int($0.prefix(4)) } ?? 0 }
}
