import Kernel

/// Provinces and districts of the Kingdom with their official codes: the part of the gazetteer that the program always
/// knows. Communes and villages are imported (`GazetteerImport`).
///
/// Codes and names are those of the administrative register of the National Committee for Sub-National Democratic
/// Development (NCDD). The days are those on which a change was first seen in the published list, not the days of its
/// legal text.
enum GazetteerFacts {
    /// Every province and district, each version of it once.
    static let places: [Place] = table.utf8.split(separator: UInt8(ascii: "\n")).compactMap { line in
        let fields = line.split(separator: UInt8(ascii: "|"), omittingEmptySubsequences: false).map { String($0) ?? "" }
        guard fields.count == 6, let code = PlaceCode(fields[0]), let kind = PlaceKind(rawValue: fields[1]) else {
            return nil
        }
        return Place(
            code: code, kind: kind, nameKhmer: fields[2], nameLatin: fields[3], validFrom: CalendarDate(iso: fields[4]),
            validTo: CalendarDate(iso: fields[5]))
    }

    /// code | kind | Khmer name | Latin name | first day | day after the last
    private static let table = """
        01|khaet|បន្ទាយមានជ័យ|Banteay Meanchey||
        0102|srok|មង្គលបូរី|Mongkol Borey||
        0103|srok|ភ្នំស្រុក|Phnum Srok||
        0104|srok|ព្រះនេត្រព្រះ|Preah Netr Preah||
        0105|srok|អូរជ្រៅ|Ou Chrov||
        0106|krong|សិរីសោភ័ណ|Serei Saophoan||
        0107|srok|ថ្មពួក|Thma Puok||
        0108|srok|ស្វាយចេក|Svay Chek||
        0109|srok|ម៉ាឡៃ|Malai||
        0110|krong|ប៉ោយប៉ែត|Poipet||
        02|khaet|បាត់ដំបង|Battambang||
        0201|srok|បាណន់|Banan||
        0202|srok|ថ្មគោល|Thma Koul||
        0203|krong|បាត់ដំបង|Battambang||
        0204|srok|បវេល|Bavel||
        0205|srok|ឯកភ្នំ|Aek Phnum||
        0206|srok|មោងឫស្សី|Moung Ruessei||
        0207|srok|រតនមណ្ឌល|Rotonak Mondol||
        0208|srok|សង្កែ|Sangkae||
        0209|srok|សំឡូត|Samlout||
        0210|srok|សំពៅលូន|Sampov Lun||
        0211|srok|ភ្នំព្រឹក|Phnum Proek||
        0212|srok|កំរៀង|Kamrieng||
        0213|srok|គាស់ក្រឡ|Koas Krala||
        0214|srok|រុក្ខគិរី|Rukh Kiri||
        03|khaet|កំពង់ចាម|Kampong Cham||
        0301|srok|បាធាយ|Batheay||
        0302|srok|ចំការលើ|Chamkar Leu||
        0303|srok|ជើងព្រៃ|Cheung Prey||
        0305|krong|កំពង់ចាម|Kampong Cham||
        0306|srok|កំពង់សៀម|Kampong Siem||
        0307|srok|កងមាស|Kang Meas||
        0308|srok|កោះសូទិន|Kaoh Soutin||
        0313|srok|ព្រៃឈរ|Prey Chhor||
        0314|srok|ស្រីសន្ធរ|Srei Santhor||
        0315|srok|ស្ទឹងត្រង់|Stueng Trang||
        04|khaet|កំពង់ឆ្នាំង|Kampong Chhnang||
        0401|srok|បរិបូណ៌|Baribour||
        0402|srok|ជលគីរី|Chol Kiri||
        0403|krong|កំពង់ឆ្នាំង|Kampong Chhnang||
        0404|srok|កំពង់លែង|Kampong Leaeng||
        0405|srok|កំពង់ត្រឡាច|Kampong Tralach||
        0406|srok|រលាប្អៀរ|Rolea B'ier||
        0407|srok|សាមគ្គីមានជ័យ|Sameakki Mean Chey||
        0408|srok|ទឹកផុស|Tuek Phos||
        05|khaet|កំពង់ស្ពឺ|Kampong Speu||
        0501|srok|បរសេដ្ឋ|Basedth||
        0502|krong|ច្បារមន|Chbar Mon||
        0503|srok|គងពិសី|Kong Pisei||
        0504|srok|ឱរ៉ាល់|Aural||
        0505|srok|ឧដុង្គ|Odongk||2023-02-06
        0506|srok|ភ្នំស្រួច|Phnum Sruoch||
        0507|srok|សំរោងទង|Samraong Tong||
        0508|srok|ថ្ពង|Thpong||
        0509|krong|ឧដុង្គម៉ែជ័យ|Odongk Maechay|2023-02-06|
        0510|srok|សាមគ្គីមុនីជ័យ|Samkkei Munichay|2023-02-06|
        06|khaet|កំពង់ធំ|Kampong Thom||
        0601|srok|បារាយណ៍|Baray||
        0602|srok|កំពង់ស្វាយ|Kampong Svay||
        0603|krong|ស្ទឹងសែន|Stueng Saen||
        0604|srok|ប្រាសាទបល្ល័ង្គ|Prasat Ballangk||
        0605|srok|ប្រាសាទសំបូរ|Prasat Sambour||
        0606|srok|សណ្ដាន់|Sandan||
        0607|srok|សន្ទុក|Santuk||
        0608|srok|ស្ទោង|Stoung||
        0609|srok|តាំងគោក|Tang Kouk|2019-12-12|
        07|khaet|កំពត|Kampot||
        0701|srok|អង្គរជ័យ|Angkor Chey||
        0702|srok|បន្ទាយមាស|Banteay Meas||
        0703|srok|ឈូក|Chhuk||
        0704|srok|ជុំគិរី|Chum Kiri||
        0705|srok|ដងទង់|Dang Tong||
        0706|srok|កំពង់ត្រាច|Kampong Trach||
        0707|srok|ទឹកឈូ|Tuek Chhou||
        0708|krong|កំពត|Kampot||
        0709|krong|បូកគោ|Bokor|2021-12-13|
        08|khaet|កណ្តាល|Kandal||
        0801|srok|កណ្ដាលស្ទឹង|Kandal Stueng||
        0802|srok|កៀនស្វាយ|Kien Svay||
        0803|srok|ខ្សាច់កណ្ដាល|Khsach Kandal||
        0804|srok|កោះធំ|Kaoh Thum||
        0805|srok|លើកដែក|Leuk Daek||
        0806|srok|ល្វាឯម|Lvea Aem||
        0807|srok|មុខកំពូល|Mukh Kampul||
        0808|srok|អង្គស្នួល|Angk Snuol||
        0809|srok|ពញាឮ|Ponhea Lueu||
        0810|srok|ស្អាង|S'ang||
        0811|krong|តាខ្មៅ|Ta Khmau||
        0812|krong|សំពៅពូន|Sampeou Poun|2023-02-06|
        0813|krong|អរិយក្សត្រ|Akreiy Ksatr|2023-02-06|
        09|khaet|កោះកុង|Koh Kong||
        0901|srok|បុទុមសាគរ|Botum Sakor||
        0902|srok|គិរីសាគរ|Kiri Sakor||
        0903|srok|កោះកុង|Kaoh Kong||
        0904|krong|ខេមរភូមិន្ទ|Khemara Phoumin||
        0905|srok|មណ្ឌលសីមា|Mondol Seima||
        0906|srok|ស្រែ អំបិល|Srae Ambel||
        0907|srok|ថ្មបាំង|Thma Bang||
        10|khaet|ក្រចេះ|Kratié||
        1001|srok|ឆ្លូង|Chhloung||
        1002|krong|ក្រចេះ|Kracheh||
        1003|srok|ព្រែកប្រសព្វ|Prek Prasab||
        1004|srok|សំបូរ|Sambour||
        1005|srok|ស្នួល|Snuol||
        1006|srok|ចិត្របុរី|Chetr Borei||
        1007|srok|អូរគ្រៀងសែនជ័យ|Ou Krieng Saenchey|2023-02-06|
        11|khaet|មណ្ឌលគិរី|Mondulkiri||
        1101|srok|កែវសីមា|Kaev Seima||
        1102|srok|កោះញែក|Kaoh Nheaek||
        1103|srok|អូររាំង|Ou Reang||
        1104|srok|ពេជ្រាដា|Pech Chreada||
        1105|krong|សែនមនោរម្យ|Saen Monourom||
        12|reachTheani|ភ្នំពេញ|Phnom Penh||
        1201|khan|ចំការមន|Chamkar Mon||
        1202|khan|ដូនពេញ|Doun Penh||
        1203|khan|៧មករា|Prampir Meakkakra||
        1204|khan|ទួលគោក|Tuol Kouk||
        1205|khan|ដង្កោ|Dangkao||
        1206|khan|មានជ័យ|Mean Chey||
        1207|khan|ឫស្សីកែវ|Russey Keo||
        1208|khan|សែនសុខ|Sen Sok||
        1209|khan|ពោធិ៍សែនជ័យ|Pur SenChey||
        1210|khan|ជ្រោយចង្វារ|Chrouy Changvar||
        1211|khan|ព្រែកព្នៅ|Praek Pnov||
        1212|khan|ច្បារអំពៅ|Chbar Ampov||
        1213|khan|បឹងកេងកង|Boeng Keng Kang|2019-12-12|
        1214|khan|កំបូល|Kamboul|2019-12-12|
        13|khaet|ព្រះវិហារ|Preah Vihear||
        1301|srok|ជ័យសែន|Chey Saen||
        1302|srok|ឆែប|Chhaeb||
        1303|srok|ជាំក្សាន្ដ|Choam Ksant||
        1304|srok|គូលែន|Kuleaen||
        1305|srok|រវៀង|Rovieng||
        1306|srok|សង្គមថ្មី|Sangkum Thmei||
        1307|srok|ត្បែងមានជ័យ|Tbaeng Mean Chey||
        1308|krong|ព្រះវិហារ|Preah Vihear||
        14|khaet|ព្រៃវែង|Prey Veng||
        1401|srok|បាភ្នំ|Ba Phnum||
        1402|srok|កំចាយមារ|Kamchay Mear||
        1403|srok|កំពង់ត្របែក|Kampong Trabaek||
        1404|srok|កញ្ជ្រៀច|Kanhchriech||
        1405|srok|មេសាង|Me Sang||
        1406|srok|ពាមជរ|Peam Chor||
        1407|srok|ពាមរក៍|Peam Ro||
        1408|srok|ពារាំង|Pea Reang||
        1409|srok|ព្រះស្ដេច|Preah Sdach||
        1410|krong|ព្រៃវែង|Prey Veng||
        1411|srok|ពោធិ៍រៀង|Pur Rieng||
        1412|srok|ស៊ីធរកណ្ដាល|Sithor Kandal||
        1413|srok|ស្វាយអន្ទរ|Svay Antor||
        15|khaet|ពោធិ៍សាត់|Pursat||
        1501|srok|បាកាន|Bakan||
        1502|srok|កណ្ដៀង|Kandieng||
        1503|srok|ក្រគរ|Krakor||
        1504|srok|ភ្នំក្រវ៉ាញ|Phnum Kravanh||
        1505|krong|ពោធិ៍សាត់|Pursat||
        1506|srok|វាលវែង|Veal Veaeng||
        1507|srok|តាលោសែនជ័យ|Ta Lou Senchey|2019-12-12|
        16|khaet|រតនគិរី|Ratanakiri||
        1601|srok|អណ្ដូងមាស|Andoung Meas||
        1602|krong|បានលុង|Ban Lung||
        1603|srok|បរកែវ|Bar Kaev||
        1604|srok|កូនមុំ|Koun Mom||
        1605|srok|លំផាត់|Lumphat||
        1606|srok|អូរជុំ|Ou Chum||
        1607|srok|អូរយ៉ាដាវ|Ou Ya Dav||
        1608|srok|តាវែង|Ta Veaeng||
        1609|srok|វើនសៃ|Veun Sai||
        17|khaet|សៀមរាប|Siem Reap||
        1701|srok|អង្គរជុំ|Angkor Chum||
        1702|srok|អង្គរធំ|Angkor Thum||
        1703|srok|បន្ទាយស្រី|Banteay Srei||
        1704|srok|ជីក្រែង|Chi Kraeng||
        1706|srok|ក្រឡាញ់|Kralanh||
        1707|srok|ពួក|Puok||
        1709|srok|ប្រាសាទបាគង|Prasat Bakong||
        1710|krong|សៀមរាប|Siem Reap||
        1711|srok|សូទ្រនិគម|Soutr Nikom||
        1712|srok|ស្រីស្នំ|Srei Snam||
        1713|srok|ស្វាយលើ|Svay Leu||
        1714|srok|វ៉ារិន|Varin||
        1715|krong|រុនតាឯកតេជោសែន|Run Ta Aek Techo Sen|2024-05-19|
        18|khaet|ព្រះសីហនុ|Preah Sihanouk||
        1801|krong|ព្រះសីហនុ|Preah Sihanouk||
        1802|srok|ព្រៃនប់|Prey Nob||
        1803|srok|ស្ទឹងហាវ|Stueng Hav||
        1804|srok|កំពង់សីលា|Kampong Seila||
        1805|krong|កោះរ៉ុង|Kaoh Rung|2019-12-12|
        1806|krong|កំពង់សោម|Kampong Soam|2024-09-09|
        19|khaet|ស្ទឹងត្រែង|Stung Treng||
        1901|srok|សេសាន|Sesan||
        1902|srok|សៀមបូក|Siem Bouk||
        1903|srok|សៀមប៉ាង|Siem Pang||
        1904|krong|ស្ទឹងត្រែង|Stueng Traeng||
        1905|srok|ថាឡាបរិវ៉ាត់|Thala Barivat||
        1906|srok|បុរីអូរស្វាយសែនជ័យ|Borei Ou Svay Senchey|2019-12-12|
        20|khaet|ស្វាយរៀង|Svay Rieng||
        2001|srok|ចន្ទ្រា|Chantrea||
        2002|srok|កំពង់រោទិ៍|Kampong Rou||
        2003|srok|រំដួល|Rumduol||
        2004|srok|រមាសហែក|Romeas Haek||
        2005|srok|ស្វាយជ្រំ|Svay Chrum||
        2006|krong|ស្វាយរៀង|Svay Rieng||
        2007|srok|ស្វាយទាប|Svay Teab||
        2008|krong|បាវិត|Bavet||
        21|khaet|តាកែវ|Takéo||
        2101|srok|អង្គរបូរី|Angkor Borei||
        2102|srok|បាទី|Bati||
        2103|srok|បូរីជលសារ|Borei Cholsar||
        2104|srok|គីរីវង់|Kiri Vong||
        2105|srok|កោះអណ្ដែត|Kaoh Andaet||
        2106|srok|ព្រៃកប្បាស|Prey Kabbas||
        2107|srok|សំរោង|Samraong||
        2108|krong|ដូនកែវ|Doun Kaev||
        2109|srok|ត្រាំកក់|Tram Kak||
        2110|srok|ទ្រាំង|Treang||
        22|khaet|ឧត្តរមានជ័យ|Oddar Meanchey||
        2201|srok|អន្លង់វែង|Anlong Veaeng||
        2202|srok|បន្ទាយអំពិល|Banteay Ampil||
        2203|srok|ចុងកាល់|Chong Kal||
        2204|krong|សំរោង|Samraong||
        2205|srok|ត្រពាំងប្រាសាទ|Trapeang Prasat||
        23|khaet|កែប|Kep||
        2301|srok|ដំណាក់ចង្អើរ|Damnak Chang'aeur||
        2302|krong|កែប|Kep||
        24|khaet|ប៉ៃលិន|Pailin||
        2401|krong|ប៉ៃលិន|Pailin||
        2402|srok|សាលាក្រៅ|Sala Krau||
        25|khaet|ត្បូងឃ្មុំ|Tboung Khmum||
        2501|srok|តំបែរ|Dambae||
        2502|srok|ក្រូចឆ្មារ|Krouch Chhmar||
        2503|srok|មេមត់|Memot||
        2504|srok|អូររាំងឪ|Ou Reang Ov||
        2505|srok|ពញាក្រែក|Ponhea Kraek||
        2506|krong|សួង|Suong||
        2507|srok|ត្បូងឃ្មុំ|Tboung Khmum||
        """
}
