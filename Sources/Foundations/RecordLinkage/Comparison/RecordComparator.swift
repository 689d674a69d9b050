extension PreparedRecord {
    /// Compares two records field by field. The order of the two does not matter.
    public func compared(with other: PreparedRecord) -> ComparisonVector {
        var vector = ComparisonVector()
        storage.withUnsafeBufferPointer { left in
            other.storage.withUnsafeBufferPointer { right in
                let memory = NameComparator.Memory(left: left, right: right)
                let names = NameComparator.compare(name, other.name, memory)
                vector[.familyName] = names.family
                vector[.givenName] = names.given
                vector[.mother] = NameComparator.parent(mother, other.mother, memory)
                vector[.father] = NameComparator.parent(father, other.father, memory)
            }
        }
        if let sex, let otherSex = other.sex { vector[.sex] = sex == otherSex ? .exact : .different }
        vector[.birthDate] = DateComparator.compare(birthDate, other.birthDate)
        vector[.birthPlace] = PlaceComparator.compare(birthPlace, other.birthPlace)
        vector[.residence] = PlaceComparator.compare(residence, other.residence)
        vector[.motherBirthYear] = DateComparator.years(motherBirthYear, other.motherBirthYear)
        return vector
    }

    /// How many bits the agreement of a name is worth beyond the average of its level, because the name is rare
    /// (above 0) or common (below 0). Of two different spellings the more common one counts.
    func rarity(_ field: LinkageField, with other: PreparedRecord, _ level: AgreementLevel) -> Double {
        guard level == .exact || level == .sameKey else { return 0 }
        return switch field {
        case .familyName: Double(min(name.family.rarity, other.name.family.rarity))
        case .givenName: Double(min(name.given.rarity, other.name.given.rarity))
        case .mother: parentRarity(mother, other.mother)
        case .father: parentRarity(father, other.father)
        default: 0
        }
    }

    private func parentRarity(_ left: PreparedName, _ right: PreparedName) -> Double {
        Double(min(left.given.rarity, right.given.rarity)) + Double(min(left.family.rarity, right.family.rarity))
    }
}
