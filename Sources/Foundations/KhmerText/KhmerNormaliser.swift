import Foundation

/// The rules that make the display and key forms (Khmer Encoding Structure v2, SIL 2024). Works on Unicode scalars,
/// because Swift's `Character` splits Khmer syllables behind the coeng.
enum KhmerNormaliser {
    /// Rules 1 to 3 and the split vowels.
    static func displayScalars(of text: String) -> [Unicode.Scalar] {
        let cleaned = composed(cleaned(text))
        var output: [Unicode.Scalar] = []
        output.reserveCapacity(cleaned.count)
        var index = 0
        while index < cleaned.count {
            guard cleaned[index].khmerClass == .base else {
                output.append(cleaned[index])
                index += 1
                continue
            }
            let end = Khmer.clusterEnd(cleaned, from: index)
            appendOrdered(cleaned[index..<end], to: &output)
            index = end
        }
        return output
    }

    /// All rules, from a text that is in display form already.
    static func keyScalars(ofDisplay display: [Unicode.Scalar]) -> [Unicode.Scalar] {
        let folded = composed(folded(display))
        var output: [Unicode.Scalar] = []
        output.reserveCapacity(folded.count)
        var index = 0
        while index < folded.count {
            guard folded[index].khmerClass == .base else {
                output.append(folded[index])
                index += 1
                continue
            }
            let end = Khmer.clusterEnd(folded, from: index)
            appendKey(folded[index..<end], to: &output)
            index = end
        }
        return output
    }

    // MARK: Single scalars

    /// Rules 1 and 2. A non-breaking space becomes a plain one, because deleting it would join two words.
    private static func cleaned(_ text: String) -> [Unicode.Scalar] {
        var output: [Unicode.Scalar] = []
        output.reserveCapacity(text.utf8.count / 2)
        var spacePending = false
        for scalar in text.unicodeScalars {
            if scalar.isSpacing {
                spacePending = !output.isEmpty
                continue
            }
            if scalar.isInvisibleFiller {
                // Behind a shifter the non-joiner decides the shifter's shape, so it is seen.
                let shapes = scalar == Khmer.nonJoiner && !spacePending && output.last?.khmerClass == .shifter
                if shapes { output.append(scalar) }
                continue
            }
            if spacePending {
                output.append(" ")
                spacePending = false
            }
            switch scalar.value {
            case 0x17A3: output.append(Khmer.qa)
            case 0x17A4: output += [Khmer.qa, Khmer.vowelAA]
            default: output.append(scalar)
            }
        }
        return output
    }

    /// Other scripts in NFC. Khmer runs are left alone: Khmer has no canonical compositions.
    private static func composed(_ scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
        func mayCompose(_ scalar: Unicode.Scalar) -> Bool {
            scalar.value >= 0x300 && !scalar.isKhmer && scalar != Khmer.nonJoiner
        }
        guard scalars.contains(where: mayCompose), !hasEndlessMarks(scalars) else { return scalars }
        var output: [Unicode.Scalar] = []
        output.reserveCapacity(scalars.count)
        var run: [Unicode.Scalar] = []
        func flush() {
            if run.contains(where: mayCompose) {
                output += String(scalars: run).precomposedStringWithCanonicalMapping.unicodeScalars
            } else {
                output += run
            }
            run.removeAll(keepingCapacity: true)
        }
        for scalar in scalars {
            if scalar.isKhmer || scalar == Khmer.nonJoiner {
                flush()
                output.append(scalar)
            } else {
                run.append(scalar)
            }
        }
        flush()
        return output
    }

    /// Whether more than 30 combining marks stand in a row (the bound of UAX 15's stream-safe text). No language writes
    /// so; such a text stays as it is, because putting the marks in order costs the square of their number.
    private static func hasEndlessMarks(_ scalars: [Unicode.Scalar]) -> Bool {
        var streak = 0
        for scalar in scalars {
            let isMark =
                scalar.value >= 0x300 && !scalar.isKhmer && scalar.properties.canonicalCombiningClass != .notReordered
            streak = isMark ? streak + 1 : 0
            if streak > 30 { return true }
        }
        return false
    }

    /// Lower case, U+17B2 as U+17B1, no joiners.
    private static func folded(_ scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
        var output: [Unicode.Scalar] = []
        output.reserveCapacity(scalars.count)
        for scalar in scalars {
            switch scalar.value {
            case 0x17B2: output.append("\u{17B1}")
            case 0x200C: continue
            case 0x41...0x5A: output.append(Unicode.Scalar(UInt8(scalar.value + 32)))
            case 0..<0x80, 0x1780...0x17FF: output.append(scalar)
            default: output += scalar.properties.lowercaseMapping.unicodeScalars
            }
        }
        return output
    }

    // MARK: Syllables

    /// Rule 3 and the split vowels: one syllable in the order of its classes, stable within a class, one non-joiner at
    /// most.
    private static func appendOrdered(_ cluster: ArraySlice<Unicode.Scalar>, to output: inout [Unicode.Scalar]) {
        let joined = joinedSplitVowels(cluster)
        var order = KhmerClass.base
        var inOrder = true
        var afterCoeng = false
        for scalar in joined.dropFirst() {
            let kind = afterCoeng ? .coeng : scalar.khmerClass
            if kind < order || (kind == .nonJoiner && order == .nonJoiner) {
                inOrder = false
                break
            }
            order = kind
            afterCoeng = !afterCoeng && kind == .coeng
        }
        if inOrder {
            output += joined
            return
        }
        appendSorted(joined, to: &output)
    }

    /// A counting sort by class: linear also for a hostile text that is one endless syllable.
    private static func appendSorted(_ cluster: ArraySlice<Unicode.Scalar>, to output: inout [Unicode.Scalar]) {
        var buckets = [[Unicode.Scalar]](repeating: [], count: Int(KhmerClass.final.rawValue) + 1)
        var afterCoeng = false
        for (offset, scalar) in cluster.enumerated() {
            let kind: KhmerClass = offset == 0 ? .base : afterCoeng ? .coeng : scalar.khmerClass
            afterCoeng = !afterCoeng && kind == .coeng
            if kind == .nonJoiner, !buckets[Int(kind.rawValue)].isEmpty { continue }
            buckets[Int(kind.rawValue)].append(scalar)
        }
        for bucket in buckets { output += bucket }
    }

    /// E with AA is OO, E with II is OE, OE with AA is OO with II, wherever in the syllable they were typed.
    private static func joinedSplitVowels(_ cluster: ArraySlice<Unicode.Scalar>) -> ArraySlice<Unicode.Scalar> {
        var e = 0
        var aa = 0
        var ii = 0
        var oe = 0
        for scalar in cluster {
            switch scalar {
            case Khmer.vowelE: e += 1
            case Khmer.vowelAA: aa += 1
            case Khmer.vowelII: ii += 1
            case Khmer.vowelOE: oe += 1
            default: break
            }
        }
        var eToOO = min(e, aa)
        var eToOE = min(e - eToOO, ii)
        var oeToOO = min(oe + eToOE, aa - eToOO)
        guard eToOO + eToOE + oeToOO > 0 else { return cluster }
        var dropAA = eToOO
        var dropII = eToOE
        var aaToII = oeToOO
        var output: [Unicode.Scalar] = []
        for scalar in cluster {
            switch scalar {
            case Khmer.vowelE where eToOO > 0:
                eToOO -= 1
                output.append(Khmer.vowelOO)
            case Khmer.vowelE where eToOE > 0:
                eToOE -= 1
                output.append(Khmer.vowelOE)
            case Khmer.vowelOE where oeToOO > 0:
                oeToOO -= 1
                output.append(Khmer.vowelOO)
            case Khmer.vowelAA where dropAA > 0:
                dropAA -= 1
            case Khmer.vowelII where dropII > 0:
                dropII -= 1
            case Khmer.vowelAA where aaToII > 0:
                aaToII -= 1
                output.append(Khmer.vowelII)
            default:
                output.append(scalar)
            }
        }
        return output[...]
    }

    /// The key rules of one ordered syllable: coeng DA as TA, coeng RO last, below-u with an upper vowel as a shifter.
    private static func appendKey(_ cluster: ArraySlice<Unicode.Scalar>, to output: inout [Unicode.Scalar]) {
        let coengStart = cluster.firstIndex(of: Khmer.coeng) ?? cluster.endIndex
        var rest = coengStart
        var otherLetters: [Unicode.Scalar] = []
        var roCount = 0
        while rest + 1 < cluster.endIndex, cluster[rest] == Khmer.coeng {
            let letter = cluster[rest + 1]
            if letter == Khmer.ro { roCount += 1 } else { otherLetters.append(letter == Khmer.da ? Khmer.ta : letter) }
            rest += 2
        }
        var result = Array(cluster[..<coengStart])
        for letter in otherLetters { result += [Khmer.coeng, letter] }
        for _ in 0..<roCount { result += [Khmer.coeng, Khmer.ro] }
        let letterEnd = result.count
        result += cluster[rest...]
        if let (index, shifter) = shifterReplacingU(result, letterEnd: letterEnd) {
            result.remove(at: index)
            let place = result.firstIndex { $0.khmerClass > .shifter } ?? result.count
            result.insert(shifter, at: place)
        }
        output += result
    }

    /// Where a below-u stands in for a shifter (it is squeezed under a letter that also has an upper vowel), and which
    /// one.
    private static func shifterReplacingU(
        _ cluster: [Unicode.Scalar], letterEnd: Int
    ) -> (index: Int, shifter: Unicode.Scalar)? {
        var position: Int?
        var upper = false
        var aa = false
        var nikahit = false
        for (index, scalar) in cluster.enumerated() {
            switch scalar.value {
            case 0x17C9, 0x17CA:
                return nil
            case Khmer.vowelU.value:
                guard position == nil else { return nil }
                position = index
            case 0x17B7...0x17BA, Khmer.vowelOE.value, Khmer.vowelYA.value, Khmer.samyokSannya.value,
                Khmer.atthacan.value:
                upper = true
            case Khmer.vowelAA.value: aa = true
            case Khmer.nikahit.value: nikahit = true
            default: break
            }
        }
        guard let position, upper || (aa && nikahit) else { return nil }
        let letters = cluster[..<letterEnd]
        let strong = !letters.contains(Khmer.ba) && letters.contains { $0.isStrongConsonant }
        return (position, strong ? Khmer.triisap : Khmer.muusikatoan)
    }
}
