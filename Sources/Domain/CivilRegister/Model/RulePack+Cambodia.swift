import Kernel

extension RulePack {
    /// Cambodia since March 2026. What only others report of the law, and what is assumed where the law could not be
    /// read, stands in ``sources``.
    public static let cambodia2026 = RulePack(
        id: "kh-2026-03", validFrom: CalendarDate(daysSinceEpoch: 20_531),  // 19 March 2026

        deadlineDays: [.birth: 30, .foundling: 30, .foetalDeath: 30, .death: 15, .presumedDeath: 15],
        lateApprovalDays: [.birth: 365, .foundling: 365, .death: 365],
        verifiedKinds: [.birth, .foundling], marriageNoticeDays: 10, marriageAge: 18, marriageAgeWithConsent: 16,
        remarriageDays: 120, parentAgeDifference: 12, adopterAgeDifference: 20, birthSpacingDays: 210,
        motherAge: 12...55, reporters: reporters2026, clericalFields: clerical2026,
        feesRiel: ["certificate.first": 0, "certificate.copy": 5_000], statisticsThreshold: 5,
        sources: [
            Source(
                rule: "birth 30 days, death 15 days", reference: "Prakas 3068 MoI of 19 March 2026 (secondary source)",
                isConfirmed: false),
            Source(
                rule: "births are verified at the district before the commune registers",
                reference: "crvslaws.org, Cambodia, local civil registrations", isConfirmed: false),
            Source(
                rule: "marriage age 18, or 16 with consent; 120 days", reference: "Civil Code, art. 948 ff.",
                isConfirmed: false),
            Source(rule: "marriage notice 10 days", reference: "Civil Code, marriage formalities", isConfirmed: false),
            Source(
                rule:
                    "corrections without a court: misspelt names, sex, date of birth, lunar date, age gap with parents",
                reference: "MoI directive of 7 March 2024 (press)", isConfirmed: false),
            Source(
                rule: "order of reporters", reference: "assumed: Prakas 3068 arts. 18 and 38 were not at hand",
                isConfirmed: false),
            Source(
                rule: "no published number of events from 1 to 4", reference: "assumed: no text at hand",
                isConfirmed: false),
            Source(
                rule: "approval of the province after 365 days; ages of parents; spacing of births; fees",
                reference: "assumed: no text at hand", isConfirmed: false),
        ])

    private static let reporters2026: [VitalEventKind: [Reporter]] = [
        .birth: [.mother, .father, .grandparent, .guardian, .relative, .healthFacility, .villageChief],
        .foundling: [.finder, .authority, .villageChief, .healthFacility],
        .foetalDeath: [.mother, .father, .healthFacility, .relative, .villageChief],
        .death: [
            .spouse, .child, .father, .mother, .relative, .householdHead, .healthFacility, .villageChief, .authority,
        ],
        .presumedDeath: [.spouse, .child, .relative, .court],
        .marriage: [.parties],
        .divorce: [.parties, .spouse, .court],
        .annulment: [.parties, .spouse, .court],
        .judicialSeparation: [.parties, .spouse, .court],
        .adoption: [.guardian, .court, .authority],
        .recognition: [.father, .mother],
        .legitimation: [.father, .mother, .court],
        .nameChange: [.person, .guardian, .father, .mother],
        .sexCorrection: [.person, .guardian, .father, .mother],
        .nationalityChange: [.person, .guardian, .authority],
    ]

    private static let clerical2026: Set<String> = {
        var fields: Set<String> = ["event.lunar"]
        for role in ParticipantRole.allCases {
            for name in ["family_km", "given_km", "family_latin", "given_latin", "sex", "birthdate", "lunar"] {
                fields.insert(role.field(name))
            }
        }
        return fields
    }()
}
