import Kernel

/// What a certificate says, as plain values. Texts are shown as they are given.
public struct CertificateContent: Sendable, Hashable {
    /// A label in both languages with the value in Khmer and, where it is needed, in Latin letters.
    public struct Row: Sendable, Hashable {
        public var labelKm: String
        public var labelEn: String
        public var valueKm: String
        public var valueLatin: String?

        public init(_ labelKm: String, _ labelEn: String, _ valueKm: String, _ valueLatin: String? = nil) {
            self.labelKm = labelKm
            self.labelEn = labelEn
            self.valueKm = valueKm
            self.valueLatin = valueLatin
        }
    }

    /// The name of the document, such as `សំបុត្រកំណើត` / `BIRTH CERTIFICATE`.
    public var title: LocalizedText
    /// The issuing offices from the highest down, such as province, district, commune.
    public var offices: [LocalizedText]
    /// The document's number, as it is to be read and typed.
    public var number: String
    public var rows: [Row]
    /// Place and day of issue, such as `ធ្វើនៅ… ថ្ងៃទី…`.
    public var issued: LocalizedText
    /// Who signs, such as `មន្ត្រីអត្រានុកូលដ្ឋាន` / `Civil Registrar`.
    public var signer: LocalizedText
    /// The signer's name, below the signature.
    public var signerName: LocalizedText?
    /// Small text at the end, such as how to check the document.
    public var notes: [LocalizedText]
    /// The dark modules of the QR code by rows; `nil` keeps the place empty.
    public var qr: [[Bool]]?
    /// A word across the page, such as `គំរូ` / `SPECIMEN`.
    public var watermark: LocalizedText?
    /// The language of the file's own texts.
    public var language: Language
    /// When the file was made.
    public var created: Instant

    public init(
        title: LocalizedText, offices: [LocalizedText], number: String, rows: [Row], issued: LocalizedText,
        signer: LocalizedText, signerName: LocalizedText? = nil, notes: [LocalizedText] = [], qr: [[Bool]]? = nil,
        watermark: LocalizedText? = nil, language: Language = .km, created: Instant
    ) {
        self.title = title
        self.offices = offices
        self.number = number
        self.rows = rows
        self.issued = issued
        self.signer = signer
        self.signerName = signerName
        self.notes = notes
        self.qr = qr
        self.watermark = watermark
        self.language = language
        self.created = created
    }
}
