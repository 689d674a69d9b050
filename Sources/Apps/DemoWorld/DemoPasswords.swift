/// The passwords of the demonstration's officers as the directory stores them. Everybody may know them: computing them at
/// each first start would only cost seconds.
enum DemoPasswords {
    static let stored: [String: String] = [
        "sokunthea":
            "scrypt$15$8$3$I2CcCrxgyHr11t5HuKTy4g$OW6hxUUmTrao_6dRkdATx1qKfIq52EsEO0Jq4K3LJZM",
        "dalin":
            "scrypt$15$8$3$XlmjoLRXGnN4M1Ccwc_3Cw$5K5H-hEd4CnTX12ulocyk9nOSic5f_Ns_gug-uEGIc8",
        "sothy":
            "scrypt$15$8$3$SPkaZhEpIkphGUZXbtCWDw$-Q-lB5SQQySeH9toXgUPPNjqCbL77FJzEAYVa5bTbS0",
        "vibol":
            "scrypt$15$8$3$DBKTn-I-kLvfyQSKAJX68A$348c_6WIrbiFwqpux3-1qhR4eI8E9kf7ApdR6ssjE5s",
        "sreymom":
            "scrypt$15$8$3$ERw2UNbzKZ5-ngCcd6DoWA$8Kty2-GZ2d2tCre8uxBwE8D2-xE4vv7cqEMBRj938as",
        "piseth":
            "scrypt$15$8$3$IBML_yTEbaeT_kJxrFv5FA$itlgFKnmLqTxy4kv7zBHR-LpTQ0e7foahcamJ1h070Y",
        "maly":
            "scrypt$15$8$3$dcK8dVljdHjIqcpQDFxOiw$Ad5WvNL36nVXamHlJkiFh9444n4uTdDb1Jt0w_zaNuQ",
        "samnang":
            "scrypt$15$8$3$2NtOkQFi2rf04BOK5VaBAQ$QspLiDOC2lZOFTzyvXDghj8GUqMk1fv0c-cS43jCEAI",
        "sophal":
            "scrypt$15$8$3$YaZ6riE_gWWbJfj9dvJu7A$J8lAQxdqfRlXkSfXYlGWgqUF3nQCN_BlUJ1kRRbGR-E",
        "ratana":
            "scrypt$15$8$3$zEh9NDBh2HhLg_NEtq-pYA$LvQ9NeA8VYND3cgaXtTn4-v7lJYS8qsZSjf5q71GZPk",
        "kunthea":
            "scrypt$15$8$3$a0wh1tn7emLJ2S055YIKOw$D6izU3V0UqpZeYtMyGlfMpx7P2pvP4URvuQs2dCwGmo",
        "vichea":
            "scrypt$15$8$3$vH83OdvFJo_wAAZ9zc-5GA$6UTrpn5yu2ty-Y873gbF5OqZ-_dC41kJAifCmW3H3BA",
        "ratanak":
            "scrypt$15$8$3$QWcFurqqoY4qRmkc1h4diA$G7KfhxbV4fjc3MWWldHkrMoAWMSjAFaHHgFnVh5Ouf4",
        "sopheap":
            "scrypt$15$8$3$t2tG1QS5EqhY1Vd_GzMKCw$gQWADYahAguqcAX6uLjH1SaZ-EBiTqol0bqs-T8XU8g",
        "rithy":
            "scrypt$15$8$3$M-lwy_3RqBXySvcC7U6x0w$nm8h6bjx45OXpgLKfOrHuo5c38ihVCuDWKKCSj-_uiU",
        "bopha":
            "scrypt$15$8$3$pXQgipRjAAg7BT63_HZBHw$h4diufkvzZlOvCFbiBEdKSrR0U4_mOt3gyC84UcGwHA",
        "vanna":
            "scrypt$15$8$3$7CffIipnUSu-pl31GQtPTw$fFSyJSAdUAhu1cCy3ZLan_cQy6UC3fpJKlM7GquV3uQ",
        "narin":
            "scrypt$15$8$3$xnuPrbQowGytZoRLXwM1-g$jWtfBsC2dWFp6_nVA-o_9gr3YKRnFi6YDS-IBcaQIX8",
        "chenda":
            "scrypt$15$8$3$RwEhB5JQazltSIQgVzrPeA$-ujWxGmQBnAunjbLmDjM95lDOE3mriUfcE7DxXeJtw0",
    ]
}
