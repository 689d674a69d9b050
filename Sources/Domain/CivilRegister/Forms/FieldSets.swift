import Kernel

/// Fields that several forms share.
enum FieldSets {
    static let sexes = [
        FieldChoice("1", "ប្រុស", "Male"), FieldChoice("2", "ស្រី", "Female"), FieldChoice("0", "មិនដឹង", "Not known"),
        FieldChoice("9", "មិនអាចកំណត់", "Not applicable"),
    ]
    static let placeKinds = [
        FieldChoice("facility", "មូលដ្ឋានសុខាភិបាល", "Health facility"), FieldChoice("home", "ផ្ទះ", "Home"),
        FieldChoice("other", "កន្លែងផ្សេង", "Other"),
    ]
    static let attendants = [
        FieldChoice("physician", "គ្រូពេទ្យ", "Physician"), FieldChoice("midwife", "ឆ្មប", "Midwife"),
        FieldChoice("nurse", "គិលានុបដ្ឋាក", "Nurse"), FieldChoice("traditional", "ឆ្មបបុរាណ", "Traditional attendant"),
        FieldChoice("none", "គ្មាន", "None"), FieldChoice("unknown", "មិនដឹង", "Not known"),
    ]
    static let nationalities = [
        FieldChoice("undetermined", "មិនទាន់កំណត់", "Undetermined"), FieldChoice("khmer", "ខ្មែរ", "Khmer"),
        FieldChoice("foreign", "បរទេស", "Foreign"), FieldChoice("stateless", "គ្មានសញ្ជាតិ", "Stateless"),
        FieldChoice("refugee", "ជនភៀសខ្លួន", "Refugee"),
    ]
    static let education = [
        FieldChoice("0", "មិនបានចូលរៀន", "None or early childhood"), FieldChoice("1", "បឋមសិក្សា", "Primary"),
        FieldChoice("2", "មធ្យមសិក្សាបឋមភូមិ", "Lower secondary"),
        FieldChoice("3", "មធ្យមសិក្សាទុតិយភូមិ", "Upper secondary"),
        FieldChoice("5", "ឧត្តមសិក្សា", "Tertiary"), FieldChoice("9", "មិនដឹង", "Not known"),
    ]
    static let civilStatus = [
        FieldChoice("single", "នៅលីវ", "Single"), FieldChoice("married", "រៀបការហើយ", "Married"),
        FieldChoice("widowed", "មេម៉ាយ ឬពោះម៉ាយ", "Widowed"), FieldChoice("divorced", "លែងលះ", "Divorced"),
        FieldChoice("separated", "រស់នៅដោយឡែក", "Separated"), FieldChoice("unknown", "មិនដឹង", "Not known"),
    ]
    static let yesNo = [FieldChoice("yes", "បាទ/ចាស", "Yes"), FieldChoice("no", "ទេ", "No")]

    static func names(_ role: ParticipantRole, _ need: Requirement) -> [FieldDefinition] {
        [
            FieldDefinition(role.field("family_km"), .khmerName, "គោត្តនាម", "Family name (Khmer)"),
            FieldDefinition(role.field("given_km"), .khmerName, "នាម", "Given name (Khmer)", need),
            FieldDefinition(role.field("family_latin"), .latinName, "គោត្តនាមឡាតាំង", "Family name (Latin)"),
            FieldDefinition(role.field("given_latin"), .latinName, "នាមឡាតាំង", "Given name (Latin)"),
        ]
    }

    /// A person who may stand in the register already.
    static func person(
        _ role: ParticipantRole, _ need: Requirement, sex: Bool = false, social: Bool = true,
        birthdate: Requirement = .optional
    ) -> [FieldDefinition] {
        var fields = [
            FieldDefinition(
                role.field("person"), .person, "លេខអត្តសញ្ញាណ", "Identification code",
                hint: LocalizedText(
                    km: "១០ ខ្ទង់។ ចុច «បំពេញពីបញ្ជី» ទិន្នន័យផ្សេងត្រូវបំពេញឱ្យ។",
                    en: "Ten digits. \"Fill in from the register\" then fills in the rest."))
        ]
        fields += names(role, need)
        if sex { fields.append(FieldDefinition(role.field("sex"), .choice(sexes), "ភេទ", "Sex", need)) }
        fields += [
            FieldDefinition(role.field("birthdate"), .partialDate, "ថ្ងៃខែឆ្នាំកំណើត", "Date of birth", birthdate),
            FieldDefinition(role.field("nationality"), .choice(nationalities), "សញ្ជាតិ", "Nationality"),
            FieldDefinition(
                role.field("country"), .country, "ប្រទេស", "Country", .when(role.field("nationality"), ["foreign"])),
            FieldDefinition(role.field("residence"), .place(3), "ទីលំនៅ", "Usual residence"),
        ]
        guard social else { return fields }
        return fields + [
            FieldDefinition(role.field("status"), .choice(civilStatus), "ស្ថានភាពគ្រួសារ", "Marital status"),
            FieldDefinition(role.field("education"), .choice(education), "កម្រិតវប្បធម៌", "Education"),
            FieldDefinition(role.field("occupation"), .text(100), "មុខរបរ", "Occupation"),
        ]
    }

    static func informant(_ kind: VitalEventKind) -> FormSection {
        let reporters = (RulePack.cambodia2026.reporters[kind] ?? Reporter.allCases).map {
            FieldChoice($0.rawValue, $0.label.km, $0.label.en)
        }
        return FormSection(
            "informant", "អ្នករាយការណ៍", "Informant",
            [
                FieldDefinition("informant.relation", .choice(reporters), "ត្រូវជា", "Relation", .always),
                FieldDefinition("informant.given_km", .khmerName, "ឈ្មោះ", "Name (Khmer)", .unless("informant.person")),
                FieldDefinition("informant.person", .person, "លេខអត្តសញ្ញាណ", "Identification code"),
                FieldDefinition("informant.phone", .text(20), "ទូរស័ព្ទ (បើមាន)", "Phone, if there is one"),
            ])
    }

    static func court(_ need: Requirement) -> FormSection {
        FormSection(
            "court", "សាលក្រមតុលាការ", "Court decision",
            [
                FieldDefinition("court.name", .text(120), "តុលាការ", "Court", need),
                FieldDefinition("court.number", .text(60), "លេខសាលក្រម", "Number of the decision", need),
                FieldDefinition("court.date", .date, "ថ្ងៃចូលជាស្ថាពរ", "Final on", need),
            ])
    }

    static let legacy = FormSection(
        "legacy", "សៀវភៅចាស់", "Paper book",
        [
            FieldDefinition("legacy.book", .text(30), "លេខសៀវភៅ", "Book"),
            FieldDefinition("legacy.page", .text(20), "ទំព័រ", "Page"),
            FieldDefinition("legacy.number", .text(30), "លេខក្នុងសៀវភៅ", "Number in the book"),
            FieldDefinition("legacy.date", .date, "ថ្ងៃចុះក្នុងសៀវភៅ", "Entered in the book on"),
            FieldDefinition("legacy.image", .text(64), "លេខសម្គាល់រូបស្កេន (SHA-256)", "Digest of the scan (SHA-256)"),
        ])
}
