import Kernel
import PopulationRegister

/// The fields of the international form of medical certificate of cause of death (World Health Organization, 2016 version;
/// ICD-11 Reference Guide 2.19): what led to a death, in the order of the paper.
public enum MedicalForm {
    /// The lines of part I: the immediate cause first, what it was due to below.
    public static let lines = ["a", "b", "c", "d"]

    /// Whom the certificate is about, as far as it decides what is asked.
    public struct Subject: Sendable, Hashable {
        /// Whether questions about a pregnancy are asked: of women from 10 to 59, and where sex or age is not known.
        public let mayHaveBeenPregnant: Bool
        /// Whether questions about a birth are asked: of children under a year, and where the age is not known.
        public let isInfant: Bool

        init(_ declaration: Declaration) {
            let died = declaration.occurredOn
            let born = declaration[.deceased, "birthdate"].flatMap { PartialDate(iso: $0) }
            var ages: ClosedRange<Int>?
            if let died, let born, born.earliest <= died.latest {
                let youngest = born.latest <= died.earliest ? born.latest.age(on: died.earliest) : 0
                ages = youngest...max(youngest, born.earliest.age(on: died.latest))
            }
            let isMale = declaration[.deceased, "sex"] == "1"
            mayHaveBeenPregnant = !isMale && (ages.map { $0.overlaps(10...59) } ?? true)
            isInfant = ages.map { $0.lowerBound < 1 } ?? true
        }
    }

    /// The form for somebody.
    public static func form(for subject: Subject) -> EventForm {
        var sections = [first, second, manner]
        if subject.mayHaveBeenPregnant { sections.append(pregnancy) }
        if subject.isInfant { sections.append(infancy) }
        return EventForm(.death, sections + [procedures, certifier])
    }

    /// Every field that some form has.
    public static let fields = [first, second, manner, pregnancy, infancy, procedures, certifier].flatMap(\.fields)

    static let answers = FieldSets.yesNo + [FieldChoice("unknown", "មិនដឹង", "Not known")]
    /// Answers to the manner of death that leave an injury or poisoning to be described.
    static let external = ["accident", "intentionalSelfHarm", "assault", "legalIntervention", "war"]

    private static let intervalHint = LocalizedText(
        km: "ចំនួន និងឯកតា៖ ៣ ថ្ងៃ ២ ម៉ោង ឬ ? បើមិនដឹង", en: "A number and a unit: 3 days, 2 h; ? if not known")
    private static let codeHint = LocalizedText(km: "ឧទាហរណ៍ I21.9 ឬ BA41.0", en: "Such as I21.9 or BA41.0")

    private static let first = FormSection(
        "part1", "ផ្នែកទី១៖ ជំងឺ ឬស្ថានភាពដែលនាំទៅរកមរណភាព", "Part I: the chain of conditions that led to death",
        lines.flatMap { line in
            let letter = line.uppercased()
            let isFirst = line == "a"
            return [
                FieldDefinition(
                    "cause.\(line).condition", .text(200),
                    isFirst ? "ក៖ មូលហេតុផ្ទាល់" : "\(khmer[line] ?? line)៖ បណ្តាលមកពី",
                    isFirst ? "\(letter): immediate cause" : "\(letter): due to", isFirst ? .always : .optional),
                FieldDefinition(
                    "cause.\(line).interval", .text(40), "រយៈពេល (\(khmer[line] ?? line))", "Interval (\(letter))",
                    hint: isFirst ? intervalHint : nil),
                FieldDefinition(
                    "cause.\(line).code", .text(40), "កូដ ICD (\(khmer[line] ?? line))", "ICD code (\(letter))",
                    hint: isFirst ? codeHint : nil),
            ]
        })

    private static let khmer = ["a": "ក", "b": "ខ", "c": "គ", "d": "ឃ"]

    private static let second = FormSection(
        "part2", "ផ្នែកទី២៖ ស្ថានភាពផ្សេងទៀតដែលរួមចំណែក", "Part II: other conditions that contributed",
        [
            FieldDefinition("cause.other.condition", .text(500), "ស្ថានភាព និងរយៈពេល", "Conditions, with their intervals"),
            FieldDefinition(
                "cause.other.codes", .text(120), "កូដ ICD", "ICD codes",
                hint: LocalizedText(km: "បើមានច្រើន ដាក់សញ្ញាក្បៀសពីមួយទៅមួយ", en: "Several with commas between")),
            FieldDefinition(
                "cause.underlying", .text(40), "កូដ ICD នៃមូលហេតុដើម", "ICD code of the underlying cause",
                hint: LocalizedText(
                    km: "បើទទេ យកកូដនៃបន្ទាត់ក្រោមគេក្នុងផ្នែកទី១។ ស្ថិតិរាប់តាមកូដនេះ។",
                    en: "Left empty, the code of the lowest line of part I. Statistics count this one.")),
        ])

    private static let manner = FormSection(
        "manner", "លក្ខណៈនៃការស្លាប់", "Manner of death",
        [
            FieldDefinition(
                "manner.kind",
                .choice([
                    FieldChoice("disease", "ជំងឺ", "Disease"), FieldChoice("accident", "គ្រោះថ្នាក់", "Accident"),
                    FieldChoice("intentionalSelfHarm", "ធ្វើបាបខ្លួនដោយចេតនា", "Intentional self-harm"),
                    FieldChoice("assault", "ការវាយប្រហារ", "Assault"),
                    FieldChoice("legalIntervention", "អន្តរាគមន៍តាមច្បាប់", "Legal intervention"),
                    FieldChoice("war", "សង្គ្រាម", "War"),
                    FieldChoice("undetermined", "មិនអាចកំណត់បាន", "Could not be determined"),
                    FieldChoice("pending", "កំពុងស៊ើបអង្កេត", "Pending investigation"),
                    FieldChoice("unknown", "មិនដឹង", "Unknown"),
                ]), "លក្ខណៈ", "Manner", .always),
            FieldDefinition(
                "injury.date", .partialDate, "ថ្ងៃរបួស ឬពុល", "Date of the injury or poisoning"),
            FieldDefinition(
                "injury.how", .text(500), "កើតឡើងដូចម្តេច (បើពុល សរសេរឈ្មោះសារធាតុ)",
                "How it happened (of a poisoning, the substance)", .when("manner.kind", external)),
            FieldDefinition(
                "injury.place",
                .choice([
                    FieldChoice("home", "ផ្ទះ", "At home"),
                    FieldChoice("residential", "គ្រឹះស្ថានស្នាក់នៅ", "Residential institution"),
                    FieldChoice(
                        "school", "សាលា គ្រឹះស្ថាន កន្លែងរដ្ឋបាល", "School, other institution, public administration area"),
                    FieldChoice("sports", "ទីលានកីឡា", "Sports and athletics area"),
                    FieldChoice("street", "ផ្លូវ", "Street and highway"),
                    FieldChoice("trade", "កន្លែងជំនួញ និងសេវា", "Trade and service area"),
                    FieldChoice("industry", "រោងចក្រ និងសំណង់", "Industrial and construction area"),
                    FieldChoice("farm", "កសិដ្ឋាន", "Farm"), FieldChoice("other", "កន្លែងផ្សេង", "Other place"),
                    FieldChoice("unknown", "មិនដឹង", "Unknown"),
                ]), "កន្លែងកើតហេតុ", "Place of the external cause"),
        ])

    private static let pregnancy = FormSection(
        "pregnancy", "ការមានគភ៌", "Pregnancy",
        [
            FieldDefinition(
                "pregnancy.was",
                .choice([
                    FieldChoice("no", "មិនមានគភ៌", "Not pregnant"),
                    FieldChoice("atDeath", "មានគភ៌នៅពេលស្លាប់", "At the time of death"),
                    FieldChoice("within42Days", "ក្នុង ៤២ ថ្ងៃមុនស្លាប់", "Within 42 days before the death"),
                    FieldChoice("withinYear", "ពី ៤៣ ថ្ងៃ ដល់ ១ ឆ្នាំមុនស្លាប់", "Between 43 days and 1 year before the death"),
                    FieldChoice("unknown", "មិនដឹង", "Not known"),
                ]), "មានគភ៌ក្នុងឆ្នាំមុនស្លាប់", "Pregnant within the year before death", .always),
            FieldDefinition(
                "pregnancy.contributed", .choice(answers), "គភ៌រួមចំណែកដល់មរណភាព", "The pregnancy contributed to the death",
                .when("pregnancy.was", ["atDeath", "within42Days", "withinYear"])),
        ])

    private static let infancy = FormSection(
        "infancy", "ទារកក្រោម ១ ឆ្នាំ", "Child under a year",
        [
            FieldDefinition("infant.multiple", .choice(answers), "កំណើតភ្លោះ", "Multiple pregnancy"),
            FieldDefinition("infant.hours", .number(0...23), "ចំនួនម៉ោងរស់ (បើក្រោម ២៤)", "Hours survived, if under 24"),
            FieldDefinition("infant.weight", .number(100...9_000), "ទម្ងន់ពេលកើត (ក្រាម)", "Birth weight (g)"),
            FieldDefinition("infant.weeks", .number(16...46), "អាយុគភ៌ (សប្តាហ៍ពេញ)", "Completed weeks of pregnancy"),
            FieldDefinition("infant.mother_age", .number(10...65), "អាយុម្តាយ (ឆ្នាំ)", "Age of the mother (years)"),
            FieldDefinition(
                "infant.mother_conditions", .text(300), "ជំងឺម្តាយដែលប៉ះពាល់ទារក",
                "Conditions of the mother that affected the child"),
        ])

    private static let procedures = FormSection(
        "procedures", "ការវះកាត់ និងការវះពិនិត្យសព", "Surgery and autopsy",
        [
            FieldDefinition(
                "surgery.was", .choice(answers), "វះកាត់ក្នុង ៤ សប្តាហ៍មុនស្លាប់", "Surgery within the last 4 weeks"),
            FieldDefinition("surgery.date", .partialDate, "ថ្ងៃវះកាត់", "Date of the surgery"),
            FieldDefinition(
                "surgery.reason", .text(200), "មូលហេតុវះកាត់", "Reason for the surgery (disease or condition)",
                .when("surgery.was", ["yes"])),
            FieldDefinition("autopsy.was", .choice(answers), "បានស្នើវះពិនិត្យសព", "Autopsy requested"),
            FieldDefinition(
                "autopsy.used", .choice(answers), "បានប្រើលទ្ធផលវះពិនិត្យ", "Findings of the autopsy used",
                .when("autopsy.was", ["yes"])),
        ])

    private static let certifier = FormSection(
        "certifier", "អ្នកបញ្ជាក់", "Certifier",
        [
            FieldDefinition("certifier.name", .text(100), "ឈ្មោះគ្រូពេទ្យ", "Name of the physician", .always),
            FieldDefinition("certifier.licence", .text(40), "លេខអាជ្ញាប័ណ្ណ", "Licence number"),
            FieldDefinition("certifier.facility", .text(120), "មូលដ្ឋានសុខាភិបាល", "Health facility"),
            FieldDefinition("certifier.date", .date, "ថ្ងៃបញ្ជាក់", "Certified on", .always),
        ])
}
