import Codecs
import Kernel

@testable import JOSE

/// Keys for tests.
enum Keys {
    /// An RSA key of 2048 bits, made for these tests.
    static let rsa = """
        {"kty":"RSA","e":"AQAB","n":"i00NexaBL-gxvi9zGNEKuwsEhJXKoPT2OMbtn3rkuYRDoBEjHb65IV273FAcVCQloE7ddv_hK7thsF-\
        8o7kwFgai3rpNfCks6-6a4sOZviZbBzAPAzmG546gUsYeuebcQ3VFoI1ZbX-Mu6Hh8VVz9RsEvDi6s3luyFbbw_oXUUyUm9anLZKHIh7980X\
        eeoEnAuSFWr0FBr7h22uGZwlmsOiBcJSIYypjoXpR_tzQ0A0ZjXiAiEP1QG-lX6I8OQr_mhg_aVWTdGiSRP8tCRt_rvAU2Y4FB1fn4cOXTzY\
        SqSdnBGGXAfLhvc-HE-vuM6EQDyC8rZa6J2C3uhNWFbb_sQ","d":"DcdLdPA5C0Zr7ChImczsgyt_8QbZdfIA7EUF8kM_PjfeUgX765hmuq\
        2JNE2ivbJdG-YNGxUMfk1AqIfRsn6R6m3R3JbALQ6sFDKj1Jf9HC0yTgvTglHFfaAyjLluxtvWT-BYyJyOmsl138XPgdXeXEFFxsHUOsYhPn\
        Tz9CanuYlknYFx4HE1tJ6mCQV5qbmdGi6NgdZaqqrTy3aL4iI8-LxPDNV4DQszXnPtQtHdhP7kZtzivdnZEPxcbIyVH2s_A6ivnyTHteBsYt\
        ze5X9dVBKWeYsDjErpnaS5oF5cv13hauRDUrsMChupsYaEQ8HwnaZCHtc-FHUHEUtBmSx6GQ","p":"wxLfMhDD5Y7cnRJEZZTLMENw1YUan\
        x-7eAS3PxI7dGdZcxqQWpautyvMYGrTWFCT5nsunG3eBOcv2FGH6WLKGiaHYWghbIdQc5UJyijER0btqTEFWQ3J-jW6_r6CySxdU1gTHwr29\
        OuYVv8pNmPgx3Y1PENG4KDhI-RcXofubPk","q":"ts7el5upM7YMICKs0wtEL2qpe10_2KtbPpV0lGRnYeCKEFbp_FM1ftSx1we1R96RaDK\
        MBAhd4D4Z_waHsGXL02cMighG0A2TZw8zzrQor626_PFw4R5Y8GjW_Rj3hi1aCFkTWJL2MCiDAoUdtxW8tGf5laXlPrhMTnCtXq3m7nk","d\
        p":"kEp5RbMY88gEbzp_1ROGaCC6aXWXB3SVWmVCliiKScPYakeP1zH18g83kWnzAjQ38hfTlmm9-6p1vXAxM_SawVUWdnprnrdITvZC04Hs\
        DTzttmRILGMCr0znEF8ipmNmdKuFGUUm_mr1uAPtHAoszd0l63loB-d4IPBdUp8BQSE","dq":"loVbTqYC-esprMQgXV1ndUtz5Xnwei0N4\
        kgZR54sabECvVVzMCorYBUtoYpdP6IJRCxqkV96PIulyBDOZPZMj_LHplgORn0HI9Kmq8o3vf9keaUrdpEQVlNcweVu2fI5san2ffXz889Ho\
        CmPQBML39fE7-07Bxuk6OlqNw0lmrE","qi":"MFvFWfPkOB8HMeT1l7iFMv9-CVeLIgzefq23q7fRF4Jq-RR_iIy_oI_SUrC73Zu8OPnD87\
        NWko0EJT0tuIGZ81P1faeNkgRTfFzEt12VcqjYMFTUUfJi_hhP3PO2UOgZnp5B1m-P-qLKJlq1k_SkxHRkV0-8B7Wgyt6gc6Wg3Kk"}
        """

    static func rsaKey() throws -> JWK { try JWK.parse(rsa) }

    /// A signed JWS with a header and payload given as text, by any key; the header is taken as it is.
    static func sign(header: String, payload: String, with key: SigningKey) throws -> String {
        let input = Base64URL.encode(Array(header.utf8)) + "." + Base64URL.encode(Array(payload.utf8))
        return input + "." + Base64URL.encode(try key.signature(for: Array(input.utf8)))
    }
}
