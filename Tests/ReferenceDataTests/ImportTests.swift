import Database
import DatabaseTesting
import Kernel
import Testing

@testable import ReferenceData

private let header = "code,level,parent_code,unit_en,unit_km,unit_latin,name_km,name_latin,name_ungegn\n"
private let changesHeader =
    "recorded_on,level,code,change,name_km_before,name_km_after,name_latin_before,name_latin_after\n"

private func commune(_ code: String, _ name: String, _ latin: String = "Name") -> String {
    "\(code),commune,\(code.prefix(4)),Commune,ឃុំ,Khum,\(name),\(latin),\n"
}

@Suite struct ImportTests {
    private func with(_ kind: DatabaseKind, _ test: @escaping @Sendable (ReferenceData) async throws -> Void)
        async throws
    {
        try await TestDatabases.with(kind, migrations: [ReferenceData.migrations]) { database in
            let data = ReferenceData(database: database)
            try await data.install()
            try await test(data)
        }
    }

    private func report(_ data: ReferenceData, _ text: String, from: CalendarDate? = nil) async throws
        -> GazetteerReport
    {
        try await data.importGazetteer(Array(text.utf8), effectiveFrom: from)
    }

    @Test(arguments: TestDatabases.kinds)
    func installsOnceAndAnswersByDay(_ kind: DatabaseKind) async throws {
        try await with(kind) { data in
            try await data.install()
            #expect(data.provinces(on: today).count == 25)
            #expect(try await data.children(of: try code("12"), on: today).count == 14)
            // Odongk lost its code to another province; Tang Kouk came in 2019.
            #expect(try await data.place(try code("0505"), on: try day("2023-02-05"))?.nameLatin == "Odongk")
            #expect(try await data.place(try code("0505"), on: try day("2023-02-06")) == nil)
            #expect(try await data.place(try code("0609"), on: try day("2019-12-11")) == nil)
            #expect(try await data.place(try code("0609"), on: try day("2019-12-12")) != nil)
            #expect(try await data.versions(of: try code("12")).count == 1)
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func listsAreImportedOnce(_ kind: DatabaseKind) async throws {
        try await with(kind) { data in
            let text = header + commune("010201", "បន្ទាយនាង", "Banteay Neang") + commune("010202", "បត់ត្រង់")
            var report = try await report(data, text)
            #expect((report.added, report.changed, report.unchanged, report.refused.count) == (2, 0, 0, 0))
            report = try await self.report(data, text)
            #expect((report.added, report.changed, report.unchanged, report.refused.count) == (0, 0, 2, 0))
            #expect(try await data.children(of: try code("0102"), on: today).map(\.nameKhmer) == ["បន្ទាយនាង", "បត់ត្រង់"])
            // A correction in place, then a new name from a day on.
            report = try await self.report(data, header + commune("010201", "បន្ទាយនាងថ្មី"))
            #expect((report.added, report.changed) == (0, 1))
            #expect(try await data.versions(of: try code("010201")).count == 1)
            report = try await self.report(data, header + commune("010201", "សែនជ័យ"), from: try day("2025-01-01"))
            #expect(report.changed == 1)
            #expect(try await data.place(try code("010201"), on: try day("2024-12-31"))?.nameKhmer == "បន្ទាយនាងថ្មី")
            #expect(try await data.place(try code("010201"), on: try day("2025-01-01"))?.nameKhmer == "សែនជ័យ")
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func oneBadLineChangesNothing(_ kind: DatabaseKind) async throws {
        try await with(kind) { data in
            let bad = [
                "010203,commune,0103,Commune,ឃុំ,Khum,ឈ្មោះ,Name,\n", "0102,commune,01,Commune,ឃុំ,Khum,ឈ្មោះ,Name,\n",
                "010203,commune,0102,Commune,ភូមិ,Khum,ឈ្មោះ,Name,\n", "010203,commune,0102,Commune,ឃុំ,Khum,Name,Name,\n",
                "010203,commune,0102,Commune,ឃុំ,Khum,,Name,\n", "010203,commune,0102,Commune,ឃុំ,Khum,ឈ្មោះ,Name\n",
                "010203,commune,0102,Commune,ឃុំ,Khum,\"ឈ្មោះ,Name,\n", "010203,commune,0102,Commune,ឃុំ,Khum,ឈ្មោះ,Na\u{7}me,\n",
                "999903,commune,9999,Commune,ឃុំ,Khum,ឈ្មោះ,Name,\n", commune("010201", "ស្ទួន"),
            ]
            for line in bad {
                let report = try await report(data, header + commune("010201", "បន្ទាយនាង") + line)
                #expect(report.refused.map(\.line) == [3], "\(line)")
                #expect(report.refused.allSatisfy { !$0.reason.km.isEmpty && !$0.reason.en.isEmpty })
                #expect(report.added == 0)
                #expect(try await data.place(try code("010201"), on: today) == nil)
            }
            #expect(try await report(data, "a,b,c\n1,2,3\n").refused == [RefusedLine(1, .unknownHeader)])
            #expect(try await report(data, "").refused.map(\.line) == [1])
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func changesMakeVersions(_ kind: DatabaseKind) async throws {
        try await with(kind) { data in
            _ = try await report(data, header + commune("010201", "ថ្មី", "New") + commune("010203", "ទីបី"))
            let changes =
                changesHeader + "2020-05-01,commune,010201,renamed_km,ចាស់,ថ្មី,Old,New\n"
                + "2021-06-01,commune,010202,removed,ទីបី,,Bei,\n" + "2021-06-01,commune,010203,added,,ទីបី,,Bei\n"
            let first = try await report(data, changes)
            #expect(first.refused.isEmpty)
            #expect((first.added, first.changed) == (1, 2))
            let renamed = try await data.versions(of: try code("010201"))
            #expect(renamed.map(\.nameKhmer) == ["ចាស់", "ថ្មី"])
            #expect(renamed.map(\.validTo) == [try day("2020-05-01"), nil])
            let removed = try #require(try await data.versions(of: try code("010202")).first)
            #expect(removed.successors == [try code("010203")])
            #expect(try await data.place(try code("010203"), on: try day("2021-05-31")) == nil)
            #expect(try await data.place(try code("010203"), on: try day("2021-06-01"))?.kind == .khum)
            let second = try await report(data, changes)
            #expect((second.added, second.changed, second.unchanged) == (0, 0, 3))
            // A history that contradicts itself, or the present list.
            let twice = changesHeader + "2020-05-01,commune,010204,added,,ក,,\n2020-06-01,commune,010204,added,,ក,,\n"
            #expect(try await report(data, twice).refused.map(\.line) == [3])
            let gone = changesHeader + "2020-05-01,commune,010201,removed,ថ្មី,,,\n"
            #expect(try await report(data, gone).refused.map(\.line) == [2])
            #expect(try await data.versions(of: try code("010204")).isEmpty)
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func thePublishedListsGoIn(_ kind: DatabaseKind) async throws {
        let names = ["communes", "villages", "changes_2018_2026", "provinces", "districts"]
        let files = names.compactMap { sharedFile("kh_gazetteer_\($0).csv") }
        guard files.count == names.count else {
            print("skipped: published lists are not here")
            return
        }
        try await with(kind) { data in
            // Villages before their communes are refused.
            #expect(try await data.importGazetteer(files[1]).refused.count == 1000)
            #expect(try await data.importGazetteer(files[0]).added == 1652)
            #expect(try await data.importGazetteer(files[1]).added == 14_578)
            let changes = try await data.importGazetteer(files[2])
            #expect(changes.refused.isEmpty, "\(changes.refused.prefix(3))")
            for file in files {
                let again = try await data.importGazetteer(file)
                #expect((again.added, again.changed) == (0, 0))
                #expect(again.refused.isEmpty)
            }
            #expect(data.provinces(on: today).count == 25)
            let address = try await data.children(of: try code("010201"), on: today).first
            #expect(address?.kind == .phum)
        }
    }
}

@Suite struct CSVTests {
    @Test func readsQuotesAndBothLineEnds() {
        let (header, lines, refused) = CSVReader.read(Array("\u{FEFF}a,b\r\n\"x \"\"y\"\", z\",2\n,\n".utf8))
        #expect(header == ["a", "b"])
        #expect(lines.map(\.fields) == [["x \"y\", z", "2"], ["", ""]])
        #expect(lines.map(\.number) == [2, 3])
        #expect(refused.isEmpty)
    }

    @Test(arguments: ["a\"b,c", "\"a,b", "\"a\"b,c", "a,b\"", "", "a,\u{0}", "a\tb,c", "a,b,c", "a"])
    func refusesEverythingElse(_ line: String) {
        let (_, lines, refused) = CSVReader.read(Array("a,b\n\(line)\n1,2\n".utf8))
        #expect(refused.map(\.line) == [2])
        #expect(lines.map(\.number) == [3])
    }

    @Test func limitsHold() {
        #expect(!CSVReader.read([UInt8](repeating: 65, count: CSVReader.maximumBytes + 1)).refused.isEmpty)
        #expect(!CSVReader.read([UInt8](repeating: 65, count: 2000)).refused.isEmpty)
        #expect(!CSVReader.read([UInt8](repeating: 44, count: 40)).refused.isEmpty)
        #expect(CSVReader.read([0xFF, 10]).refused.map(\.line) == [1])
    }

    @Test func neverStopsOnAnyBytes() {
        var generator = SeededGenerator(seed: 7)
        let seed = Array("code,level,parent_code\n0101,\"a \"\"b\"\"\",c\r\n\"ភូមិ\",,\n".utf8)
        for _ in 0..<5000 {
            var bytes = seed
            for _ in 0..<Int.random(in: 1...8, using: &generator) {
                let index = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes.remove(at: index)
                default: bytes.insert([34, 44, 10, 13, 0xE1].randomElement(using: &generator) ?? 34, at: index)
                }
                if bytes.isEmpty { bytes = [10] }
            }
            let (header, lines, refused) = CSVReader.read(bytes)
            for line in lines { #expect(line.fields.count == header.count) }
            // Every line is either read or refused.
            if !header.isEmpty {
                let count =
                    bytes.split(separator: 10, omittingEmptySubsequences: false).count - (bytes.last == 10 ? 1 : 0)
                #expect(lines.count + refused.count == count - 1)
            }
        }
    }
}
