/// The mark of the product: a rumdul flower, three thick petals around three small ones.
public enum Logo {
    private static let petals = """
        <path d="M16 16C10 13 9 6 16 2c7 4 6 11 0 14Z"/>\
        <path d="M16 16c1 7-4 11-12 8 0-8 6-11 12-8Z"/>\
        <path d="M16 16c6-3 12 0 12 8-8 3-13-1-12-8Z"/>
        """

    private static let heart = """
        <path d="M16 17c-3 1-6-1-6-4 3-1 6 1 6 4Zm0 0c3 1 6-1 6-4-3-1-6 1-6 4Zm0 0c-2 2-2 5 0 7 2-2 2-5 0-7Z"/>
        """

    /// Inline markup; decorative, hidden from screen readers.
    public static let svg =
        "<svg class=\"logo\" viewBox=\"0 0 32 32\" width=\"32\" height=\"32\" aria-hidden=\"true\">"
        + "<g fill=\"#f7e3a1\">\(petals)</g><g fill=\"#d9a021\">\(heart)</g></svg>"

    /// The icon of the browser's tab.
    static let icon =
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 32 32\"><rect width=\"32\" height=\"32\" rx=\"7\" "
        + "fill=\"#14356b\"/><g fill=\"#f7e3a1\">\(petals)</g><g fill=\"#d9a021\">\(heart)</g></svg>"
}
