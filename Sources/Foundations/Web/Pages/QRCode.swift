import CQRencode
import Kernel

/// QR codes (ISO/IEC 18004) with error correction level M.
public enum QRCode {
    /// The dark modules of a code by rows.
    /// - Throws: `web.qr` when the text is empty, holds the null character, or is longer than a code can hold (about
    /// 2300 bytes).
    public static func modules(_ text: String) throws(RumdulError) -> [[Bool]] {
        guard !text.isEmpty, !text.utf8.contains(0),
            let code = QRcode_encodeString(text, 0, QR_ECLEVEL_M, QR_MODE_8, 1)
        else { throw .qrText }
        defer { QRcode_free(code) }
        let width = Int(code.pointee.width)
        guard let data = code.pointee.data else { throw .qrText }
        return (0..<width).map { row in (0..<width).map { data[row * width + $0] & 1 == 1 } }
    }

    /// The code as inline SVG with a quiet zone of four modules.
    /// - Parameter label: the text for screen readers.
    /// - Throws: `web.qr`
    public static func svg(_ text: String, label: String = "QR") throws(RumdulError) -> String {
        let rows = try modules(text)
        let size = rows.count + 8
        var svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"qr\" viewBox=\"0 0 \(size) \(size)\" "
        svg += "shape-rendering=\"crispEdges\" role=\"img\" aria-label=\"\(SafeHTML.escape(label))\">"
        svg += "<path fill=\"#fff\" d=\"M0 0h\(size)v\(size)H0z\"/><path fill=\"#000\" d=\""
        for (y, row) in rows.enumerated() {
            var x = 0
            while x < row.count {
                guard row[x] else {
                    x += 1
                    continue
                }
                let start = x
                while x < row.count, row[x] { x += 1 }
                svg += "M\(start + 4) \(y + 4)h\(x - start)v1h-\(x - start)z"
            }
        }
        return svg + "\"/></svg>"
    }
}

extension RumdulError {
    /// The text does not fit into a QR code.
    public static let qrText = RumdulError(
        "web.qr", .invalid, km: "មិនអាចបង្កើតកូដ QR បានទេ។", en: "The QR code cannot be made.")
}
