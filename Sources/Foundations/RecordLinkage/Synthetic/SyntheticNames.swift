/// Names of an invented people: a Khmer spelling and the Latin spellings that are met for it, the usual one first. Put
/// together at random, so nobody in particular is meant. The order is roughly that of how common a name is; it is no
/// statistic.
public enum SyntheticNames {
    /// A name in Khmer letters with its Latin spellings.
    public struct Name: Sendable {
        public let khmer: String
        /// One to four spellings, the usual one first.
        public let latin: [String]
    }

    /// Family names.
    public static let family = read(familyTable)
    /// Given names of men.
    public static let male = read(maleTable)
    /// Given names of women.
    public static let female = read(femaleTable)
    /// Given names of men and women alike.
    public static let either = read(eitherTable)
    /// First elements of given names of two elements, for men, women and both.
    static let maleFirst = read("ប៊ុន Bun Boun | ហេង Heng | វ៉ាន់ Van Vann | សារ៉េត Sareth | មុនី Mony Muny")
    static let femaleFirst = read("ស្រី Srey Srei Sry | ម៉ី Mey Mei | ពេជ្រ Pich Pech | លក្ខ Leak")
    static let eitherFirst = read(
        "សុខ Sok Sokh | ចាន់ Chan Chann | គឹម Kim Kem | លី Ly Li | សុវណ្ណ Sovann Sovan | រតន Ratana Rattana | មុន្នី Monny Mony")
    /// Second elements.
    static let second = read(secondTable)

    private static func read(_ table: String) -> [Name] {
        table.utf8.split(separator: UInt8(ascii: "|")).compactMap { entry in
            let words = entry.split(whereSeparator: { $0 == 0x20 || $0 == 0x0A })
                .map { String(decoding: $0, as: UTF8.self) }
            guard let khmer = words.first, words.count > 1 else { return nil }
            return Name(khmer: khmer, latin: Array(words.dropFirst()))
        }
    }

    private static let familyTable = """
        សុខ Sok Sokh Sock | ចាន់ Chan Chann | គឹម Kim Kem | ជា Chea Jea | លី Ly Li Lee | ហេង Heng Haeng |
        ឡុង Long Lung | តាន់ Tan Tann | កែវ Keo Keov Kev | សេង Seng Saeng | ម៉ៅ Mao Mau | នួន Nuon Noun |
        ព្រំ Prum Prom Proum | ជឹម Chim Chem | ឈិន Chhin Chin | សំ Sam Som | ហ៊ុន Hun Houn | ឃឹម Khim Khem |
        អ៊ុក Ouk Uk | ទេព Tep | វង្ស Vong Vongs Wong | មាស Meas Mies | ប៉ែន Pen Paen | ឈឹម Chhim Chhem |
        យឹម Yim Yem | គង់ Kong Kung | លឹម Lim Lem | ប៊ុន Bun Boun | អ៊ុំ Um Oum | រស់ Ros Ruos |
        ស៊ឹម Sim Sem | ខៀវ Khiev Khieu | នាង Neang Nieng | ឈាង Chheang Chhieng | ម៉ក់ Mak Mok | ឌុក Duk Douk |
        ទូច Touch Tuch | តូច Toch Touch | ពៅ Pov Peou | ឯក Ek Aek | អ៊ិន In Inn | យិន Yin Yinn | សៅ Sao Sau |
        ឆាយ Chhay Chhai | ភួង Phuong Phoung | ឡាយ Lay Lai | ហួត Huot Hout | សួស Suos Sous | ឃុន Khun Khoun |
        ទិត្យ Tith Tit | អាន An Ann | ណុប Nop Nob | ជុំ Chum Choum | ធី Thy Thi | ងួន Nguon Ngoun | វ៉ា Va Var |
        ឱម Om Aom | ប្រាក់ Prak | ហាក់ Hak Hack | ផាន់ Phan Phann | ញ៉ឹម Nhim Nhem | ដួង Duong Doung | មុំ Mom Mum |
        សាន San Sann | ពេជ្រ Pich Pech Pichr | ឈុន Chhun Chhoun | អៀង Ieng Eang | គួច Kuoch Kouch | ស្វាយ Svay Swai |
        ចេង Cheng Chheng | ម៉ែន Men Maen | ប៉ុល Pol Pal | យ៉ុង Yong Young | ខាត់ Khat Khath | រ៉េត Reth Ret |
        ធូ Thou Thu | ប៉ាន់ Pan Pann | សឿន Soeun Sern Soeurn | ត្រឹង Troeung Treung | ម៉ាត់ Mat Math |
        ស្លេះ Sles Sleh | យូសុះ Yusos Yousos | អាលី Aly Ali | ង្វៀន Nguyen Ngvien | ត្រឹន Tran
        """

    private static let maleTable = """
        វិចិត្រ Vichet Vicheth Vichit | រដ្ឋា Ratha Rotha | វុទ្ធី Vuthy Vuthi Vouthy | សំណាង Samnang Somnang |
        ពិសិដ្ឋ Piseth Piset Pisith | សុវណ្ណ Sovann Sovan Suvann | វិបុល Vibol Vibul Wibol | បូរី Borey Bory |
        រិទ្ធី Rithy Rithi Ritthy | វាសនា Veasna Vasna | កុសល Kosal Kusal | វិជ្ជា Vichea Vichhea | សុផាត Sophat Sophath |
        ឧត្តម Oudom Udom | សុជាតិ Socheat Sochet | ពន្លឺ Ponleu Punleu | សីហា Seyha Siha | វីរៈ Virak Vireak |
        សារ៉ាត់ Sarath Sarat | ម៉ានិត Manith Manit | បញ្ញា Panha Panhha Pagna | ណារិន Narin Naren | វណ្ណៈ Vannak Vanak |
        ចាន់ដារ៉ា Chandara Chan-Dara | សុវត្ថិ Sovath Sovat | រតនៈ Ratanak Rattanak Rotanak | សម្បត្តិ Sambath Sambat |
        ភក្តី Pheakdey Phakdey | វិសាល Visal Visall | មុនី Mony Muni | ពិរុណ Pirun Pirunn | សេរី Serey Sery Serei |
        គង់គា Kongkea Kong-Kea | វឌ្ឍនា Vathana Vatthana Wathana | អរុណ Arun Aroun | ធារ៉ា Theara Thera |
        សុភ័ក្រ Sopheak Sophak | សិទ្ធិ Sith Sitthi | ពុទ្ធី Puthy Putthy | រាជ Reach Rach | សារិទ្ធ Sarith Sarit |
        សុខុម Sokhom Sokom | ណារ៉ុង Narong Narung | សុរិយា Soriya Suriya | ជីវ័ន្ត Chivorn Chivoan | លាភ Leap Liep |
        ហួរ Hour Huor | ទិត្យា Titya Tithya | រស្មី Reaksmey Raksmey | វិសុទ្ធ Visoth Visot | ជ័យ Chey Chei |
        សុបិន Soben Sobin | មករា Makara Mokara | ដេត Det Deth | សុផុន Sophon Sophun | ឆៃយ៉ា Chhaiya Chaiya |
        បុរេ Bore Bory | ពៅលីន Povlin Peoulin | អនុជា Anuchea Anouchea | សន្តិភាព Santepheap Santipheap |
        សាមុត Samuth Samut | ខេមរា Khemra Khemara | ខេមរៈ Khemrak Khemarak | វិទូ Vitou Vitu | ចំរើន Chamroeun Chomroeun |
        ចម្រុង Chamrong Chomrong | ធឿន Thoeun Theun | សារឿន Saroeun Sareun | ភារុណ Phearun Pherun |
        មន្ត្រី Montrey Muntrey | សុធារិទ្ធ Sothearith Sothearit | កំសាន្ត Komsan Kamsan | តារា Tara Darra |
        វីរបុត្រ Virakbot Vireakboth | ប៉ូលីន Polin Polen | សាវុធ Savuth Savut | អេងហុង Enghong Eng-Hong |
        ហ៊ុយ Huy Houy | ណាក់ Nak Nack | ឡេង Leng Laeng | សុវុទ្ធ Sovuth Sowuth | ធីរិទ្ធ Thyrith Thirith |
        វណ្ណឌី Vandy Vanndy | រិទ្ធិសាក់ Rithysak Ritthisak | កែវមុនី Keomony Kevmony | បញ្ញារិទ្ធ Panharith Panhharith |
        មនោ Mono Mano | ស៊ីណា Sina Syna | ភារិទ្ធ Phearith Phearit
        """

    private static let femaleTable = """
        ចន្ទា Chanthea Chantha Chandea | បុប្ផា Bopha Boppha | ម៉ាលី Maly Mali | ធីតា Thida Tida | កញ្ញា Kanha Kagna |
        នារី Neary Nary | ពិសី Pisey Pisei | ចិន្តា Chenda Chinda | ចរិយា Chariya Chakriya | សុជាតា Socheata Socheta |
        ទេវី Tevy Tevi Devy | រចនា Rachana Rochana | ចាន់នារី Channary Chan-Neary | សុធារី Sotheary Sothary |
        ផល្លា Phalla Phala | លក្ខិណា Leakhena Lakhena | វណ្ណនី Vanny Vany | ធារី Theary Thary | ណារី Nary Nari |
        សុម៉ាលី Somaly Sumaly | ដាវី Davy Davi | លីណា Lina Lyna | សុវណ្ណា Sovanna Sovana | សុផានី Sophany Sophani |
        ស្រីមុំ Sreymom Srey-Mom | ស្រីពៅ Sreypov Sreypeou | ស្រីណា Sreyna Srey-Na | ស្រីលក្ខណ៍ Sreyleak Sreylak |
        ស្រីនិច Sreynich Sreynech | ស្រីនាង Sreyneang Sreynieng | រំដួល Rumduol Romduol Romdoul | ម្លិះ Mlis Melis |
        វិច្ឆិកា Vicheka Vichheka | សុនីតា Sonita Sunita | បូទុម Botum Botom | សម្ផស្ស Samphors Somphors |
        សិរីនាថ Sereyneath Sireyneath | គន្ធា Kunthea Konthea | សុគន្ធា Sokunthea Sokonthea | ថាវី Thavy Thavi |
        នីតា Nita Nyta | មីនា Mina Minea | ភារម្យ Phearom Pherom | ឆវី Chhavy Chavy | ពេជ្រតា Pichta Pechta |
        ដាណែត Danet Daneth | រីណា Rina Ryna | សោភណា Sophorna Sophoana | អមរា Amara Ammara | សៀកលី Siekly Seakly |
        បុណ្យធារី Bontheary Buntheary | សុខនី Sokny Sokhny | លីដា Lida Lyda | ណាវី Navy Navi | រតនាវី Ratanavy Rattanavi |
        ផល្លី Phally Phaly | សាវរី Savry Savory | ចន្ទ្រា Chantrea Chandra | ចន្ទី Chanthy Chanty | សៀងលី Sieangly Seangly |
        វល្លិ Voleak Vally | កុលាប Kolap Kulap | ម៉ារីណា Marina Maryna | អេលីស Elis Elys | សុខឃីម Sokkhim Sokhim |
        ច័ន្ទលីន Chanlin Chanleen | យ៉ារី Yary Yari | ហ៊ាង Heang Hieang | សុដាលីន Sodalin Sodaleen |
        មុន្នីរ័ត្ន Monyroth Monnirath | ណារ៉ា Nara Narra | សារឹម Sarim Sarem | ឡាយហៀង Layheang Layhieng | ថុល Thol Tol |
        សុខហ៊ួយ Sokhuoy Sokhuy | មុន្នីកា Monika Monica | រ៉ូហ្សា Roza Rosa | ស្រីអូន Sreyoun Sreyaun | ចាន់មុំ Chanmom Chanmum |
        កល្យាណ Kalyan Kolyan | វិមាលា Vimala Vimealea
        """

    private static let eitherTable = """
        សុខា Sokha Sokkha Soka | សុភា Sophea Sophear Sorphea | ដារ៉ា Dara Darra | សុភាព Sopheap Sophiep |
        វណ្ណា Vanna Vana Wanna | សុផល Sophal Sophall Sopal | ចាន់ថា Chantha Chanta | សុធា Sothea Sothear |
        រតនា Ratana Rattana Rotana | សុគន្ធ Sokun Sokunth | ចាន់ណា Channa Chana | ហេងលី Hengly Heng-Ly |
        សោភ័ណ Sophorn Sophoan | ម៉ារ៉ា Mara Marra | មេសា Mesa Mesar | កក្កដា Kakada Kakkada | ធីដា Thyda Thida |
        សុខលី Sokly Sok-Ly | តុលា Tola Tula | ឧសភា Ousaphea Usaphea | មិថុនា Mithona Mithuna | បញ្ចមា Panchama Panhchama |
        ចាន់ធូ Chanthou Chanthu | ណាត Nath Nat | វ៉ាន់ថា Vantha Vanntha | សុខេង Sokheng Sok-Heng | រ៉ាវី Ravy Ravi |
        សុវណ្ណរី Sovannary Sovanary | លីហ័រ Lyhor Lihour | សុភក្តិ Sopheakdey Sophakdey | សុភ័ក្ត្រា Sopheaktra Sophaktra |
        អូន Oun Aun | យុទ្ធា Yuthea Yutthea | ឈុនលី Chhunly Chhun-Ly | ចំណាន Chamnan Chomnan | ប៊ុនណា Bunna Bounna |
        ឧត្តរា Ottara Uttara | សុខគីម Sokkim Sok-Kim | ផានិត Phanith Phanit | ឡុងដា Longda Lungda
        """

    private static let secondTable = """
        ណា Na Nah | លី Ly Li | ដា Da | នី Ny Ni | រិទ្ធ Rith Rit | ហេង Heng | លាង Leang Lieng | ហុង Hong Hung | ធី Thy Thi |
        មុំ Mom Mum | ពៅ Pov Peou | នាង Neang Nieng | រ័ត្ន Roth Rath | វុធ Vuth Vut | ណេត Net Neth | ម៉ី Mey Mei |
        ហួរ Hour Huor | ឈុន Chhun Chhoun | សាន San Sann | ថា Tha Ta | វី Vy Vi | ភា Phea Phia | ធារ៉ា Theara Thera |
        ចាន់ Chan Chann | សៀង Seang Sieng | ឡេង Leng Laeng | គា Kea Kia | ពេជ្រ Pich Pech | មាស Meas Mies | ផល Phal Phol |
        ជា Chea Jea | សុង Song Sung | ហៀង Heang Hieng | តូច Toch Touch | ខេង Kheng Khaeng | នុច Nuch Noch
        """
}
