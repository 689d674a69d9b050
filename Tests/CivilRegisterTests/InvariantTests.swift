import DatabaseTesting
import Glibc
import Testing

@testable import CivilRegister

/// The invariants of the registers, on random walks.
///
/// Where each of the twenty is tested:
///
/// | # | invariant | test |
/// | --- | --- | --- |
/// | 1 | one active code for a person, one person for a code | here; `ConcurrencyTests`; `CodeScaleTests` of the population register |
/// | 2 | no code twice, nor given to another after revocation or abandonment | here; `LifecycleTests` for merges and erasure |
/// | 3 | every state is the fold of signed actions | here; `StateTableTests` |
/// | 4 | any edit or deletion in the history is found | `TamperingTests` |
/// | 5 | a birth in force has exactly one live person | here |
/// | 6 | the dead are dead: life, marriages, consents, credentials | here; consents and credentials in `RumdulServerTests` |
/// | 7 | no second marriage, no dead or under-age spouse | here; `RuleTests`; `ConcurrencyTests` |
/// | 8 | parents are older, spacing is questioned | here; `RuleTests` |
/// | 9 | a correction rewrites nothing | here |
/// | 10 | a certificate is superseded exactly when a printed field changes | `StateTableTests`, on the fold |
/// | 11 | nationality and parents' papers block nothing | here; `BirthTests` |
/// | 12 | the cause of death only with `medical.read` | with the medical certificate, which does not exist yet |
/// | 13 | a sealed record is not there for others | here; counts and exports with the statistics |
/// | 14 | every look is written exactly once, with actor, basis, purpose | here; `DisclosureTests` of the population register |
/// | 15 | a withdrawn consent yields nothing | `ConsentTests`, `Conformance` |
/// | 16 | merge then split is identity | with the merge of persons |
/// | 17 | conflicting steps never lose one silently | here (late and repeated requests); `ConcurrencyTests` |
/// | 18 | the device's time is evidence, the server's counts | here; `StateTableTests` |
/// | 19 | no cell below the threshold leaves as statistics | with the statistics |
/// | 20 | rights are checked on the canonical path | `WebTests` |
@Suite struct InvariantTests {
    /// How many walks; RUMDUL_WALKS=100 takes an evening's worth of them, and tells how far each went.
    private static let seeds = 1...(getenv("RUMDUL_WALKS").flatMap { Int(String(cString: $0)) } ?? 4)

    @Test(arguments: TestDatabases.kinds, seeds)
    func everyInvariantHoldsAfterEveryStretchOfARandomWalk(_ kind: DatabaseKind, _ seed: Int) async throws {
        try await World.with(kind) { world in
            var walk = try await Walk(world, seed: UInt64(seed))
            var invariants = Invariants(world)
            for step in 1...300 {
                try await walk.step()
                if step % 40 == 0 { try await invariants.check() }
            }
            // The walk must have gone somewhere.
            for name in ["declare", "verify", "register", "repeat"] {
                #expect(walk.counts[name] ?? 0 > 0, "seed \(seed) never came to \(name)")
            }
            if Self.seeds.count > 4 {
                print(
                    "walk \(seed) on \(kind): \(walk.counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" })"
                )
            }
        }
    }

    /// Invariant 11, for every nationality of a child, and parents of whom nothing is known.
    @Test(arguments: TestDatabases.kinds)
    func invariant11NoNationalityAndNoMissingPaperStopsABirth(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            for (nationality, country) in [
                ("", ""), ("undetermined", ""), ("khmer", ""), ("foreign", "VNM"), ("stateless", ""), ("refugee", ""),
            ] {
                for parent in ["", nationality] {
                    let record = try await world.registeredBirth([
                        "child.nationality": nationality, "child.country": country, "mother.nationality": parent,
                        "mother.country": parent == "foreign" ? country : "", "mother.birthdate": "",
                        "father.unknown": parent.isEmpty ? "unknown" : "",
                        "father.given_km": parent.isEmpty ? "" : "ដារ៉ា", "father.nationality": parent,
                        "father.country": parent == "foreign" ? country : "",
                    ])
                    #expect(record.state == .registered)
                }
            }
        }
    }
}
