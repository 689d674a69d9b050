/// Compares dates of birth and years with the slips that happen here.
enum DateComparator {
    static func compare(_ left: PreparedDate?, _ right: PreparedDate?) -> AgreementLevel {
        guard let left, let right else { return .missing }
        let apart = abs(Int(left.year) - Int(right.year))
        let whole = left.isWhole && right.isWhole
        // An unknown month or day speaks against nothing.
        let monthSame = left.month == right.month || left.month == 0 || right.month == 0
        let daySame = left.day == right.day || left.day == 0 || right.day == 0
        let turned = whole && left.day == right.month && left.month == right.day
        if apart == 0 {
            if monthSame && daySame { return whole ? .exact : .knownPartsSame }
            if turned { return .dayMonthTurned }
            return whole && digitsApart(left, right) == 1 ? .oneDigit : .sameYear
        }
        if monthSame && daySame {
            // Two bare years that lie close are no more than close.
            switch apart {
            case 1: return whole ? .yearNext : .yearNear
            case 12: return whole ? .yearTwelve : .different
            case 543, 544: return .yearEra
            default: break
            }
        }
        if whole && digitsApart(left, right) == 1 { return .oneDigit }
        return apart <= 2 ? .yearNear : .different
    }

    static func years(_ left: PreparedDate?, _ right: PreparedDate?) -> AgreementLevel {
        guard let left, let right else { return .missing }
        return switch abs(Int(left.year) - Int(right.year)) {
        case 0: .exact
        case 1: .yearNext
        case 2: .yearNear
        case 12: .yearTwelve
        case 543, 544: .yearEra
        default: .different
        }
    }

    /// In how many of the eight digits two whole dates differ.
    private static func digitsApart(_ left: PreparedDate, _ right: PreparedDate) -> Int {
        var count = 0
        func add(_ a: Int, _ b: Int, _ digits: Int) {
            var a = a
            var b = b
            for _ in 0..<digits {
                if a % 10 != b % 10 { count += 1 }
                a /= 10
                b /= 10
            }
        }
        add(Int(left.year), Int(right.year), 4)
        add(Int(left.month), Int(right.month), 2)
        add(Int(left.day), Int(right.day), 2)
        return count
    }
}

/// Compares places by their official codes, as deep as both are known.
enum PlaceComparator {
    static func compare(_ left: PreparedPlace?, _ right: PreparedPlace?) -> AgreementLevel {
        guard let left, let right else { return .missing }
        let depth = min(left.depth, right.depth)
        var same = 0
        while same < depth, left.levels[same] == right.levels[same] { same += 1 }
        return switch same {
        case 0: .different
        case 1: .sameProvince
        case 2: .sameDistrict
        case 3: .sameCommune
        default: .sameVillage
        }
    }
}
