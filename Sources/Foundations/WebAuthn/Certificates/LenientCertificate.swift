import Kernel
import SwiftASN1

/// Real devices carry certificates that write `critical` with its default value `FALSE`, which DER forbids (X.690 section
/// 11.5). Their owners shall not be locked out: the fields are read from a copy without these values, and the signature is
/// checked over the bytes as they came.
enum LenientCertificate {
    /// The certificate of three parts, without explicit defaults in its extensions.
    static func normalized(_ parts: [DERNode]) throws(RumdulError) -> [UInt8] {
        var fields: [UInt8] = []
        for field in try parts[0].children(.sequence) {
            fields += field.tag == 3 ? try extensions(field.tagged(3)) : Array(field.node.encodedBytes)
        }
        return wrap(0x30, wrap(0x30, fields) + parts[1].node.encodedBytes + parts[2].node.encodedBytes)
    }

    private static func extensions(_ list: DERNode) throws(RumdulError) -> [UInt8] {
        var entries: [UInt8] = []
        for entry in try list.children(.sequence) {
            var content: [UInt8] = []
            for part in try entry.children(.sequence) where !isFalse(part) { content += part.node.encodedBytes }
            entries += wrap(0x30, content)
        }
        return wrap(0xA3, wrap(0x30, entries))
    }

    private static func isFalse(_ part: DERNode) -> Bool { (try? part.boolean()) == false }

    private static func wrap(_ tag: UInt8, _ content: some Collection<UInt8>) -> [UInt8] {
        var length: [UInt8] = []
        var rest = content.count
        repeat {
            length.insert(UInt8(truncatingIfNeeded: rest), at: 0)
            rest >>= 8
        } while rest > 0
        if content.count >= 128 { length.insert(0x80 | UInt8(length.count), at: 0) }
        return [tag] + length + content
    }
}
