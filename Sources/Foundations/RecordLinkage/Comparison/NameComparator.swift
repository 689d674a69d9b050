/// Compares names in both scripts. The Khmer letters decide when both sides have them; Latin spellings then only help
/// where the Khmer is alike but not the same.
enum NameComparator {
    /// Spellings at least so alike on the Latin fold are near.
    static let nearSimilarity = 0.85

    /// Both sides' letters.
    struct Memory {
        let left: Letters
        let right: Letters
    }

    /// A person's family and given name.
    static func compare(
        _ left: PreparedName, _ right: PreparedName, _ memory: Memory
    ) -> (family: AgreementLevel, given: AgreementLevel) {
        let family = part(left.family, right.family, memory)
        let given = part(left.given, right.given, memory)
        if rank(family) >= rank(.near) && rank(given) >= rank(.near) { return (family, given) }
        let across = part(left.family, right.given, memory)
        let back = part(left.given, right.family, memory)
        if rank(across) >= rank(.sameSkeleton) && rank(back) >= rank(.sameSkeleton) {
            return (.turned, worse(across, back))
        }
        if joinedSame(left, right, memory) { return (.turned, .sameKey) }
        return (family, given)
    }

    /// A parent's name: one level for the whole name.
    static func parent(_ left: PreparedName, _ right: PreparedName, _ memory: Memory) -> AgreementLevel {
        let (family, given) = compare(left, right, memory)
        if family == .missing { return given }
        if given == .missing || family == .turned { return family }
        let familyAgrees = rank(family) >= rank(.near)
        let givenAgrees = rank(given) >= rank(.near)
        if familyAgrees && givenAgrees { return worse(family, given) }
        // A part that is only like the other, beside a different one, is no agreement.
        return rank(family) > rank(.oneLetter) || rank(given) > rank(.oneLetter) ? .partly : .different
    }

    /// One part of a name in both scripts.
    static func part(_ left: PreparedPart, _ right: PreparedPart, _ memory: Memory) -> AgreementLevel {
        let khmer = khmerLevel(left, right, memory)
        if khmer == .exact || khmer == .sameKey { return khmer }
        let latin = latinLevel(left, right, memory)
        switch (khmer, latin) {
        case (.missing, _): return latin
        case (_, .missing): return khmer
        case (.oneLetter, .exact), (.near, .exact): return .sameFold
        case (.oneLetter, .sameFold), (.near, .sameFold), (.oneLetter, .sameSkeleton), (.near, .sameSkeleton):
            return latin
        case (.oneLetter, _), (.near, _): return khmer
        // Names of different Khmer letters can share a Latin spelling, and seldom are the same name.
        case (_, .exact), (_, .sameFold): return .near
        default: return .different
        }
    }

    // MARK: Scripts

    private static func khmerLevel(_ left: PreparedPart, _ right: PreparedPart, _ memory: Memory) -> AgreementLevel {
        if left.khmerKey.isEmpty || right.khmerKey.isEmpty { return .missing }
        let a = memory.left.part(left.khmerKey)
        let b = memory.right.part(right.khmerKey)
        if a.isSame(as: b) {
            return memory.left.part(left.khmer).isSame(as: memory.right.part(right.khmer)) ? .exact : .sameKey
        }
        let clusters = memory.left.part(left.clusters)
        let others = memory.right.part(right.clusters)
        guard LetterDistance.isWithinOne(clusters, others) else { return .different }
        if LetterDistance.isWithinOne(a, b) { return .oneLetter }
        // In a name of one or two syllables, another syllable is another name.
        return max(clusters.count, others.count) <= 2 ? .different : .near
    }

    private static func latinLevel(_ left: PreparedPart, _ right: PreparedPart, _ memory: Memory) -> AgreementLevel {
        if left.latin.isEmpty || right.latin.isEmpty { return .missing }
        if memory.left.part(left.latin).isSame(as: memory.right.part(right.latin)) { return .exact }
        let a = memory.left.part(left.fold)
        let b = memory.right.part(right.fold)
        // A name of no letters from A to Z folds to nothing, and nothing equals nothing.
        if a.isEmpty || b.isEmpty { return .different }
        if a.isSame(as: b) { return .sameFold }
        let skeleton = memory.left.part(left.skeleton)
        if skeleton.count > 1 && skeleton.isSame(as: memory.right.part(right.skeleton)) { return .sameSkeleton }
        return LetterDistance.jaroWinkler(a, b) >= nearSimilarity ? .near : .different
    }

    // MARK: Order of words

    /// Whether the whole names are the same letters, divided otherwise into family and given name. Latin letters tell
    /// only where Khmer ones are missing.
    private static func joinedSame(_ left: PreparedName, _ right: PreparedName, _ memory: Memory) -> Bool {
        if left.hasKhmer && right.hasKhmer {
            return joinedSame(
                left.family.khmerKey, left.given.khmerKey, right.family.khmerKey, right.given.khmerKey, memory)
        }
        return joinedSame(left.family.latin, left.given.latin, right.family.latin, right.given.latin, memory)
    }

    private static func joinedSame(
        _ first: StorageRange, _ second: StorageRange, _ other: StorageRange, _ last: StorageRange, _ memory: Memory
    ) -> Bool {
        let total = first.count + second.count
        guard total > 0, total == other.count + last.count, first.count != other.count else { return false }
        for index in 0..<total {
            let a = index < first.count ? Int(first.start) + index : Int(second.start) + index - first.count
            let b = index < other.count ? Int(other.start) + index : Int(last.start) + index - other.count
            if memory.left[a] != memory.right[b] { return false }
        }
        return true
    }

    // MARK: Order of levels

    /// The better a level, the higher.
    private static func rank(_ level: AgreementLevel) -> Int {
        switch level {
        case .exact: 7
        case .sameKey: 6
        case .sameFold: 5
        case .sameSkeleton: 4
        case .oneLetter: 3
        case .near: 2
        case .different: 1
        default: 0
        }
    }

    private static func worse(_ left: AgreementLevel, _ right: AgreementLevel) -> AgreementLevel {
        rank(left) < rank(right) ? left : right
    }
}
