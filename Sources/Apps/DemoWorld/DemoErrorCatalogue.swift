import Kernel

extension ErrorRoom {
    /// Errors of the demonstration.
    public static let demoWorld = ErrorRoom(
        "DemoWorld",
        [
            ErrorEntry(
                .demoOtherSeed, cause: "The data folder holds another invented country.",
                remedy: "Choose another `--data` folder."),
            ErrorEntry(
                .demoFile(""), cause: "`demo.json` is damaged or the disk is full.", remedy: "Remove the folder."),
            ErrorEntry(.demoNoPort, cause: "The port is taken.", remedy: "Choose another, or 0 for any."),
            ErrorEntry(
                .demoBusy, cause: "Too many browsers at once.", remedy: "Try again.", km: "សូមព្យាយាមម្តងទៀត។"),
            ErrorEntry(
                .phonePINDiffers, cause: "The second PIN is another one.", remedy: "Type the same PIN twice.",
                km: "សូមវាយលេខ PIN ដូចគ្នាពីរដង។"),
        ])
}
