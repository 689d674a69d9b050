import Accountability
import Codecs
import Database
import Kernel
import KeyVault

extension PopulationRegister {
    /// Codes for the gate, also of records that were closed: whoever was told of somebody must be told of whom it was
    /// when the record is annulled. Nothing but `kidc`.
    public var codesEver: some AttributeSource { CodesEver(register: self) }
}

private struct CodesEver: AttributeSource {
    let register: PopulationRegister

    func protectedAttributes(
        of subject: PersonID, _ names: [AttributeName], in connection: any SQLConnection
    ) async throws -> ProtectedAttributes {
        guard names.contains(.kidc) else { return ProtectedAttributes([:]) }
        let open = try await register.open(subject, in: connection)
        guard let sealed = try await register.store.lastCode(of: subject, in: connection) else {
            return ProtectedAttributes([:])
        }
        let digits = try open.key.open(sealed, context: Envelope.context(person: subject, field: "kidc"))
        return ProtectedAttributes([.kidc: .string(String(decoding: digits, as: UTF8.self))])
    }
}

extension PopulationStore {
    /// The sealed code of a person: the active one, else the one that was given last.
    func lastCode(of person: PersonID, in connection: any SQLConnection) async throws -> [UInt8]? {
        try await connection.first(
            """
            SELECT sealed FROM population_codes WHERE person_id = $1
            ORDER BY CASE state WHEN 'active' THEN 0 ELSE 1 END, issued_at DESC, tag LIMIT 1
            """, [person.text])?.optionalBlob(0)
    }
}
