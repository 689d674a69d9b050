import PopulationRegister

/// Common Khmer names with their usual Latin spelling. They are combined at random, so nobody in particular is meant.
/// The order is roughly that of how often a name is met; it is no statistic.
enum SyntheticNames {
    /// A name in both scripts.
    struct Name: Sendable, Hashable {
        let khmer: String
        let latin: String
    }

    static let family = read(familyTable)
    static let male = read(maleTable) + either
    static let female = read(femaleTable) + either
    /// Names that men and women bear alike.
    static let either = read(eitherTable)

    private static func read(_ table: String) -> [Name] {
        table.split(separator: "|").compactMap { entry in
            let parts = entry.split(separator: " ")
            guard parts.count == 2 else { return nil }
            return Name(khmer: String(parts[0]), latin: String(parts[1]))
        }
    }

    private static let familyTable = """
        សុខ Sok | ចាន់ Chan | ជា Chea | លី Ly | ហេង Heng | សេង Seng | ឡុង Long | គឹម Kim | តាន់ Tan | \
        ឈឹម Chhim | ឈុន Chhun | ម៉ៅ Mao | នួន Nuon | អ៊ុក Ouk | អ៊ុំ Um | ប៉ែន Pen | ប៊ុន Bun | \
        ផាន Phan | ព្រំ Prum | រស់ Ros | សោម Som | សំ Sam | សៅ Sao | សេន Sen | ស៊ុន Sun | ទេព Tep | \
        ទូច Touch | វ៉ាន់ Van | វង្ស Vong | យឹម Yim | អ៊ឹម Im | អេង Eng | ឯក Ek | គង់ Kong | កែវ Keo | \
        ខៀវ Khiev | ឃុន Khun | ង៉ែត Nget | ងួន Nguon | ចាប Chap | ជឹម Chim | ឈាង Chheang | \
        ឈួន Chhuon | ញ៉ឹម Nhim | ដួង Duong | ណុប Nop | តូច Toch | ធី Thy | នាង Neang | ប៉ុល Pol | \
        ពេជ្រ Pich | ពៅ Pov | ផល Phal | ម៉ក់ Mak | មាស Meas | មុំ Mom | មឿន Moeun | ម៉ាត់ Mat | \
        ស្លេះ Sles | អ៊ុស្មាន Osman
        """

    private static let maleTable = """
        សុវណ្ណ Sovann | សុវណ្ណារិទ្ធ Sovannarith | រតនៈ Ratanak | វិបុល Vibol | វុទ្ធី Vuthy | \
        វុទ្ធ Vuth | វិជ្ជា Vichea | វិចិត្រ Vichet | វីរៈ Virak | វីរៈបុត្រ Virakboth | \
        ពិសិដ្ឋ Piseth | ពិរុណ Pirun | ពិដោរ Pidor | សំណាង Samnang | សារ៉ាត់ Sarath | សារិទ្ធ Sarith | \
        សារឿន Saroeun | សុផាត Sophat | សុជាតិ Socheat | សុរិយា Soriya | សុវត្ថិ Sovath | \
        សុខុម Sokhom | សុខហេង Sokheng | សុខជា Sokchea | ធារ៉ា Theara | ចាន់ដារ៉ា Chandara | \
        ម៉ានិត Manith | សីហា Seyha | បញ្ញា Panha | បូរី Borey | មុនី Mony | មុនីរ័ត្ន Moniroth | \
        មុន្នី Mony | រិទ្ធី Rithy | ឬទ្ធី Rithy | រិទ្ធ Rith | គឹមហេង Kimheng | គឹមសាន Kimsan | \
        ឈុនលី Chhunly | ប៊ុនធឿន Bunthoeun | ប៊ុនរិទ្ធ Bunrith | ប៊ុនលី Bunly | ប៊ុនណា Bunna | \
        ភារុណ Phearun | ភក្តី Pheakdey | កុសល Kosal | គង់គា Kongkea | វណ្ណៈ Vannak
        """

    private static let femaleTable = """
        សុវណ្ណា Sovanna | បុប្ផា Bopha | បូផា Bopha | ចន្ទា Chanthea | ចន្ទ្រា Chantrea | \
        ចន្ទី Chanthy | រ័ត្នា Ratha | ពិសី Pisey | សុជាតា Socheata | សុធារី Sotheary | \
        សុគន្ធា Sokunthea | គន្ធា Kunthea | សុម៉ាលី Somaly | សុខនី Sokny | ចិន្តា Chenda | \
        ធារី Theary | ធីតា Thida | នារី Neary | ចាន់នារី Channary | ស្រីមុំ Sreymom | \
        ស្រីនាង Sreyneang | ស្រីពៅ Sreypov | ស្រីលក្ខណ៍ Sreyleak | ស្រីនិច Sreynich | \
        ស្រីរ័ត្ន Sreyroth | ស្រីតូច Sreytouch | ស្រីណា Sreyna | ស្រីណេត Sreynet | ស្រីដា Sreyda | \
        ម៉ាលី Maly | លក្ខិណា Leakhena | លីណា Lina | លីដា Lida | មីនា Mina | កញ្ញា Kanha | \
        វិច្ឆិកា Vicheka | គឹមលី Kimly | ហុងលី Hongly | ភារម្យ Phearom | វណ្ណនី Vanny | \
        រស្មី Reaksmey | រំដួល Rumduol | ចរិយា Chariya | ទេវី Tevy | ទេពី Tepy | ផល្លា Phalla | \
        ផល្លី Phally | ណារី Nary
        """

    private static let eitherTable = """
        សុខា Sokha | សុភា Sophea | សុភាព Sopheap | ដារ៉ា Dara | ចាន់ថា Chantha | រតនា Ratana | \
        សុភ័ក្ត្រ Sopheaktra | សុភ័ក្រ Sopheak | សុផល Sophal | សុធា Sothea | សុគន្ធ Sokun | \
        សុខលី Sokly | ចាន់ណា Channa | ចាន់ធូ Chanthou | ម៉ារ៉ា Mara | មករា Makara | មេសា Mesa | \
        ឧសភា Ousaphea | មិថុនា Mithona | កក្កដា Kakada | វណ្ណា Vanna | ហេងលី Hengly | សោភ័ណ Sophorn
        """
}

/// Names of invented foreigners. Some have a Khmer spelling in their papers and some do not.
enum ForeignNames {
    struct Person: Sendable {
        let country: String
        let sex: Sex
        let khmer: NameParts?
        let latin: NameParts
    }

    static let all: [Person] = [
        person("VNM", .male, "ង្វៀន", "វ៉ាន់មិញ", "Nguyen", "Van Minh"),
        person("VNM", .female, "ត្រឹន", "ធីឡាន", "Tran", "Thi Lan"),
        person("VNM", .female, "ឡេ", "ធីហ័រ", "Le", "Thi Hoa"), person("CHN", .male, nil, nil, "Wang", "Wei"),
        person("CHN", .female, "លី", "ណា", "Li", "Na"), person("CHN", .male, nil, nil, "Zhang", "Min"),
        person("THA", .male, nil, nil, "Jaidee", "Somchai"), person("THA", .female, "ស្រីសៃ", "ម៉ាលី", "Srisai", "Malee"),
        person("KOR", .female, nil, nil, "Kim", "Jiwoo"), person("KOR", .male, nil, nil, "Park", "Minjun"),
        person("FRA", .female, nil, nil, "Martin", "Claire"), person("JPN", .male, nil, nil, "Sato", "Haruki"),
        person("PHL", .female, nil, nil, "Santos", "Maria"), person("IND", .male, nil, nil, "Kumar", "Arjun"),
    ]

    private static func person(
        _ country: String, _ sex: Sex, _ familyKhmer: String?, _ givenKhmer: String?, _ family: String, _ given: String
    ) -> Person {
        let khmer = familyKhmer.flatMap { family in givenKhmer.map { NameParts(family: family, given: $0) } }
        return Person(country: country, sex: sex, khmer: khmer, latin: NameParts(family: family, given: given))
    }
}
