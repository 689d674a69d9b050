import Kernel

/// A template in the form in which it is rendered: pieces of markup with places for values between them. Texts and
/// partials are put in when the program starts, so that a page costs little more than its bytes.
///
/// It speaks the part of Mustache that pages need: `{{value}}`, `{{dotted.value}}`, `{{.}}`, `{{#section}}`,
/// `{{^inverted}}`, `{{/end}}`, `{{> partial}}`, `{{! comment}}`. A section or partial alone on its line leaves no empty
/// line. Partials are not indented.
struct Template: Sendable {
    fileprivate indirect enum Node: Sendable {
        case markup([UInt8])
        case value([String])
        case section([String], [Node])
        case inverted([String], [Node])
    }

    private let nodes: [Node]

    /// What a template may refer to while it is made.
    struct Sources {
        /// Texts in one language by key.
        var texts: [String: String]
        /// Templates by full name.
        var partials: [String: String]
        var language: Language
    }

    /// Throws `internal` for unclosed or crossed sections and for partials that contain themselves.
    init(_ source: String, from sources: Sources) throws {
        nodes = try TemplateCompiler(sources).compile(source, depth: 0)
    }

    /// Appends the markup with these values; everything is escaped but ``SafeHTML``.
    func render(_ data: [String: Any], into bytes: inout [UInt8]) {
        var stack: [Any] = [data]
        Template.render(nodes, &stack, into: &bytes)
    }

    private static func render(_ nodes: [Node], _ stack: inout [Any], into bytes: inout [UInt8]) {
        for node in nodes {
            switch node {
            case .markup(let markup): bytes += markup
            case .value(let path): if let value = find(path, stack) { append(value, to: &bytes) }
            case .section(let path, let inner):
                guard let value = find(path, stack) else { continue }
                if let items = value as? [Any] {
                    for item in items {
                        stack.append(item)
                        render(inner, &stack, into: &bytes)
                        stack.removeLast()
                    }
                } else if (value as? Bool) ?? true {
                    stack.append(value)
                    render(inner, &stack, into: &bytes)
                    stack.removeLast()
                }
            case .inverted(let path, let inner):
                let value = find(path, stack)
                if value.map({ ($0 as? Bool) == false || ($0 as? [Any])?.isEmpty == true }) ?? true {
                    render(inner, &stack, into: &bytes)
                }
            }
        }
    }

    /// The value of a name in the innermost section that has it.
    private static func find(_ path: [String], _ stack: [Any]) -> Any? {
        guard let first = path.first else { return stack.last }
        for level in stack.reversed() {
            guard let values = level as? [String: Any], var value = values[first] else { continue }
            for name in path.dropFirst() {
                guard let inner = (value as? [String: Any])?[name] else { return nil }
                value = inner
            }
            return unwrapped(value)
        }
        return nil
    }

    /// A value that is an optional in an `Any`: what is in it, or `nil`.
    private static func unwrapped(_ value: Any) -> Any? {
        // Looking for a protocol's conformance costs more than a page's whole value; the usual types go first.
        if value is String || value is Bool || value is [Any] { return value }
        guard let optional = value as? any OptionalValue else { return value }
        return optional.content
    }

    private static func append(_ value: Any, to bytes: inout [UInt8]) {
        switch value {
        case let text as String: SafeHTML.append(escaping: text, to: &bytes)
        case let markup as SafeHTML: bytes += (markup.markup ?? "").utf8
        default: SafeHTML.append(escaping: String(describing: value), to: &bytes)
        }
    }
}

private protocol OptionalValue { var content: Any? { get } }

extension Optional: OptionalValue {
    fileprivate var content: Any? { map { $0 as Any } }
}

/// Makes templates, once at start.
private struct TemplateCompiler {
    let sources: Template.Sources
    private static let depthLimit = 16

    init(_ sources: Template.Sources) { self.sources = sources }

    private struct Open {
        var name: String
        var isInverted: Bool
        var nodes: [Template.Node] = []
    }

    func compile(_ source: String, depth: Int) throws -> [Template.Node] {
        guard depth <= TemplateCompiler.depthLimit else { throw RumdulError.internal("template: partials in a circle") }
        var open = [Open(name: "", isInverted: false)]
        var rest = source[...]
        var line = true  // Whether only white space stands before the tag on its line.
        while let start = rest.firstRange(of: "{{") {
            var before = rest[..<start.lowerBound]
            guard let end = rest[start.upperBound...].firstRange(of: "}}") else {
                throw RumdulError.internal("template: unclosed tag")
            }
            let tag = rest[start.upperBound..<end.lowerBound].trimmingSpaces
            rest = rest[end.upperBound...]
            let indent = before.reversed().prefix { $0 == " " || $0 == "\t" }.count
            let text = before.dropLast(indent)
            let alone = text.last == "\n" || (text.isEmpty && line)
            line = false
            if let kind = tag.first, "#^/>!".contains(kind), alone {
                let after = rest.drop { $0 == " " || $0 == "\t" }
                if after.isEmpty || after.first == "\n" {
                    before = text
                    rest = after.dropFirst()
                    line = true
                }
            }
            open[open.count - 1].nodes.add(markup: before)
            try handle(tag, &open, depth: depth)
        }
        guard open.count == 1 else {
            throw RumdulError.internal("template: section \(open[open.count - 1].name) stays open")
        }
        open[0].nodes.add(markup: rest)
        return open[0].nodes
    }

    private func handle(_ tag: Substring, _ open: inout [Open], depth: Int) throws {
        let name = String(tag.dropFirst().trimmingSpaces)
        switch tag.first {
        case "#", "^": open.append(Open(name: name, isInverted: tag.first == "^"))
        case "/":
            guard open.count > 1, let section = open.popLast(), section.name == name else {
                throw RumdulError.internal("template: \(name) ends a section that is not open")
            }
            let path = TemplateCompiler.path(section.name)
            open[open.count - 1].nodes.append(
                section.isInverted ? .inverted(path, section.nodes) : .section(path, section.nodes))
        case ">":
            guard let partial = sources.partials[name] else {
                throw RumdulError.internal("template: no partial \(name)")
            }
            open[open.count - 1].nodes.add(try compile(partial, depth: depth + 1))
        case "!": break
        case nil: throw RumdulError.internal("template: empty tag")
        default:
            if tag.hasPrefix("t.") {
                let text = sources.texts[String(tag.dropFirst(2))] ?? ""
                open[open.count - 1].nodes.add(try compile(SafeHTML.escape(text), depth: depth + 1))
            } else if tag == "language" {
                open[open.count - 1].nodes.add(markup: sources.language.rawValue)
            } else {
                open[open.count - 1].nodes.append(.value(TemplateCompiler.path(String(tag))))
            }
        }
    }

    private static func path(_ name: String) -> [String] {
        name == "." ? [] : name.split(separator: ".").map(String.init)
    }
}

extension [Template.Node] {
    fileprivate mutating func add(markup: some StringProtocol) { add([.markup(Array<UInt8>(markup.utf8))]) }

    /// Appends nodes; markup beside markup becomes one piece.
    fileprivate mutating func add(_ nodes: [Template.Node]) {
        for node in nodes {
            if case .markup(let next) = node {
                if next.isEmpty { continue }
                if case .markup(let known)? = last {
                    self[count - 1] = .markup(known + next)
                    continue
                }
            }
            append(node)
        }
    }
}

extension Substring {
    fileprivate var trimmingSpaces: Substring {
        var text = drop { $0 == " " }
        while text.last == " " { text.removeLast() }
        return text
    }
}
