import Kernel

extension ErrorRoom {
    /// Errors of logins and decisions. The texts stand here as well as with the errors themselves; a test compares them.
    public static let identityProvider = ErrorRoom(
        "IdentityProvider",
        [
            ErrorEntry(
                "authorize.unknown_client", .invalid,
                text: LocalizedText(
                    km: "សេវាកម្មនេះមិនបានចុះឈ្មោះទេ។ សូមត្រឡប់ទៅគេហទំព័រដើម ហើយសាកម្តងទៀត។",
                    en: "This service is not registered here. Please go back to its website and try again."),
                cause: "`client_id` is not registered here.",
                remedy: "Register the service, or correct `client_id`.",
                km: "សូមត្រឡប់ទៅគេហទំព័រសេវាកម្ម ហើយសាកម្តងទៀត។"),
            ErrorEntry(
                "authorize.redirect_uri_mismatch", .invalid,
                text: LocalizedText(
                    km: "អាសយដ្ឋានត្រឡប់របស់សេវាកម្មនេះមិនត្រូវនឹងការចុះឈ្មោះទេ។",
                    en: "The return address of this service does not match its registration."),
                cause: "`redirect_uri` is not one of the registered ones, character by character.",
                remedy: "Register it, or send a registered one.",
                km: "សូមប្រាប់សេវាកម្មនោះអំពីបញ្ហានេះ។"),
            ErrorEntry(
                "authorize.redirect_uri_missing", .invalid,
                text: LocalizedText(km: "សំណើនេះខ្វះអាសយដ្ឋានត្រឡប់។", en: "The request has no return address."),
                cause: "`redirect_uri` is missing.",
                remedy: "Send it.",
                km: "សូមប្រាប់សេវាកម្មនោះអំពីបញ្ហានេះ។"),
            ErrorEntry(
                "authorize.request_stale", .gone,
                text: LocalizedText(
                    km: "ទំព័រនេះផុតកំណត់ហើយ ឬបើកក្នុងកម្មវិធីរុករកផ្សេង។ សូមចាប់ផ្តើមម្តងទៀតពីគេហទំព័រសេវាកម្ម។",
                    en:
                        "This page has expired, or was opened in another browser. Please start again from the service's website."
                ),
                cause: "The page is too old, or another browser opened it.",
                remedy: "Start again from the service's website.",
                km: "សូមចាប់ផ្តើមម្តងទៀតពីគេហទំព័រសេវាកម្ម។"),
            ErrorEntry(
                "authorize.identifier_invalid", .invalid,
                text: LocalizedText(
                    km: "លេខសម្គាល់មិនត្រឹមត្រូវ។ សូមពិនិត្យលេខម្តងទៀត។",
                    en: "This is not a valid identification number. Please check the digits."),
                cause: "The number is neither ten digits (code) nor sixteen (virtual number), or a digit is wrong.",
                remedy: "Check the digits and type them again.",
                km: "សូមពិនិត្យលេខ ហើយវាយម្តងទៀត។"),
            ErrorEntry(
                "authorize.too_many_prompts", .rateLimited,
                text: LocalizedText(
                    km: "មានសំណើច្រើនពេកសម្រាប់លេខនេះ។ សូមរង់ចាំប៉ុន្មាននាទី។",
                    en: "Too many requests for this number. Please wait a few minutes."),
                cause: "More than 3 requests in 5 minutes or 10 a day for this number, and none approved.",
                remedy: "Wait for the seconds in `Retry-After`.",
                km: "សូមរង់ចាំប៉ុន្មាននាទី រួចព្យាយាមម្តងទៀត។"),
            ErrorEntry(
                "activate.code_invalid", .invalid,
                text: LocalizedText(
                    km: "លេខកូដមិនត្រឹមត្រូវ ឬផុតកំណត់ហើយ។ សូមពិនិត្យលេខកូដនៅលើឧបករណ៍។",
                    en: "This code is not valid or has expired. Please check the code on the device."),
                cause:
                    "The code of a device is unknown, older than ten minutes, refused, or somebody is using it already.",
                remedy: "Check the code on the device, or begin again there.",
                km: "សូមពិនិត្យលេខកូដ ឬចាប់ផ្តើមម្តងទៀតនៅលើឧបករណ៍។"),
            ErrorEntry(
                "transaction.not_found", .notFound,
                text: LocalizedText(km: "រកមិនឃើញសំណើនេះទេ។", en: "There is no such request."),
                cause: "No such request waits for this person.",
                remedy: "Load the list again.",
                km: "សូមបើកបញ្ជីសំណើម្តងទៀត។"),
            ErrorEntry(
                .frameStale, cause: "The frame is more than five seconds old, or was not made here.",
                remedy: "Scan the moving picture on the screen again.", km: "សូមស្កេនរូបលើអេក្រង់ម្តងទៀត។"),
            ErrorEntry(
                "transaction.decided", .conflict,
                text: LocalizedText(km: "សំណើនេះត្រូវបានសម្រេចរួចហើយ។", en: "This request has been decided already."),
                cause: "The request was decided before, perhaps on another device.",
                remedy: "Nothing is left to do; begin a new login if needed.",
                km: "បើចាំបាច់ សូមចាប់ផ្តើមការចូលថ្មី។"),
            ErrorEntry(
                "transaction.expired", .gone,
                text: LocalizedText(km: "សំណើនេះផុតកំណត់ហើយ។", en: "This request has expired."),
                cause: "Nobody decided within the time.",
                remedy: "Start again in the browser.",
                km: "សូមចាប់ផ្តើមម្តងទៀតក្នុងកម្មវិធីរុករក។"),
            ErrorEntry(
                "transaction.number_mismatch", .forbidden,
                text: LocalizedText(
                    km: "លេខមិនត្រូវគ្នានឹងលេខក្នុងកម្មវិធីរុករកទេ។ សំណើត្រូវបានបញ្ឈប់។",
                    en: "The number is not the one in the browser. The request was stopped."),
                cause: "Another number than the browser shows was chosen.",
                remedy: "Start again, and compare the numbers. If you did not log in anywhere, report it.",
                km: "សូមចាប់ផ្តើមម្តងទៀត ហើយប្រៀបធៀបលេខ។ បើអ្នកមិនបានចូលទេ សូមរាយការណ៍។"),
            ErrorEntry(
                "transaction.details_mismatch", .conflict,
                text: LocalizedText(km: "ព័ត៌មានដែលបានចុះហត្ថលេខាមិនត្រូវនឹងសំណើទេ។", en: "What was signed is not what was asked."),
                cause: "The device signed other details than the server holds.",
                remedy: "Load the request again; update the app.",
                km: "សូមបើកសំណើម្តងទៀត។"),
            ErrorEntry(
                "transaction.attribute_not_requested", .invalid,
                text: LocalizedText(km: "មានព័ត៌មានដែលសេវាកម្មមិនបានសុំ។", en: "An attribute was not asked for."),
                cause: "The decision names an attribute that was not asked for.",
                remedy: "Choose among those shown.",
                km: "សូមជ្រើសរើសក្នុងចំណោមទិន្នន័យដែលបានបង្ហាញ។"),
            ErrorEntry(
                .transactionLevel,
                cause:
                    "The request calls a level essential that a passkey does not reach, or the person's levels are held.",
                remedy: "Approve with a device and its PIN; the request still waits.",
                km: "សូមអនុម័តដោយប្រើកម្មវិធី និងលេខសម្ងាត់។ សំណើនៅរង់ចាំ។"),
            ErrorEntry(
                .transactionChallenge,
                cause: "The challenge is older than five minutes, or was given to another browser.",
                remedy: "Choose the number again.", km: "សូមជ្រើសរើសលេខម្តងទៀត។"),
            ErrorEntry(
                "transaction.decision_invalid", .invalid,
                text: LocalizedText(km: "សេចក្តីសម្រេចមិនត្រឹមត្រូវ។", en: "The decision is not well-formed."),
                cause: "The signed decision lacks a member or has a wrong one.",
                remedy: "Update the app.",
                km: "សូមធ្វើបច្ចុប្បន្នភាពកម្មវិធី។"),
            ErrorEntry(
                "relying_party.invalid", .invalid,
                text: LocalizedText(km: "ឯកសារចុះឈ្មោះសេវាកម្មមិនត្រឹមត្រូវ។", en: "The registration file is not valid."),
                cause: "The registration file has a faulty member; `errors` and the text name it.",
                remedy: "Correct the file (docs/relying-parties.md)."),
            ErrorEntry(
                "relying_party.keys_unavailable", .unavailable,
                text: LocalizedText(
                    km: "មិនអាចទាញយកកូនសោសាធារណៈរបស់សេវាកម្មបានទេ។", en: "The public keys of the relying party cannot be fetched."),
                cause: "The client's `jwks_uri` does not answer with a key set, and none is known from before.",
                remedy: "Make the address answer, or register `jwks`."),
            ErrorEntry(
                "relying_party.token_not_found", .notFound,
                text: LocalizedText(km: "រកមិនឃើញសញ្ញាសម្ងាត់សម្រាប់ចុះឈ្មោះនេះទេ។", en: "There is no such initial access token."),
                cause: "The initial access token is unknown or used up.",
                remedy: "`rumdul admin relying-party` makes a new one."),
            ErrorEntry(
                "logout.hint_invalid", .invalid,
                text: LocalizedText(
                    km: "សំណើចាកចេញមិនត្រឹមត្រូវ។ អ្នកនៅតែបានចូល។",
                    en: "The request to log out is not valid. You are still logged in."),
                cause: "`id_token_hint` is not an ID token of this provider, or of another client.",
                remedy: "Send the ID token of the login.",
                km: "សូមចាកចេញពីទំព័ររបស់អ្នក។"),
            ErrorEntry(
                "logout.redirect_uri_mismatch", .invalid,
                text: LocalizedText(
                    km: "អាសយដ្ឋានត្រឡប់មិនត្រូវនឹងការចុះឈ្មោះទេ។ អ្នកនៅតែបានចូល។",
                    en: "The return address does not match the registration. You are still logged in."),
                cause: "`post_logout_redirect_uri` is not registered.",
                remedy: "Register it, or send a registered one.",
                km: "សូមប្រាប់សេវាកម្មនោះអំពីបញ្ហានេះ។"),
            ErrorEntry(
                "relying_party.not_found", .notFound,
                text: LocalizedText(km: "សេវាកម្មនេះមិនបានចុះឈ្មោះទេ។", en: "No relying party is registered under this identifier."),
                cause: "No relying party has this identifier.",
                remedy: "`rumdul admin relying-party list` names them."),
        ])

    /// Errors of the OAuth 2.0 and OpenID Connect vocabulary, as a relying party sees them in `error`.
    public static let oauth = ErrorRoom(
        "OAuth and OpenID Connect",
        [
            ErrorEntry(
                "invalid_request", .invalid,
                text: LocalizedText(km: "សំណើរបស់សេវាកម្មមិនត្រឹមត្រូវ។", en: "The service's request is not valid."),
                cause: "A parameter is missing, comes twice, or has a wrong value; `error_description` names it.",
                remedy: "Correct the request as RFC 6749 and the metadata say."),
            ErrorEntry(
                "invalid_client", .unauthenticated,
                text: LocalizedText(km: "មិនអាចបញ្ជាក់សេវាកម្មបានទេ។", en: "The service could not be authenticated."),
                cause: "Unknown client, wrong secret or key, or another method than the registered one.",
                remedy: "Use the registered `token_endpoint_auth_method` and a current key; set the clock."),
            ErrorEntry(
                "invalid_grant", .invalid,
                text: LocalizedText(km: "សិទ្ធិដែលបានផ្តល់លែងមានសុពលភាព។", en: "What was granted is no longer valid."),
                cause:
                    "The code or token is used, too old, withdrawn, or of another client, redirect URI, verifier or key.",
                remedy: "Begin a new login."),
            ErrorEntry(
                "unauthorized_client", .invalid,
                text: LocalizedText(km: "សេវាកម្មនេះមិនអាចប្រើវិធីនេះបានទេ។", en: "The service may not use this way."),
                cause: "The grant type or response type is not registered for this client.",
                remedy: "Register it, or use a registered one."),
            ErrorEntry(
                "unsupported_grant_type", .invalid,
                text: LocalizedText(km: "ប្រភេទសិទ្ធិនេះមិនត្រូវបានគាំទ្រទេ។", en: "This grant type is not supported."),
                cause: "`grant_type` is none that the metadata name.",
                remedy: "Use one that the metadata name."),
            ErrorEntry(
                "unsupported_response_type", .invalid,
                text: LocalizedText(km: "ប្រភេទចម្លើយនេះមិនត្រូវបានគាំទ្រទេ។", en: "This response type is not supported."),
                cause: "`response_type` is none that the metadata name, or not registered for this client.",
                remedy: "Use `code`."),
            ErrorEntry(
                "invalid_scope", .invalid,
                text: LocalizedText(km: "វិសាលភាពមិនត្រឹមត្រូវ។", en: "The scope is not valid."),
                cause: "`openid` is missing, a value is unknown, or it goes beyond what was granted or registered.",
                remedy: "Ask for registered values only."),
            ErrorEntry(
                "invalid_target", .invalid,
                text: LocalizedText(km: "គោលដៅមិនត្រឹមត្រូវ។", en: "The target is not valid."),
                cause: "`resource` is not registered for this client or not part of the grant (RFC 8707).",
                remedy: "Name a registered resource."),
            ErrorEntry(
                "invalid_token", .unauthenticated,
                text: LocalizedText(km: "និមិត្តសញ្ញាចូលប្រើលែងមានសុពលភាព។", en: "The access token is no longer valid."),
                cause: "The token is unknown, expired or revoked, or the person withdrew the consent.",
                remedy: "Begin a new login."),
            ErrorEntry(
                "insufficient_scope", .forbidden,
                text: LocalizedText(km: "និមិត្តសញ្ញាចូលប្រើមិនគ្រប់គ្រាន់។", en: "The access token does not reach this far."),
                cause: "The token was granted for less.",
                remedy: "Ask for the scope that `WWW-Authenticate` names."),
            ErrorEntry(
                "invalid_dpop_proof", .invalid,
                text: LocalizedText(km: "ភស្តុតាង DPoP មិនត្រឹមត្រូវ។", en: "The DPoP proof is not valid."),
                cause: "No proof, or one for another request, key or time (RFC 9449).",
                remedy: "Make a new proof for each request; set the clock."),
            ErrorEntry(
                "use_dpop_nonce", .invalid,
                text: LocalizedText(km: "ត្រូវប្រើ nonce របស់ម៉ាស៊ីនមេ។", en: "The server's nonce is needed."),
                cause: "The proof lacks the nonce of the header `DPoP-Nonce` (RFC 9449 section 8).",
                remedy: "Repeat the request with that nonce."),
            ErrorEntry(
                "invalid_request_object", .invalid,
                text: LocalizedText(km: "វត្ថុសំណើមិនត្រឹមត្រូវ។", en: "The request object is not valid."),
                cause: "Signature, `aud`, `iss`, time or a member is wrong (RFC 9101).",
                remedy: "Sign a new request object with a registered key."),
            ErrorEntry(
                "invalid_request_uri", .invalid,
                text: LocalizedText(km: "អាសយដ្ឋានសំណើមិនត្រឹមត្រូវ។", en: "The request address is not valid."),
                cause: "`request_uri` is unknown, used or too old (RFC 9126).",
                remedy: "Push the request again."),
            ErrorEntry(
                "invalid_authorization_details", .invalid,
                text: LocalizedText(km: "ព័ត៌មានលម្អិតនៃសិទ្ធិមិនត្រឹមត្រូវ។", en: "The authorization details are not valid."),
                cause: "`authorization_details` is malformed or of a type that is not registered (RFC 9396).",
                remedy: "Send a registered type with its members."),
            ErrorEntry(
                "invalid_redirect_uri", .invalid,
                text: LocalizedText(km: "អាសយដ្ឋានត្រឡប់មិនត្រឹមត្រូវ។", en: "The redirect address is not valid."),
                cause: "The address is not registered.",
                remedy: "Use a registered one, character by character."),
            ErrorEntry(
                "invalid_client_metadata", .invalid,
                text: LocalizedText(
                    km: "ព័ត៌មានចុះឈ្មោះសេវាកម្មមិនត្រឹមត្រូវ។", en: "The registration of the service is not valid."),
                cause: "A member of the registration is missing, unknown or impossible (RFC 7591 section 3.2.2).",
                remedy: "Correct the member that `error_description` names."),
            ErrorEntry(
                "request_not_supported", .invalid,
                text: LocalizedText(km: "មិនគាំទ្រប៉ារ៉ាម៉ែត្រ request ទេ។", en: "`request` is not supported."),
                cause: "The parameter is not in the metadata.",
                remedy: "Leave it out."),
            ErrorEntry(
                "request_uri_not_supported", .invalid,
                text: LocalizedText(km: "មិនគាំទ្រប៉ារ៉ាម៉ែត្រ request_uri ទេ។", en: "`request_uri` is not supported."),
                cause: "The parameter is not in the metadata.",
                remedy: "Leave it out."),
            ErrorEntry(
                "registration_not_supported", .invalid,
                text: LocalizedText(km: "មិនគាំទ្រប៉ារ៉ាម៉ែត្រ registration ទេ។", en: "`registration` is not supported."),
                cause: "The parameter is not in the metadata.",
                remedy: "Leave it out."),
            ErrorEntry(
                "login_required", .invalid,
                text: LocalizedText(km: "ត្រូវចូលប្រើជាមុនសិន។", en: "The person has to log in."),
                cause: "`prompt=none` was asked for, and nobody is logged in.",
                remedy: "Ask without `prompt=none`."),
            ErrorEntry(
                "consent_required", .invalid,
                text: LocalizedText(km: "ត្រូវការការយល់ព្រម។", en: "The person has to consent."),
                cause: "`prompt=none` was asked for, and the person has not granted this.",
                remedy: "Ask without `prompt=none`."),
            ErrorEntry(
                "interaction_required", .invalid,
                text: LocalizedText(km: "ត្រូវការសកម្មភាពពីបុគ្គល។", en: "The person has to act."),
                cause: "`prompt=none` was asked for, and a page is needed.",
                remedy: "Ask without `prompt=none`."),
            ErrorEntry(
                "access_denied", .forbidden,
                text: LocalizedText(km: "អ្នកមិនបានអនុម័តទេ។", en: "The person did not approve."),
                cause: "The person refused, or the request ran out.",
                remedy: "Offer to begin again.",
                km: "បើច្រឡំ សូមចាប់ផ្តើមម្តងទៀត។"),
            ErrorEntry(
                "unmet_authentication_requirements", .invalid,
                text: LocalizedText(km: "មិនអាចឈានដល់កម្រិតដែលបានស្នើសុំ។", en: "The requested level cannot be reached."),
                cause: "`acr_values` or the `acr` claim names a level that no device reaches.",
                remedy: "Ask for a level that the metadata name."),
            ErrorEntry(
                "unsupported_token_type", .invalid,
                text: LocalizedText(km: "ប្រភេទនិមិត្តសញ្ញានេះមិនត្រូវបានគាំទ្រទេ។", en: "This type of token is not supported."),
                cause: "The token cannot be revoked or looked up here (RFC 7009).",
                remedy: "Send an access or refresh token."),
            ErrorEntry(
                "authorization_pending", .invalid,
                text: LocalizedText(km: "កំពុងរង់ចាំការអនុម័ត។", en: "The person has not decided yet."),
                cause: "The token was asked for before the decision (RFC 8628, CIBA).",
                remedy: "Ask again after the interval."),
            ErrorEntry(
                "slow_down", .invalid,
                text: LocalizedText(km: "សំណើញឹកញាប់ពេក។", en: "The token is asked for too often."),
                cause: "The interval was not kept (RFC 8628 section 3.5).",
                remedy: "Wait five seconds longer between requests."),
            ErrorEntry(
                "expired_token", .invalid,
                text: LocalizedText(km: "សំណើផុតកំណត់ហើយ។", en: "The request has run out."),
                cause: "Nobody decided within the time.",
                remedy: "Begin again."),
            ErrorEntry(
                "login_hint_token_expired", .invalid,
                text: LocalizedText(km: "សញ្ញាសម្គាល់បុគ្គលផុតកំណត់ហើយ។", en: "The hint about the person has expired."),
                cause: "`login_hint_token` is too old (CIBA).",
                remedy: "Send a new one."),
            ErrorEntry(
                "unknown_user_id", .invalid,
                text: LocalizedText(km: "រកមិនឃើញបុគ្គលនេះទេ។", en: "The person is not known."),
                cause: "The hint names nobody (CIBA).",
                remedy: "Check the hint."),
            ErrorEntry(
                "invalid_binding_message", .invalid,
                text: LocalizedText(km: "សារសម្រាប់ផ្ទៀងផ្ទាត់មិនអាចបង្ហាញបានទេ។", en: "The binding message cannot be shown."),
                cause:
                    "`binding_message` is empty, longer than 200 characters, or has control characters or letters of other scripts than Khmer and Latin (CIBA).",
                remedy: "Send a short text in Khmer or Latin letters."),
            ErrorEntry(
                "temporarily_unavailable", .unavailable,
                text: LocalizedText(km: "ប្រព័ន្ធកំពុងមមាញឹក។", en: "The system is busy."),
                cause: "Too many requests, or a part is down.",
                remedy: "Try again after `Retry-After` seconds."),
            ErrorEntry(
                "server_error", .internal,
                text: LocalizedText(km: "មានបញ្ហាខាងក្នុងប្រព័ន្ធ។", en: "Something went wrong on our side."),
                cause: "A fault of the program.",
                remedy: "Try again later; then tell the operators the reference number."),
        ] + codeLogin + assisted)
}
