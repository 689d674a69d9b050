/// Turns what is true of a person into what a clerk enters.
struct TypingErrors {
    let rates: ErrorRates

    /// One entry of a record.
    func entered(_ truth: SyntheticPerson, _ random: inout SplitMix64) -> LinkageRecord {
        var record = truth.record
        if random.chance(rates.otherGivenName), let other = truth.nickname {
            record.name.khmerGiven = other.khmer
            record.name.latinGiven = other.latin[0]
        }
        enter(
            &record.name, truth.spellings, rates.khmerFamilySlip, rates.khmerGivenSlip, &random)
        enter(&record.mother, truth.motherSpellings, rates.parentSlip, rates.parentSlip, &random)
        enter(&record.father, truth.fatherSpellings, rates.parentSlip, rates.parentSlip, &random)
        turn(&record.name, &random)
        enterDate(&record.birthDate, &random)
        enterRest(&record, &random)
        return record
    }

    // MARK: Names

    private func enter(
        _ name: inout LinkageName, _ spellings: Spellings, _ familySlip: Double, _ givenSlip: Double,
        _ random: inout SplitMix64
    ) {
        name.khmerFamily = name.khmerFamily.map { khmer($0, familySlip, &random) }
        name.khmerGiven = name.khmerGiven.map { khmer($0, givenSlip, &random) }
        name.latinFamily = name.latinFamily.map { latin($0, spellings.family, &random) }
        name.latinGiven = name.latinGiven.map { latin($0, spellings.given, &random) }
        // Who has no Khmer name keeps the Latin one.
        if random.chance(rates.latinMissing), name.khmerGiven != nil {
            name.latinFamily = nil
            name.latinGiven = nil
        } else if random.chance(rates.capitals) {
            name.latinFamily = name.latinFamily?.uppercased()
            name.latinGiven = name.latinGiven?.uppercased()
        }
    }

    private func khmer(_ text: String, _ slip: Double, _ random: inout SplitMix64) -> String {
        var text = text
        if random.chance(slip) { text = KhmerTypos.slipped(text, &random) }
        if random.chance(rates.khmerOrder) { text = KhmerTypos.reordered(text, &random) }
        if random.chance(rates.zeroWidthSpace) { text = KhmerTypos.spaced(text, &random) }
        return text
    }

    private func latin(_ text: String, _ spellings: [String], _ random: inout SplitMix64) -> String {
        var text = text
        if random.chance(rates.romanisation) { text = random.pick(spellings) ?? text }
        if random.chance(rates.latinSlip) { text = slipped(text, &random) }
        return text
    }

    /// A Latin name with one slip.
    private func slipped(_ text: String, _ random: inout SplitMix64) -> String {
        var letters = Array(text.utf8)
        guard letters.count > 2 else { return text }
        let index = 1 + random.below(letters.count - 1)
        switch random.below(4) {
        case 0: letters.remove(at: index)
        case 1: letters.insert(letters[index], at: index)
        case 2: letters[index] = UInt8(0x61 + random.below(26))
        default: letters.swapAt(index - 1, index)
        }
        return String(decoding: letters, as: UTF8.self)
    }

    private func turn(_ name: inout LinkageName, _ random: inout SplitMix64) {
        let both = random.chance(rates.turned)
        if both { (name.khmerFamily, name.khmerGiven) = (name.khmerGiven, name.khmerFamily) }
        if both || random.chance(rates.latinTurned) {
            (name.latinFamily, name.latinGiven) = (name.latinGiven, name.latinFamily)
        }
    }

    // MARK: Dates

    private func enterDate(_ date: inout LinkageDate?, _ random: inout SplitMix64) {
        guard var entered = date, let month = entered.month, let day = entered.day else { return }
        var chances = [
            rates.dayMonthTurned, rates.yearNext, rates.yearTwelve, rates.yearEra, rates.oneDigit, rates.firstOfJanuary,
        ]
        chances.append(entered.year < 1965 ? rates.yearOnlyOld : rates.yearOnly)
        let sums = chances.reduce(into: [Double]()) { $0.append(($0.last ?? 0) + $1) }
        let point = Double(random.below(1 << 30)) / Double(1 << 30)
        let sign = random.below(2) == 0 ? 1 : -1
        switch sums.firstIndex(where: { point < $0 }) {
        case 0: (entered.month, entered.day) = (day, month)
        case 1: entered.year += sign
        case 2: entered.year += 12 * sign
        case 3: entered.year += 543
        case 4: mistypeDigit(&entered, month, day, &random)
        case 5: (entered.month, entered.day) = (1, 1)
        case 6: (entered.month, entered.day) = (nil, nil)
        default: break
        }
        date = entered
    }

    private func mistypeDigit(_ date: inout LinkageDate, _ month: Int, _ day: Int, _ random: inout SplitMix64) {
        let digit = random.below(10)
        switch random.below(4) {
        case 0: date.day = min(31, max(1, day / 10 * 10 + digit))
        case 1: date.day = day % 10 + 10 * random.below(3)
        case 2: date.month = month >= 10 ? 10 + random.below(3) : max(1, digit)
        default: date.year = date.year / 100 * 100 + digit * 10 + date.year % 10
        }
        if date.day == 0 { date.day = 10 }
    }

    // MARK: The rest

    private func enterRest(_ record: inout LinkageRecord, _ random: inout SplitMix64) {
        if random.chance(rates.sexMissing) {
            record.sex = .notKnown
        } else if random.chance(rates.sexWrong) {
            record.sex = record.sex == .male ? .female : .male
        }
        if random.chance(rates.parentsMissing) {
            record.mother = LinkageName()
            record.father = LinkageName()
            record.motherBirthYear = nil
        } else if random.chance(rates.fatherMissing) {
            record.father = LinkageName()
        }
        if random.chance(rates.motherYearMissing) {
            record.motherBirthYear = nil
        } else if random.chance(rates.motherYearNext) {
            record.motherBirthYear = record.motherBirthYear.map { $0 + (random.below(2) == 0 ? 1 : -1) }
        }
        if let birthPlace = record.birthPlace {
            if random.chance(rates.birthPlaceMissing) {
                record.birthPlace = nil
            } else if random.chance(rates.birthPlaceCoarse) {
                record.birthPlace = String(birthPlace.prefix(2 + 2 * random.below(3)))
            } else if random.chance(rates.birthPlaceNear) {
                record.birthPlace = SyntheticPlaces.otherCommune(than: birthPlace, &random)
            }
        }
        if let residence = record.residence, random.chance(rates.moved) {
            record.residence = SyntheticPlaces.village(near: residence, &random)
        }
    }
}
