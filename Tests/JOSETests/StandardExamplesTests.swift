import Codecs
import Crypto
import Kernel
import Testing

@testable import JOSE

/// Examples printed in the standards themselves.
@Suite struct StandardExamplesTests {
    private let joesClaims = """
        eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ
        """

    /// RFC 7515 appendix A.1.
    @Test func hmacExample() throws {
        let token = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.\(joesClaims).dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        let key = try MACKey(
            JWK.parse(
                """
                {"kty":"oct",
                "k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}
                """))
        #expect(throws: Never.self) { try UnverifiedJWS.parse(token).verifyMAC(algorithms: [.hs256], key: key) }
    }

    /// RFC 7515 appendix A.2.
    @Test func rsaExample() throws {
        let modulus = """
            ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SF\
            d2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo\
            7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkM\
            Ls91kzk2PAcDTW9gb54h4FRWyuXpoQ
            """
        let signature = """
            cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdb\
            F9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383\
            LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWy\
            wlVmtVrBp0igcN_IoypGlUPQGe77Rw
            """
        let key = try VerificationKey(JWK.parse("{\"kty\":\"RSA\",\"n\":\"\(modulus)\",\"e\":\"AQAB\"}"))
        let token = "eyJhbGciOiJSUzI1NiJ9.\(joesClaims).\(signature)"
        #expect(throws: Never.self) { try JWS.verify(token, algorithms: [.rs256], key: key) }
        #expect(throws: RumdulError.joseSignature()) {
            try JWS.verify(
                token.replacing("eyJhbGciOiJSUzI1NiJ9", with: "eyJhbGciOiJQUzI1NiJ9"), algorithms: [.ps256], key: key)
        }
    }

    /// RFC 7515 appendix A.3.
    @Test func ecdsaExample() throws {
        let key = try JWK.parse(
            """
            {"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}
            """)
        let token =
            "eyJhbGciOiJFUzI1NiJ9.\(joesClaims)."
            + "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
        let jws = try JWS.verify(token, algorithms: [.es256], key: VerificationKey(key))
        #expect(try JWT.claims(in: jws.payload).string("iss") == "joe")
    }

    /// RFC 7516 appendix A.3.
    @Test func keyWrapExample() throws {
        let key = try DecryptionKey(JWK.parse("{\"kty\":\"oct\",\"k\":\"GawgguFyGrWKav7AX4VKUg\"}"))
        let message =
            "eyJhbGciOiJBMTI4S1ciLCJlbmMiOiJBMTI4Q0JDLUhTMjU2In0.6KB707dM9YTIgHtLvtgWQ8mKwboJW3of9locizkDTHzBC2IlrT1oOQ"
            + ".AxY8DCtDaGlsbGljb3RoZQ.KDlTtXchhZTGufMYmOYGS4HffxPSUrfmqCHXaI9wOGY.U0m_YmjN04DJvceFICbCVQ"
        let policy = JWEPolicy(algorithms: [.a128KW], encryptions: [.a128CBCHS256])
        #expect(try JWE.decrypt(message, with: key, policy: policy) == Array("Live long and prosper.".utf8))
        #expect(throws: RumdulError.joseAlgorithm("")) { try JWE.decrypt(message, with: key) }
    }

    /// RFC 7518 appendix C.
    @Test func keyDerivationExample() throws {
        let alice = try JWK.parse(
            """
            {"kty":"EC","crv":"P-256","x":"gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0",
            "y":"SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps","d":"0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo"}
            """)
        let bob = try JWK.parse(
            """
            {"kty":"EC","crv":"P-256","x":"weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ",
            "y":"e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck","d":"VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw"}
            """)
        let secret = try KeyAgreement.secret(DecryptionKey(alice).backing, EncryptionKey(bob).backing)
        let derived = ConcatKDF.derive(
            secret, algorithm: "A128GCM", partyU: Array("Alice".utf8), partyV: Array("Bob".utf8), size: 16)
        #expect(Base64URL.encode(derived) == "VqqN6vgjbSBcIijNcacQGg")
    }

    /// RFC 7638 section 3.1.
    @Test func thumbprintExample() throws {
        let modulus = """
            0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiF\
            V4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9\
            c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1\
            jF44-csFCur-kEgU8awapJzKnqDKgw
            """
        let jwk = try JWK.parse(
            "{\"kty\":\"RSA\",\"n\":\"\(modulus)\",\"e\":\"AQAB\",\"alg\":\"RS256\",\"kid\":\"2011-04-29\"}")
        #expect(jwk.thumbprintText == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs")
    }

    /// RFC 8037 appendix A.
    @Test func edwardsExample() async throws {
        let jwk = try JWK.parse(
            """
            {"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
            "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
            """)
        #expect(jwk.thumbprintText == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")
        let signer = SoftwareSigner(try SigningKey(jwk), keyID: "")
        let token = try await JWSProducer(signer: signer).sign(Array("Example of Ed25519 signing".utf8))
        #expect(
            token == "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
                + "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg")
    }
}
