import Kernel
import Testing

@testable import ReferenceData

let today = CalendarDate(daysSinceEpoch: 20_600)

func day(_ iso: String) throws -> CalendarDate { try #require(CalendarDate(iso: iso)) }
func code(_ text: String) throws -> PlaceCode { try #require(PlaceCode(text)) }

@Suite struct FactsTests {
    private let current = GazetteerFacts.places.filter { $0.validTo == nil }

    @Test func holdsEveryProvinceAndDistrict() {
        #expect(current.filter { $0.level == .province }.count == 25)
        #expect(current.filter { $0.level == .district }.count == 210)
        #expect(current.filter { $0.kind == .srok }.count == 163)
        #expect(current.filter { $0.kind == .krong }.count == 33)
        #expect(current.filter { $0.kind == .khan }.count == 14)
        #expect(Set(current.map(\.code)).count == current.count)
    }

    @Test func everyDistrictLiesInAProvince() {
        let provinces = Set(current.filter { $0.level == .province }.map(\.code))
        for place in current where place.level == .district { #expect(provinces.contains(place.code.province)) }
        for place in GazetteerFacts.places {
            #expect(place.kind.belongs(to: place.level))
            #expect(GazetteerImport.isKhmerName(place.nameKhmer))
            #expect(!place.nameLatin.isEmpty)
        }
    }

    @Test func factsAgreeWithThePublishedLists() throws {
        guard let provinces = sharedFile("kh_gazetteer_provinces.csv"),
            let districts = sharedFile("kh_gazetteer_districts.csv")
        else {
            print("skipped: published lists are not here")
            return
        }
        let lines = CSVReader.read(provinces).lines + CSVReader.read(districts).lines
        let byCode = Dictionary(uniqueKeysWithValues: current.map { ($0.code.text, $0) })
        #expect(lines.count == byCode.count)
        for line in lines {
            let place = try #require(byCode[line.fields[0]])
            #expect(place.nameKhmer.utf8.elementsEqual(line.fields[6].utf8))
            #expect(place.nameLatin == line.fields[7])
            #expect(place.kind.word.km.utf8.elementsEqual(line.fields[4].utf8))
            if line.fields.count == 10 { #expect(place.iso3166 == line.fields[9]) }
        }
    }

    @Test(arguments: [("12", "KH-12"), ("01", "KH-1"), ("25", "KH-25"), ("120101", "KH-12")])
    func isoCodesDropTheLeadingZero(_ text: String, _ iso: String) throws {
        #expect(try code(text).iso3166 == iso)
    }

    @Test func codesNest() throws {
        let village = try code("12010203")
        #expect(village.level == .village)
        #expect(village.parent == PlaceCode("120102"))
        #expect(village.ancestor(.district) == PlaceCode("1201"))
        #expect(village.province == PlaceCode("12"))
        #expect(village.isWithin(try code("1201")))
        #expect(!village.isWithin(try code("1202")))
        #expect(try code("12").parent == nil)
    }

    @Test(arguments: ["", "1", "123", "12345", "1234567", "123456789", "1a", "១២", " 12", "+1"])
    func otherTextsAreNoCodes(_ text: String) { #expect(PlaceCode(text) == nil) }

    @Test func namesReadAsInAnAddress() throws {
        let phnomPenh = try #require(current.first { $0.code.text == "12" })
        #expect(phnomPenh.fullName.km == "រាជធានីភ្នំពេញ")
        #expect(phnomPenh.fullName.en == "Phnom Penh")
        let district = try #require(current.first { $0.code.text == "0102" })
        let address = [try #require(current.first { $0.code.text == "01" }), district].formattedAddress
        #expect(address.km == "ស្រុកមង្គលបូរី ខេត្តបន្ទាយមានជ័យ")
        #expect(address.en == "Mongkol Borey District, Banteay Meanchey Province")
    }
}
