/// How the demonstration is started.
public struct DemoSettings: Sendable {
    /// Folder of everything that it keeps.
    public var dataDirectory: String
    /// `sqlite:PATH` or `postgresql://...`; a file in the folder without it.
    public var database: String?
    /// Address to listen on.
    public var host: String
    /// Port of the provider; 0 picks a free one.
    public var port: Int
    /// Port of the story and the phone: 0 picks a free one, `nil` the next one after the provider's.
    public var demoPort: Int?
    /// Port of the bank, likewise.
    public var bankPort: Int?
    /// How many people live in the country, 100...10,000,000. When the folder holds more already, they stay.
    public var people: Int
    /// Names the country; `nil` keeps that of the folder, or takes 2026.
    public var seed: UInt64?
    /// Redirect URIs of the clients for outside programs.
    public var testRedirects: [String]

    /// The numbers of the people when nothing else is said.
    public static let standardPeople = 2000
    static let standardSeed: UInt64 = 2026

    public init(
        dataDirectory: String = "./demo-data", database: String? = nil, host: String = "127.0.0.1", port: Int = 8080,
        demoPort: Int? = nil, bankPort: Int? = nil, people: Int = DemoSettings.standardPeople, seed: UInt64? = nil,
        testRedirects: [String] = []
    ) {
        self.dataDirectory = dataDirectory
        self.database = database
        self.host = host
        self.port = port
        self.demoPort = demoPort
        self.bankPort = bankPort
        self.people = people
        self.seed = seed
        self.testRedirects = testRedirects.isEmpty ? ["http://127.0.0.1:9/callback"] : testRedirects
    }
}
