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
        var stack = [TemplateValue(object: data)]
        Template.render(nodes, &stack, into: &bytes)
    }

    private static func render(_ nodes: [Node], _ stack: inout [TemplateValue], into bytes: inout [UInt8]) {
        for node in nodes {
            switch node {
            case .markup(let markup): bytes += markup
            case .value(let path): find(path, stack).append(to: &bytes)
            case .section(let path, let inner):
                let value = find(path, stack)
                switch value {
                case .nothing, .flag(false): continue
                case .items(let items):
                    for item in items {
                        stack.append(item)
                        render(inner, &stack, into: &bytes)
                        stack.removeLast()
                    }
                default:
                    stack.append(value)
                    render(inner, &stack, into: &bytes)
                    stack.removeLast()
                }
            case .inverted(let path, let inner):
                switch find(path, stack) {
                case .nothing, .flag(false): render(inner, &stack, into: &bytes)
                case .items(let items) where items.isEmpty: render(inner, &stack, into: &bytes)
                default: break
                }
            }
        }
    }

    /// The value of a name in the innermost section that has it.
    private static func find(_ path: [String], _ stack: [TemplateValue]) -> TemplateValue {
        guard let first = path.first else { return stack.last ?? .nothing }
        for level in stack.reversed() {
            guard case .object(let values) = level, var value = values[first] else { continue }
            for name in path.dropFirst() {
                guard case .object(let inner) = value, let next = inner[name] else { return .nothing }
                value = next
            }
            return value
        }
        return .nothing
    }
}

/// A page's data in the form in which templates read it: what kind each value is gets asked once.
private enum TemplateValue {
    case nothing
    case text(String)
    case flag(Bool)
    case markup(SafeHTML)
    case items([TemplateValue])
    case object([String: TemplateValue])

    init(object: [String: Any]) { self = .object(object.mapValues(TemplateValue.init)) }

    init(_ value: Any) {
        switch value {
        case let text as String: self = .text(text)
        case let flag as Bool: self = .flag(flag)
        case let number as Int: self = .text(String(number))
        case let object as [String: Any]: self = TemplateValue(object: object)
        case let objects as [[String: Any]]: self = .items(objects.map(TemplateValue.init(object:)))
        case let texts as [String]: self = .items(texts.map(TemplateValue.text))
        case let items as [Any]: self = .items(items.map(TemplateValue.init))
        case let markup as SafeHTML: self = .markup(markup)
        case let optional as any OptionalValue: self = optional.content.map(TemplateValue.init) ?? .nothing
        default: self = .text(String(describing: value))
        }
    }

    func append(to bytes: inout [UInt8]) {
        switch self {
        case .nothing: break
        case .text(let text): SafeHTML.append(escaping: text, to: &bytes)
        case .flag(let flag): bytes += (flag ? "true" : "false").utf8
        case .markup(let markup): bytes += (markup.markup ?? "").utf8
        case .items(let items): for item in items { item.append(to: &bytes) }
        case .object: break
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
