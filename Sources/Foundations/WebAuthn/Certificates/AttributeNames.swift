import SwiftASN1

/// Attributes of names (X.520), and of TPM certificates (TCG EK Credential Profile section 3.1.2).
enum ASN1ObjectIdentifierNames {
    static let country: ASN1ObjectIdentifier = [2, 5, 4, 6]
    static let organization: ASN1ObjectIdentifier = [2, 5, 4, 10]
    static let unit: ASN1ObjectIdentifier = [2, 5, 4, 11]
    static let name: ASN1ObjectIdentifier = [2, 5, 4, 3]
    static let tpmManufacturer: ASN1ObjectIdentifier = [2, 23, 133, 2, 1]
    static let tpmModel: ASN1ObjectIdentifier = [2, 23, 133, 2, 2]
    static let tpmVersion: ASN1ObjectIdentifier = [2, 23, 133, 2, 3]
}
