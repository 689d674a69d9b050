import Kernel
import Testing

@testable import Web

@Suite struct MultipartFormTests {
    private func decode(_ text: String, _ boundary: String = "b") throws -> MultipartForm {
        try MultipartForm.decode(Array(text.utf8), boundary: boundary)
    }

    @Test func fieldsAndFilesComeApart() throws {
        let form = try decode(
            "--b\r\nContent-Disposition: form-data; name=\"kind\"\r\n\r\nសំបុត្រ\r\n"
                + "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n"
                + "\r\n--bogus\r\n\r\n--b--\r\n")
        #expect(form.fields["kind"] == "សំបុត្រ")
        #expect(form.file("file")?.fileName == "a.png")
        #expect(form.file("file")?.bytes == Array("\r\n--bogus\r\n".utf8))
        #expect(form.file("other") == nil)
    }

    @Test(arguments: [
        "", "--b", "--b--", "--b\r\n", "--b\r\n\r\n", "--b\r\nx\r\n--b--",
        "--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--",
        "--b\r\nContent-Disposition: form-data; name=\"\"\r\n\r\nx\r\n--b--",
        "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx",
        "--c\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n--c--",
        "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\ny\r\n--b--",
    ])
    func whatIsNoFormIsRefused(_ text: String) {
        if text == "--b--" { return }  // an empty form
        #expect(throws: RumdulError.self) { _ = try decode(text) }
    }

    @Test func randomBytesNeverCrash() {
        var state: UInt64 = 7
        for _ in 0..<3_000 {
            var bytes: [UInt8] = Array("--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n--b--".utf8)
            for _ in 0..<4 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                bytes[Int(state >> 33) % bytes.count] = UInt8(truncatingIfNeeded: state >> 20)
                if state & 64 == 0 { bytes.removeLast(Int(state >> 40) % max(1, bytes.count / 2)) }
                if bytes.isEmpty { bytes = [45] }
            }
            _ = try? MultipartForm.decode(bytes, boundary: "b")
        }
    }
}
