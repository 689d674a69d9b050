import Kernel
import ReferenceData

/// The communes and villages of one district, so that the registrars of the demonstration have places to choose from;
/// an operator imports the whole lists (`rumdul admin import gazetteer`).
enum DemoGazetteer {
    /// Code, Khmer name, Latin name.
    private static let places: [(String, String, String)] = [
        ("081101", "តាក្ដុល", "Ta Kdol"),
        ("081102", "ព្រែកឫស្សី", "Prek Ruessey"),
        ("081103", "ដើមមៀន", "Doeum Mien"),
        ("081104", "តាខ្មៅ", "Ta Khmao"),
        ("081105", "ព្រែកហូរ", "Prek Ho"),
        ("081106", "កំពង់សំណាញ់", "Kampong Samnanh"),
        ("081107", "ស្វាយរលំ", "Svay Rolum"),
        ("081108", "កោះអន្លង់ចិន", "Kaoh Anlong Chen"),
        ("081109", "សិត្បូ", "Setbou"),
        ("081110", "រកាខ្ពស់", "Roka Khpos"),
        ("08110101", "តាក្ដុល", "Ta Kdol"),
        ("08110102", "ព្រែកកាត់", "Preaek Kat"),
        ("08110103", "ព្រែកឡុង", "Preaek Long"),
        ("08110104", "តាក្ដុលត្បូង", "Ta Kdol Tboung"),
        ("08110201", "ក្រពើហា", "Krapeu Ha"),
        ("08110202", "ព្រែកឫស្សី", "Prek Ruessey"),
        ("08110203", "ព្រែកអញ្ចាញ", "Prek Anhchanh"),
        ("08110204", "ព្រែកឫស្សីលិច", "Prek Ruessey Lix"),
        ("08110205", "ក្រពើហាកើត", "Krapeu Ha Kout"),
        ("08110301", "ដើមមៀន", "Deum Mien"),
        ("08110302", "ដើមគរ", "Doeum Kor"),
        ("08110303", "ព្រែកតាពៅ", "Prek Ta Pov"),
        ("08110304", "ស្ទឹងជ្រៅ", "Stoeng Chrov"),
        ("08110305", "ដើមមៀន ១", "Deum Mien 1"),
        ("08110306", "ព្រែកតាពៅ ១", "Prek Ta Pov 1"),
        ("08110401", "តាខ្មៅ", "Ta Khmao"),
        ("08110402", "ព្រែកសំរោង", "Prek Samraong"),
        ("08110403", "ថ្មី", "Thmei"),
        ("08110404", "តាខ្មៅ ១", "Ta Khmao 1"),
        ("08110405", "តាខ្មៅ ២", "Ta Khmao 2"),
        ("08110406", "តាខ្មៅ ៣", "Ta Khmao 3"),
        ("08110407", "ថ្មី ១", "Thmei 1"),
        ("08110408", "ថ្មី ២", "Thmei 2"),
        ("08110409", "ព្រែកសំរោង ១", "Prek Samraong 1"),
        ("08110410", "ព្រែកសំរោង ២", "Prek Samraong 2"),
        ("08110411", "ព្រែកសំរោង ៣", "Prek Samraong 3"),
        ("08110501", "ព្រែកហូរកើត", "Prek Ho Kout"),
        ("08110502", "ព្រែកហូរលិច", "Prek Ho Lix"),
        ("08110503", "បត្ដាជី", "Battachi"),
        ("08110504", "ព្រែកហូរលិច ១", "Prek Ho Lix 1"),
        ("08110505", "ព្រែកហូរកើត ១", "Prek Ho Kout 1"),
        ("08110506", "បត្ដាជី ១", "Battachi 1"),
        ("08110601", "កំពង់សំណាញ់", "Kampong Samnanh"),
        ("08110602", "ខ្ពបវែង", "Khpob Veng"),
        ("08110603", "ព្រែករាំង", "Prek Riang"),
        ("08110604", "អាចម៍កុក", "Ach Kok"),
        ("08110605", "កំពង់សំណាញ់ ១", "Kampong Samnanh 1"),
        ("08110606", "ព្រែករាំង ១", "Prek Riang 1"),
        ("08110701", "លេខ១", "Lekh Muoy"),
        ("08110702", "លេខ២", "Lekh Pir"),
        ("08110703", "លេខ៣", "Lekh Bei"),
        ("08110704", "លេខ៤", "Lekh Buon"),
        ("08110705", "លេខ៥", "Lekh Pram"),
        ("08110706", "លេខ១ ក", "Lekh Muoy Kar"),
        ("08110801", "ក្បាលកោះ", "Kbal Kaoh"),
        ("08110802", "កណ្ដាលកោះ", "Kandal Kaoh"),
        ("08110803", "ស្វាយពងអង្ក្រង", "Svay Pong Angkrang"),
        ("08110804", "ចុងកោះ", "Chong Kaoh"),
        ("08110901", "ព្រែកតាព្រីង", "Preaek Ta Pring"),
        ("08110902", "សិត្បូ", "Setbou"),
        ("08110903", "កំពង់ព្រីង", "Kampong Pring"),
        ("08110904", "ព្រែកត្រែង", "Preaek Traeng"),
        ("08111001", "កោះគរ", "Kaoh Kor"),
        ("08111002", "ព្រែកថី", "Preaek Thei"),
        ("08111003", "ព្រែកសំរោង", "Preaek Samraong"),
        ("08111004", "ព្រែកខ្សេវ", "Preaek Khsev"),
        ("08111005", "ទួលក្រសាំង", "Tuol Krasang"),
        ("08111006", "កោះរំដួល", "Kaoh Romduol"),
        ("08111007", "ព្រែកឡុង", "Preak Long"),
    ]

    /// Enters the places that are missing. Throws what the import throws, and `demo.file` when a line is refused.
    static func install(in reference: ReferenceData) async throws {
        let header = "code,level,parent_code,unit_en,unit_km,unit_latin,name_km,name_latin,name_ungegn\n"
        let lines = places.map { code, khmer, latin in
            let isCommune = code.utf8.count == 6
            let unit = isCommune ? "Quarter,សង្កាត់,Sangkat" : "Village,ភូមិ,Phum"
            return "\(code),\(isCommune ? "commune" : "village"),\(code.dropLast(2)),\(unit),\(khmer),\(latin),\n"
        }
        let report = try await reference.importGazetteer(Array((header + lines.joined()).utf8))
        if let refused = report.refused.first { throw RumdulError.demoFile("place, line \(refused.line)") }
    }
}
