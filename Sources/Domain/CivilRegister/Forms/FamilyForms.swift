import Kernel

extension EventForm {
    private static func date(_ km: String, _ en: String) -> [FieldDefinition] {
        [
            FieldDefinition("event.date", .date, km, en, .always),
            FieldDefinition("event.place", .place(3), "ទីកន្លែង (ឃុំ/សង្កាត់)", "Place (commune)", .always),
        ]
    }

    static let marriage = EventForm(
        .marriage,
        [
            // Of somebody whom the register knows, its own date of birth counts.
            FormSection(
                "spouse1", "ប្តី", "Husband",
                FieldSets.person(.spouse1, .always, sex: true, birthdate: .unless("spouse1.person"))),
            FormSection(
                "spouse2", "ប្រពន្ធ", "Wife",
                FieldSets.person(.spouse2, .always, sex: true, birthdate: .unless("spouse2.person"))),
            FormSection(
                "event", "អាពាហ៍ពិពាហ៍", "Marriage",
                date("ថ្ងៃប្រកាសអាពាហ៍ពិពាហ៍", "Date of the declaration") + [
                    FieldDefinition("event.notice_date", .date, "ថ្ងៃបិទសេចក្តីប្រកាស", "Notice posted on", .always),
                    FieldDefinition(
                        "event.consent", .choice(FieldSets.yesNo), "ការយល់ព្រមពីឪពុកម្តាយ (អាយុ ១៦-១៧)",
                        "Consent of parents (age 16 or 17)"),
                    FieldDefinition(
                        "event.permission", .text(100), "លិខិតអនុញ្ញាត (ជនបរទេស)", "Permission letter (foreigner)"),
                ]),
            FormSection(
                "witnesses", "សាក្សី", "Witnesses",
                [
                    FieldDefinition("witness1.given_km", .khmerName, "សាក្សីទី១", "First witness", .always),
                    FieldDefinition("witness2.given_km", .khmerName, "សាក្សីទី២", "Second witness", .always),
                ]), FieldSets.court(.optional), FieldSets.informant(.marriage), FieldSets.legacy,
        ])

    static func marriageEnd(_ kind: VitalEventKind) -> EventForm {
        EventForm(
            kind,
            [
                FormSection("spouse1", "ប្តី", "Husband", FieldSets.person(.spouse1, .always)),
                FormSection("spouse2", "ប្រពន្ធ", "Wife", FieldSets.person(.spouse2, .always)),
                FormSection(
                    "event", kind.label.km, kind.label.en,
                    date("ថ្ងៃមានប្រសិទ្ធភាព", "Date of effect") + [
                        FieldDefinition("event.married_on", .partialDate, "ថ្ងៃរៀបការ", "Date of marriage"),
                        FieldDefinition("event.children", .number(0...30), "ចំនួនកូនក្នុងបន្ទុក", "Dependent children"),
                    ]), FieldSets.court(.always), FieldSets.informant(kind),
                FieldSets.legacy,
            ])
    }

    static let adoption = EventForm(
        .adoption,
        [
            FormSection("child", "កូន", "Child", FieldSets.person(.child, .always, sex: true, social: false)),
            FormSection("adopter1", "អ្នកសុំទី១", "First adopter", FieldSets.person(.adopter1, .always, social: false)),
            FormSection("adopter2", "អ្នកសុំទី២", "Second adopter", FieldSets.person(.adopter2, .optional, social: false)),
            FormSection(
                "event", "ការស្មុំកូន", "Adoption",
                date("ថ្ងៃមានប្រសិទ្ធភាព", "Date of effect") + [
                    FieldDefinition(
                        "event.type",
                        .choice([
                            FieldChoice("full", "ស្មុំកូនពេញលេញ", "Full adoption"),
                            FieldChoice("simple", "ស្មុំកូនធម្មតា", "Simple adoption"),
                        ]), "ប្រភេទ", "Type", .always)
                ] + newNames), FieldSets.court(.always), FieldSets.informant(.adoption),
            FieldSets.legacy,
        ])

    static func filiation(_ kind: VitalEventKind) -> EventForm {
        EventForm(
            kind,
            [
                FormSection("child", "កូន", "Child", FieldSets.person(.child, .always, social: false)),
                FormSection(
                    "father", "ឪពុក", "Father",
                    FieldSets.person(
                        .father, kind == .recognition ? .unless("mother.given_km") : .always, social: false)),
                FormSection(
                    "mother", "ម្តាយ", "Mother",
                    FieldSets.person(.mother, kind == .recognition ? .optional : .always, social: false)),
                FormSection("event", kind.label.km, kind.label.en, date("ថ្ងៃខែឆ្នាំ", "Date") + newNames),
                FieldSets.court(.optional), FieldSets.informant(kind), FieldSets.legacy,
            ])
    }

    static func change(_ kind: VitalEventKind) -> EventForm {
        var fields = date("ថ្ងៃមានប្រសិទ្ធភាព", "Date of effect")
        switch kind {
        case .sexCorrection:
            fields.append(FieldDefinition("new.sex", .choice(FieldSets.sexes), "ភេទត្រឹមត្រូវ", "Right sex", .always))
        case .nationalityChange:
            fields += [
                FieldDefinition(
                    "new.nationality", .choice(FieldSets.nationalities), "សញ្ជាតិថ្មី", "New nationality", .always),
                FieldDefinition("new.country", .country, "ប្រទេស", "Country", .when("new.nationality", ["foreign"])),
                FieldDefinition("new.basis", .text(120), "លេខព្រះរាជក្រឹត្យ ឬសេចក្តីសម្រេច", "Number of the decision", .always),
            ]
        default: fields += newNames
        }
        fields.append(FieldDefinition("event.reason", .text(500), "មូលហេតុ", "Reason", .always))
        return EventForm(
            kind,
            [
                FormSection("person", "សាមីខ្លួន", "The person", FieldSets.person(.person, .always, social: false)),
                FormSection("event", kind.label.km, kind.label.en, fields), FieldSets.court(.optional),
                FieldSets.informant(kind), FieldSets.legacy,
            ])
    }

    private static let newNames = [
        FieldDefinition("new.family_km", .khmerName, "គោត្តនាមថ្មី", "New family name (Khmer)"),
        FieldDefinition("new.given_km", .khmerName, "នាមថ្មី", "New given name (Khmer)"),
        FieldDefinition("new.family_latin", .latinName, "គោត្តនាមថ្មីជាឡាតាំង", "New family name (Latin)"),
        FieldDefinition("new.given_latin", .latinName, "នាមថ្មីជាឡាតាំង", "New given name (Latin)"),
    ]
}
