import Codecs
import Foundation

/// Outside test vectors, which lie beside the package; tests that read them say so when they are not there.
public enum Vectors {
    /// The folder `shared/vectors`, beside the package or in a folder further above.
    public static let folder: URL = {
        var place = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        while place.path.count > 1 {
            place = place.deletingLastPathComponent()
            let candidate = place.appendingPathComponent("shared/vectors")
            if FileManager.default.fileExists(atPath: candidate.path) { return candidate }
        }
        return place
    }()

    /// Whether they are there.
    public static let present = FileManager.default.fileExists(atPath: folder.appendingPathComponent("wycheproof").path)

    /// The bytes of a file. Throws what Foundation throws.
    public static func bytes(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: folder.appendingPathComponent(path)))
    }

    /// A JSON file. Throws what `JSON.parse` throws.
    public static func json(_ path: String) throws -> JSONValue {
        try JSON.parse(bytes(path), limits: JSONLimits(depth: 64, size: 1 << 26, values: 1 << 24))
    }
}
