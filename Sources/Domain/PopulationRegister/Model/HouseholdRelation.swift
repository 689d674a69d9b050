import Kernel

/// What a member is to the head of the household.
public enum HouseholdRelation: String, Sendable, Codable, CaseIterable {
    case head, spouse, child, grandchild, parent, grandparent, sibling
    case parentInLaw = "parent_in_law"
    case childInLaw = "child_in_law"
    case siblingInLaw = "sibling_in_law"
    case otherRelative = "other_relative"
    case notRelated = "not_related"

    /// What a newborn is to the head, by what the parent is.
    var ofChild: HouseholdRelation {
        switch self {
        case .head, .spouse: .child
        case .child, .childInLaw: .grandchild
        case .notRelated: .notRelated
        default: .otherRelative
        }
    }

    /// What a member is to a new head, by what both were to the one before; `otherRelative` when that does not say.
    /// The registered family goes before this table.
    func towards(_ newHead: HouseholdRelation) -> HouseholdRelation {
        if self == .notRelated || newHead == .notRelated { return .notRelated }
        return Self.table[newHead]?[self] ?? .otherRelative
    }

    private static let table: [HouseholdRelation: [HouseholdRelation: HouseholdRelation]] = [
        .spouse: [
            .head: .spouse, .child: .child, .grandchild: .grandchild, .childInLaw: .childInLaw, .parent: .parentInLaw,
            .parentInLaw: .parent, .sibling: .siblingInLaw, .siblingInLaw: .sibling,
        ],
        .child: [
            .head: .parent, .spouse: .parent, .child: .sibling, .parent: .grandparent, .childInLaw: .siblingInLaw,
        ],
        .grandchild: [.head: .grandparent, .spouse: .grandparent, .child: .otherRelative],
        .parent: [
            .head: .child, .spouse: .childInLaw, .child: .grandchild, .sibling: .child, .parent: .spouse,
        ],
        .grandparent: [.head: .grandchild, .parent: .child, .grandparent: .spouse, .sibling: .grandchild],
        .sibling: [.head: .sibling, .spouse: .siblingInLaw, .sibling: .sibling, .parent: .parent],
        .childInLaw: [.head: .parentInLaw, .spouse: .parentInLaw, .child: .spouse],
        .parentInLaw: [.head: .childInLaw, .spouse: .child, .child: .grandchild, .parentInLaw: .spouse],
        .siblingInLaw: [.head: .siblingInLaw, .spouse: .sibling],
    ]

    /// The relation in both languages.
    public var label: LocalizedText {
        switch self {
        case .head: LocalizedText(km: "មេគ្រួសារ", en: "Head")
        case .spouse: LocalizedText(km: "ប្តី/ប្រពន្ធ", en: "Spouse")
        case .child: LocalizedText(km: "កូន", en: "Child")
        case .grandchild: LocalizedText(km: "ចៅ", en: "Grandchild")
        case .parent: LocalizedText(km: "ឪពុក/ម្តាយ", en: "Parent")
        case .grandparent: LocalizedText(km: "ជីដូន/ជីតា", en: "Grandparent")
        case .sibling: LocalizedText(km: "បងប្អូន", en: "Brother or sister")
        case .parentInLaw: LocalizedText(km: "ឪពុក/ម្តាយក្មេក", en: "Parent-in-law")
        case .childInLaw: LocalizedText(km: "កូនប្រសា", en: "Child-in-law")
        case .siblingInLaw: LocalizedText(km: "បងប្អូនថ្លៃ", en: "Brother- or sister-in-law")
        case .otherRelative: LocalizedText(km: "ញាតិផ្សេង", en: "Other relative")
        case .notRelated: LocalizedText(km: "មិនមែនញាតិ", en: "Not related")
        }
    }
}
