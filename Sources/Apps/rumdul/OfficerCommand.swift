import Accountability
import ArgumentParser
import Codecs
import Foundation
import Kernel
import RumdulServer

/// `rumdul admin officer`: accounts of officers, their roles and where they may act.
struct OfficerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "officer", abstract: "Accounts of officers.",
        discussion: "Example: rumdul admin officer list",
        subcommands: [Add.self, List.self, Link.self, SetPassword.self, Disable.self])

    /// Who acts in the audit trail when the operator uses the command line.
    static let operatorActor = Actor.system("rumdul-admin")

    /// Adds an officer.
    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add an officer.",
            discussion: """
                The password is typed, or read from --password-file.

                Example: rumdul admin officer add sophea --name-km "សុភា" --name-en "Sophea" --grant enrolmentOfficer:12
                """)

        @OptionGroup var options: ServerOptions
        @Argument(help: "User name: 3 to 32 of a-z, 0-9, '.', '_', '-'.") var username: String
        @Option(name: .long, help: "Name in Khmer.") var nameKm: String
        @Option(name: .long, help: "Name in Latin letters.") var nameEn: String
        @Option(name: .long, help: "ROLE or ROLE:AREA, with an area code such as 12 or 1204; may be repeated.")
        var grant: [String] = []
        @Option(name: .long, help: "File whose first line is the password.") var passwordFile: String?
        @Option(name: .long, help: "Code of the office.") var office: String = "kh-gov"

        func run() async throws {
            let password = try Terminal.secret("Password for \(username)", file: passwordFile)
            let grants = try grant.map(OfficerCommand.parseGrant)
            let draft = OfficerDraft(
                username: username, displayName: LocalizedText(km: nameKm, en: nameEn),
                organisation: Organisation(code: office, name: LocalizedText(km: office, en: office)), grants: grants)
            let officer = try await options.withNode { node in
                try await node.officers.create(draft, password: password, by: OfficerCommand.operatorActor)
            }
            if options.json {
                Terminal.print(json: ["id": .string(officer.id), "username": .string(officer.username)])
            } else {
                print("added \(officer.username) (\(officer.id))")
            }
        }
    }

    /// Lists officers.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List officers.", discussion: "Example: rumdul admin officer list --json")

        @OptionGroup var options: ServerOptions

        func run() async throws {
            let officers = try await options.withNode { node in try await node.officers.officers(limit: 500) }
            for officer in officers {
                let grants = officer.grants.map { grant in
                    switch grant.jurisdiction {
                    case .national: grant.role.rawValue
                    case .area(let code): "\(grant.role.rawValue):\(code)"
                    }
                }
                if options.json {
                    Terminal.print(json: [
                        "id": .string(officer.id), "username": .string(officer.username),
                        "state": .string(officer.state.rawValue), "grants": .strings(grants),
                    ])
                } else {
                    print("\(officer.username)\t\(officer.state.rawValue)\t\(grants.joined(separator: " "))")
                }
            }
        }
    }

    /// Says who an officer is as a person.
    struct Link: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say who an officer is as a person; needed before the officer may assist others.",
            discussion: """
                The officer's own code is typed, or read from --code-file.

                Example: rumdul admin officer link sophea
                """)

        @OptionGroup var options: ServerOptions
        @Argument var username: String
        @Option(name: .long, help: "File whose first line is the officer's own KIDC.") var codeFile: String?

        func run() async throws {
            let code = try Terminal.secret("KIDC of \(username)", file: codeFile)
            try await options.withNode { node in
                let officer = try await OfficerCommand.find(username, in: node)
                guard let person = try await node.register.person(loginIdentifier: code) else {
                    throw RumdulError.codeUnknown
                }
                try await node.officers.link(officer.id, to: person, by: OfficerCommand.operatorActor)
            }
            print("linked")
        }
    }

    /// Sets a new password.
    struct SetPassword: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set an officer's password.",
            discussion: "Example: rumdul admin officer set-password sophea --password-file secret.txt")

        @OptionGroup var options: ServerOptions
        @Argument var username: String
        @Option(name: .long, help: "File whose first line is the password.") var passwordFile: String?

        func run() async throws {
            let password = try Terminal.secret("New password for \(username)", file: passwordFile)
            try await options.withNode { node in
                let officer = try await OfficerCommand.find(username, in: node)
                try await node.officers.setPassword(officer.id, password, by: OfficerCommand.operatorActor)
            }
            print("password set")
        }
    }

    /// Disables an account.
    struct Disable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Disable an officer's account.", discussion: "Example: rumdul admin officer disable sophea")

        @OptionGroup var options: ServerOptions
        @Argument var username: String

        func run() async throws {
            try await options.withNode { node in
                let officer = try await OfficerCommand.find(username, in: node)
                try await node.officers.disable(officer.id, by: OfficerCommand.operatorActor)
            }
            print("disabled")
        }
    }

    static func find(_ username: String, in node: Node) async throws -> Officer {
        guard let officer = try await node.officers.officers(limit: 5000).first(where: { $0.username == username })
        else {
            throw RumdulError.officerNotFound
        }
        return officer
    }

    static func parseGrant(_ text: String) throws -> Grant {
        let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
        guard let role = parts.first.flatMap(Role.init(rawValue:)) else {
            throw RumdulError(
                "cli.role", .invalid, km: "មិនស្គាល់តួនាទី «\(text)» ទេ។",
                en: "There is no role \"\(text)\". Known: " + Role.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return Grant(role, in: parts.count == 2 ? .area(parts[1]) : .national)
    }
}

extension RumdulError {
    /// No person of the register has this code.
    fileprivate static let codeUnknown = RumdulError(
        "cli.code_unknown", .notFound, km: "គ្មាននរណាមានលេខកូដនេះទេ។", en: "Nobody in the register has this code.")
}
