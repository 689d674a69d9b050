import Accountability
import Authenticators
import COSE
import CitizenPortal
import CivilRegister
import CivilRegisterAPI
import Codecs
import Consent
import DCIRegistry
import Database
import DeveloperPortal
import Enrolment
import IdentityProvider
import JOSE
import Kernel
import KeyVault
import KhmerText
import Ledger
import PopulationRegister
import ProofOfPossession
import RegisterNotifications
import Typesetting
import Web
import WebAuthn
import WebPush

extension ErrorRoom {
    /// Errors of settings and imports.
    public static let server = ErrorRoom(
        "RumdulServer",
        [
            ErrorEntry(
                .configurationUnknown("…"), cause: "A setting is misspelt or of another version.",
                remedy: "Use a name from docs/operating.md."),
            ErrorEntry(
                .configurationInvalid("…", "…"), cause: "A setting's value cannot work; the text names it.",
                remedy: "Correct the value (docs/operating.md)."),
            ErrorEntry(
                .peopleLine(1, "…"), cause: "A line of an import file is faulty; the text says why.",
                remedy: "Correct the line; the lines before it stay imported."),
        ])

    /// Errors of the command line. The texts stand here as well as with the commands, which no test can import; a test
    /// compares them.
    public static let commandLine = ErrorRoom(
        "rumdul (command line)",
        [
            ErrorEntry(
                "cli.no_node", .notFound,
                text: LocalizedText(
                    km: "មិនទាន់មានប្រព័ន្ធនៅទីនេះទេ។ សូមដំណើរការ rumdul serve ជាមុនសិន។",
                    en: "There is no node here yet: start one with rumdul serve."),
                cause: "The data folder is empty or another one.", remedy: "Check `--data`."),
            ErrorEntry(
                "cli.file", .invalid,
                text: LocalizedText(km: "អានឯកសារ «…» មិនបានទេ។", en: "The file \"…\" cannot be read."),
                cause: "The file is missing, unreadable or too large.", remedy: "Check path and rights."),
            ErrorEntry(
                "cli.no_secret", .invalid,
                text: LocalizedText(
                    km: "ត្រូវការឯកសារសម្ងាត់ (--password-file) ឬស្ថានីយ។",
                    en: "A secret is needed: name a file, or run this on a terminal."),
                cause: "There is no terminal to ask on.", remedy: "Name a file."),
            ErrorEntry(
                "cli.secrets_file", .invalid,
                text: LocalizedText(
                    km: "បង្កើតឯកសារសម្ងាត់មិនបានទេ។",
                    en: "The file for the secrets exists already or cannot be made."),
                cause: "The program does not overwrite a file of secrets.", remedy: "Name another file."),
            ErrorEntry(
                "cli.codes_file", .invalid,
                text: LocalizedText(
                    km: "បង្កើតឯកសារលេខកូដមិនបានទេ។", en: "The file for the codes exists already or cannot be made."),
                cause: "The program does not overwrite a file of codes.", remedy: "Name another file."),
            ErrorEntry(
                "cli.output", .invalid,
                text: LocalizedText(km: "សរសេរឯកសារ «…» មិនបានទេ។", en: "The file \"…\" cannot be written."),
                cause: "The folder is missing, full, or not writable.", remedy: "Check path and rights."),
            ErrorEntry(
                "cli.output_folder", .invalid,
                text: LocalizedText(km: "ថត «…» មិនទទេ។", en: "The folder \"…\" is not empty."),
                cause: "An export never mixes its files with others.", remedy: "Name a new folder."),
            ErrorEntry(
                "cli.role", .invalid,
                text: LocalizedText(km: "មិនស្គាល់តួនាទី «…» ទេ។", en: "There is no role \"…\"."),
                cause: "The role is misspelt; the text names the known ones.", remedy: "Use one of them."),
            ErrorEntry(
                "cli.code_unknown", .notFound,
                text: LocalizedText(km: "គ្មាននរណាមានលេខកូដនេះទេ។", en: "Nobody in the register has this code."),
                cause: "The code is mistyped, or of another register.", remedy: "Check the code."),
            ErrorEntry(
                "device.nothing_waiting", .notFound,
                text: LocalizedText(km: "គ្មានសំណើរង់ចាំទេ។", en: "Nothing waits for a decision."),
                cause: "No request is open for this person.", remedy: "Begin the login in the browser first."),
            ErrorEntry(
                "device.several_waiting", .invalid,
                text: LocalizedText(
                    km: "មានសំណើច្រើនកំពុងរង់ចាំ។ សូមបញ្ជាក់លេខសម្គាល់មួយ (rumdul device list)។",
                    en: "Several requests wait. Name one (rumdul device list)."),
                cause: "More than one request is open.", remedy: "Name the request."),
            ErrorEntry(
                "device.pin_unavailable", .invalid,
                text: LocalizedText(
                    km: "មិនអាចសួររកលេខសម្ងាត់ PIN បានទេ។ សូមប្រើ --pin-file។",
                    en: "There is no terminal to ask for the PIN, or no PIN file. "
                        + "Use --pin-file or RUMDUL_DEVICE_PIN_FILE."),
                cause: "Neither a terminal nor a file.", remedy: "Give `--pin-file`."),
            ErrorEntry(
                "device.pin_mismatch", .invalid,
                text: LocalizedText(km: "លេខសម្ងាត់ PIN ទាំងពីរមិនដូចគ្នាទេ។", en: "The two PINs differ."),
                cause: "The second PIN is another one.", remedy: "Type the same PIN twice."),
            ErrorEntry(
                "device.input_ended", .invalid,
                text: LocalizedText(
                    km: "ការបញ្ចូលបានបញ្ចប់មុនពេលមានចម្លើយ។", en: "Input ended before the answer."),
                cause: "The input was closed.", remedy: "Answer the question, or give the answer as an option."),
        ])
}

extension ErrorCatalogue {
    /// The errors that a node may answer: those with pages under `/errors`.
    public static let node = ErrorCatalogue([
        .kernel, .web, .oauth, .identityProvider, .enrolment, .registrarConsole, .backup, .citizenPortal,
        .developerPortal, .accountability,
        .consent,
        .authenticators, .populationRegister, .households, .civilRegister, .civilRegisterAPI, .registerNotifications,
        .dciRegistry, .ledger,
        .keyVault, .database,
        .outbound, .webPush, .cose, .webAuthn, .proofOfPossession, .jose, .typesetting, .codecs, .khmerText,
    ])
}
