import Accountability
import Codecs
import Database
import Kernel

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
        guard names.contains(.kidc), let code = try await register.code(of: subject, in: connection) else {
            return ProtectedAttributes([:])
        }
        return ProtectedAttributes([.kidc: .string(code.digits)])
    }
}
