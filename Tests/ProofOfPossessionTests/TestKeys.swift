import JOSE
import Kernel

enum TestKeys {
    /// An RSA key of 2048 bits, made for these tests.
    static let rsaText = """
        {"kty":"RSA","e":"AQAB","n":"w4MwkpQnH4ZKMvX0BMt87o7Ez1rmKJILlQrizIaXPkMH9JJ74AlxdZG96haRrXnaOi_bLTVgakxx\
        D0TRH_4FOQNYBLmgapkO_1nBRV9lBA0Y8OXwZp2hy7n2QV6ruTOuKI6Z-R1mwJoPvQd9v8hNfDkFQ2kATsyyxHKnRxqntmMQPpa87jBl1\
        MBRJwc9IR640SxfCs71CJG9rrayLPOxxLj1xBmj8h7WPzXfulPTq_dL-RIq4EUraiOZRS27tykgnxrCWDAehFv22uRvJKbzyaBdq4gzbG\
        uEpuXvCFqlUMX4U5KzFXVZtA5re8IgIuQAJMj_GMW7GD_1BfEV-i01ww","d":"Ke_Wd-J6f9sUyFiUdoDVc_BAy_-B9frZrCcRHfDSuU\
        K0jqPrGVO9OAxCcddUeSL1idyhBVH5M-PgrndC6jtZEHEkrKLKg4MAQgqVF9XN-6_5hRa1WbV_Mo1Zgo0VhZzNwxpPca16UF7beF8GfKA\
        w6q_qbpqzu7NRtyymr-xKRCcb1eY1InL5Fy_kW8oEjqjW2mLDfkKVc0k3ru9Ri6w9LoI0Sbjy7d5XznsdAaE-3VcP993Cgw-51L6S5_2o\
        jtjRom_3X3PXpykH3ikn4wJkawJ6OFHQgYY4XmTOdq9Qol05Idfu8LPdI_rCYmaRIwPMzY8ue_zhzu2e8DxD43HEsQ","p":"_ugTFHHa\
        8KOLLUqPeC7z4iNGCRmKZVqtZv95R-vI_n8tfZqEQce1CkCBQ11aDdPip9h71H6ERZJGMqZdf9gChwjKIt2M0cpg0OjjddwzfhMr3XFvH\
        kBRmn_8F-FZ3TkvvnnZZ-abp_cF0PsJnBzx5RmVpyZ74J0CAxpZeWmq2pM","q":"xFnkQeHr5cBBMeOw07GOj7UN9K1wmbvrn6Am8XGH\
        ohzKdJ8qyHgF88n8gfrxE8RcCl-xa1Y2ajNis7lmchzhAdu0r7KF9cKcE94UpAQ3_k41ZVebr3xFS4YSR8cnZrJmg3CJTYCe94jcdCEml\
        0ef4vvnVufD187QLAiwh-19xhE","dp":"5FFgjaZxcas7BSVMnlyH7BymJY5v7NqsiJ35ttbV4EZvq5pULks_uGAQqBMcj1gjIy3_tFR\
        iC6K6J7Hl-5WypdrUmygQcvSvhU-kNTQ4Fwv69U0eN11q-lT6qzUY9dK8FgM0HSFseKUE26uPbvpqHEevSNlqicR4Qek_DUX9V-s","dq\
        ":"rP21yQXO3CDCT74XMKuiuqH9pbCZIBkcwwpKxTYNFZrgFFeXTf_Q3rT6r1nzxEKgBNPCcJsIXhDfyRBzXd5rr0Nusc1LkPbgo_Bppw\
        fAfWFSUfMZy0ZlluCMgojIAgbzoqInlgzYAaam8_mxEl-cUlM1wq93ME-ZwPH29gsbYME","qi":"ppYRAYMabfuggWIPEyBwU2aQeCOS\
        5h2puEjgILtMFP71x4X4qHxPdgrjYv3xwjwq6e4NrLI99uEAfyojFTJKBVYr45h9sM6ntYvE59lM3iCxEkV-IYeTaHo7vYx-WKXFkUJSf\
        IkAGv_6iuZxCX2xhMzeCh2mbeRenok7WGsaDUQ"}
        """

    static func rsa() throws -> JWK { try JWK.parse(rsaText) }
}
