import CPango
import Kernel

/// A PDF file under way. Used by one thread; everything cairo holds goes with it.
final class PDFSurface {
    private let surface: OpaquePointer
    /// What is drawn on, in points from the upper left corner of the paper.
    let drawing: OpaquePointer
    private let sink = Sink()

    /// The bytes that cairo writes.
    private final class Sink {
        var bytes: [UInt8] = []
        /// Far above what 200 pages need; a stop for what nobody thought of.
        static let limit = 128 << 20
    }

    init(_ document: Document) throws(RumdulError) {
        guard
            let surface = cairo_pdf_surface_create_for_stream(
                { closure, data, count in
                    guard let closure, let data else { return CAIRO_STATUS_WRITE_ERROR }
                    let sink = Unmanaged<Sink>.fromOpaque(closure).takeUnretainedValue()
                    guard sink.bytes.count + Int(count) <= Sink.limit else { return CAIRO_STATUS_WRITE_ERROR }
                    sink.bytes.append(contentsOf: UnsafeBufferPointer(start: data, count: Int(count)))
                    return CAIRO_STATUS_SUCCESS
                }, Unmanaged.passUnretained(sink).toOpaque(), document.page.width, document.page.height)
        else { throw .typesettingFailed("no PDF surface") }
        guard let drawing = cairo_create(surface) else {
            cairo_surface_destroy(surface)
            throw .typesettingFailed("no drawing")
        }
        self.surface = surface
        self.drawing = drawing
        cairo_pdf_surface_restrict_to_version(surface, CAIRO_PDF_VERSION_1_5)
        let metadata = document.metadata
        let created = metadata.created.rfc3339
        set(CAIRO_PDF_METADATA_TITLE, metadata.title)
        set(CAIRO_PDF_METADATA_AUTHOR, metadata.author)
        set(CAIRO_PDF_METADATA_SUBJECT, metadata.subject)
        set(CAIRO_PDF_METADATA_KEYWORDS, document.watermark.map { "\($0.km) / \($0.en)" })
        set(CAIRO_PDF_METADATA_CREATOR, "Rumdul")
        set(CAIRO_PDF_METADATA_CREATE_DATE, created)
        set(CAIRO_PDF_METADATA_MOD_DATE, created)
    }

    private func set(_ entry: cairo_pdf_metadata_t, _ value: String?) {
        guard let value else { return }
        var view = String.UnicodeScalarView()
        view.append(contentsOf: TextPreparation.cleaned(value).map { $0 == "\n" ? " " : $0 })
        guard !view.isEmpty else { return }
        cairo_pdf_surface_set_metadata(surface, entry, String(view))
    }

    deinit {
        cairo_destroy(drawing)
        cairo_surface_destroy(surface)
    }

    /// Ends a page.
    func endPage() { cairo_show_page(drawing) }

    /// Ends the file and gives its bytes.
    func finish() throws(RumdulError) -> [UInt8] {
        let state = cairo_status(drawing)
        cairo_surface_finish(surface)
        for status in [state, cairo_surface_status(surface)] where status != CAIRO_STATUS_SUCCESS {
            throw .typesettingFailed("cairo: \(String(cString: cairo_status_to_string(status)))")
        }
        return sink.bytes
    }
}
