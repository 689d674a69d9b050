import Foundation
import Kernel
import KhmerText
import Testing

@testable import Typesetting

@Suite("Certificates")
struct CertificateTests {
    @Test("It is one page for up to 25 rows, with its slots on the paper", arguments: [0, 1, 4, 8, 13, 18, 25])
    func onePage(rows: Int) throws {
        let document = try CertificateLayout.pdf(Sample.certificate(rows: rows))
        #expect(document.pageCount == 1)
        #expect(Set(document.slots.map(\.name)) == [CertificateLayout.signatureSlot, CertificateLayout.qrSlot])
        for slot in document.slots {
            #expect(slot.x > 50 && slot.x + slot.width < PageSize.a4.width - 50)
            #expect(slot.y > 60 && slot.y + slot.height < PageSize.a4.height - 150)
        }
        let signature = try #require(document.slot(CertificateLayout.signatureSlot))
        let code = try #require(document.slot(CertificateLayout.qrSlot))
        #expect(code.x + code.width < signature.x)
        if let folder = ProcessInfo.processInfo.environment["RUMDUL_TYPESET_FOLDER"] {
            try Data(document.bytes).write(to: URL(fileURLWithPath: "\(folder)/certificate-\(rows).pdf"))
        }
    }

    @Test("More rows take more pages and lose nothing")
    func manyRows() throws {
        let document = try CertificateLayout.pdf(Sample.certificate(rows: 70))
        #expect(document.pageCount == 3)
        #expect(document.slots.allSatisfy { $0.page == 3 })
    }

    @Test("Everything that was given stands in the file", .enabled(if: Reader.hasPoppler, "pdftotext is not installed"))
    func content() throws {
        let content = Sample.certificate()
        let lines = try Reader.lines(try CertificateLayout.pdf(content).bytes)
        func dense(_ text: String) -> String { KhmerText.key(of: text).replacing(" ", with: "") }
        let all = dense(lines.joined())
        var wanted = ["ព្រះរាជាណាចក្រកម្ពុជា", "ជាតិ សាសនា ព្រះមហាក្សត្រ", content.number]
        for text in [content.title, content.issued, content.signer] + content.offices + content.notes {
            wanted += [text.km, text.en]
        }
        for row in content.rows { wanted += [row.labelKm, row.labelEn, row.valueKm, row.valueLatin ?? ""] }
        for text in wanted where !text.isEmpty { #expect(all.contains(dense(text)), "\(text)") }
        #expect(lines.contains("ជាតិ សាសនា ព្រះមហាក្សត្រ"))
        #expect(!all.contains("specimen"))
    }

    @Test("Without code, name, notes and watermark")
    func bare() throws {
        var content = Sample.certificate(rows: 3, watermark: false)
        content.qr = nil
        content.signerName = nil
        content.notes = []
        content.language = .en
        let document = try CertificateLayout.pdf(content)
        #expect(document.pageCount == 1)
        #expect(document.slot(CertificateLayout.qrSlot)?.kind == .qr)
        #expect(String(decoding: document.bytes, as: UTF8.self).contains("/Lang (en)"))
    }

    @Test("Speed and memory", .enabled(if: ProcessInfo.processInfo.environment["RUMDUL_TYPESET_FOLDER"] != nil))
    func speed() throws {
        func resident() throws -> Int {
            let status = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
            return (Int(status.split(separator: " ")[1]) ?? 0) * 4
        }
        let short = Sample.paragraphs(Sample.khmer)
        for (name, work) in [
            ("certificate of 13 rows", { try CertificateLayout.pdf(Sample.certificate()).bytes.count }),
            ("certificate of 4 rows", { try CertificateLayout.pdf(Sample.certificate(rows: 4)).bytes.count }),
            ("page of 24 lines", { try Typesetter.pdf(short).bytes.count }),
        ] as [(String, () throws -> Int)] {
            for _ in 0..<30 { _ = try work() }
            let before = try resident()
            let start = clock()
            var bytes = 0
            for _ in 0..<200 { bytes = try work() }
            let seconds = Double(clock() - start) / Double(CLOCKS_PER_SEC)
            print("\(name): \(Int(200 / seconds)) a CPU second, \(bytes) bytes, growth \(try resident() - before) KiB")
        }
    }
}
