import Accountability
import Database
import Kernel
import KhmerText

/// Legal stay of people who are no citizens. Nothing asks for it: births, deaths and marriages are registered without.
extension PopulationRegister {
    /// Notes on what ground a person stays, from its first day on, in the place of what was noted before; `nil` says that
    /// the last ground ended on a day. Writes the audit entry `person.amended`.
    ///
    /// - Parameters:
    ///   - reference: the file or paper behind it, 1 to 200 bytes.
    ///   - endedOn: with `nil`, the first day without a ground; today when it is not given.
    /// - Throws: `officer.forbidden` where the person does not live in the officer's area, `person.not_found`,
    ///   `person.retired`, `person.invalid` with the refused fields.
    public func recordStay(
        _ stay: LegalStay?, of person: PersonID, reference: String, endedOn: CalendarDate? = nil, by hand: RegisterHand
    ) async throws {
        let today = ambient.now().dayInCambodia
        guard let reference = try? TextInput.clean(reference, limit: 60), !reference.isEmpty else {
            throw RumdulError.personInvalid([
                FieldError("reference", LocalizedText(km: "សូមសរសេរឯកសារ ឬសំណុំរឿង។", en: "Name the paper or the file."))
            ])
        }
        try await database.transaction { connection in
            let open = try await open(person, in: connection)
            let actor = try hand.acting(.stayWrite, in: open.snapshot.homeArea)
            let source = FactSource(kind: "immigration", reference: reference)
            guard let stay else {
                guard !open.snapshot.stay.isEmpty else { return }
                try await amend(
                    person, .stay([]), validFrom: endedOn ?? today, source: source, by: actor, in: connection)
                return
            }
            // Who is Khmer needs none. Anybody else may have one, whatever is or is not known of the nationality.
            let statuses = open.snapshot.nationality.map(\.status)
            guard !statuses.contains(.khmer) else {
                throw RumdulError.personInvalid([
                    FieldError(
                        "basis",
                        LocalizedText(
                            km: "តាមបញ្ជី មនុស្សនេះមានសញ្ជាតិខ្មែរ។", en: "By the register this person is Khmer."))
                ])
            }
            try await amend(
                person, .stay([stay]), validFrom: min(stay.from, today), source: source, by: actor, in: connection)
        }
    }

    /// What was asked for as on a day, as far as it was known at a moment, through the gate. Throws what the gate throws.
    public func read(
        _ request: DisclosureRequest, on day: CalendarDate, knownAt moment: Instant? = nil
    ) async throws -> DisclosedAttributes {
        try await database.transaction { connection in
            try await gate.disclose(request, from: view(on: day, knownAt: moment), in: connection)
        }
    }
}
