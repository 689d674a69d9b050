import Foundation
import Kernel
import Web

extension Configuration {
    /// Where networks are, as the file of `place_file` says; read at the start.
    /// - Throws: `configuration.invalid`, with the line that is wrong.
    func places() throws -> NetworkPlaces {
        guard let placeFile else { return .none }
        guard let handle = FileHandle(forReadingAtPath: placeFile) else {
            throw RumdulError.configurationInvalid("place_file", "the file cannot be read")
        }
        defer { try? handle.close() }
        // One byte more than may be, so that a list that is too long is told as such and not cut off.
        let bytes: [UInt8]
        do {
            bytes = [UInt8](try handle.read(upToCount: NetworkPlaces.sizeLimit + 1) ?? Data())
        } catch {
            throw RumdulError.configurationInvalid("place_file", "the file cannot be read")
        }
        do throws(NetworkPlaces.Fault) {
            return try NetworkPlaces(csv: bytes)
        } catch {
            throw RumdulError.configurationInvalid(
                "place_file", error.line == 0 ? error.reason : "line \(error.line): \(error.reason)")
        }
    }
}
