import ArgumentParser
import Codecs
import DemoWorld
import Kernel

/// `rumdul errors`: the reference of all errors.
struct ErrorsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "errors", abstract: "Print every error code with its texts, cause and remedy.",
        discussion: "Example: rumdul errors > docs/errors.md")

    @Flag(name: .long, help: "One JSON object per line instead of Markdown.") var json = false

    func run() throws {
        if json {
            for entry in ErrorReference.json { Terminal.print(json: .object(entry)) }
        } else {
            print(ErrorReference.markdown, terminator: "")
        }
    }
}
