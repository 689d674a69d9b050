import Codecs
import Crypto
import Kernel

/// Opaque cursors for lists that are read page by page. A cursor holds the sort key of the last row and a MAC, so
/// that nobody can
/// make one up or use it for another list. It is not secret: put nothing personal into it.
public struct CursorCodec: Sendable {
    private let key: SymmetricKey
    private let list: [UInt8]
    private static let macLength = 12

    /// - Parameters:
    ///   - secret: the same on every node; from the key vault.
    ///   - list: the name of the list, and whose it is (`access-log:<subject>`).
    public init(secret: [UInt8], list: String) {
        key = SymmetricKey(data: secret)
        self.list = Array(list.utf8)
    }

    /// The cursor that stands after a row with these sort keys.
    public func encode(_ values: [String]) -> String {
        let content = JSON.bytes(JSONValue.strings(values))
        return Base64URL.encode(mac(content) + content)
    }

    /// The sort keys of a cursor.
    /// - Parameter count: how many there must be.
    /// - Throws: `web.cursor`
    public func decode(_ cursor: String, count: Int) throws(RumdulError) -> [String] {
        guard cursor.utf8.count <= 1024, let bytes = Base64URL.decode(cursor), bytes.count > CursorCodec.macLength
        else { throw .invalidCursor }
        let content = Array(bytes[CursorCodec.macLength...])
        guard constantTimeEquals(bytes[..<CursorCodec.macLength], mac(content)),
            let values = (try? JSON.parse(content))?.stringsValue, values.count == count
        else { throw .invalidCursor }
        return values
    }

    private func mac(_ content: [UInt8]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: list + [0] + content, using: key).prefix(CursorCodec.macLength))
    }
}
