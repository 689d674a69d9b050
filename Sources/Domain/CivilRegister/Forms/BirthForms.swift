import Kernel

extension EventForm {
    private static let multiplicity = [
        FieldChoice("1", "តែមួយ", "Single"), FieldChoice("2", "ភ្លោះពីរ", "Twin"),
        FieldChoice("3", "ភ្លោះបី ឬច្រើនជាង", "Triplet or more"),
    ]

    /// - Parameter what: the event as it stands after "date of" and "place of".
    private static func event(_ what: LocalizedText, _ place: Requirement = .always) -> [FieldDefinition] {
        [
            FieldDefinition("event.date", .date, "ថ្ងៃខែឆ្នាំ\(what.km)", "Date of \(what.en)", .always),
            FieldDefinition("event.time", .time, "ម៉ោង", "Time"),
            FieldDefinition("event.lunar", .text(120), "ថ្ងៃខែតាមចន្ទគតិ", "Lunar date"),
            FieldDefinition("event.place", .place(3), "ទីកន្លែង\(what.km)", "Place of \(what.en)", place),
            FieldDefinition("event.place_kind", .choice(FieldSets.placeKinds), "ប្រភេទទីកន្លែង", "Kind of place"),
            FieldDefinition(
                "event.facility", .text(120), "ឈ្មោះមូលដ្ឋានសុខាភិបាល", "Health facility",
                .when("event.place_kind", ["facility"])),
        ]
    }

    private static let late = FieldDefinition(
        "event.late_reason", .text(300), "មូលហេតុនៃការយឺត", "Reason for being late")

    static let birth = EventForm(
        .birth,
        [
            FormSection(
                "child", "កូន", "Child",
                FieldSets.names(.child, .always) + [
                    FieldDefinition("child.sex", .choice(FieldSets.sexes), "ភេទ", "Sex", .always),
                    FieldDefinition("child.weight", .number(200...9_000), "ទម្ងន់ (ក្រាម)", "Weight (g)"),
                    FieldDefinition("child.multiplicity", .choice(multiplicity), "កំណើតតែមួយ ឬភ្លោះ", "Single or multiple"),
                    FieldDefinition("child.nationality", .choice(FieldSets.nationalities), "សញ្ជាតិ", "Nationality"),
                    FieldDefinition(
                        "child.country", .country, "ប្រទេស", "Country", .when("child.nationality", ["foreign"])),
                ]),
            FormSection(
                "event", "កំណើត", "Birth",
                event(LocalizedText(km: "កំណើត", en: "birth")) + [
                    FieldDefinition("event.attendant", .choice(FieldSets.attendants), "អ្នកសម្រាល", "Attendant at birth"),
                    FieldDefinition("event.gestation", .number(16...46), "អាយុគភ៌ (សប្តាហ៍)", "Weeks of pregnancy"), late,
                ]),
            FormSection(
                "mother", "ម្តាយ", "Mother",
                [unknown(.mother)] + FieldSets.person(.mother, .unless("mother.unknown")) + [
                    FieldDefinition(
                        "mother.children_born", .number(0...30), "ចំនួនកូនកើតរស់រហូតមក", "Children born alive so far"),
                    FieldDefinition("mother.last_birth", .partialDate, "ថ្ងៃកំណើតកូនមុន", "Date of the previous birth"),
                    FieldDefinition("mother.married_on", .partialDate, "ថ្ងៃរៀបការ", "Date of marriage"),
                ]),
            FormSection(
                "father", "ឪពុក", "Father",
                [unknown(.father)] + FieldSets.person(.father, .unless("father.unknown"))),
            FieldSets.informant(.birth), FieldSets.legacy,
        ])

    static let foundling = EventForm(
        .foundling,
        [
            FormSection(
                "child", "កុមារ", "Child",
                FieldSets.names(.child, .always) + [
                    FieldDefinition("child.sex", .choice(FieldSets.sexes), "ភេទ", "Sex", .always),
                    FieldDefinition("child.birthdate", .partialDate, "ថ្ងៃកំណើតប៉ាន់ស្មាន", "Estimated date of birth", .always),
                    FieldDefinition("child.nationality", .choice(FieldSets.nationalities), "សញ្ជាតិ", "Nationality"),
                    FieldDefinition(
                        "child.country", .country, "ប្រទេស", "Country", .when("child.nationality", ["foreign"])),
                    FieldDefinition("child.residence", .place(3), "ទីលំនៅ", "Usual residence"),
                ]),
            FormSection(
                "event", "ការរើសបាន", "Finding",
                event(LocalizedText(km: "រើសបាន", en: "finding")) + [
                    FieldDefinition(
                        "event.circumstances", .text(1_000), "កាលៈទេសៈ សម្លៀកបំពាក់ និងវត្ថុ", "Circumstances, clothes, objects",
                        .always),
                    late,
                ]), FieldSets.informant(.foundling), FieldSets.legacy,
        ])

    static let foetalDeath = EventForm(
        .foetalDeath,
        [
            FormSection(
                "event", "ព្រឹត្តិការណ៍", "Event",
                event(LocalizedText(km: "កើតហេតុ", en: "the event")) + [
                    FieldDefinition("event.gestation", .number(16...46), "អាយុគភ៌ (សប្តាហ៍)", "Weeks of pregnancy", .always),
                    FieldDefinition("event.attendant", .choice(FieldSets.attendants), "អ្នកសម្រាល", "Attendant"),
                    FieldDefinition("child.sex", .choice(FieldSets.sexes), "ភេទ", "Sex"),
                    FieldDefinition("child.weight", .number(100...9_000), "ទម្ងន់ (ក្រាម)", "Weight (g)"),
                    FieldDefinition("child.multiplicity", .choice(multiplicity), "តែមួយ ឬភ្លោះ", "Single or multiple"), late,
                ]),
            FormSection("mother", "ម្តាយ", "Mother", FieldSets.person(.mother, .always)),
            FormSection(
                "father", "ឪពុក", "Father", FieldSets.person(.father, .optional)), FieldSets.informant(.foetalDeath),
            FieldSets.legacy,
        ])

    static func death(_ kind: VitalEventKind) -> EventForm {
        var sections = [
            FormSection(
                "deceased", "អ្នកស្លាប់", "Deceased", FieldSets.person(.deceased, .always, sex: true)),
            FormSection(
                "event", "មរណភាព", "Death",
                event(LocalizedText(km: "មរណភាព", en: "death"), kind == .presumedDeath ? .optional : .always) + [
                    FieldDefinition(
                        "event.manner",
                        .choice([
                            FieldChoice("natural", "ជំងឺ ឬចាស់ជរា", "Natural"), FieldChoice("accident", "គ្រោះថ្នាក់", "Accident"),
                            FieldChoice("suicide", "អត្តឃាត", "Suicide"), FieldChoice("homicide", "ឃាតកម្ម", "Homicide"),
                            FieldChoice("unknown", "មិនដឹង", "Not known"),
                        ]), "លក្ខណៈនៃការស្លាប់", "Manner of death"),
                    FieldDefinition("event.attended", .choice(FieldSets.yesNo), "មានគ្រូពេទ្យមើលថែ", "Medically attended"),
                    late,
                ]),
        ]
        if kind == .presumedDeath { sections.append(FieldSets.court(.always)) }
        return EventForm(kind, sections + [FieldSets.informant(kind), FieldSets.legacy])
    }

    static func unknown(_ role: ParticipantRole) -> FieldDefinition {
        FieldDefinition(
            role.field("unknown"),
            .choice([FieldChoice("unknown", "មិនស្គាល់ ឬមិនបញ្ជាក់", "Not known or not stated")]),
            "ស្គាល់\(role.label.km)ឬទេ", "Is the \(role.label.en.lowercased()) known?")
    }
}
