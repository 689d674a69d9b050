import Kernel

extension ErrorRoom {
    /// Errors that an authenticator finds by itself. What the server refuses keeps the server's code.
    public static let deviceKit = ErrorRoom(
        "DeviceKit",
        [
            ErrorEntry(
                .pinMalformed, cause: "Not exactly 6 digits.", remedy: "Type 6 digits.", km: "សូមវាយលេខ ៦ ខ្ទង់។"),
            ErrorEntry(
                .pinWeak, cause: "Six equal digits or a straight run.", remedy: "Choose another PIN.",
                km: "សូមជ្រើសរើសលេខសម្ងាត់ផ្សេង។"),
            ErrorEntry(
                .pinUnchanged, cause: "Both PINs are the same.", remedy: "Choose another PIN.",
                km: "សូមជ្រើសរើសលេខសម្ងាត់ផ្សេង។"),
            ErrorEntry(
                .activationCodeMalformed, cause: "A character is missing or is none of the code's alphabet.",
                remedy: "Type the code again.", km: "សូមវាយលេខកូដម្តងទៀត។"),
            ErrorEntry(
                .activationQRMalformed, cause: "The QR is another one.", remedy: "Scan the officer's QR.",
                km: "សូមស្កេន QR របស់មន្ត្រី។"),
            ErrorEntry(
                .serverURL, cause: "The address is not https, or holds more than scheme, host and port.",
                remedy: "Use the address on the officer's page."),
            ErrorEntry(
                .notEnrolled, cause: "The store holds no enrolment.",
                remedy: "Activate the device with an officer's code.",
                km: "សូមដំណើរការឧបករណ៍ដោយប្រើលេខកូដពីមន្ត្រី។"),
            ErrorEntry(
                .codeForeign, cause: "The picture holds another address than that of the device's own server.",
                remedy: "Scan the picture on CamDigiKey's login page.", km: "សូមស្កេនរូបនៅទំព័រចូលរបស់ CamDigiKey។"),
            ErrorEntry(
                .alreadyEnrolled, cause: "The store holds an enrolment.",
                remedy: "Use another store, or remove it first."),
            ErrorEntry(
                .storeExposed, cause: "Other users of this machine may read the key files.",
                remedy: "`chmod 600` the files."),
            ErrorEntry(
                .storeLocked, cause: "The passphrase is missing or another one.", remedy: "Give the right passphrase."),
            ErrorEntry(
                .serverUnreachable, cause: "No connection, or the server is down.", remedy: "Check the connection.",
                km: "សូមពិនិត្យអ៊ីនធឺណិត។"),
            ErrorEntry(
                .numberNotOffered, cause: "The number is none of the three.", remedy: "Look at the browser again.",
                km: "សូមមើលលេខក្នុងកម្មវិធីរុករកម្តងទៀត។"),
            ErrorEntry(
                .kindUnsupported, cause: "The server asks for a newer kind of request.", remedy: "Update the program.",
                km: "សូមធ្វើបច្ចុប្បន្នភាពកម្មវិធី។"),
            ErrorEntry(
                .storeDamaged(""), cause: "The key files were cut off or changed.",
                remedy: "Remove the store and enrol again.", km: "សូមទៅចុះឈ្មោះឧបករណ៍ម្តងទៀត។"),
            ErrorEntry(
                .storeUnwritable(""), cause: "The folder is missing, full, or not writable.",
                remedy: "Check the folder and the disk."),
            ErrorEntry(
                .answerMalformed(""), cause: "The server is another version, or something between changed the answer.",
                remedy: "Update the program; check the address."),
            ErrorEntry(
                "device.server_refused", .unavailable,
                text: LocalizedText(km: "ម៉ាស៊ីនមេបានបដិសេធសំណើ។", en: "The server refused the request."),
                cause: "The server's refusal has no code; the text names the HTTP status.",
                remedy: "Try again later; check the address."),
        ])
}
