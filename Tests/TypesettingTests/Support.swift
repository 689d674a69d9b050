import Foundation
import Kernel
import KhmerText

@testable import Typesetting

/// Programs of other makers that read what we wrote.
enum Reader {
    /// Whether poppler's tools are installed.
    static let hasPoppler = path("pdftotext") != nil
    static let hasQPDF = path("qpdf") != nil

    static func path(_ program: String) -> String? {
        ["/usr/bin/", "/usr/local/bin/", "/opt/homebrew/bin/"].map { $0 + program }.first {
            FileManager.default.isExecutableFile(atPath: $0)
        }
    }

    /// What a program writes about a file; the file's path follows the arguments.
    static func run(_ program: String, _ arguments: [String], on bytes: [UInt8], then last: [String] = []) throws
        -> (status: Int32, output: String)
    {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("typeset-\(UUID().uuidString).pdf")
        try Data(bytes).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path(program) ?? "/usr/bin/\(program)")
        process.arguments = arguments + [file.path] + last
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }

    /// The text of a file: in the order of the file, or as poppler thinks that people read it.
    static func text(_ bytes: [UInt8], raw: Bool = true) throws -> String {
        try run("pdftotext", (raw ? ["-raw"] : []) + ["-enc", "UTF-8"], on: bytes, then: ["-"]).output
    }

    /// The lines of a file without empty ones.
    static func lines(_ bytes: [UInt8], raw: Bool = true) throws -> [String] {
        try text(bytes, raw: raw).split(whereSeparator: { $0 == "\n" || $0 == "\u{0C}" }).map(String.init)
    }
}

enum Sample {
    static let created = Instant(seconds: 1_773_900_000)

    static func document(
        _ blocks: [Block], page: PageSize = .a4, footer: Footer? = nil, language: Language = .km
    ) -> Document {
        Document(
            metadata: DocumentMetadata(title: "សាកល្បង", language: language, created: created), page: page,
            blocks: blocks, footer: footer)
    }

    static func paragraphs(_ texts: [String], _ style: TextStyle = TextStyle()) -> Document {
        document(texts.map { .paragraph(Paragraph($0, style, spaceAfter: 6)) })
    }

    /// Names, places, months and phrases with coengs, robat, shifters and split vowels.
    static let khmer = [
        "ព្រះរាជាណាចក្រកម្ពុជា", "ជាតិ សាសនា ព្រះមហាក្សត្រ", "សំបុត្រកំណើត", "វិញ្ញាបនបត្របញ្ជាក់អត្តសញ្ញាណ",
        "ភ្នំពេញ", "ខេត្តកំពង់ចាម ស្រុកស្ទឹងត្រង់", "ក្រុងព្រះសីហនុ", "ឧត្តរមានជ័យ", "ធ្នូ កុម្ភៈ មីនា ឧសភា",
        "សុខ ចាន់ដារ៉ា", "ហ៊ុន សុភ័ក្ត្រ", "ស្ត្រី កៅ សៅរ៍ កោះ", "អង្គការសហប្រជាជាតិ",
        "យោងតាមអនុក្រឹត្យលេខ ១០៣ អនក្រ.បក ចុះថ្ងៃទី ២៩ ខែធ្នូ ឆ្នាំ២០០០", "មន្ត្រីអត្រានុកូលដ្ឋាន",
        "ក្រសួងមហាផ្ទៃ អគ្គនាយកដ្ឋានអត្តសញ្ញាណកម្ម", "ធម៌ កម៌ ព័ត៌មាន សំស្ក្រឹត",
        "ឈ្មោះ សញ្ជាតិ ជ្រើសរើស គ្រឿង ឃ្លោង ល្បឿន", "សេចក្តីថ្លែងការណ៍ ខ្ញុំបាទ នាងខ្ញុំ ញ៉ាំ ប៉ៃលិន បាត់ដំបង",
        "ឯកសារនេះមានសុពលភាពតែនៅពេលមានហត្ថលេខាឌីជីថលប៉ុណ្ណោះ។", "SOK Dara 0123 សុខ (Sok) ABC-១២៣",
        "លោកស្រី ណុប សុធារ៉ា៖ «ភរិយា»", "ទួលស្វាយព្រៃទី១ ខណ្ឌបឹងកេងកង", "សៀមរាប ព្រះវិហារ មណ្ឌលគិរី ត្បូងឃ្មុំ",
    ]

    /// A made-up pattern that looks like a QR code.
    static func modules(_ size: Int = 33) -> [[Bool]] {
        (0..<size).map { row in (0..<size).map { column in (row &* 7 &+ column &* 13 &+ row &* column) % 3 == 0 } }
    }

    static func certificate(rows: Int? = nil, watermark: Bool = true) -> CertificateContent {
        typealias Row = CertificateContent.Row
        let all = [
            Row("នាមត្រកូល និងនាមខ្លួន", "Surname and given name", "សុខ ចាន់ដារ៉ា", "SOK CHANDARA"),
            Row("ភេទ", "Sex", "ស្រី", "Female"),
            Row("ថ្ងៃខែឆ្នាំកំណើត", "Date of birth", "ថ្ងៃទី០៥ ខែកុម្ភៈ ឆ្នាំ២០២៦", "5 February 2026"),
            Row(
                "ទីកន្លែងកំណើត", "Place of birth", "ភូមិត្រពាំងថ្លឹង ឃុំចោមចៅ ខណ្ឌពោធិ៍សែនជ័យ រាជធានីភ្នំពេញ",
                "Trapeang Thloeng, Chaom Chau, Pou Saenchey, Phnom Penh"),
            Row("សញ្ជាតិ", "Nationality", "ខ្មែរ", "Cambodian"),
            Row("នាមត្រកូល និងនាមខ្លួនឪពុក", "Father's name", "សុខ ពិសិដ្ឋ", "SOK PISETH"),
            Row("ថ្ងៃខែឆ្នាំកំណើតឪពុក", "Father's date of birth", "ថ្ងៃទី១៧ ខែវិច្ឆិកា ឆ្នាំ១៩៩៤", "17 November 1994"),
            Row("នាមត្រកូល និងនាមខ្លួនម្តាយ", "Mother's name", "ហ៊ុន សុភ័ក្ត្រ", "HUN SOPHEAKTRA"),
            Row("ថ្ងៃខែឆ្នាំកំណើតម្តាយ", "Mother's date of birth", "ថ្ងៃទី០៣ ខែឧសភា ឆ្នាំ១៩៩៦", "3 May 1996"),
            Row(
                "ទីលំនៅឪពុកម្តាយ", "Parents' residence", "ផ្ទះលេខ១២ ផ្លូវ២០០៤ សង្កាត់កាកាប ខណ្ឌពោធិ៍សែនជ័យ រាជធានីភ្នំពេញ",
                "12, Street 2004, Kakab, Pou Saenchey, Phnom Penh"),
            Row("អ្នកប្តឹងកំណើត", "Reported by", "សុខ ពិសិដ្ឋ ត្រូវជាឪពុក", "SOK PISETH, father"),
            Row("ថ្ងៃចុះបញ្ជី", "Date of registration", "ថ្ងៃទី១២ ខែកុម្ភៈ ឆ្នាំ២០២៦", "12 February 2026"),
            Row("លេខអត្តសញ្ញាណ", "Identity code", "០១២ ៣៤៥ ៦៧៨ ៩", "012 345 678 9"),
        ]
        let wanted = rows ?? all.count
        return CertificateContent(
            title: LocalizedText(km: "សំបុត្រកំណើត", en: "BIRTH CERTIFICATE"),
            offices: [
                LocalizedText(km: "រាជធានីភ្នំពេញ", en: "Phnom Penh Capital"),
                LocalizedText(km: "ខណ្ឌពោធិ៍សែនជ័យ", en: "Khan Pou Saenchey"),
                LocalizedText(km: "សង្កាត់ចោមចៅ", en: "Sangkat Chaom Chau"),
            ], number: "KH-BC-2026-0000123", rows: (0..<wanted).map { all[$0 % all.count] },
            issued: LocalizedText(
                km: "ធ្វើនៅសង្កាត់ចោមចៅ ថ្ងៃទី១២ ខែកុម្ភៈ ឆ្នាំ២០២៦", en: "Sangkat Chaom Chau, 12 February 2026"),
            signer: LocalizedText(km: "មន្ត្រីអត្រានុកូលដ្ឋាន", en: "Civil Registrar"),
            signerName: LocalizedText(km: "ណុប សុធារ៉ា", en: "NOP SOTHEARA"),
            notes: [
                LocalizedText(
                    km: "ឯកសារនេះមានហត្ថលេខាឌីជីថល។ សូមស្កេនកូដ QR ឬចូលទៅ verify.gov.kh ដើម្បីពិនិត្យថាឯកសារនេះនៅមានសុពលភាព ហើយមិនត្រូវបានកែប្រែ។",
                    en:
                        "This document is signed digitally. Scan the QR code or open verify.gov.kh to check that it is valid "
                        + "and unchanged.")
            ], qr: modules(), watermark: watermark ? LocalizedText(km: "គំរូ", en: "SPECIMEN") : nil, created: created)
    }
}
