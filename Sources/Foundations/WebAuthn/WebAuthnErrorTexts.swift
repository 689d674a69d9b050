import Kernel

extension WebAuthnCheck {
    /// What the person reads.
    public var text: LocalizedText {
        let (km, en) = phrases
        return LocalizedText(km: km, en: en)
    }

    private var phrases: (String, String) {
        switch self {
        case .options: ("ការកំណត់ passkey មិនត្រឹមត្រូវ។", "The passkey options are not valid.")
        case .response: ("ចម្លើយ passkey មិនមានទម្រង់ត្រឹមត្រូវ។", "The passkey answer is malformed.")
        case .tooLarge: ("ចម្លើយ passkey ធំពេក។", "The passkey answer is too large.")
        case .clientData: ("ទិន្នន័យពីកម្មវិធីរុករកមិនត្រឹមត្រូវ។", "The data of the browser is malformed.")
        case .authenticatorData: ("ទិន្នន័យពីឧបករណ៍មិនត្រឹមត្រូវ។", "The data of the authenticator is malformed.")
        case .attestationObject: ("ភស្តុតាងរបស់ឧបករណ៍មិនមានទម្រង់ត្រឹមត្រូវ។", "The attestation object is malformed.")
        case .type: ("ចម្លើយ passkey នេះសម្រាប់ប្រតិបត្តិការផ្សេង។", "This passkey answer is for another action.")
        case .challenge:
            ("ចម្លើយ passkey មិនត្រូវនឹងសំណើនេះទេ។ សូមព្យាយាមម្តងទៀត។", "The passkey answer is not for this request. Please try again.")
        case .origin: ("ចម្លើយ passkey មកពីគេហទំព័រផ្សេង។", "The passkey answer comes from another site.")
        case .crossOrigin: ("passkey មិនអាចប្រើក្នុងទំព័រដែលបង្កប់បានទេ។", "Passkeys cannot be used in an embedded page here.")
        case .topOrigin: ("ទំព័រខាងក្រៅមិនត្រូវបានអនុញ្ញាតទេ។", "The outer page is not allowed to embed this one.")
        case .tokenBinding: ("ទិន្នន័យ token binding មិនត្រឹមត្រូវ។", "The token binding is malformed.")
        case .rpID: ("passkey នេះសម្រាប់សេវាផ្សេង។", "This passkey is for another service.")
        case .userPresence: ("ឧបករណ៍មិនបានបញ្ជាក់ថាអ្នកនៅជាមួយទេ។", "The authenticator did not confirm that you are present.")
        case .userVerification:
            (
                "ឧបករណ៍មិនបានផ្ទៀងផ្ទាត់អ្នកទេ។ សូមប្រើលេខកូដ ឬជីវមាត្រ។",
                "The authenticator did not verify you. Use its PIN or biometrics."
            )
        case .backupState, .backupEligibility:
            ("ស្ថានភាពបម្រុងទុករបស់ passkey មិនត្រឹមត្រូវ។", "The passkey's backup state is not valid.")
        case .credentialID: ("លេខសម្គាល់ passkey មិនត្រឹមត្រូវ។", "The passkey's identifier is not valid.")
        case .extensions: ("ផ្នែកបន្ថែមរបស់ passkey មិនត្រឹមត្រូវ។", "An extension of the passkey answer is not valid.")
        case .signature: ("ហត្ថលេខារបស់ passkey មិនត្រឹមត្រូវ។", "The passkey's signature is not valid.")
        case .algorithm: ("ក្បួនកូដរបស់ passkey មិនត្រូវបានអនុញ្ញាត។", "The passkey's algorithm is not allowed.")
        case .publicKey: ("កូនសោសាធារណៈរបស់ passkey មិនត្រឹមត្រូវ។", "The passkey's public key is not acceptable.")
        case .credentialRegistered: ("passkey នេះបានចុះឈ្មោះរួចហើយ។", "This passkey is already registered.")
        case .credentialNotAllowed: ("passkey នេះមិនអាចប្រើនៅទីនេះបានទេ។", "This passkey cannot be used here.")
        case .userHandle: ("passkey នេះជារបស់គណនីផ្សេង។", "This passkey belongs to another account.")
        case .counter: ("passkey នេះអាចត្រូវបានចម្លង។", "This passkey may have been copied.")
        default: attestationPhrases
        }
    }

    private var attestationPhrases: (String, String) {
        switch self {
        case .attestationFormat: ("ប្រភេទភស្តុតាងរបស់ឧបករណ៍មិនស្គាល់។", "The attestation format is not supported.")
        case .attestationAlgorithm: ("ក្បួនកូដនៃភស្តុតាងមិនត្រូវបានអនុញ្ញាត។", "The attestation's algorithm is not allowed.")
        case .attestationSignature: ("ហត្ថលេខានៃភស្តុតាងមិនត្រឹមត្រូវ។", "The attestation's signature is not valid.")
        case .attestationCertificate:
            ("វិញ្ញាបនបត្រនៃភស្តុតាងមិនត្រឹមត្រូវ។", "The attestation's certificate is not acceptable.")
        case .attestationContent: ("ភស្តុតាងមិនត្រូវនឹងចម្លើយនេះទេ។", "The attestation does not belong to this answer.")
        case .attestationKey: ("ភស្តុតាងសម្រាប់កូនសោផ្សេង។", "The attestation is about another key.")
        case .attestationTrust: ("ភស្តុតាងមិនមកពីអ្នកផលិតដែលទុកចិត្ត។", "The attestation does not come from a trusted maker.")
        case .attestationNeeded: ("ត្រូវការឧបករណ៍ដែលមានភស្តុតាង។", "An authenticator with attestation is needed.")
        case .certificateRevoked: ("វិញ្ញាបនបត្រត្រូវបានដកហូត។", "The certificate has been revoked.")
        case .authenticatorUnknown: ("ម៉ូដែលឧបករណ៍នេះមិនស្គាល់។", "This authenticator model is not known.")
        case .authenticatorBlocked: ("ម៉ូដែលឧបករណ៍នេះមិនត្រូវបានអនុញ្ញាត។", "This authenticator model is not allowed.")
        case .authenticatorStatus: ("ម៉ូដែលឧបករណ៍នេះមានបញ្ហាសុវត្ថិភាព។", "This authenticator model has a known weakness.")
        case .authenticatorLevel:
            ("ម៉ូដែលឧបករណ៍នេះមិនមានកម្រិតវិញ្ញាបនកម្មគ្រប់គ្រាន់។", "This authenticator model is not certified highly enough.")
        case .metadata: ("ទិន្នន័យម៉ូដែលឧបករណ៍មិនត្រឹមត្រូវ។", "The authenticator metadata is malformed.")
        case .metadataSignature: ("ហត្ថលេខានៃទិន្នន័យម៉ូដែលមិនត្រឹមត្រូវ។", "The metadata's signature is not valid.")
        case .metadataChain: ("វិញ្ញាបនបត្រនៃទិន្នន័យម៉ូដែលមិនត្រឹមត្រូវ។", "The metadata's certificates are not acceptable.")
        case .metadataNumber: ("ទិន្នន័យម៉ូដែលចាស់ជាងមុន។", "The metadata is older than the one already known.")
        case .metadataExpired: ("ទិន្នន័យម៉ូដែលផុតកំណត់។", "The metadata is out of date.")
        case .revocationList: ("បញ្ជីដកហូតវិញ្ញាបនបត្រមិនត្រឹមត្រូវ។", "The certificate revocation list is not acceptable.")
        case .keyDescription: ("ការពិពណ៌នាកូនសោ Android មិនត្រឹមត្រូវ។", "The Android key description is malformed.")
        case .androidKey: ("កូនសោ Android មិនត្រូវតាមលក្ខខណ្ឌ។", "The Android key does not meet the requirements.")
        case .keyChallenge: ("ភស្តុតាងរបស់កូនសោសម្រាប់សំណើផ្សេង។", "The key's attestation is for another request.")
        case .keyApplication: ("កូនសោនេះជារបស់កម្មវិធីផ្សេង។", "The key belongs to another application.")
        case .keyProtection: ("កូនសោមិនត្រូវបានការពារគ្រប់គ្រាន់ទេ។", "The key is not protected well enough.")
        case .keyBootState: ("ប្រព័ន្ធរបស់ឧបករណ៍ត្រូវបានកែប្រែ។", "The device's system was modified.")
        case .appAttest: ("ភស្តុតាង App Attest មិនត្រឹមត្រូវ។", "The App Attest statement is not valid.")
        default: ("ភស្តុតាងរបស់ឧបករណ៍មិនត្រឹមត្រូវ។", "The attestation statement is not valid.")
        }
    }
}
