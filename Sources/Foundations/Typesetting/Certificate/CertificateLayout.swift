import Kernel
import KhmerText

/// The layout of bilingual certificates: the state's heading, the offices, title and number, labelled rows, place and day,
/// the registrar's signature, a QR code, notes.
///
/// The slots are named `CertificateLayout.signatureSlot` and `CertificateLayout.qrSlot`.
public enum CertificateLayout {
    public static let signatureSlot = "registrar-signature"
    public static let qrSlot = "qr"

    /// How tightly a certificate is set: as loosely as its rows let it stay on one page.
    public enum Density: Sendable, CaseIterable {
        case loose, normal, tight, tightest
    }

    /// The certificate as PDF: the loosest density that fits one page; the tightest on several pages if none does.
    /// - Throws: as `Typesetter.pdf`.
    public static func pdf(_ content: CertificateContent) throws(RumdulError) -> TypesetDocument {
        try Press.alone { () throws(RumdulError) in
            for density in Density.allCases.dropLast() {
                let composition = try Composition(document(content, density))
                if composition.pages.count == 1 { return try Typesetter.pdf(composition) }
            }
            return try Typesetter.pdf(Composition(document(content, .tightest)))
        }
    }

    /// The certificate as a document of one density.
    public static func document(_ content: CertificateContent, _ density: Density) -> Document {
        let measures = Measures(density)
        let number = content.number
        var blocks = heading(content, measures)
        blocks += [
            .fill(max: measures.air), .fields(rows(content), measures.fields), .spacer(4),
            .fill(max: measures.air * 1.6),
            .together(ending(content, measures)),
        ]
        if !content.notes.isEmpty { blocks += [.fill(max: 400)] + notes(content, measures) }
        let foot = Run("\(content.title[content.language]) \(number)", TextStyle(.body, 8, .grey))
        return Document(
            metadata: DocumentMetadata(
                title: "\(content.title.km) / \(content.title.en) \(number)", author: content.offices.last?.en,
                subject: content.title.en, language: content.language, created: content.created),
            margins: Margins(top: measures.top, right: 54, bottom: 36, left: 54), blocks: blocks,
            footer: Footer([foot]), frame: Frame(), watermark: content.watermark)
    }

    private struct Measures {
        let fields: FieldStyle
        let titleSize: Double
        let headSize: Double
        /// The most that fills take.
        let air: Double
        let top: Double
        let signature: Double

        init(_ density: Density) {
            switch density {
            case .loose:
                fields = FieldStyle(.beside(0.4), size: 11, gap: 9, ruled: true)
                (titleSize, headSize, air, top, signature) = (21, 14, 30, 48, 64)
            case .normal:
                fields = FieldStyle(.beside(0.4), size: 9.8, gap: 4, ruled: true, leading: 0.92)
                (titleSize, headSize, air, top, signature) = (18, 13, 20, 44, 56)
            case .tight:
                fields = FieldStyle(.besideInline(0.42), size: 9.5, gap: 5, ruled: true, leading: 0.96)
                (titleSize, headSize, air, top, signature) = (17, 12.5, 16, 42, 54)
            case .tightest:
                fields = FieldStyle(.besideInline(0.42), size: 8, gap: 2, ruled: true, leading: 0.84)
                (titleSize, headSize, air, top, signature) = (14, 11, 8, 38, 40)
            }
        }
    }

    private static func heading(_ content: CertificateContent, _ measures: Measures) -> [Block] {
        let head = measures.headSize
        func centred(_ text: String, _ face: Face, _ size: Double, _ colour: Colour = .seal, leading: Double = 0.86)
            -> Block
        { .paragraph(Paragraph(text, TextStyle(face, size, colour), .centre, leading: leading)) }

        let offices: [Block] = content.offices.map { office in
            .paragraph(
                Paragraph(
                    [
                        Run(office.km, TextStyle(.body, head * 0.78)), Run("  ", TextStyle(.body, head * 0.58)),
                        Run(office.en, TextStyle(.body, head * 0.58, .grey)),
                    ]))
        }
        let number: [Block] = [
            .paragraph(
                Paragraph(
                    [
                        Run("លេខ ", TextStyle(.body, head * 0.78, .grey)),
                        Run("No.  ", TextStyle(.body, head * 0.58, .grey)),
                        Run(content.number, TextStyle(.monospaced, head * 0.74)),
                    ], .right))
        ]
        return [
            centred("ព្រះរាជាណាចក្រកម្ពុជា", .title, head, leading: 0.94),
            centred("ជាតិ សាសនា ព្រះមហាក្សត្រ", .heading, head * 0.86),
            centred("Kingdom of Cambodia · Nation Religion King", .latin, head * 0.62, .grey),
            .spacer(3), .ornament(width: 150, colour: .seal), .spacer(head * 0.4),
            .columns([Column(weight: 1.25, offices), Column(number)], gap: 16),
            .fill(max: measures.air), .spacer(head * 0.3),
            centred(content.title.km, .heading, measures.titleSize),
            centred(content.title.en, .latinBold, measures.titleSize * 0.52, .seal, leading: 1),
        ]
    }

    private static func rows(_ content: CertificateContent) -> [FieldRow] {
        content.rows.map { FieldRow($0.labelKm, $0.labelEn, value: $0.valueKm, latin: $0.valueLatin) }
    }

    private static func ending(_ content: CertificateContent, _ measures: Measures) -> [Block] {
        let size = measures.fields.size
        let edge = measures.signature + 34
        let code: Block =
            if let modules = content.qr {
                .qr(QRBlock(name: qrSlot, modules: modules, size: edge, alignment: .centre))
            } else {
                .slot(
                    SlotBlock(
                        name: qrSlot, kind: .qr, width: edge, height: edge, alignment: .centre, outline: .hairline))
            }
        func centred(_ text: String, _ style: TextStyle, leading: Double = 0.9) -> Block {
            .paragraph(Paragraph(text, style, .centre, leading: leading))
        }
        var signature: [Block] = [
            centred(content.issued.km, TextStyle(.body, size)),
            centred(content.issued.en, TextStyle(.body, size * 0.76, .grey), leading: 0.84), .spacer(3),
            centred(content.signer.km, TextStyle(.heading, size * 1.05), leading: 0.8),
            centred(content.signer.en, TextStyle(.body, size * 0.76, .grey), leading: 0.84),
            .slot(
                SlotBlock(
                    name: signatureSlot, kind: .signature, width: 190, height: measures.signature, alignment: .centre)),
        ]
        if let name = content.signerName {
            signature += [
                centred(name.km, TextStyle(.bold, size)),
                centred(name.en, TextStyle(.body, size * 0.8, .grey), leading: 0.84),
            ]
        }
        let caption: [Block] = [
            centred("ស្កេនដើម្បីពិនិត្យ", TextStyle(.body, size * 0.8, .grey)),
            centred("Scan to verify", TextStyle(.body, size * 0.66, .grey), leading: 0.84),
        ]
        return [.columns([Column(weight: 0.7, [code] + caption), Column(weight: 1.3, signature)], gap: 20)]
    }

    private static func notes(_ content: CertificateContent, _ measures: Measures) -> [Block] {
        let size = max(7, measures.fields.size * 0.74)
        return content.notes.flatMap { note -> [Block] in
            [
                .paragraph(Paragraph(note.km, TextStyle(.body, size, .grey))),
                .paragraph(Paragraph(note.en, TextStyle(.body, size * 0.86, .grey), leading: 0.86, spaceAfter: 1)),
            ]
        }
    }
}
